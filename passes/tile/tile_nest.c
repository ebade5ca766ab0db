/* tile_nest.c - which axis of a map runs in vectors, which in register blocks, and how much one parallel task takes.
 *
 * Lanes run over the last axis, whose elements lie side by side in the result, unless a reduction over lanes of its own needs that
 * place or the body has loops whose number of turns may differ between lanes. A reduction of columns (each place reads the lanes side by side) leaves
 * the lanes to them. Rows are an axis along which a contraction reads the
 * same vectors again (the rows of x in x W^T). None of this changes a bit: the order of reductions is fixed by position.
 */
#include "passes/stream_int.h"
#include "passes/stage/stage_int.h"

enum { SHORT = 4 }; /* places of a last axis that fill no vector */
enum { TURNED_LEAST = 4 }; /* places of an index that are read at once */
enum { RESTS = 8 }; /* by a step: of a sum under bounds at both ends so many places are one of each */
enum { COLUMNS = 128, COLUMN_VECTORS = 4, ROW_CHUNK_LANES = 4096 }; /* columns of one grid point, vectors of them at once; lanes of one point */

typedef struct Look { PassCx *cx; IrNode *lane; const IrNode *panels; bool scalar_loop, own_lanes, reduces, columns; int npanels, contracts, elementary; } Look;

typedef struct Column { PassCx *cx; const IrNode *lane; bool found, other; } Column;

static void see_column(void *user, IrNode *n)
{
    Column *c = user;
    if (n->op != OP_load || n->nin < 2)
        return;
    bool beside = n->in[n->nin - 1] == c->lane || stage_panel_axis_from(n, c->lane) >= 0;
    c->found = c->found || beside;
    c->other = c->other || (!beside && pass_depends_on(c->cx, n, c->lane)); /* what all lanes share may lie anywhere */
}

/* Each place of the reduction reads x[.., lane]: lanes beside one another, places far apart. */
static bool reduces_columns(PassCx *cx, const IrNode *reduce, const IrNode *lane)
{
    IrRegion *r = reduce->regions[0];
    Column c = { .cx = cx, .lane = lane };
    if (!r->params.n || reduce->stream)
        return false;
    ir_walk(r, see_column, &c);
    return c.found && !c.other;
}

enum { WINDOW_MOST = 64, WINDOW_ROWS = 4, FEW = 16 }; /* places of windows, rows of a step, which read most of the same; places that are written out */

/* So few places that they are written out, each for all lanes: a pool of 3 x 3, a mean of two halves. */
static bool has_few_places(const IrNode *reduce)
{
    int64_t n, all = 1;
    const IrRegion *r = reduce->regions[0];
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        if (!dim_is_const(x->dim, &n) || n < 1 || n > FEW || x->from || x->to || (all *= n) > FEW)
            return false;
    }
    for (const IrNode *n2 = r->first; n2; n2 = n2->next)
        if (n2->op == OP_reduce || n2->op == OP_floordiv || (n2->op == OP_mod && ir_inside(n2->in[1], r)) || (ir_info(n2)->effects & (FAULTS | PINNED)))
            return false;
    return !reduce->stream && reduce->order != ORDER_contract && r->last->nin == 1 && all > 1;
}

static void look(void *user, IrNode *n)
{
    Look *l = user;
    if (n->op == OP_while || n->op == OP_for)
        l->scalar_loop = true;
    l->elementary += (n->op >= OP_exp && n->op <= OP_sigmoid && n->op != OP_sqrt) || n->op == OP_pow;
    if (n->op == OP_load && ((stage_in_panels(n) && pass_depends_on(l->cx, n->in[n->nin - 1], l->lane)) || stage_is_words(n))) {
        l->panels = n;
        l->npanels++;
    }
    bool varies = n->op == OP_reduce && pass_depends_on(l->cx, n, l->lane);
    if (n->op != OP_reduce || (varies && has_few_places(n)))
        return;
    l->reduces = true;
    if (n->order == ORDER_contract && varies)
        l->contracts++;
    else if (varies && reduces_columns(l->cx, n, l->lane))
        l->columns = true;
    else if (varies)
        l->own_lanes = true;
}

static Look look_at(PassCx *cx, IrNode *map, IrNode *lane)
{
    Look l = { .cx = cx, .lane = lane };
    ir_walk(map->regions[0], look, &l);
    return l;
}

static IrNode *last_axis(IrNode *map)
{
    IrRegion *r = map->regions[0];
    return r->params.n ? vec_last(&r->params) : NULL;
}

typedef struct Beside { PassCx *cx; const IrNode *lane; bool other; } Beside;

static void see_beside(void *user, IrNode *n)
{
    Beside *b = user;
    b->other = b->other || (n->op == OP_load && n->nin > 1 && n->in[n->nin - 1] != b->lane && pass_depends_on(b->cx, n, b->lane));
}

/* A last axis of two to four places (parts of what was split) fills no vector: of a contraction lanes run over the one before it, if that may be longer, and
 * the short one in rows. Where lanes would not be read side by side (rows of a batch, of which there may be few) they stay. */
static IrNode *before_short(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    IrNode *last = last_axis(map), *lane = r->params.n > 1 ? r->params.p[r->params.n - 2] : NULL;
    int64_t n, m;
    if (!lane || pass_guard(r) || !dim_is_const(last->dim, &n) || n < 2 || n > SHORT || (dim_is_const(lane->dim, &m) && m <= 2 * SHORT))
        return NULL;
    Look l = look_at(cx, map, lane);
    Beside b = { cx, lane, false };
    ir_walk(r, see_beside, &b);
    return !b.other && l.contracts && !l.scalar_loop && !l.own_lanes && !l.columns && !l.npanels ? lane : NULL;
}

IrNode *tile_lane_axis(PassCx *cx, IrNode *map)
{
    IrNode *lane = last_axis(map), *longer = lane ? before_short(cx, map) : NULL;
    int64_t n;
    if (!lane || (dim_is_const(lane->dim, &n) && n == 1))
        return NULL;
    if (longer)
        return longer;
    Look l = look_at(cx, map, lane);
    return l.scalar_loop || l.own_lanes ? NULL : lane;
}

/* apart: lanes do not lie side by side; other: neighbours along the row take other places of the sum */
typedef struct Reuse { PassCx *cx; IrNode *lane, *row; bool found, apart, other; } Reuse;

/* In the body of a contraction, perhaps in a branch of it. */
static bool is_contracted(const IrNode *n)
{
    const IrNode *owner = n->parent->owner;
    while (owner && owner->op == OP_if)
        owner = owner->parent->owner;
    return owner && owner->op == OP_reduce && owner->order == ORDER_contract;
}

static bool is_bound(Dim d, const IrNode *row) { return d && row->sym && dim_mentions(d, row->sym); }

static void find_reuse(void *user, IrNode *n)
{
    Reuse *u = user;
    if (n->op == OP_reduce && n->order == ORDER_contract)
        for (int i = 0; i < n->regions[0]->params.n; i++) {
            const IrNode *x = n->regions[0]->params.p[i];
            int64_t few;
            bool rest = dim_is_const(x->dim, &few) && few <= RESTS;
            u->other = u->other || (rest && is_bound(x->from, u->row) && is_bound(x->to, u->row));
        }
    bool costs = n->op == OP_load || pass_is_elementary((IrOp)n->op);
    if (costs && is_contracted(n) && pass_depends_on(u->cx, n, u->lane) && !pass_depends_on(u->cx, n, u->row))
        u->found = true;
    if (n->op == OP_load && is_contracted(n) && pass_depends_on(u->cx, n, u->lane) && n->in[n->nin - 1] != u->lane)
        u->apart = true;
}

/* The innermost axis but the lanes' along which a contraction reads the same vectors, or takes the same elementary functions. */
static IrNode *row_axis(PassCx *cx, IrNode *map, IrNode *lane, bool *apart)
{
    IrRegion *r = map->regions[0];
    int64_t n;
    for (int i = r->params.n - 2; i >= 0; i--) {
        Reuse u = { cx, lane, r->params.p[i], false, false, false };
        if (dim_is_const(u.row->dim, &n) && n == 1 && !cx->options->dots16) /* there, one row must be added as many are */
            continue;
        ir_walk(r, find_reuse, &u);
        *apart = u.apart;
        if (u.found && !u.other)
            return u.row;
    }
    return NULL;
}

/* Does a reduction run along the rows of what the load reads? Its reader then takes a row at a time (merge_points.c). */
static bool reads_row(const IrNode *load, const IrNode *map)
{
    const IrNode *reduce = load->parent->owner, *reader = reduce && reduce->parent ? reduce->parent->owner : NULL;
    if (load->op != OP_load || !reader || reduce->op != OP_reduce || reduce->order == ORDER_contract || reduce->stream || reader->op != OP_map ||
        reader->parent != map->parent || load->nin < 3 || load->in[load->nin - 1] != vec_last(&reduce->regions[0]->params))
        return false;
    for (int i = 1; i < load->nin - 1; i++)
        if (i > reader->regions[0]->params.n || load->in[i] != reader->regions[0]->params.p[i - 1])
            return false;
    return !pass_has_stream(reader) && !pass_guard(reader->regions[0]);
}

static bool is_read_by_rows(const IrNode *map)
{
    bool found = false;
    for (const IrUse *u = map->uses; u && !found; u = u->next)
        found = u->slot == 0 && reads_row(u->user, map);
    return found;
}

/* ---- windows: x[y + i, z + j] for few i and j --------------------------------------------------------------------------- */

typedef struct Window { PassCx *cx; IrNode *row; bool found; } Window;

/* A sum, perhaps one that goes round or is held at an edge. */
static bool moves(const IrNode *s) { return s->op == OP_add || s->op == OP_sub || s->op == OP_mod || s->op == OP_min || s->op == OP_max; }

static void see_window(void *user, IrNode *n)
{
    Window *w = user;
    int64_t extent, all = 1;
    if (n->op != OP_load || !is_contracted(n) || n->parent->owner == NULL)
        return;
    const IrNode *sum = n;
    while (sum->op != OP_reduce)
        sum = sum->parent->owner;
    const IrRegion *r = sum->regions[0];
    for (int i = 0; i < r->params.n; i++)
        all = dim_is_const(r->params.p[i]->dim, &extent) && extent <= WINDOW_MOST && all <= WINDOW_MOST ? all * extent : WINDOW_MOST + 1;
    for (int i = 1; i < n->nin && all <= WINDOW_MOST; i++)
        for (int k = 0; k < r->params.n && moves(n->in[i]); k++)
            w->found = w->found || (pass_depends_on(w->cx, n->in[i], w->row) && pass_depends_on(w->cx, n->in[i], r->params.p[k]));
}

/* An axis along which windows overlap: neighbours of it read the same vectors for other places of the sum. */
static IrNode *window_axis(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    for (int i = r->params.n - 2; i >= 0; i--) {
        Window w = { cx, r->params.p[i], false };
        ir_walk(r, see_window, &w);
        if (w.found)
            return w.row;
    }
    return NULL;
}

typedef struct Sliding { PassCx *cx; const Nest *nest; bool found; } Sliding;

static void see_sliding(void *user, IrNode *n)
{
    Sliding *s = user;
    s->found = s->found || (n->op == OP_reduce && pass_slides(s->cx, n, s->nest->rows, s->nest->lanes));
}

/* A vector that several rows read waits in a register for all of them: one of each row leaves room for it; with 16 registers two of half as many rows do better. */
static void slide_factors(PassCx *cx, IrNode *map, Nest *n)
{
    Sliding s = { cx, n, false };
    bool wide = cx->options->target.registers >= 32;
    ir_walk(map->regions[0], see_sliding, &s);
    if (!s.found)
        return;
    n->row_factor = wide ? 8 : 4;
    n->lane_factor = wide ? 1 : 2;
}

/* ---- pairs: a sum over the row of one tensor and the row of another, which is no product of them (distances) -------------- */

typedef struct Pairs { PassCx *cx; const IrNode *row; bool shared, own; } Pairs;

static void see_pair(void *user, IrNode *n)
{
    Pairs *p = user;
    const IrNode *sum = n->parent->owner;
    if (n->op != OP_load || sum->op != OP_reduce || !pass_depends_on(p->cx, n, vec_last(&sum->regions[0]->params)))
        return;
    bool depends = pass_depends_on(p->cx, n, p->row);
    p->own = p->own || depends;
    p->shared = p->shared || !depends;
}

/* The last axis, where neighbours on it read the same row and nothing but one reduction goes over rows: steps of them share what they read, and their
 * trees over lanes need not wait for one another. */
static IrNode *pairs_axis(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    const IrNode *reduce = NULL;
    if (r->params.n < 2 || pass_guard(r) || pass_has_stream(map))
        return NULL;
    Pairs p = { cx, vec_last(&r->params), false, false };
    for (IrNode *n = r->first; n; n = n->next) {
        if ((n->op == OP_reduce && (reduce || n->regions[0]->params.n != 1 || pass_guard(n->regions[0]))) || n->op == OP_while || n->op == OP_for || (ir_info(n)->effects & (FAULTS | PINNED)))
            return NULL;
        reduce = n->op == OP_reduce ? n : reduce;
    }
    if (!reduce || reduce->order != ORDER_lanes16 || reduce->redop != RED_sum || !dtype_is_float(reduce->type.dtype) || reduce->stream)
        return NULL;
    for (const IrNode *n = reduce->regions[0]->first; n; n = n->next)
        if (n->nregions || (ir_info(n)->effects & (FAULTS | PINNED)) || (n->op >= OP_exp && n->op <= OP_sigmoid && n->op != OP_sqrt))
            return NULL;
    ir_walk(r, see_pair, &p);
    return p.shared && p.own && !is_read_by_rows(map) ? vec_last(&r->params) : NULL;
}

/* ---- what is turned: y[i, j] = x[j, i] ------------------------------------------------------------------------------------ */

/* The index of the map that is the load's last subscript and in none of the others, one of which the lane is in. */
static IrNode *turned_by(PassCx *cx, const IrRegion *r, const IrNode *load, const IrNode *lane)
{
    IrNode *last = load->in[load->nin - 1];
    bool lanes = false;
    if (load->nin < 3 || last->op != OP_index || last->parent != r || last == lane || dtype_bytes(load->type.dtype) < 2)
        return NULL;
    for (int i = 1; i < load->nin - 1; i++) {
        if (pass_depends_on(cx, load->in[i], last))
            return NULL;
        lanes = lanes || pass_depends_on(cx, load->in[i], lane);
    }
    return lanes ? last : NULL;
}

/* Where nothing is reduced or chosen, a vector of lanes is read for as many places of that index at once, from rows that lie side by side. */
static IrNode *turned_axis(PassCx *cx, IrNode *map, const IrNode *lane)
{
    IrRegion *r = map->regions[0];
    IrNode *found = NULL;
    int64_t n;
    if (pass_guard(r) || !pass_is_whole(lane))
        return NULL;
    for (const IrNode *x = r->first; x; x = x->next) {
        if (x->nregions || (ir_info(x)->effects & (FAULTS | PINNED)))
            return NULL;
        IrNode *by = x->op == OP_load ? turned_by(cx, r, x, lane) : NULL;
        found = found ? found : by;
    }
    return found && pass_is_whole(found) && !(dim_is_const(found->dim, &n) && n < TURNED_LEAST) ? found : NULL;
}

/* ---- panels: a reduction along what they cut, 16 places a vector; neighbours on the last axis lie behind one another ------------- */

typedef struct Panels { PassCx *cx; const IrNode *row; bool found, other; } Panels;

static void see_panel(void *user, IrNode *n)
{
    Panels *p = user;
    const IrNode *owner = n->parent->owner;
    if (n->op == OP_while || n->op == OP_for || (n->op == OP_reduce && (n->stream || n->regions[0]->params.n != 1)))
        p->other = true;
    if (n->op != OP_load || !pass_depends_on(p->cx, n, p->row) || !owner || owner->op != OP_reduce)
        return;
    bool along = stage_panel_axis(n, vec_last(&owner->regions[0]->params)) >= 0;
    p->found = p->found || along;
    p->other = p->other || !along;
}

static IrNode *panels_axis(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    if (!r->params.n || pass_guard(r))
        return NULL;
    Panels p = { .cx = cx, .row = vec_last(&r->params) };
    ir_walk(r, see_panel, &p);
    return p.found && !p.other ? vec_last(&r->params) : NULL;
}

/* Accumulators must fit the registers, and what follows them is written out for each. */
static int rows_at_once(const PassCx *cx, const Look *l, bool apart)
{
    if (l->contracts > 1 || l->elementary)
        return 4;
    return cx->options->target.registers >= 32 ? 8 : l->npanels == 1 || !apart ? 6 : 4; /* what is unpacked needs registers, too */
}

int tile_rows_at_once(PassCx *cx, IrNode *map, IrNode *lanes)
{
    Look l = look_at(cx, map, lanes);
    return rows_at_once(cx, &l, true);
}

Nest tile_nest(PassCx *cx, IrNode *map)
{
    Nest n = { .lanes = tile_lane_axis(cx, map), .row_factor = 1, .lane_factor = 1 };
    if (!n.lanes && (n.rows = pairs_axis(cx, map)))
        n.row_factor = PAIR_ROWS;
    else if (!n.lanes && (n.rows = panels_axis(cx, map)))
        n.row_factor = cx->options->target.registers >= 32 ? 8 : 4;
    if (!n.lanes)
        return n;
    Look l = look_at(cx, map, n.lanes);
    bool hoisted = l.reduces && !l.contracts; /* a reduction that all lanes share: once for the whole row */
    n.chunk = l.contracts ? (l.panels ? 128 : 256) : hoisted ? 0 : ROW_CHUNK_LANES; /* of packed weights less: rows may be few, threads share lanes */
    if (n.chunk == ROW_CHUNK_LANES && is_read_by_rows(map))
        n.chunk = 0;
    if (l.columns) {
        n.chunk = COLUMNS;
        n.lane_factor = COLUMN_VECTORS;
    }
    if (!l.contracts) {
        n.turned = l.reduces ? NULL : turned_axis(cx, map, n.lanes);
        return n;
    }
    if (l.contracts == 1 && l.panels && is_contracted(l.panels)) {
        n.panels = l.panels->parent->owner;
        n.panel_bytes = l.npanels == 1 ? dtype_bytes(l.panels->type.dtype) : 1;
    }
    bool apart = false;
    n.rows = row_axis(cx, map, n.lanes, &apart);
    n.lane_factor = 2;
    if (n.rows)
        n.row_factor = rows_at_once(cx, &l, apart);
    else if (l.contracts == 1 && (n.rows = window_axis(cx, map)))
        n.row_factor = WINDOW_ROWS;
    if (n.rows && l.contracts == 1)
        slide_factors(cx, map, &n);
    return n;
}
