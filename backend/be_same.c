/* be_same.c - equal kernels have one function: the layers of a model that were written out, or functions that share a part.
 *
 * A kernel is written down without names: nodes by number, dims of the function by position, buffers and scalars of the body in the order
 * in which they are met. Kernels with equal texts get equal code. So do the loops of kernels that are functions (be_part.c). How far the
 * first axis of a buffer or of the grid goes is not written where no address depends on it: weights of one width share what fills them.
 */
#include <string.h>

#include "backend/be_int.h"

typedef struct Text { Em *em; IrRegion *kernel; bool grid; Buf b; Map numbers; int n; VEC(IrNode *) outer; } Text;

static void write_dim(Text *t, Dim d);
static void write_ref(Text *t, IrNode *x);

/* A letter and a number, seven bits a byte. The text is never shown. */
static void write(Text *t, char what, int64_t v)
{
    char bytes[12] = { what };
    uint64_t x = (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
    size_t n = 1;
    for (; x > 127; x >>= 7)
        bytes[n++] = (char)(x | 128);
    bytes[n++] = (char)x;
    buf_add(&t->b, bytes, n);
}

static int number_of(Text *t, const IrNode *x)
{
    return (int)(intptr_t)map_find(&t->numbers, x) - 1;
}

static void number(Text *t, IrNode *x) { map_put(&t->numbers, x, (void *)(intptr_t)++t->n); }

static void write_sym(Text *t, DimSym *s)
{
    intptr_t tagged = (intptr_t)map_find(t->em->syms, s);
    if (tagged & 1)
        write(t, 'd', tagged >> 1);
    else if (tagged)
        write_ref(t, (IrNode *)tagged);
    else
        write(t, '?', 0);
}

static void write_dim(Text *t, Dim d)
{
    const DimTerm *terms;
    int n = d ? dim_terms(d, &terms) : -1;
    write(t, '{', n);
    for (int i = 0; i < n; i++) {
        write(t, '+', terms[i].coef);
        write(t, '*', terms[i].nfactors);
        for (int k = 0; k < terms[i].nfactors; k++) {
            const DimAtom *a = terms[i].factors[k].atom;
            write(t, '^', terms[i].factors[k].power);
            write(t, 'k', a->kind);
            if (a->kind == DA_SYM) {
                write_sym(t, a->sym);
            } else {
                write_dim(t, a->a);
                write_dim(t, a->b);
            }
        }
    }
}

static void write_type(Text *t, IrType type, int from)
{
    write(t, ':', type.dtype);
    write(t, 'r', type.rank);
    for (int i = from; i < type.rank; i++)
        write_dim(t, type.dims[i]);
}

bool be_is_passed(const IrNode *b)
{
    return (b->place == PLACE_arena || b->place == PLACE_scratch) && b->parent->fn->lives.n;
}

/* One that the kernel has itself. A place that each call chooses is passed, too. */
static void write_buffer(Text *t, IrNode *x)
{
    write(t, 'b', x->place);
    if (be_is_passed(x))
        vec_push(t->em->be->a, &t->outer, x);
    else if (x->place == PLACE_view)
        write_ref(t, x->in[0]);
    else if (x->place == PLACE_arena || x->place == PLACE_scratch)
        write_dim(t, x->offset);
    else
        write(t, 'i', x->imm);
    write_type(t, x->type, 0);
}

static void write_value(Text *t, const IrNode *x)
{
    if (x->op == OP_extern) {
        write(t, '"', (int64_t)strlen(x->str));
        buf_puts(&t->b, x->str);
        return;
    }
    if (x->op == OP_dim) {
        write_dim(t, x->dim);
        return;
    }
    write(t, '=', x->imm);
    if (x->type.dtype == DT_key)
        write(t, '=', (int64_t)x->key[1]);
}

static bool is_empty(Dim d)
{
    int64_t n;
    return dim_is_const(d, &n) && n == 0;
}

/* What stands outside of the kernel is written where it is met first. Where memory lies is passed in a call. */
static void write_outer(Text *t, IrNode *x)
{
    bool memory = x->op == OP_buffer || (x->op == OP_param && x->type.rank > 0) || x->place == PLACE_prep;
    bool here = !memory && (x->op == OP_const || x->op == OP_dim || x->op == OP_param);
    number(t, x);
    write(t, 'o', memory ? -1 : here ? (int)x->op : -2);
    write(t, ':', x->type.dtype);
    if (here)
        write_value(t, x);
    else
        vec_push(t->em->be->a, &t->outer, x);
    if (memory) {
        bool rows = x->type.rank > 1 && t->kernel->owner;
        write(t, 'm', be_is_constant(t->em, x) + 2 * (x->place == PLACE_prep) + 4 * (rows && is_empty(x->type.dims[0])));
        write_type(t, x->type, rows);
    }
}

static void write_ref(Text *t, IrNode *x)
{
    int n = number_of(t, x);
    if (n < 0 && !ir_inside(x, t->kernel))
        write_outer(t, x);
    else
        write(t, '%', n);
}

static void write_params(Text *t, IrRegion *r)
{
    for (int i = 0; i < r->params.n; i++) {
        IrNode *p = r->params.p[i];
        number(t, p);
        write(t, 'p', p->op);
        write(t, ':', p->type.dtype);
        if (p->op != OP_index)
            continue;
        write_dim(t, p->lo);
        write_dim(t, t->grid && r == t->kernel && i == 0 ? NULL : p->dim);
        write_dim(t, p->from);
        write_dim(t, p->to);
    }
}

static void write_region(Text *t, IrRegion *r)
{
    write(t, '[', r->params.n);
    write_params(t, r);
    for (IrNode *x = r->first; x; x = x->next) {
        number(t, x);
        write(t, ';', x->op);
        write(t, '.', x->redop);
        write(t, '.', x->order);
        write(t, '.', x->loop);
        write(t, '.', x->factor);
        if (x->op == OP_buffer)
            write_buffer(t, x);
        else
            write(t, ':', x->type.dtype);
        if (x->op != OP_buffer && x->op != OP_tfor && x->op != OP_reduce && x->op != OP_if && x->op != OP_for && x->op != OP_while)
            write_value(t, x);
        write(t, 'n', x->nin);
        for (int i = 0; i < x->nin; i++)
            write_ref(t, x->in[i]);
        if (x->op == OP_copy || x->op == OP_sortrow) /* of whole buffers */
            write_type(t, x->in[x->op == OP_sortrow ? 2 : 0]->type, 0);
        for (int i = 0; i < x->nregions; i++)
            write_region(t, x->regions[i]);
    }
    write(t, ']', 0);
}

SameKernel *be_same_kernel(Em *em, IrRegion *r, const char *head, IrNode ***outer)
{
    Be *be = em->be;
    Text t = { .em = em, .kernel = r, .grid = r->owner && r->owner->op == OP_kernel, .b = buf_new(be->a), .numbers = map_new(be->a) };
    buf_puts(&t.b, head);
    write_region(&t, r);
    Name key = name_len(be->ir->names, t.b.p, t.b.n);
    SameKernel *k = map_find(&be->whole->kernels, key);
    if (!k) {
        k = NEW(be->a, SameKernel);
        map_put(&be->whole->kernels, key, k);
    }
    *outer = t.outer.p;
    k->nouter = t.outer.n;
    return k;
}
