/* check_linear.c - values as sums of products in which one tensor, the input of a layer, stands once.
 *
 *     y[t, o] = sum_i x[t, i] W[o, i] + s sum_r (sum_k x[t, k] A[r, k]) B[o, r] + c[o]
 *
 *     term  x at i   coefficient W[o, i]            summed over i
 *     term  x at k   coefficient s A[r, k] B[o, r]  summed over r, k
 *     constant       c[o]
 *
 * Whatever does not mention x is a coefficient as it stands. Places of x are sizes of the indices: i, stride * y + k - padding; `x[place] ?? 0`
 * is x at that place. What is not linear in x, or has another form, is named.
 */
#include "frontend/check/linear_int.h"

bool linear_refuse(Linear *l, Span s, bool unknown, const char *what)
{
    if (!l->why) {
        l->why = what;
        l->unknown = unknown;
        l->where = s.file ? s : l->span;
    }
    return false;
}

/* ---- what mentions x ---- */

static void see_size(void *user, DimSym *s)
{
    Linear *l = user;
    for (int i = 0; i < l->nsizes; i++)
        l->seen |= l->sizes[i] == s;
}

bool linear_counts(Linear *l, Dim d)
{
    l->seen = false;
    if (d)
        dim_syms(d, see_size, l);
    return l->seen;
}

bool linear_is_input(const Linear *l, const Core *c) { return c->kind == C_load && c->kids[0]->kind == C_var && c->kids[0]->var == l->x; }

/* The input, or how many rows it has. */
bool linear_mentions(Linear *l, const Core *c)
{
    if (!c)
        return false;
    if (c->kind == C_var)
        return c->var == l->x || map_find(&l->dependent, c->var);
    if (c->kind == C_dim && linear_counts(l, c->dim))
        return true;
    for (int i = 0; i < c->type.rank; i++)
        if (linear_counts(l, c->type.dims[i]))
            return true;
    for (int i = 0; i < c->nindices; i++)
        if (linear_counts(l, c->indices[i]->extent))
            return true;
    for (int i = 0; i < c->nkids; i++)
        if (linear_mentions(l, c->kids[i]))
            return true;
    if (c->kind == C_rec)
        for (int i = 0; i < c->rec->n; i++)
            if (linear_mentions(l, c->rec->eqs[i].body))
                return true;
    return false;
}

static void written(Linear *l, const Core *c, Core *def)
{
    if (!c)
        return;
    CoreVar *v = c->kind == C_let || c->kind == C_assign ? c->var : c->kind == C_update ? c->target : NULL;
    if (v)
        map_put(&l->dependent, v, def && c->kind == C_let && !v->mut ? def : &l->opaque);
    for (int i = 0; i < c->nouts; i++)
        map_put(&l->dependent, c->outs[i], &l->opaque);
    for (int i = 0; i < c->nkids; i++)
        written(l, c->kids[i], NULL);
}

bool linear_statement(Linear *l, Core *c)
{
    if (!linear_mentions(l, c))
        return false;
    written(l, c, c->kind == C_let ? c->kids[0] : NULL);
    return true;
}

/* ---- forms ---- */

static Core *again(Linear *l, const Core *c)
{
    return core_clone_to(l->f, c, 0, NULL, NULL, NULL);
}

Core *linear_value(Linear *l, const CoreVar *v)
{
    Core *def = map_find(&l->dependent, v);
    return def && def != &l->opaque ? again(l, def) : NULL;
}

Core *linear_element(Linear *l, const Core *load, Core *const *subs)
{
    const Core *t = load->kids[0], *def = t->kind == C_var ? map_find(&l->dependent, t->var) : t;
    Dim dims[RANK_MOST];
    if (!def || def->kind != C_map || def->nindices != load->nkids - 1) {
        linear_refuse(l, load->span.file ? load->span : t->kind == C_var ? t->var->span : t->span, true, "a tensor that is no formula of its places");
        return NULL;
    }
    for (int i = 0; i < def->nindices; i++)
        if (!(dims[i] = dim_of_core(l->f, subs[i]))) {
            linear_refuse(l, load->span, true, "places that are computed from data");
            return NULL;
        }
    if (def->span.file)
        l->span = def->span;
    return core_clone_to(l->f, def->kids[0], def->nindices, def->indices, subs, dims);
}

bool linear_lets(Linear *l, const Core *block)
{
    for (int i = 0; i + 1 < block->nkids; i++) {
        Core *s = block->kids[i];
        if (s->kind != C_let || s->var->mut || s->var->type.rank)
            return linear_refuse(l, s->span, true, "statements inside of a formula");
        map_put(&l->locals, s->var, s->kids[0]);
        linear_statement(l, s);
    }
    return true;
}

/* With the variables of blocks around it written out. */
Core *linear_closed(Linear *l, Core *c)
{
    Core *def = c && c->kind == C_var ? map_find(&l->locals, c->var) : NULL;
    if (def)
        return linear_closed(l, again(l, def));
    Core *r = c;
    for (int i = 0; c && i < c->nkids; i++) {
        Core *k = linear_closed(l, c->kids[i]);
        if (k == c->kids[i])
            continue;
        if (r == c) {
            r = arena_copy(l->f->a, c, sizeof *c);
            r->kids = arena_copy(l->f->a, c->kids, sizeof(Core *) * (size_t)c->nkids);
        }
        r->kids[i] = k;
    }
    return r;
}

static Core *times(Linear *l, IrOp op, IrDtype t, Core *a, Core *b)
{
    double one;
    if (op == OP_mul && core_is_const(a, &one) && one == 1)
        return b;
    return core_op2(l->f, op, t, a, b);
}

static bool add_terms(Linear *l, LinearForm *to, const LinearForm *from, IrDtype t, bool minus)
{
    Fx *f = l->f;
    for (int i = 0; i < from->terms.n; i++) {
        LinearTerm x = from->terms.p[i];
        if (minus)
            x.coef = core_op1(f, OP_neg, t, x.coef);
        PUSH(f, &to->terms, x);
    }
    Core *c = from->constant && minus ? core_op1(f, OP_neg, t, from->constant) : from->constant;
    to->constant = to->constant && c ? core_op2(f, OP_add, t, to->constant, c) : to->constant ? to->constant : c;
    return true;
}

static bool scale(Linear *l, LinearForm *form, IrOp op, IrDtype t, Core *by)
{
    for (int i = 0; i < form->terms.n; i++)
        form->terms.p[i].coef = times(l, op, t, form->terms.p[i].coef, again(l, by));
    if (form->constant)
        form->constant = times(l, op, t, form->constant, by);
    return true;
}

static bool form_of(Linear *l, Core *c, LinearForm *out);

static bool op_form(Linear *l, Core *c, LinearForm *out)
{
    Fx *f = l->f;
    IrDtype t = c->type.dtype;
    LinearForm b = { 0 };
    bool second = c->nkids > 1 && linear_mentions(l, c->kids[1]);
    switch (c->op) {
    case OP_add: case OP_sub:
        return form_of(l, c->kids[0], out) && form_of(l, c->kids[1], &b) && add_terms(l, out, &b, t, c->op == OP_sub);
    case OP_neg:
        return form_of(l, c->kids[0], &b) && add_terms(l, out, &b, t, true);
    case OP_mul:
        if (second && linear_mentions(l, c->kids[0]))
            return linear_refuse(l, c->span, false, "a product of two values that depend on the input");
        return form_of(l, c->kids[second], out) && scale(l, out, OP_mul, t, linear_closed(l, c->kids[!second]));
    case OP_div:
        if (second)
            return linear_refuse(l, c->span, false, "a division by what depends on the input");
        return form_of(l, c->kids[0], out) && scale(l, out, OP_div, t, linear_closed(l, c->kids[1]));
    case OP_cast:
        if (!dtype_is_float(t) || !dtype_is_float(c->kids[0]->type.dtype))
            break;
        if (!form_of(l, c->kids[0], out))
            return false;
        for (int i = 0; i < out->terms.n; i++)
            out->terms.p[i].coef = core_cast(f, out->terms.p[i].coef, t, OP_cast);
        if (out->constant)
            out->constant = core_cast(f, out->constant, t, OP_cast);
        return true;
    default: break;
    }
    return linear_refuse(l, c->span, false, arena_printf(f->a, "'%s' of what depends on the input", ir_ops[c->op].name));
}

/* ---- places ---- */

/* A quotient that is 0 for all values, or a remainder that is the number itself, is written so. */
static Dim divided(Fx *f, bool quotient, Dim a, Dim b)
{
    if (facts_prove_le(f->facts, dim_int(f, 0), a) == YES && facts_prove_lt(f->facts, f->dims, a, b) == YES)
        return quotient ? dim_int(f, 0) : a;
    return (quotient ? dim_floordiv : dim_mod)(f->dims, a, b);
}

/* NULL: it is computed from more than indices and sizes. */
Dim linear_place(Linear *l, const Core *c)
{
    Fx *f = l->f;
    Dim a, b;
    if (c->kind == C_var && map_find(&l->locals, c->var))
        return linear_place(l, map_find(&l->locals, c->var));
    if (c->kind != C_op)
        return dim_of_core(f, c);
    switch (c->op) {
    case OP_clampi: case OP_divisor: case OP_nonzero: return linear_place(l, c->kids[0]);
    case OP_add: case OP_sub: case OP_mul: case OP_floordiv: case OP_mod: break;
    default: return NULL;
    }
    if (!(a = linear_place(l, c->kids[0])) || !(b = linear_place(l, c->kids[1])))
        return NULL;
    if (c->op == OP_floordiv || c->op == OP_mod)
        return divided(f, c->op == OP_floordiv, a, b);
    return (c->op == OP_add ? dim_add : c->op == OP_sub ? dim_sub : dim_mul)(f->dims, a, b);
}

static bool input_form(Linear *l, Core *c, LinearForm *out)
{
    LinearTerm t = { .coef = core_number(l->f, c->type.dtype, 1) };
    for (int i = 0; i + 1 < c->nkids; i++)
        if (!(t.at[i] = linear_place(l, c->kids[i + 1])))
            return linear_refuse(l, l->top, true, "places of the input that are computed");
    PUSH(l->f, &out->terms, t);
    return true;
}

/* Does it ask whether the load is inside the input, as `??` does? */
static bool asks_inside(Linear *l, const Core *c, const Core *load)
{
    Fx *f = l->f;
    Dim a, b;
    if (c->kind == C_op && c->op == OP_and)
        return asks_inside(l, c->kids[0], load) && asks_inside(l, c->kids[1], load);
    if (c->kind != C_op || (c->op != OP_le && c->op != OP_lt) || !(a = linear_place(l, c->kids[0])) || !(b = linear_place(l, c->kids[1])))
        return false;
    for (int i = 0; i < l->x->type.rank; i++) {
        Dim at = linear_place(l, load->kids[i + 1]);
        if (at && (c->op == OP_le ? a == dim_int(f, 0) && dims_equal(f, b, at) : dims_equal(f, a, at) && dims_equal(f, b, l->x->type.dims[i])))
            return true;
    }
    return false;
}

/* x[place] ?? 0 */
static bool choice_form(Linear *l, Core *c, LinearForm *out)
{
    double zero;
    const Core *load = c->kids[1];
    if (linear_is_input(l, load) && core_is_const(c->kids[2], &zero) && zero == 0 && asks_inside(l, c->kids[0], load))
        return input_form(l, c->kids[1], out);
    return linear_refuse(l, c->span, true, "a choice");
}

static bool load_form(Linear *l, Core *c, LinearForm *out)
{
    Core *subs[RANK_MOST];
    if (linear_is_input(l, c))
        return input_form(l, c, out);
    for (int i = 0; i + 1 < c->nkids; i++) {
        if (linear_mentions(l, c->kids[i + 1]))
            return linear_refuse(l, c->span, false, "a subscript that depends on the input");
        subs[i] = linear_closed(l, c->kids[i + 1]);
    }
    Span at = l->span;
    Core *element = linear_element(l, c, subs);
    bool ok = element && form_of(l, element, out);
    l->span = at;
    return ok;
}

static bool sum_form(Linear *l, Core *c, LinearForm *out)
{
    Fx *f = l->f;
    if (c->redop != RED_sum)
        return linear_refuse(l, c->span, false, "a reduction other than a sum");
    if (c->nkids > 1 && c->kids[1])
        return linear_refuse(l, c->span, true, "a sum with a guard");
    for (int k = 0; k < c->nindices; k++)
        facts_range(f->facts, c->indices[k]->sym, c->indices[k]->lo, dim_add(f->dims, c->indices[k]->lo, c->indices[k]->extent));
    if (!form_of(l, c->kids[0], out))
        return false;
    for (int i = 0; i < out->terms.n; i++)
        for (int k = 0; k < c->nindices; k++)
            PUSH(f, &out->terms.p[i].sum, c->indices[k]);
    if (out->constant) {
        CoreIndex *own[RANK_MOST];
        for (int k = 0; k < c->nindices; k++)
            own[k] = index_copy(f, c->indices[k]);
        out->constant = core_reduce(f, RED_sum, c->nindices, own, core_clone(f, out->constant, c->nindices, c->indices, own), NULL);
    }
    return true;
}

static bool block_form(Linear *l, Core *c, LinearForm *out)
{
    return linear_lets(l, c) && form_of(l, c->kids[c->nkids - 1], out);
}

static bool form_of(Linear *l, Core *c, LinearForm *out)
{
    double zero = 1;
    if (!linear_mentions(l, c)) {
        out->constant = core_is_const(c, &zero) && zero == 0 ? NULL : linear_closed(l, c);
        return true;
    }
    Core *value;
    switch (c->kind) {
    case C_op: return op_form(l, c, out);
    case C_load: return load_form(l, c, out);
    case C_reduce: return sum_form(l, c, out);
    case C_block: return block_form(l, c, out);
    case C_if: return choice_form(l, c, out);
    case C_var:
        if ((value = linear_value(l, c->var)))
            return form_of(l, value, out);
        break;
    default: break;
    }
    return linear_refuse(l, c->span, true, c->kind == C_guard ? "a guard" : "statements that are no formula");
}

bool linear_form(Linear *l, Core *element, LinearForm *out)
{
    *out = (LinearForm){ 0 };
    return form_of(l, element, out);
}
