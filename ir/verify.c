/* verify.c - is a function well formed? Structure here, types in verify_types.c.
 *
 * One walk in order: a value is visible from its definition to the end of its region, in nested regions too. Checked are
 * links and uses, that operands and the symbols of dims are visible, the level of each operation, and the ends of regions.
 * Linear in nodes and uses.
 */
#include "ir/ir_int.h"

enum { ERRORS_MOST = 20 };

void ir_bad(IrVerify *v, const IrNode *at, const char *fmt, ...)
{
    if (v->nerrors++ >= ERRORS_MOST)
        return;
    if (!v->named)
        ir_naming_init(&v->naming, v->fn, v->arena);
    v->named = true;
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(v->arena, fmt, ap);
    va_end(ap);
    buf_printf(v->errors, "%s: ", v->fn->name);
    if (at)
        buf_printf(v->errors, "%s %s: ", ir_info(at)->name, ir_has_name(at) ? ir_naming_value(&v->naming, at) : "");
    buf_printf(v->errors, "%s\n", text);
}

static bool is_visible(const IrVerify *v, const IrNode *n)
{
    return map_find(&v->seen, n) != NULL;
}

static void show(IrVerify *v, const IrNode *n)
{
    map_put(&v->seen, n, (void *)(uintptr_t)n);
    if (!n->sym)
        return;
    const IrNode *other = map_find(&v->sym_nodes, n->sym);
    if (other && other != n)
        ir_bad(v, n, "its symbol stands for another node, too");
    map_put(&v->sym_nodes, n->sym, (void *)(uintptr_t)n);
    if (n->type.rank || !dtype_is_int(n->type.dtype))
        ir_bad(v, n, "a symbol stands for a value that is not an integer");
}

/* ---- dims ---- */

typedef struct SymCheck { IrVerify *v; const IrNode *at; const char *where; } SymCheck;

static void is_size(void *user, DimSym *s)
{
    const DimSym **wanted = user;
    if (*wanted == s)
        *wanted = NULL;
}

/* A size that only the effect tells which gives the tensor: such statements are interpreted. */
static bool is_told_by_effect(const IrFn *fn, const DimSym *s)
{
    for (int i = 0; i < fn->effects.n; i++)
        for (int r = 0; r < fn->effects.p[i].nresults; r++)
            for (int k = 0; k < fn->effects.p[i].results[r].rank && s; k++)
                dim_syms(fn->effects.p[i].results[r].dims[k], is_size, &s);
    return !s;
}

static void check_sym(void *user, DimSym *s)
{
    SymCheck *c = user;
    for (int i = 0; i < c->v->fn->dims.n; i++)
        if (c->v->fn->dims.p[i] == s)
            return;
    if (is_told_by_effect(c->v->fn, s))
        return;
    const IrNode *def = map_find(&c->v->sym_nodes, s);
    if (!def || !is_visible(c->v, def))
        ir_bad(c->v, c->at, "symbol '%s' in its %s is not known here", s->name ? s->name : "", c->where);
}

static void check_dim(IrVerify *v, const IrNode *at, Dim d, const char *where)
{
    SymCheck c = { v, at, where };
    if (d)
        dim_syms(d, check_sym, &c);
}

static void check_type_dims(IrVerify *v, const IrNode *at, IrType t)
{
    if (t.rank < 0 || t.rank > IR_RANK_MOST || (t.rank > 0 && t.dtype == DT_none))
        ir_bad(v, at, "rank %d", t.rank);
    else
        for (int i = 0; i < t.rank; i++)
            if (t.dims[i])
                check_dim(v, at, t.dims[i], "type");
            else
                ir_bad(v, at, "axis %d of its type has no size", i);
}

static void check_node_dims(IrVerify *v, const IrNode *n)
{
    check_type_dims(v, n, n->type);
    check_dim(v, n, n->offset, "offset");
    if (n->op == OP_dim)
        check_dim(v, n, n->dim, "dim");
    if (n->op == OP_update)
        for (int i = 0; i + 2 < n->nin; i++)
            check_dim(v, n, n->box[i], "box");
    if (n->op == OP_call)
        for (int i = 0; i < n->callee->dims.n; i++)
            check_dim(v, n, n->dims[i], "dim arguments");
}

/* ---- structure ---- */

static void check_uses(IrVerify *v, const IrNode *n)
{
    for (const IrUse *u = n->uses; u; u = u->next)
        if (u->slot >= u->user->nin || u->user->in[u->slot] != n || u->user->dropped)
            ir_bad(v, n, "its list of uses names one that is none");
    for (int i = 0; i < n->nin; i++)
        map_put(&v->slots, n->in[i], (void *)((uintptr_t)map_find(&v->slots, n->in[i]) + 1));
}

/* All users of a node stand in its region or below: when that ends, as many slots were met as uses are listed. */
static void check_count(IrVerify *v, const IrNode *n)
{
    uintptr_t met = (uintptr_t)map_find(&v->slots, n);
    if (v->nerrors == 0 && met != (uintptr_t)ir_nuses(n))
        ir_bad(v, n, "lists %d uses, but has %d", ir_nuses(n), (int)met);
}

static void hide(IrVerify *v, const IrNode *n)
{
    check_count(v, n);
    map_put(&v->seen, n, NULL);
}

static bool check_operands(IrVerify *v, const IrNode *n)
{
    bool ok = true;
    for (int i = 0; i < n->nin; i++) {
        const IrNode *x = n->in[i];
        if (!x || x->dropped || !is_visible(v, x)) {
            ir_bad(v, n, !x ? "operand %d is missing" : x->dropped ? "operand %d was dropped" : "operand %d is not defined before it", i);
            ok = false;
        }
    }
    return ok;
}

static void check_level(IrVerify *v, const IrNode *n)
{
    IrLevel level = ir_info(n)->level;
    if (level != ANY && level != v->fn->level)
        ir_bad(v, n, "does not belong to this level");
    if (v->fn->level == TILE && n->type.rank > 0 && n->op != OP_buffer)
        ir_bad(v, n, "a tensor value in tile IR");
}

static void check_end(IrVerify *v, const IrRegion *r)
{
    const IrNode *owner = r->owner, *last = r->last;
    bool open = owner && (owner->op == OP_kernel || owner->op == OP_tfor);
    bool body = !owner && v->fn->level == TILE;
    if (open || body)
        return;
    if (!last || last->op != (owner ? OP_yield : OP_ret))
        ir_bad(v, owner, "a region does not end in %s", owner ? "yield" : "ret");
}

static void check_region_param(IrVerify *v, const IrNode *x, const IrRegion *r)
{
    if (x->parent != r || (x->op != OP_index && x->op != OP_arg))
        ir_bad(v, x, "is not a parameter of its region");
    if (x->op == OP_index && (!x->sym || x->type.dtype != DT_i64))
        ir_bad(v, x, "an index has a symbol and type i64");
    bool loop = r->owner && r->owner->op == OP_for;
    if (x->op == OP_index && !x->dim && !loop)
        ir_bad(v, x, "an index without an extent");
}

static void verify_region(IrVerify *v, const IrRegion *r);

static void verify_params(IrVerify *v, const IrRegion *r)
{
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        check_region_param(v, x, r);
        check_type_dims(v, x, x->type);
        if (x->op == OP_index) { /* it may mention indices to its left */
            check_dim(v, x, x->dim, "extent");
            check_dim(v, x, x->lo, "start");
            check_dim(v, x, x->from, "part");
            check_dim(v, x, x->to, "part");
        }
        show(v, x);
        check_uses(v, x);
    }
}

static void verify_node(IrVerify *v, const IrNode *n, const IrRegion *r)
{
    if (n->dropped || n->parent != r)
        ir_bad(v, n, "stands in a region that is not its own");
    if ((n->prev ? n->prev->next : r->first) != n || (n->next ? n->next->prev : r->last) != n)
        ir_bad(v, n, "is not linked to its neighbours");
    if ((n->op == OP_yield || n->op == OP_ret) && n->next)
        ir_bad(v, n, "does not end its region");
    check_level(v, n);
    if (!check_operands(v, n))
        return;
    check_node_dims(v, n);
    check_uses(v, n);
    for (int k = 0; k < n->nregions; k++) {
        if (n->regions[k]->owner != n || n->regions[k]->fn != v->fn)
            ir_bad(v, n, "region %d belongs to something else", k);
        verify_region(v, n->regions[k]);
    }
    ir_verify_types(v, n);
}

static void verify_region(IrVerify *v, const IrRegion *r)
{
    if (++v->depth > IR_NEST_MOST) {
        ir_bad(v, r->owner, "regions are too deeply nested");
        v->depth--;
        return;
    }
    verify_params(v, r);
    for (const IrNode *n = r->first; n && v->nerrors < ERRORS_MOST; n = n->next) {
        verify_node(v, n, r);
        show(v, n);
    }
    check_end(v, r);
    for (const IrNode *n = r->first; n; n = n->next)
        hide(v, n);
    for (int i = 0; i < r->params.n; i++)
        hide(v, r->params.p[i]);
    v->depth--;
}

static void verify_lives(IrVerify *v)
{
    for (int i = 0; i < v->fn->lives.n; i++) {
        const IrLife *l = &v->fn->lives.p[i];
        bool found = false;
        for (int k = 0; k < v->fn->dims.n && !found; k++)
            found = v->fn->dims.p[k] == l->at;
        if (!found || l->first > l->last)
            ir_bad(v, NULL, "life %d has no place, or ends before it begins", i);
        check_dim(v, NULL, l->bytes, "life");
    }
}

static void verify_signature(IrVerify *v)
{
    const IrFn *fn = v->fn;
    for (int i = 0; i < fn->params.n; i++)
        show(v, fn->params.p[i]);
    for (int i = 0; i < fn->params.n; i++) {
        const IrNode *x = fn->params.p[i];
        if (x->op != OP_param || x->imm != i)
            ir_bad(v, x, "is not parameter %d", i);
        check_type_dims(v, x, x->type);
        check_uses(v, x);
    }
    verify_lives(v);
    for (int i = 0; i < fn->results.n; i++)
        check_type_dims(v, NULL, fn->results.p[i]);
    if (fn->vars.n > fn->results.n)
        ir_bad(v, NULL, "%d var parameters, but %d results", fn->vars.n, fn->results.n);
    for (int i = 0; i < fn->vars.n; i++)
        if (fn->vars.p[i] < 0 || fn->vars.p[i] >= fn->params.n)
            ir_bad(v, NULL, "there is no parameter %d", fn->vars.p[i]);
}

bool ir_verify(const IrFn *fn, Buf *errors)
{
    Arena *a = errors->arena;
    IrVerify v = { .fn = fn, .arena = a, .errors = errors, .seen = map_new(a), .slots = map_new(a),
                   .sym_nodes = map_new(a) };
    verify_signature(&v);
    verify_region(&v, fn->body);
    for (int i = 0; i < fn->params.n; i++)
        check_count(&v, fn->params.p[i]);
    return v.nerrors == 0;
}
