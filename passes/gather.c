/* gather.c - what a loop takes by a table, of a tensor that costs much and stands outside of it, becomes a tensor before the loop, as if it had a name.
 *
 *     %lp = map [t, v] { .. sum [d] { .. } .. }           %lp = map [t, v] { .. sum [d] { .. } .. }
 *     %a = for 0, T [t] (..) {                            %z = map [t, m] { %lp[t, %y[m]] }
 *         map [m] { .. %lp[t, %y[m]] .. } }               %a = for 0, T [t] (..) { map [m] { .. %z[t, m] .. } }
 *
 * So labels' log-probabilities that a recurrence reads are stored, and the words' need not be (a loss over alignments). That is where all that the loop reads
 * of the tensor is so, or one place of each row. A subscript that fails does in the loop, where it is asked for; before it, it gives a number that nobody reads.
 */
#include "passes/stream_int.h"

enum { LOADS_MOST = 16, DEEP = 4, CONDS_MOST = 8 };

typedef struct Gather { PassCx *cx; IrNode *loop, *of, *loads[LOADS_MOST]; int n; bool looked; } Gather;

static bool reads_table(const IrNode *x)
{
    bool found = x->op == OP_load;
    for (int i = 0; i < x->nin && !found && x->op != OP_load; i++)
        found = reads_table(x->in[i]);
    for (int k = 0; k < x->nregions && !found && x->op == OP_if; k++)
        found = reads_table(ir_terminator(x->regions[k])->in[0]);
    return found;
}

/* A table says which of its elements; or it is the same place of each row. */
static bool is_taken(const IrNode *load, bool *looked)
{
    for (int i = 1; i < load->nin; i++)
        *looked = *looked || reads_table(load->in[i]);
    return *looked || load->in[load->nin - 1]->op == OP_const;
}

static bool costs(const IrNode *map, int deep)
{
    bool found = map->op == OP_map && pass_loops(map);
    for (const IrNode *n = map->op == OP_map && deep && !found ? map->regions[0]->first : NULL; n && !found; n = n->next)
        found = n->op == OP_load && n->in[0]->type.rank == map->type.rank && costs(n->in[0], deep - 1);
    return found;
}

bool pass_takes_by_table(const IrNode *map)
{
    for (const IrNode *n = map->regions[0]->first; n; n = n->next) {
        bool looked = false;
        if (n->op == OP_load && n->in[0]->op == OP_map && n->in[0]->parent == map->parent && is_taken(n, &looked) &&
            (looked || n->in[0]->type.rank > map->type.rank) && costs(n->in[0], DEEP))
            return true;
    }
    return false;
}

/* All loads of the tensor in the loop; false: it is used otherwise there, or needs something that the loop changes. */
static bool find_loads(Gather *g)
{
    for (IrUse *u = g->of->uses; u; u = u->next) {
        if (pass_ancestor_in(u->user, g->loop->parent) != g->loop)
            continue;
        bool looked = false;
        if (u->user->op != OP_load || u->slot || u->user->parent == g->loop->regions[0] || !is_taken(u->user, &looked) || g->n == LOADS_MOST)
            return false;
        g->looked = g->looked || looked;
        g->loads[g->n++] = u->user;
    }
    return g->looked;
}

/* ---- the tensor ---------------------------------------------------------------------------------------------------------------- */

/* `load` in a map before the loop, of the indices that it needs; conds: where it is asked for, or none; all: of an axis that goes over all rows, how many. */
typedef struct Before { PassCx *cx; IrNode *loop, *load, *index[IR_RANK_MOST], *conds[CONDS_MOST]; bool holds[CONDS_MOST]; int n, nconds; Dim all[IR_RANK_MOST]; Map nodes; SymMap syms; IrBuilder b; bool failed; } Before;

static void bring(Before *t, IrNode *n);

static void bring_inputs(void *user, IrNode *n)
{
    for (int i = 0; i < n->nin; i++)
        bring(user, n->in[i]);
}

/* Copies what it needs of the loop; what the loop changes cannot be. */
static void bring(Before *t, IrNode *n)
{
    if (t->failed || map_find(&t->nodes, n) || !ir_inside(n, t->loop->regions[0]))
        return;
    for (const IrNode *x = n->parent->owner; x != t->loop; x = x->parent->owner)
        if (x->op == OP_if && map_find(&t->nodes, x)) /* it stands in a choice that is copied as a whole */
            return;
    t->failed = n->op == OP_index || n->op == OP_arg || n->op == OP_reduce || pass_is_tensor(n) || (ir_info(n)->effects & PINNED);
    if (t->failed)
        return;
    map_put(&t->nodes, n, n);
    bring_inputs(t, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], bring_inputs, t);
    if (t->failed)
        return;
    IrNode *c = ir_clone_node(&t->b, n, &t->nodes, symmap_subst, &t->syms);
    map_put(&t->nodes, n, c);
    if (n->sym)
        symmap_put(&t->syms, n->sym, pass_dim_of(t->cx, c));
}

static bool needs(const Before *t, const IrNode *index)
{
    bool found = pass_depends_on(t->cx, t->load, index);
    for (int i = 0; i < t->nconds; i++)
        found = found || t->conds[i] == index || pass_depends_on(t->cx, t->conds[i], index);
    return found;
}

/* The choices around the load, as far as they are asked for. */
static bool find_conds(Before *t)
{
    for (const IrRegion *r = t->load->parent; r != t->loop->regions[0]; r = r->owner->parent) {
        if (r->owner->op != OP_if)
            continue;
        if (t->nconds == CONDS_MOST)
            return false;
        t->holds[t->nconds] = r == r->owner->regions[0];
        t->conds[t->nconds++] = r->owner->in[0];
    }
    return true;
}

static bool find_indices(Before *t)
{
    for (const IrRegion *r = t->load->parent;; r = r->owner->parent) {
        IrOp op = (IrOp)r->owner->op;
        if (op != OP_if && op != OP_map && op != OP_for)
            return false;
        for (int i = r->params.n - 1; i >= 0; i--) {
            IrNode *x = r->params.p[i];
            if (x->op != OP_index || !needs(t, x))
                continue;
            bool fixed = !pass_dim_depends(t->cx, x->dim, t->loop->regions[0]) && !(x->lo && pass_dim_depends(t->cx, x->lo, t->loop->regions[0]));
            if (!fixed || x->from || x->to || !x->sym || t->n == IR_RANK_MOST - 1)
                return false;
            t->index[t->n++] = x;
        }
        if (r == t->loop->regions[0])
            return t->n > 0;
    }
}

static IrNode *guard_of(Before *t)
{
    IrNode *all = NULL;
    for (int i = 0; i < t->nconds; i++) {
        bring(t, t->conds[i]);
        IrNode *c = map_find(&t->nodes, t->conds[i]);
        c = c ? c : t->conds[i];
        c = t->holds[i] ? c : ir_add1(&t->b, OP_not, ir_scalar(DT_bool), c);
        all = all ? ir_add2(&t->b, OP_and, ir_scalar(DT_bool), all, c) : c;
    }
    return all;
}

static bool is_sound(Before *t, const IrNode *map)
{
    bool sound = !t->failed;
    for (const IrNode *n = map->regions[0]->first; n && sound && !t->nconds; n = n->next)
        sound = pass_is_total(t->cx, n);
    return sound;
}

/* Of an index that begins behind the first row, and is a subscript as it is: all rows, or none would be what the tensor's is. */
static Dim all_rows(const Before *t, const IrNode *index)
{
    for (int i = 1; index->lo && i < t->load->nin; i++)
        if (t->load->in[i] == index)
            return t->load->in[0]->type.dims[i - 1];
    return NULL;
}

/* Outer indices first; NULL: it cannot be. */
static IrNode *tensor_before(Before *t)
{
    DimCx *d = t->cx->module->dims;
    IrBuilder at = { t->loop->parent->fn, t->loop->parent, t->loop, t->load->span };
    IrType type = { t->load->type.dtype, t->n, NEWN(t->cx->module->arena, Dim, t->n) };
    for (int k = 0; k < t->n; k++) {
        t->all[k] = all_rows(t, t->index[t->n - 1 - k]);
        type.dims[k] = t->all[k] ? t->all[k] : t->index[t->n - 1 - k]->dim;
    }
    IrNode *map = ir_add0(&at, OP_map, type), *yield[2];
    IrRegion *r = ir_region_new(at.fn, map);
    t->b = (IrBuilder){ at.fn, r, NULL, t->load->span };
    for (int k = t->n - 1; k >= 0; k--) {
        Dim all = t->all[t->n - 1 - k];
        IrNode *old = t->index[k], *x = ir_index_new(r, old->name, all ? NULL : old->lo, all ? all : old->dim, old->span);
        map_put(&t->nodes, old, x);
        symmap_put(&t->syms, old->sym, dim_sym(d, x->sym));
    }
    yield[1] = guard_of(t);
    bring(t, t->load);
    yield[0] = map_find(&t->nodes, t->load);
    ir_yield(&t->b, yield[1] ? 2 : 1, yield);
    pass_note_symbols(t->cx, r);
    pass_quiet_faults(t->cx, r);
    pass_note_symbols(t->cx, r);
    if (is_sound(t, map))
        return map;
    ir_drop(map);
    return NULL;
}

/* The subscripts stay where they were: what fails there does in the loop. */
static bool put_before(PassCx *cx, IrNode *loop, IrNode *load, bool guarded)
{
    Before t = { .cx = cx, .loop = loop, .load = load, .nodes = map_new(cx->arena), .syms = symmap_new(cx) };
    if ((guarded && !find_conds(&t)) || !find_indices(&t))
        return false;
    IrNode *map = tensor_before(&t), *subs[IR_RANK_MOST];
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    for (int k = 0; map && k < t.n; k++) {
        IrNode *x = t.index[t.n - 1 - k];
        subs[k] = x->lo && !t.all[k] ? ir_add2(&b, OP_sub, ir_scalar(DT_i64), x, ir_dim_value(&b, x->lo)) : x;
    }
    if (!map)
        return false;
    ir_replace(load, pass_keeps_symbol(cx, load, ir_load(&b, map, t.n, subs)));
    ir_drop(load);
    cx->changed++;
    return true;
}

static void take(PassCx *cx, IrNode *loop, IrNode *of)
{
    Gather g = { .cx = cx, .loop = loop, .of = of };
    if (of->op != OP_map || of->type.rank < 2 || !dtype_is_float(of->type.dtype) || !costs(of, DEEP) || !find_loads(&g))
        return;
    for (int i = 0; i < g.n; i++)
        if (!put_before(cx, loop, g.loads[i], false) && !put_before(cx, loop, g.loads[i], true))
            return;
    pass_read_rows_apart(cx, of);
}

/* Tensors outside of the loop that it reads. */
static void see_read(void *user, IrNode *n)
{
    Map *of = user;
    if (n->op == OP_load && n->in[0]->op == OP_map)
        map_put(of, n->in[0], n->in[0]);
}

void pass_gather_before(PassCx *cx, IrNode *loop)
{
    Map read = map_new(cx->arena);
    ir_walk(loop->regions[0], see_read, &read);
    for (IrNode *n = loop->prev, *before; n; n = before) {
        before = n->prev;
        if (!map_find(&read, n))
            continue;
        pass_read_elements_apart(cx, loop, n);
        take(cx, loop, n);
    }
    pass_merge_equal(cx, loop->parent);
}
