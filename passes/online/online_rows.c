/* online_rows.c - reductions of the function over rows: what they need of each row becomes a map, which may be a pass.
 *
 *     sum [b] { lp[b, label[b]] }            %r = map [b] { lp[b, label[b]] }            sum [b] { %r[b] }
 *     count [b] { argmax [v] {..} == y[b] }  %r = map [b] { argmax [v] {..} == y[b] }    count [b] { %r[b] }
 *     sum [i, j] { f(%s[i, j]) }             %r = map [i] { sum [j] { f(%s[i, j]) } }    sum [i] { %r[i] }
 *     sum [h, i, j] { f(%s[h, i, j]) }       %r = map [h, i] { sum [j] { .. } }          sum [h, i] { %r[h, i] }
 *
 * The last one has another order than sums over all places. Each is undone if nothing comes of it. Sizes that are computed on the way are left
 * alone: a map of so many rows could not be stored.
 */
#include "passes/online/online_int.h"

static void mention(void *user, DimSym *s) { map_put(user, s, s); }
static void see_mentioned(void *user, IrNode *n) { pass_each_dim(n, mention, user); }

void online_sweep(PassCx *cx, IrRegion *r, bool faults)
{
    Map syms = map_new(cx->arena);
    ir_walk(r, see_mentioned, &syms);
    for (IrNode *n = r->last, *before; n; n = before) {
        before = n->prev;
        if (n->op != OP_yield && !n->uses && (faults || !pass_is_fault(n)) && !(n->sym && map_find(&syms, n->sym)))
            ir_drop(n);
    }
}

typedef struct Costs { int deep; bool found; } Costs;

static bool costs(const IrNode *load, int deep);

static void see_cost(void *user, IrNode *n)
{
    Costs *c = user;
    c->found = c->found || costs(n, c->deep);
}

static bool costs(const IrNode *load, int deep)
{
    if (load->op != OP_load || !online_is_plain_map(load->in[0]))
        return false;
    Costs c = { deep - 1, pass_is_dear(load->in[0]) };
    if (!c.found && deep)
        ir_walk(load->in[0]->regions[0], see_cost, &c);
    return c.found;
}

bool online_is_dear(const IrNode *load) { return costs(load, MAPS_DEEP); }

void online_see_dear(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || online_is_dear(n);
}

typedef struct Held { PassCx *cx; bool found; int depth, rows; } Held; /* rows: of how many indices each is */

/* Does it reduce a tensor that is worth not being stored, and differ along as many indices of its map? */
static void see_reduction(Held *h, const IrNode *n)
{
    bool dear = false;
    int differs = 0;
    const IrRegion *r = n->parent;
    ir_walk(n->regions[0], online_see_dear, &dear);
    for (int i = 0; i < r->params.n && dear; i++)
        differs += pass_depends_on(h->cx, n, r->params.p[i]);
    h->found = h->found || (dear && differs >= h->rows);
}

/* Itself, or in what it loads, or in what that loads. */
static void see_held(void *user, IrNode *n)
{
    Held *h = user;
    if (h->found)
        return;
    if (n->op == OP_reduce)
        see_reduction(h, n);
    if (n->op == OP_load && n->in[0]->op == OP_map && h->depth) {
        Held inner = { h->cx, false, h->depth - 1, h->rows };
        ir_walk(n->in[0]->regions[0], see_held, &inner);
        h->found = inner.found;
    }
}

bool online_holds_rows(PassCx *cx, IrNode *load, int rows)
{
    Held h = { cx, false, MAPS_DEEP, rows };
    see_held(&h, load);
    return h.found;
}

/* Is there something to reduce for each place of its indices? */
bool online_has_rows(PassCx *cx, const IrNode *reduce)
{
    Held h = { cx, false, MAPS_DEEP, reduce->regions[0]->params.n };
    ir_walk(reduce->regions[0], see_held, &h);
    return h.found;
}

/* Or for each place of the first one, with the others? */
bool online_splits(const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    bool dear = false, good = r->params.n > 1 && (n->redop == RED_sum || n->redop == RED_max || n->redop == RED_min) && (n->type.dtype == DT_f32 || n->type.dtype == DT_f64);
    if (good)
        ir_walk(n->regions[0], online_see_dear, &dear);
    return dear;
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
            if ((online_has_rows(cx, n) || online_splits(n)) && (has_turns_only_there(choice, k, n) || pass_is_total(cx, n)))
                ir_move_before(n, choice);
        }
}

/* ---- one element a row ---------------------------------------------------------------------------------------------------- */

typedef struct Form { PassCx *cx; IrNode *reduce; int outer; } Form; /* outer: how many of the indices are the map's; the others are reduced in it */

static bool is_split(const Form *f) { return f->outer < f->reduce->regions[0]->params.n; }

static IrNode *like_index(IrRegion *r, const IrNode *x) { return ir_index_new(r, x->name, NULL, x->dim, x->span); }

/* The body at indices of `outer` and, of those that are reduced, `inner`. */
static IrNode **copy_body(const Form *f, IrBuilder *b, const IrRegion *outer, const IrRegion *inner)
{
    IrRegion *body = f->reduce->regions[0];
    Map nodes = map_new(f->cx->arena);
    SymMap syms = symmap_new(f->cx);
    for (int i = 0; i < body->params.n; i++) {
        IrNode *x = i < f->outer ? outer->params.p[i] : inner->params.p[i - f->outer];
        map_put(&nodes, body->params.p[i], x);
        symmap_put(&syms, body->params.p[i]->sym, dim_sym(f->cx->module->dims, x->sym));
    }
    return ir_clone_region(b, body, &nodes, symmap_subst, &syms);
}

/* if guard { value } else { 0 } */
static IrNode *guarded(const Form *f, IrBuilder *b)
{
    IrNode *y = ir_terminator(f->reduce->regions[0]), **v = copy_body(f, b, b->region, NULL), *value = v[0];
    if (y->nin == 1)
        return value;
    IrType element = ir_scalar(y->in[0]->type.dtype);
    value = ir_add1(b, OP_if, element, v[1]);
    IrBuilder yes = { b->fn, ir_region_new(b->fn, value), NULL, b->span }, no = { b->fn, ir_region_new(b->fn, value), NULL, b->span };
    IrNode **inner = copy_body(f, &yes, b->region, NULL), *zero = ir_add0(&no, OP_const, element);
    ir_yield(&yes, 1, &inner[0]);
    ir_yield(&no, 1, &zero);
    online_sweep(f->cx, yes.region, false);
    return value;
}

static IrNode *like_reduction(IrBuilder *b, const IrNode *reduce)
{
    IrNode *r = ir_add0(b, OP_reduce, reduce->type);
    r->redop = reduce->redop;
    r->order = reduce->order;
    ir_region_new(b->fn, r);
    return r;
}

static IrNode *rest_of(const Form *f, IrBuilder *b)
{
    IrRegion *body = f->reduce->regions[0];
    IrNode *r = like_reduction(b, f->reduce);
    IrBuilder at = { b->fn, r->regions[0], NULL, b->span };
    for (int i = f->outer; i < body->params.n; i++)
        like_index(at.region, body->params.p[i]);
    IrNode **v = copy_body(f, &at, b->region, at.region);
    ir_yield(&at, ir_terminator(body)->nin, v);
    return r;
}

static IrNode *rows_of(const Form *f)
{
    PassCx *cx = f->cx;
    IrNode *reduce = f->reduce;
    IrRegion *body = reduce->regions[0];
    IrBuilder at = { reduce->parent->fn, reduce->parent, reduce, reduce->span };
    IrType type = { is_split(f) ? reduce->type.dtype : ir_terminator(body)->in[0]->type.dtype, f->outer, NEWN(cx->module->arena, Dim, f->outer) };
    for (int i = 0; i < f->outer; i++)
        type.dims[i] = body->params.p[i]->dim;
    IrNode *map = ir_add0(&at, OP_map, type);
    IrBuilder b = { at.fn, ir_region_new(at.fn, map), NULL, reduce->span };
    for (int i = 0; i < f->outer; i++)
        like_index(b.region, body->params.p[i]);
    IrNode *value = is_split(f) ? rest_of(f, &b) : guarded(f, &b);
    ir_yield(&b, 1, &value);
    online_sweep(cx, b.region, ir_terminator(body)->nin > 1 && !is_split(f)); /* what faults where the guard holds is in the choice */;
    pass_note_symbols(cx, b.region);
    return map;
}

/* ---- and their reader ----------------------------------------------------------------------------------------------------- */

static IrNode *reader_of(const Form *f, IrNode *map)
{
    IrNode *n = f->reduce, *y = ir_terminator(n->regions[0]), *v[2] = { NULL, NULL };
    IrBuilder at = { n->parent->fn, n->parent, n, n->span };
    IrNode *reader = like_reduction(&at, n);
    IrRegion *r = reader->regions[0];
    reader->name = n->name;
    for (int i = 0; i < f->outer; i++)
        like_index(r, n->regions[0]->params.p[i]);
    IrBuilder b = { at.fn, r, NULL, n->span };
    bool guard = y->nin > 1 && !is_split(f);
    if (guard)
        v[1] = copy_body(f, &b, r, NULL)[1];
    v[0] = ir_load(&b, map, f->outer, r->params.p);
    ir_yield(&b, guard ? 2 : 1, v);
    online_sweep(f->cx, r, true);
    pass_note_symbols(f->cx, r);
    return reader;
}

bool online_has_plain_indices(const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    bool plain = r->params.n && r->params.n < IR_RANK_MOST;
    for (int i = 0; i < r->params.n && plain; i++)
        plain = r->params.p[i]->op == OP_index && !r->params.p[i]->lo && pass_known_at_entry(r->fn, r->params.p[i]->dim);
    return plain;
}

bool online_rewrite(PassCx *cx, IrNode *n, bool whole, Rewritten *w)
{
    if (n->op != OP_reduce || n->order == ORDER_contract || !online_has_plain_indices(n))
        return false;
    Form f = { cx, n, n->regions[0]->params.n };
    if (!whole || !online_has_rows(cx, n)) {
        if (!online_splits(n))
            return false;
        int rows = whole ? online_rows_of_pairs(cx, n) : 0; /* heads and rows of all pairs */
        f.outer = rows ? rows : 1;
    }
    w->reduce = n;
    w->map = rows_of(&f);
    w->reader = reader_of(&f, w->map);
    w->rows = f.outer;
    pass_keeps_symbol(cx, n, w->reader);
    ir_replace(n, w->reader);
    return true;
}

void online_undo(PassCx *cx, Rewritten *w)
{
    pass_keeps_symbol(cx, w->reader, w->reduce);
    ir_replace(w->reader, w->reduce);
    ir_drop(w->reader);
    ir_drop(w->map);
}
