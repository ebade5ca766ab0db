/* online_rows.c - reductions of the function over rows: what they need of each row becomes a map, which may be a pass.
 *
 *     sum [b] { lp[b, label[b]] }            %r = map [b] { lp[b, label[b]] }            sum [b] { %r[b] }
 *     count [b] { argmax [v] {..} == y[b] }  %r = map [b] { argmax [v] {..} == y[b] }    count [b] { %r[b] }
 *     sum [i, j] { f(%s[i, j]) }             %r = map [i] { sum [j] { f(%s[i, j]) } }    sum [i] { %r[i] }
 *
 * The last one has another order than sums over all places. Each is undone if nothing comes of it.
 */
#include "passes/online_int.h"

void online_sweep(IrRegion *r)
{
    for (IrNode *n = r->last, *before; n; n = before) {
        before = n->prev;
        if (n->op != OP_yield && !n->uses)
            ir_drop(n);
    }
}

static void see_dear(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || (n->op == OP_load && n->in[0]->op == OP_map && pass_is_dear(n->in[0]));
}

enum { MAPS_DEEP = 3 };

typedef struct Held { bool found; int depth; } Held;

/* Does it reduce a tensor that is worth not being stored, itself or in what it loads, or in what that loads? */
static void see_held(void *user, IrNode *n)
{
    Held *h = user;
    if (h->found)
        return;
    online_see_held(&h->found, n);
    if (n->op == OP_reduce && !h->found)
        ir_walk(n->regions[0], see_dear, &h->found);
    if (n->op == OP_load && n->in[0]->op == OP_map && !h->found && h->depth) {
        Held inner = { false, h->depth - 1 };
        ir_walk(n->in[0]->regions[0], see_held, &inner);
        h->found = inner.found;
    }
}

static bool holds(const IrNode *reduce)
{
    Held h = { false, MAPS_DEEP };
    if (reduce->regions[0]->params.n > 1)
        ir_walk(reduce->regions[0], see_dear, &h.found);
    else
        ir_walk(reduce->regions[0], see_held, &h);
    return h.found;
}

/* ---- out of branches ------------------------------------------------------------------------------------------------------- */

typedef struct Outside { PassCx *cx; const IrRegion *r; bool yes; } Outside;

static void see_symbol(void *user, DimSym *s)
{
    Outside *q = user;
    const IrNode *def = map_find(&q->cx->sym_nodes, s);
    q->yes = q->yes && !(def && def->parent == q->r);
}

static void see_operands(void *user, IrNode *n)
{
    Outside *q = user;
    for (int i = 0; i < n->nin; i++)
        q->yes = q->yes && n->in[i]->parent != q->r;
    pass_each_dim(n, see_symbol, q);
}

bool online_needs_outside_only(PassCx *cx, IrNode *n)
{
    Outside q = { cx, n->parent, true };
    see_operands(&q, n);
    for (int k = 0; k < n->nregions; k++)
        ir_walk(n->regions[k], see_operands, &q);
    return q.yes;
}

static bool is_zero(const IrNode *n) { return n->op == OP_const && n->imm == 0; }

/* Has it no turn where the branch of the choice is not taken? A mean asks first whether there is anything. */
static bool has_turns_only_there(const IrNode *choice, int branch, const IrNode *reduce)
{
    const IrNode *c = choice->in[0];
    if (c->op != OP_eq || branch != 1 || c->in[0]->type.dtype != DT_i64)
        return false;
    const IrNode *size = is_zero(c->in[1]) ? c->in[0] : is_zero(c->in[0]) ? c->in[1] : NULL;
    return size && size->op == OP_dim && size->dim == reduce->regions[0]->params.p[0]->dim;
}

void online_open_branches(PassCx *cx, IrNode *choice)
{
    for (int k = 0; k < choice->nregions; k++)
        for (IrNode *n = choice->regions[k]->first, *next; n; n = next) {
            next = n->next;
            if (n->op != OP_reduce || !n->regions[0]->params.n || !online_needs_outside_only(cx, n))
                continue;
            if (holds(n) && (has_turns_only_there(choice, k, n) || pass_is_total(cx, n)))
                ir_move_before(n, choice);
        }
}

/* ---- one element a row ---------------------------------------------------------------------------------------------------- */

/* The body at `index` and, of several indices, at those of `inner`. */
static IrNode **copy_body(PassCx *cx, IrBuilder *b, IrRegion *body, IrNode *index, IrRegion *inner)
{
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    for (int i = 0; i < body->params.n; i++) {
        IrNode *x = i ? inner->params.p[i - 1] : index;
        map_put(&nodes, body->params.p[i], x);
        symmap_put(&syms, body->params.p[i]->sym, dim_sym(cx->module->dims, x->sym));
    }
    return ir_clone_region(b, body, &nodes, symmap_subst, &syms);
}

/* if guard { value } else { 0 } */
static IrNode *guarded(PassCx *cx, IrBuilder *b, IrRegion *body, IrNode *index)
{
    IrNode *y = ir_terminator(body), **v = copy_body(cx, b, body, index, NULL), *value = v[0];
    if (y->nin == 1)
        return value;
    IrType element = ir_scalar(y->in[0]->type.dtype);
    value = ir_add1(b, OP_if, element, v[1]);
    IrBuilder yes = { b->fn, ir_region_new(b->fn, value), NULL, b->span }, no = { b->fn, ir_region_new(b->fn, value), NULL, b->span };
    IrNode **inner = copy_body(cx, &yes, body, index, NULL), *zero = ir_add0(&no, OP_const, element);
    ir_yield(&yes, 1, &inner[0]);
    ir_yield(&no, 1, &zero);
    online_sweep(yes.region);
    return value;
}

/* The reduction over all indices but the first. */
static IrNode *rest_of(PassCx *cx, IrBuilder *b, IrNode *reduce, IrNode *index)
{
    IrRegion *body = reduce->regions[0];
    IrNode *r = ir_add0(b, OP_reduce, reduce->type);
    IrRegion *in = ir_region_new(b->fn, r);
    IrBuilder at = { b->fn, in, NULL, reduce->span };
    r->redop = reduce->redop;
    r->order = reduce->order;
    for (int i = 1; i < body->params.n; i++)
        ir_index_new(in, body->params.p[i]->name, NULL, body->params.p[i]->dim, body->params.p[i]->span);
    IrNode **v = copy_body(cx, &at, body, index, in);
    ir_yield(&at, ir_terminator(body)->nin, v);
    return r;
}

static IrNode *rows_of(PassCx *cx, IrNode *reduce)
{
    IrRegion *body = reduce->regions[0];
    IrNode *x = body->params.p[0];
    IrBuilder at = { reduce->parent->fn, reduce->parent, reduce, reduce->span };
    bool several = body->params.n > 1;
    IrType type = { several ? reduce->type.dtype : ir_terminator(body)->in[0]->type.dtype, 1, NEWN(cx->module->arena, Dim, 1) };
    type.dims[0] = x->dim;
    IrNode *map = ir_add0(&at, OP_map, type);
    IrRegion *r = ir_region_new(at.fn, map);
    IrNode *i = ir_index_new(r, x->name, NULL, x->dim, x->span);
    IrBuilder b = { at.fn, r, NULL, reduce->span };
    IrNode *value = several ? rest_of(cx, &b, reduce, i) : guarded(cx, &b, body, i);
    ir_yield(&b, 1, &value);
    online_sweep(r);
    pass_note_symbols(cx, r);
    return map;
}

/* ---- and their reader ----------------------------------------------------------------------------------------------------- */

static bool splits(const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    bool good = (n->redop == RED_sum || n->redop == RED_max || n->redop == RED_min) && (n->type.dtype == DT_f32 || n->type.dtype == DT_f64);
    for (int i = 1; i < r->params.n && good; i++)
        good = r->params.p[i]->op == OP_index && !r->params.p[i]->lo && !dim_mentions(r->params.p[i]->dim, r->params.p[0]->sym);
    return good;
}

static IrNode *reader_of(PassCx *cx, IrNode *n, IrNode *map)
{
    IrNode *y = ir_terminator(n->regions[0]), *x = n->regions[0]->params.p[0];
    bool several = n->regions[0]->params.n > 1;
    IrBuilder at = { n->parent->fn, n->parent, n, n->span };
    IrNode *reader = ir_add0(&at, OP_reduce, n->type), *v[2] = { NULL, NULL };
    IrRegion *r = ir_region_new(at.fn, reader);
    reader->redop = n->redop;
    reader->order = n->order;
    reader->name = n->name;
    IrNode *i = ir_index_new(r, x->name, NULL, x->dim, x->span);
    IrBuilder b = { at.fn, r, NULL, n->span };
    bool guard = y->nin > 1 && !several;
    if (guard)
        v[1] = copy_body(cx, &b, n->regions[0], i, NULL)[1];
    v[0] = ir_load(&b, map, 1, &i);
    ir_yield(&b, guard ? 2 : 1, v);
    online_sweep(r);
    pass_note_symbols(cx, r);
    return reader;
}

bool online_rewrite(PassCx *cx, IrNode *n, Rewritten *w)
{
    IrRegion *body = n->regions[0];
    const IrNode *x = body->params.n ? body->params.p[0] : NULL;
    *w = (Rewritten){ .reduce = n };
    if (n->op != OP_reduce || n->sym || !x || x->op != OP_index || x->lo || n->order == ORDER_contract || (body->params.n > 1 && !splits(n)))
        return false;
    if (!holds(n))
        return false;
    w->map = rows_of(cx, n);
    w->reader = reader_of(cx, n, w->map);
    ir_replace(n, w->reader);
    return true;
}

void online_undo(Rewritten *w)
{
    ir_replace(w->reader, w->reduce);
    ir_drop(w->reader);
    ir_drop(w->map);
}
