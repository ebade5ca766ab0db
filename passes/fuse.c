/* fuse.c - rule 1 of PASSES.md: decide which tensors exist in memory. A map that is not stored is recomputed where it is read.
 *
 *     %0 = map [t, n] { sum [d] {...} }            %1 = map [t, n] { max(sum [d] {...} + %b[n], 0) }
 *     %1 = map [t, n] { max(%0[t, n] + %b[n], 0) }
 *
 * A map is recomputed in its readers when all its uses are loads and
 *   - it only moves data (loads, choices, casts), or computes a predicate: always;
 *   - it is cheap arithmetic and no reader asks for an element more often than once, or it costs next to nothing;
 *   - it has elementary functions or loops, one load reads it, and that asks for each element once;
 *   - it is scores that are read at rows which no strip holds (fuse_apart.c).
 * How often an element is asked for: the indices around the load that do not appear in its subscripts and are not inside all those
 * that do (what is inside them is hoisted). What may fault in it is done where it stood, too, unless a reader asks for all (fuse_faults.c).
 */
#include "passes/fuse_int.h"
#include "passes/stage/stage_int.h"

/* Of a map that several loads read: more than so much is not computed for each of them. */
enum { FLOPS_MOST = 64, SIZE_MOST = 512, LOADS_MOST = 4 }; /* LOADS_MOST: of scores at rows apart (fuse_apart.c) */

static Weight heavier(Weight a, Weight b) { return a > b ? a : b; }

bool pass_is_elementary(IrOp op)
{
    return (op >= OP_exp && op <= OP_sigmoid && op != OP_sqrt) || op == OP_pow || op == OP_random_bits || op == OP_key_fold || op == OP_extern;
}

static bool is_moving(const IrNode *n)
{
    switch (n->op) {
    case OP_const: case OP_dim: case OP_load: case OP_yield: case OP_if: case OP_select: case OP_cast: case OP_clampi: case OP_nonzero: case OP_divisor: case OP_iadd: case OP_isub: case OP_imul:
    case OP_stop: return true;
    default: return !dtype_is_float(n->type.dtype) && ir_is_scalar_op(n) && (n->nin == 0 || !dtype_is_float(n->in[0]->type.dtype));
    }
}

Weight fuse_weight(const IrNode *n)
{
    if (n->op == OP_reduce || n->op == OP_while || n->op == OP_for || n->op == OP_map || n->op == OP_scatter || (ir_info(n)->effects & PINNED))
        return LOOPS;
    return pass_is_elementary((IrOp)n->op) ? DEAR : is_moving(n) ? MOVES : CHEAP;
}

static Weight region_weight(const IrRegion *r)
{
    Weight w = MOVES;
    for (const IrNode *n = r->first; n && w != LOOPS; n = n->next) {
        w = heavier(w, fuse_weight(n));
        for (int i = 0; i < n->nregions && w != LOOPS; i++)
            w = heavier(w, region_weight(n->regions[i]));
    }
    return w;
}

/* ---- how often a load asks for each element ----------------------------------------------------------------- */

typedef struct Site { PassCx *cx; IrNode *load; } Site;

static bool subscript_uses(Site *s, IrNode *index)
{
    for (int i = 1; i < s->load->nin; i++)
        if (s->load->in[i] == index || pass_depends_on(s->cx, s->load->in[i], index))
            return true;
    return false;
}

static bool is_single(const IrNode *x)
{
    int64_t n;
    return x->op == OP_index && dim_is_const(x->dim, &n) && n == 1;
}

/* Walks outwards from the load; once an index that the subscripts use is met, every further one must be used too. Loops that are not
 * nests of indices (while, for) repeat it. */
static bool asks_once(Site *s)
{
    bool met = false;
    IrNode *used[IR_RANK_MOST * 2];
    int n = 0;
    for (IrRegion *r = s->load->parent; r && r->owner && r != s->load->in[0]->parent; r = r->owner->parent) { /* a reduction in the same turn */
        IrOp op = (IrOp)r->owner->op;
        if ((op == OP_while || op == OP_for) && ir_inside(s->load, r))
            return false;
        for (int i = r->params.n - 1; i >= 0; i--) {
            if (r->params.p[i]->op != OP_index || is_single(r->params.p[i]))
                continue;
            if (!subscript_uses(s, r->params.p[i])) {
                if (met)
                    return false;
                continue;
            }
            met = true;
            if (n < IR_RANK_MOST * 2)
                used[n++] = r->params.p[i];
        }
        if (op == OP_map || op == OP_scatter)
            break;
    }
    return !pass_asks_again(s->cx, s->load, used, n);
}

/* Each subscript is an index of its own that runs over that whole axis: reading it is in bounds wherever its region runs. */
static bool has_plain_subscripts(const IrNode *load)
{
    for (int i = 1; i < load->nin; i++) {
        const IrNode *x = load->in[i];
        bool whole = x->op == OP_index && x->dim == load->in[0]->type.dims[i - 1] && pass_from_zero(x);
        if (!whole && !(x->op == OP_const && is_single(x)) && !(x->op == OP_const && x->imm == 0))
            return false;
        for (int j = 1; j < i; j++)
            if (load->in[j] == x && x->op == OP_index)
                return false;
    }
    return true;
}

/* Each index around the load is a subscript: whatever the other subscripts are (`lp[t, label[t]]`), no element is asked for twice. */
static bool asks_apart(const IrNode *load)
{
    for (const IrRegion *r = load->parent; r && r->owner; r = r->owner->parent) {
        for (int i = 0; i < r->params.n; i++)
            if (r->params.p[i]->op == OP_index && !is_single(r->params.p[i]) && !pass_is_subscript(load, r->params.p[i]))
                return false;
        if (r->owner->op == OP_map || r->owner->op == OP_scatter)
            return true;
    }
    return false;
}

static IrRegion *enclosing_map(const IrNode *n)
{
    for (IrRegion *r = n->parent; r && r->owner; r = r->owner->parent)
        if (r->owner->op == OP_map || r->owner->op == OP_scatter)
            return r;
    return NULL;
}

static IrNode *region_node(const IrNode *n) { return n->parent ? n->parent->owner : NULL; }

/* Does the map run in the loop that its reader runs in (and not further out, where it is computed once for all turns)? */
static bool same_turn(const IrNode *map, const IrNode *load)
{
    if (load->parent == map->parent)
        return map->parent->owner && map->parent->owner->op == OP_map; /* a scatter holds no tensors */
    IrRegion *r = enclosing_map(load);
    const IrNode *top = r ? NULL : pass_ancestor_in((IrNode *)(uintptr_t)load, map->parent);
    return r ? r->owner->parent == map->parent || r == map->parent : top && top->op == OP_reduce;
}

/* Would its loops run inside another reduction, for which there are no lanes left? */
static bool nests(PassCx *cx, IrNode *load)
{
    IrNode *owner = region_node(fuse_place(cx, load, true));
    return owner && (owner->op == OP_reduce || owner->op == OP_scatter);
}

static void see_places(void *user, IrNode *n)
{
    Dim *of = user;
    if (n->op == OP_reduce && *of && n->regions[0]->params.n == 1 && n->regions[0]->params.p[0]->dim == *of)
        *of = NULL;
}

/* Would they run for each block of a stream, and cost more than its sums over features do? A maximum over the places of a row would. */
static bool repeats(PassCx *cx, const IrNode *map, IrNode *load)
{
    const IrNode *owner = region_node(fuse_place(cx, load, true));
    for (const IrNode *n = owner && owner->op == OP_map && pass_has_stream(owner) ? map->regions[0]->first : NULL; n; n = n->next) {
        Dim of = n->op == OP_reduce && n->regions[0]->params.n ? vec_last(&n->regions[0]->params)->dim : NULL;
        for (const IrNode *m = of && n->regions[0]->params.n == 1 ? owner->regions[0]->first : NULL; m; m = m->next)
            if (m->op == OP_reduce && m->stream)
                ir_walk(m->regions[0], see_places, &of);
        if (of)
            return true;
    }
    return false;
}

static void see_turns(void *user, IrNode *n)
{
    *(bool *)user |= n->op == OP_for || n->op == OP_while;
}

/* Has an element loops that are no nests of indices? They leave no loop around them: an index that the element does not need would repeat them. */
static bool has_turns(const IrNode *map)
{
    bool found = false;
    ir_walk(map->regions[0], see_turns, &found);
    return found;
}

/* In a turn of a recurrence: would each place of an index before the last one be a point that computes it alone (again.c)? */
static bool serves_points(PassCx *cx, const IrNode *load)
{
    const IrNode *map = region_node(load), *around = map && map->op == OP_map ? map->parent->owner : NULL;
    bool some = false;
    for (int i = 0; around && (around->op == OP_for || around->op == OP_while) && i + 1 < map->regions[0]->params.n; i++)
        some = some || !pass_depends_on(cx, load, map->regions[0]->params.p[i]);
    return some;
}

typedef struct Asked { bool whole, once, apart, plain, near, flat, points, rows; int loads; } Asked; /* how the readers ask for a map's elements */

static Asked how_asked(PassCx *cx, IrNode *map)
{
    Asked a = { .once = true, .apart = true, .plain = true, .near = true, .flat = true };
    for (IrUse *u = map->uses; u && !a.whole; u = u->next) {
        Site s = { cx, u->user };
        a.whole = u->user->op != OP_load || u->slot != 0;
        if (a.whole)
            break;
        a.loads++;
        a.near = a.near && same_turn(map, u->user);
        if (fuse_reads_apart(cx, map, u->user)) {
            a.rows = true;
            continue;
        }
        a.once = a.once && asks_once(&s);
        a.apart = a.apart && asks_apart(u->user);
        a.points = a.points || serves_points(cx, u->user);
        a.plain = a.plain && (has_plain_subscripts(u->user) || asks_apart(u->user));
        a.flat = a.flat && !nests(cx, u->user) && !repeats(cx, map, u->user);
    }
    return a;
}

static bool decides_to_inline(PassCx *cx, IrNode *map, const FuseBody *b)
{
    Weight w = b->weight;
    Asked a = how_asked(cx, map);
    bool grows = a.loads > 1 && b->size > SIZE_MOST; /* of copies of copies a chain of maps would be exponential */
    if (a.whole || grows || (!a.near && w != LOOPS && pass_takes_by_table(map)) || (w >= DEAR && b->faults && pass_loses_faults(cx, map)))
        return false;
    if (map->type.dtype == DT_bool || w == MOVES)
        return w != LOOPS;
    if (w == CHEAP)
        return (a.once && a.near && (a.loads == 1 || (a.loads == 2 && b->flops <= FLOPS_MOST) || b->flops <= 2)) || (b->flops <= 1 && a.loads == 1);
    if (w == DEAR)
        return a.once && a.near && a.loads == 1 && !a.points;
    return a.once && a.near && a.plain && a.flat && (a.loads == 1 || (a.rows && a.loads <= LOADS_MOST)) && (a.apart || !b->turns);
}

bool pass_picks(PassCx *cx, IrNode *load, const IrNode *dead)
{
    IrNode *map = load->in[0];
    Site s = { cx, load };
    if (map->op != OP_map || region_weight(map->regions[0]) != LOOPS || pass_has_stream(map) || has_plain_subscripts(load) || pass_loses_faults(cx, map))
        return false;
    for (IrUse *u = map->uses; u; u = u->next)
        if (u->user != load && !ir_inside(u->user, dead->regions[0]))
            return false;
    return asks_apart(load) && asks_once(&s) && !nests(cx, load);
}

static const char *why_recomputed(const IrNode *map, Weight w)
{
    return map->type.dtype == DT_bool ? "a condition" : w == MOVES ? "it only moves data" : w == CHEAP ? "cheap arithmetic"
         : "its one reader asks for each element once";
}

/* What takes all of it at once. */
static const char *why_whole(const IrNode *map)
{
    const IrUse *u = map->uses;
    while (u->user->op == OP_load && u->slot == 0)
        u = u->next;
    switch (u->user->op) {
    case OP_for:
    case OP_while: return "a loop begins with it";
    case OP_yield: return region_node(u->user)->op == OP_if ? "a branch gives it" : "a loop carries it from turn to turn";
    case OP_update: return u->slot ? "it is put into another tensor" : "a part of it is replaced";
    case OP_sort:
    case OP_topk: return "it is sorted";
    case OP_effect: return "an effect takes it";
    default: return "it is used as a whole";
    }
}

/* It is another tensor with its axes in another order, and nothing else (transpose.c). */
static bool is_turned(const IrNode *map)
{
    const IrNode *load = map->op == OP_map ? map->regions[0]->first : NULL;
    bool turned = false;
    if (!load || load->op != OP_load || !load->next || load->next->op != OP_yield || load->next->in[0] != load || load->nin - 1 != map->regions[0]->params.n)
        return false;
    for (int i = 1; i < load->nin; i++) {
        if (load->in[i]->op != OP_index || load->in[i]->parent != map->regions[0])
            return false;
        turned = turned || load->in[i] != map->regions[0]->params.p[i - 1];
    }
    return turned;
}

static bool is_contraction(const IrNode *n) { return n->op == OP_reduce && n->order == ORDER_contract; }

/* A product that its one reader has beside another one (aside.c). */
static bool is_aside(const IrNode *map)
{
    const IrNode *load = map->uses && !map->uses->next ? map->uses->user : NULL, *owner = load ? region_node(load) : NULL;
    const IrNode *last = load && load->op == OP_load && owner && owner->op == OP_map ? owner->regions[0]->first : NULL;
    while (last && !is_contraction(last))
        last = last->next;
    return last && is_contraction(ir_terminator(map->regions[0])->in[0]);
}

/* A product whose one reader has elements in other lanes than panels of the weight (stage_part.c). */
static bool is_of_part(const IrNode *map)
{
    const IrNode *sum = ir_terminator(map->regions[0])->in[0], *load = map->uses && !map->uses->next ? map->uses->user : NULL;
    const IrNode *product = is_contraction(sum) ? ir_terminator(sum->regions[0])->in[0] : NULL;
    bool panels = false;
    for (int k = 0; product && product->op == OP_mul && k < 2; k++) {
        const IrNode *x = product->in[k];
        while (x->op == OP_cast)
            x = x->in[0];
        panels = panels || stage_panel_axis_from(x, vec_last(&map->regions[0]->params)) >= 0;
    }
    return panels && load->op == OP_load && region_node(load) && region_node(load)->op == OP_map;
}

const char *pass_why_stored(PassCx *cx, IrNode *map)
{
    Asked a = how_asked(cx, map);
    for (IrUse *u = map->uses; u; u = u->next)
        if (u->user->op == OP_ret)
            return "a result";
    if (map->load_time && ir_terminator(map->regions[0])->in[0]->op != OP_if) /* stage_whole.c; others are packed before a loop */
        return "a packed weight that is used as a whole";
    if (pass_is_blank(map))
        return "a loop fills it";
    if (pass_is_part(map))
        return "parts of a reduction, which threads share";
    if (pass_has_stream(map))
        return "a pass of its own";
    if (!a.whole && is_turned(map))
        return "with its axes turned, because sums read across its rows";
    return a.whole ? why_whole(map) : !a.near ? "it is read in a loop that it stands outside of" : !a.once ? "its readers ask for each element several times"
         : a.loads > 1 ? "it has several readers" : a.points && pass_is_dear(map) && !pass_loops(map) ? "several points of a turn share each of its elements" : a.flat && is_aside(map) ? "a product beside another one of its reader, so that each goes in blocks" : !a.apart && has_turns(map) ? "indices that it does not need would repeat its turns" : pass_loses_faults(cx, map) ? "elements that are not read may fail"
         : a.loads == 1 && is_turned(region_node(map->uses->user)) ? "its reader puts its elements in another order" : is_of_part(map) ? "a product with a part of a weight, whose lanes begin where a panel does" : "its loops would run inside another reduction";
}

/* ---- rewriting ---------------------------------------------------------------------------------------------- */

/* Where to compute the element: as far out as the subscripts allow when the body loops, else at the load. */
IrNode *fuse_place(PassCx *cx, IrNode *load, bool loops)
{
    IrNode *at = load;
    while (loops && region_node(at) && region_node(at)->op == OP_reduce) {
        bool free_here = true;
        for (int i = 1; i < load->nin; i++)
            free_here = free_here && load->in[i]->parent != at->parent && !pass_depends(cx, load->in[i], at->parent);
        if (!free_here)
            break;
        at = region_node(at);
    }
    return at;
}

/* last: nobody else reads the map, which is dropped: its body moves. */
void fuse_put(PassCx *cx, IrNode *map, IrNode *load, IrNode *at, bool last)
{
    IrRegion *body = map->regions[0];
    IrBuilder b = { at->parent->fn, at->parent, at, load->span };
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    for (int i = 0; i < body->params.n; i++) {
        map_put(&nodes, body->params.p[i], load->in[i + 1]);
        if (body->params.p[i]->sym)
            symmap_put(&syms, body->params.p[i]->sym, pass_dim_of(cx, load->in[i + 1]));
    }
    IrNode **values = last ? ir_move_region(&b, body, &nodes, symmap_subst, &syms) : ir_clone_region(&b, body, &nodes, symmap_subst, &syms);
    ir_replace(load, pass_keeps_symbol(cx, load, values[0])); /* a guarded element is only read where its guard holds */
    ir_drop(load);
    cx->changed++;
}

void pass_inline_load(PassCx *cx, IrNode *map, IrNode *load) { fuse_put(cx, map, load, fuse_place(cx, load, pass_loops(map)), false); }

bool pass_has_stream(const IrNode *map)
{
    for (const IrNode *n = map->regions[0]->first; n; n = n->next)
        if (n->op == OP_reduce && n->stream)
            return true;
    return false;
}

bool pass_loops(const IrNode *map) { return region_weight(map->regions[0]) == LOOPS; }
/* What runs along an axis is a loop, where it is no part of one (online_running.c). */
static bool has_run(const IrNode *map)
{
    const IrNode *v = ir_terminator(map->regions[0])->in[0];
    return v->op == OP_running;
}

bool pass_is_dear(const IrNode *map) { return region_weight(map->regions[0]) >= DEAR || has_run(map); }

static void inline_everywhere(Fuse *f, IrNode *map, const FuseBody *b)
{
    PassCx *cx = f->cx;
    bool apart = false;
    for (IrUse *u = map->uses; u; u = u->next)
        if (fuse_reads_apart(cx, map, u->user)) {
            fuse_hold_row(cx, u->user);
            apart = true;
        }
    if (cx->options->remark)
        pass_remark(cx, CHOICE_recomputed, map, apart ? "scores at rows that are not beside the reader's" : why_recomputed(map, b->weight));
    if (fuse_can_wait(f, map, b)) {
        fuse_wait(f, map, b);
        return;
    }
    if (b->faults)
        pass_leave_faults(cx, map);
    while (map->uses)
        fuse_put(cx, map, map->uses->user, fuse_place(cx, map->uses->user, b->weight == LOOPS), !map->uses->next);
    ir_drop(map);
}

static void visit(Fuse *f, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int i = 0; i < n->nregions; i++)
            visit(f, n->regions[i]);
        if (n->op != OP_map || !n->uses || pass_has_stream(n))
            continue;
        FuseBody b = fuse_body(f, n);
        if (b.faults)
            fuse_now(f);
        if (decides_to_inline(f->cx, n, &b))
            inline_everywhere(f, n, &b);
        else if (b.weight == LOOPS)
            fuse_put_rows(f->cx, n);
    }
}

static void see_stream(void *user, IrNode *n) { *(bool *)user |= n->op == OP_reduce && n->stream; }

bool pass_fuse(PassCx *cx, IrFn *fn)
{
    Fuse f = { .cx = cx, .later = map_new(cx->arena) };
    ir_walk(fn->body, see_stream, &f.streams);
    fuse_rows_apart(cx, fn->body);
    visit(&f, fn->body);
    fuse_now(&f);
    return true;
}
