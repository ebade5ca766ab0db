/* gen.c - random well-typed programs: parameters, sizes, and the whole as text.
 *
 *     fn h0(x: f32, y: f32) -> f32 = ...
 *     export fn f(a: f32[M, N], ..., n: i32[K], var v: f32[M]) -> f32[M, N] {
 *         let t0[i: M, j: N] = exp(min(a[i, j], 2)) * sum[k: K | k <= i](b[j, k])
 *         ...
 *         out[i, j] = t3[i, j] + t0[i, j]
 *     }
 *
 * Every tensor has its axes among M, N, K. Policies shift the weights of what is generated, the sizes and the dtype.
 */
#include "gen_int.h"

const char *const policy_names[POLICY_all] = { "mixed", "attention", "cascade", "product", "gather", "loop", "recurrence", "low", "tiny", "exceptional", "whole", "form", "block", "stream", "fault" };
const char *const dim_names[] = { "M", "N", "K", "P" };
static const int sizes[] = { 0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 129 };

uint64_t rng_next(Rng *r)
{
    uint64_t z = (r->s += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int rng_below(Rng *r, int n) { return (int)(rng_next(r) % (uint64_t)n); }
double rng_unit(Rng *r) { return (double)(rng_next(r) >> 11) * 0x1p-53; }

static void parameters(Gen *g)
{
    static const struct { const char *name; char kind; int rank, dims[3]; } shapes[] = {
        { "a", 'f', 2, { 0, 1 } }, { "b", 'f', 2, { 2, 0 } }, { "c", 'f', 1, { 2 } }, { "d", 'f', 3, { 0, 1, 2 } }, { "mask", 'b', 2, { 1, 2 } }, { "z", 'f', 0, { 0 } },
        { "n", 'n', 1, { 2 } }, { "e", 'n', 2, { 0, 1 } }, { "h", 'o', 2, { 1, 0 } }, { "at", 'k', 0, { 0 } }, { "v", 'm', 1, { 0 } },
    };
    static const IrDtype others[] = { DT_f16, DT_bf16, DT_f32, DT_f64 };
    for (int i = 0; i < 11; i++) {
        char k = shapes[i].kind;
        GenParam *q = &g->p->params[g->p->nparams++];
        *q = (GenParam){ .name = shapes[i].name, .kind = k == 'm' || k == 'o' ? 'f' : k, .rank = shapes[i].rank, .inout = k == 'm' };
        q->dtype = k == 'b' ? DT_bool : k == 'n' ? DT_i32 : k == 'k' ? DT_i64 : k == 'o' ? others[rng_below(&g->r, 4)] : g->p->dtype;
        memcpy(q->dims, shapes[i].dims, sizeof q->dims);
        if (k != 'k')
            declare(g, q->name, k, q->rank, q->dims);
    }
}

/* Rows, columns and terms of products. */
static void blocks(Gen *g, int64_t *d)
{
    static const int64_t many[] = { 1, 2, 4, 5, 8, 15, 16, 17, 31, 33, 48, 63, 64, 65, 70, 97 };
    for (int i = 0; i < GEN_DIMS; i++)
        d[i] = many[rng_below(&g->r, 16)];
    for (int i = 0; d[0] * d[1] * d[2] > 70000; i++)
        d[i % GEN_DIMS] = (d[i % GEN_DIMS] + 1) / 2;
}

static void choose_dims(Gen *g)
{
    for (int i = 0; i < GEN_DIMS; i++)
        g->p->dims[i] = g->p->policy == POLICY_tiny ? rng_below(&g->r, 3) : sizes[rng_below(&g->r, chance(g, 25) ? 16 : 10)];
    int64_t *d = g->p->dims;
    if (g->p->policy == POLICY_block)
        return blocks(g, d);
    if (chance(g, g->p->policy == POLICY_stream ? 60 : 6)) { /* beyond a block of a sum */
        static const int64_t lengths[] = { 255, 256, 257, 300, 513 };
        d[0] = 1 + rng_below(&g->r, 3), d[1] = 1 + rng_below(&g->r, 3), d[2] = 1 + rng_below(&g->r, 3);
        d[rng_below(&g->r, 3)] = lengths[rng_below(&g->r, 5)];
    }
    if (d[0] * d[1] * d[2] > 5000)
        d[rng_below(&g->r, 3)] = 3;
    if (d[0] * d[1] * d[2] > 5000)
        d[0] = d[1] = 5;
}

static void choose_dtype(Gen *g)
{
    static const IrDtype low[] = { DT_f16, DT_bf16, DT_bf16, DT_f64 };
    g->p->dtype = g->p->policy == POLICY_low ? low[rng_below(&g->r, 4)] : chance(g, 5) ? DT_f64 : DT_f32;
    g->type = dtype_name(g->p->dtype);
}

/* A number made of the variable that came last, so that what was computed is seen. */
static Node *last_variable(Gen *g, const Scope *s)
{
    static const char *const forms[] = { "%s", "clip(sum[q1](%s[q1]), -99, 99)", "clip(sum[q1, q2](%s[q1, q2]), -99, 99)", "clip(sum[q1, q2, q3](%s[q1, q2, q3]), -99, 99)" };
    const Var *v = NULL;
    for (int i = 0; i < g->nvars; i++)
        if (strchr("fm", g->vars[i].kind))
            v = &g->vars[i];
    const Var *fit = some_var(g, s, "fm");
    if (!v || (fit && chance(g, 30)))
        return fit ? read_of(g, s, fit) : number(g);
    return piece(g, 'f', arena_printf(g->a, forms[v->rank], v->name), NULL);
}

void gen_program(Arena *a, uint64_t seed, Program *p)
{
    Gen g = { .a = a, .r = { seed * 0x2545f4914f6cdd1du + 1 }, .p = p, .ndims = GEN_DIMS };
    *p = (Program){ .seed = seed };
    p->policy = (Policy)rng_below(&g.r, POLICY_count);
    p->policy = seed % 16 == 9 ? POLICY_fault : p->policy;
    choose_dims(&g);
    choose_dtype(&g);
    parameters(&g);
    declarations(&g);
    int n = 1 + rng_below(&g.r, 5);
    for (int i = 0; i < n; i++)
        some_statement(&g);
    p->rank = 1 + rng_below(&g.r, 2);
    Scope s = { .n = p->rank };
    Buf b = buf_new(a);
    for (int i = 0; i < p->rank; i++) {
        s.dim[i] = p->result_dims[i] = rng_below(&g.r, GEN_DIMS);
        s.name[i] = fresh(&g, "r");
        buf_printf(&b, "%s%s", i ? ", " : "out[", s.name[i]);
    }
    buf_puts(&b, "] = $0 + $1");
    const Var *fit = p->policy == POLICY_block ? some_var(&g, &s, "fm") : NULL;
    p->result = p->policy == POLICY_block ? piece(&g, '-', buf_text(&b), random_expr(&g, &s, 0), fit ? read_of(&g, &s, fit) : number(&g), NULL)
                                          : piece(&g, '-', buf_text(&b), random_expr(&g, &s, 2), last_variable(&g, &s), NULL);
}

/* ---- text ----------------------------------------------------------------------------------------------------------------- */

static void print(Buf *b, const Node *n)
{
    for (const char *p = n->text; *p; p++)
        if (*p == '$')
            print(b, n->kid[*++p - '0']);
        else
            buf_putc(b, *p);
}

void gen_params(Buf *b, const Program *p)
{
    bool first = true;
    for (int i = 0; i < p->nparams; i++) {
        const GenParam *q = &p->params[i];
        if (q->dropped)
            continue;
        buf_printf(b, "%s%s%s: %s", first ? "" : ", ", q->inout ? "var " : "", q->name, q->kind == 'k' ? "int" : dtype_name(q->dtype));
        for (int k = 0; k < q->rank; k++)
            buf_printf(b, "%s%s", k ? ", " : "[", dim_names[q->dims[k]]);
        buf_puts(b, q->rank ? "]" : "");
        first = false;
    }
}

char *gen_text(Arena *a, const Program *p)
{
    Buf b = buf_new(a);
    for (int i = 0; i < p->ndecls; i++)
        if (*p->decls[i]->text) {
            print(&b, p->decls[i]);
            buf_putc(&b, '\n');
        }
    buf_puts(&b, "export fn f(");
    gen_params(&b, p);
    buf_printf(&b, ") -> %s[", dtype_name(p->dtype));
    for (int i = 0; i < p->rank; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", dim_names[p->result_dims[i]]);
    buf_puts(&b, "] {\n");
    for (int i = 0; i < p->nstmts; i++)
        if (*p->stmts[i]->text) {
            buf_puts(&b, "    ");
            print(&b, p->stmts[i]);
            buf_putc(&b, '\n');
        }
    buf_puts(&b, "    ");
    print(&b, p->result);
    buf_puts(&b, "\n}\n");
    return buf_text(&b);
}
