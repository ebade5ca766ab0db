/* be_same.c - equal kernels have one function: the layers of a model that were written out, or functions that share a part.
 *
 * A kernel is written down without names: nodes by number, dims of the function by position, buffers and scalars of the body in the order
 * in which they are met. Kernels with equal texts get equal code. So do the loops of kernels that are functions (be_part.c).
 */
#include <string.h>

#include "backend/be_int.h"

typedef struct Text { Em *em; IrRegion *kernel; Buf b; Map numbers; int n; VEC(IrNode *) outer; } Text;

static void write_dim(Text *t, Dim d);
static void write_ref(Text *t, IrNode *x);

static int number_of(Text *t, const IrNode *x)
{
    return (int)(intptr_t)map_find(&t->numbers, x) - 1;
}

static void number(Text *t, IrNode *x) { map_put(&t->numbers, x, (void *)(intptr_t)++t->n); }

static void write_sym(Text *t, DimSym *s)
{
    intptr_t tagged = (intptr_t)map_find(t->em->syms, s);
    if (tagged & 1)
        buf_printf(&t->b, "d%lld", (long long)(tagged >> 1));
    else if (tagged)
        write_ref(t, (IrNode *)tagged);
    else
        buf_putc(&t->b, '?');
}

static void write_dim(Text *t, Dim d)
{
    const DimTerm *terms;
    int n = d ? dim_terms(d, &terms) : -1;
    buf_printf(&t->b, "{%d", n);
    for (int i = 0; i < n; i++) {
        buf_printf(&t->b, "+%lld", (long long)terms[i].coef);
        for (int k = 0; k < terms[i].nfactors; k++) {
            const DimAtom *a = terms[i].factors[k].atom;
            buf_printf(&t->b, "*%d^%d:", (int)a->kind, terms[i].factors[k].power);
            if (a->kind == DA_SYM) {
                write_sym(t, a->sym);
            } else {
                write_dim(t, a->a);
                write_dim(t, a->b);
            }
        }
    }
    buf_putc(&t->b, '}');
}

static void write_type(Text *t, IrType type)
{
    buf_printf(&t->b, ":%d", (int)type.dtype);
    for (int i = 0; i < type.rank; i++)
        write_dim(t, type.dims[i]);
}

/* One that the kernel has itself. */
static void write_buffer(Text *t, IrNode *x)
{
    if (x->place == PLACE_view)
        write_ref(t, x->in[0]);
    else if (x->place == PLACE_arena || x->place == PLACE_scratch)
        buf_putc(&t->b, x->place == PLACE_arena ? 'a' : 's'), write_dim(t, x->offset);
    else
        buf_printf(&t->b, "b%d,%lld", (int)x->place, (long long)x->imm);
    write_type(t, x->type);
}

static void write_value(Text *t, const IrNode *x)
{
    uint64_t bits[2] = { 0, 0 };
    if (x->op == OP_extern) {
        buf_printf(&t->b, "\"%s\"", x->str);
        return;
    }
    if (x->op == OP_dim) {
        write_dim(t, x->dim);
        return;
    }
    if (x->type.dtype == DT_key)
        memcpy(bits, x->key, sizeof bits);
    else
        memcpy(bits, &x->imm, sizeof x->imm);
    buf_printf(&t->b, "=%llx,%llx", (unsigned long long)bits[0], (unsigned long long)bits[1]);
}

/* What stands outside of the kernel is written where it is met first. Where memory lies is passed in a call. */
static void write_outer(Text *t, IrNode *x)
{
    bool memory = x->op == OP_buffer || (x->op == OP_param && x->type.rank > 0) || x->place == PLACE_prep;
    bool here = !memory && (x->op == OP_const || x->op == OP_dim || x->op == OP_param);
    number(t, x);
    if (here)
        write_value(t, x);
    else
        vec_push(t->em->be->a, &t->outer, x);
    if (memory) {
        buf_printf(&t->b, "m%d%d", be_is_constant(t->em, x), x->place == PLACE_prep);
        write_type(t, x->type);
    }
    buf_printf(&t->b, "o%d:%d", memory ? -1 : here ? x->op : -2, (int)x->type.dtype);
}

static void write_ref(Text *t, IrNode *x)
{
    int n = number_of(t, x);
    if (n < 0 && !ir_inside(x, t->kernel))
        write_outer(t, x);
    else
        buf_printf(&t->b, "%%%d", n);
}

static void write_region(Text *t, IrRegion *r)
{
    buf_putc(&t->b, '[');
    for (int i = 0; i < r->params.n; i++) {
        IrNode *p = r->params.p[i];
        number(t, p);
        buf_printf(&t->b, "p%d:%d", (int)p->op, (int)p->type.dtype);
        if (p->op == OP_index) {
            write_dim(t, p->lo);
            write_dim(t, p->dim);
            write_dim(t, p->from);
            write_dim(t, p->to);
        }
    }
    for (IrNode *x = r->first; x; x = x->next) {
        number(t, x);
        buf_printf(&t->b, ";%d.%d.%d.%d.%d", (int)x->op, x->redop, x->order, x->loop, x->factor);
        if (x->op == OP_buffer)
            write_buffer(t, x);
        else
            buf_printf(&t->b, ":%d", (int)x->type.dtype);
        if (x->op != OP_buffer && x->op != OP_tfor && x->op != OP_reduce && x->op != OP_if && x->op != OP_for && x->op != OP_while)
            write_value(t, x);
        for (int i = 0; i < x->nin; i++)
            write_ref(t, x->in[i]);
        for (int i = 0; i < x->nregions; i++)
            write_region(t, x->regions[i]);
    }
    buf_putc(&t->b, ']');
}

SameKernel *be_same_kernel(Em *em, IrRegion *r, const char *head, IrNode ***outer)
{
    Be *be = em->be;
    Text t = { .em = em, .kernel = r, .b = buf_new(be->a), .numbers = map_new(be->a) };
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
