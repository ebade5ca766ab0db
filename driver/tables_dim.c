/* tables_dim.c - sizes as postfix programs that the runtime evaluates (MlcrtDimOp).
 *
 *     2 * R + 1    ->    const 2, dim R, mul, const 1, add, end
 */
#include "driver/tables_int.h"

typedef struct Code { Arena *arena; const DimList *list; VEC(int64_t) v; } Code;

static void code_dim(Code *c, Dim d);
static int height(Dim d);

static void put(Code *c, int64_t x) { vec_push(c->arena, &c->v, x); }

int dim_position(const DimList *l, const DimSym *s)
{
    for (int i = 0; i < l->syms.n; i++)
        if (l->syms.p[i] == s)
            return i;
    return -1;
}

/* ---- how many numbers wait at one time: the runtime's stack is short ----------------------------------------------- */

/* Of min and max the higher part comes first, so a max of many parts waits for one number. */
static bool is_turned(const DimAtom *a, int first, int second) { return (a->kind == DA_MIN || a->kind == DA_MAX) && second > first; }

static int atom_height(const DimAtom *a)
{
    if (a->kind == DA_SYM)
        return 1;
    int x = height(a->a), y = height(a->b);
    bool turned = is_turned(a, x, y);
    int first = turned ? y : x, second = 1 + (turned ? x : y);
    return first > second ? first : second;
}

static int term_height(const DimTerm *t)
{
    int most = 1;
    for (int i = 0; i < t->nfactors; i++) {
        int h = atom_height(t->factors[i].atom) + (t->coef != 1 || i || t->factors[i].power > 1);
        most = h > most ? h : most;
    }
    return most;
}

static int height(Dim d)
{
    const DimTerm *terms;
    int n = dim_terms(d, &terms), most = 1;
    for (int i = 0; i < n; i++) {
        int h = term_height(&terms[i]) + (i > 0);
        most = h > most ? h : most;
    }
    return most;
}

/* ---- the program ------------------------------------------------------------------------------------------------------ */

static void code_atom(Code *c, const DimAtom *a)
{
    static const MlcrtDimOp ops[] = { [DA_FLOORDIV] = MLCRT_D_FLOORDIV, [DA_MOD] = MLCRT_D_MOD, [DA_EXACTDIV] = MLCRT_D_EXACTDIV,
                                      [DA_MIN] = MLCRT_D_MIN, [DA_MAX] = MLCRT_D_MAX };
    if (a->kind == DA_SYM) {
        put(c, MLCRT_D_DIM);
        put(c, dim_position(c->list, a->sym));
        return;
    }
    bool turned = is_turned(a, height(a->a), height(a->b));
    code_dim(c, turned ? a->b : a->a);
    code_dim(c, turned ? a->a : a->b);
    put(c, ops[a->kind]);
}

static void code_term(Code *c, const DimTerm *t)
{
    bool any = t->coef != 1 || t->nfactors == 0;
    if (any) {
        put(c, MLCRT_D_CONST);
        put(c, t->coef);
    }
    for (int i = 0; i < t->nfactors; i++)
        for (int k = 0; k < t->factors[i].power; k++) {
            code_atom(c, t->factors[i].atom);
            if (any)
                put(c, MLCRT_D_MUL);
            any = true;
        }
}

static void code_dim(Code *c, Dim d)
{
    const DimTerm *terms;
    int n = dim_terms(d, &terms);
    if (n == 0) {
        put(c, MLCRT_D_CONST);
        put(c, 0);
    }
    for (int i = 0; i < n; i++) {
        code_term(c, &terms[i]);
        if (i)
            put(c, MLCRT_D_ADD);
    }
}

const int64_t *dim_program(const DimList *l, Dim d)
{
    Code c = { .arena = l->t->arena, .list = l };
    if (!d)
        return NULL;
    code_dim(&c, d);
    put(&c, MLCRT_D_END);
    return c.v.p;
}

const int64_t *const *dim_programs(const DimList *l, const IrType *t)
{
    const int64_t **p = NEWN(l->t->arena, const int64_t *, t->rank + 1);
    for (int i = 0; i < t->rank; i++)
        p[i] = dim_program(l, t->dims[i]);
    return p;
}

static void want_dim(void *user, DimSym *s)
{
    DimList *l = user;
    if (dim_position(l, s) < 0)
        vec_push(l->t->arena, &l->syms, s);
}

/* Header numbers of results: a number need not be the size of anything. */
static void want_numbers(DimList *l, const CoreSty *s)
{
    if (s->kind == STY_list) {
        dim_syms(s->count, want_dim, l);
        want_numbers(l, s->elem);
    }
    for (int i = 0; s->kind == STY_struct && i < s->strct->numbers.n; i++)
        dim_syms(s->args[i], want_dim, l);
    for (int i = 0; s->kind == STY_tuple && i < s->n; i++)
        want_numbers(l, s->parts[i]);
}

/* The dims that the plan binds, then the integer scalars that sizes mention. */
DimList dims_of(Tables *t, const CoreFn *fn, const IrFn *ir)
{
    DimList l = { .t = t };
    for (int i = 0; i < ir->dims.n; i++)
        vec_push(t->arena, &l.syms, ir->dims.p[i]);
    for (int i = 0; fn && i < fn->plan.n; i++) {
        Dim ab[] = { fn->plan.p[i].a, fn->plan.p[i].b };
        for (int k = 0; k < 2; k++)
            if (ab[k])
                dim_syms(ab[k], want_dim, &l);
    }
    if (ir->arena_bytes)
        dim_syms(ir->arena_bytes, want_dim, &l);
    for (int i = 0; i < ir->lives.n; i++)
        dim_syms(ir->lives.p[i].bytes, want_dim, &l);
    for (int i = 0; i < ir->results.n; i++)
        for (int k = 0; k < ir->results.p[i].rank; k++)
            dim_syms(ir->results.p[i].dims[k], want_dim, &l);
    if (fn && fn->result)
        want_numbers(&l, fn->result);
    return l;
}

