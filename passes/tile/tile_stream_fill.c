/* tile_stream_fill.c - values of a block that lie in scratch: which, where, and the loops that compute them.
 *
 * Stored is what is dear and is read by several members or by sums with columns: scores, weights. Where nobody reads a value any more
 * when another is made, both have one place. Contractions take several rows at once, from operands that are packed for all rows of a
 * tile where these are many, and are transposed in registers where they are few.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

/* ---- values that are stored for a block ------------------------------------------------------------------------- */

static bool is_dear(Stream *s, Map *dear, IrNode *n)
{
    bool own = n->nregions || n->op == OP_running || (n->op >= OP_exp && n->op <= OP_sigmoid && n->op != OP_sqrt) || n->op == OP_pow || n->op == OP_random_bits;
    for (int i = 0; i < n->nin && !own; i++)
        own = n->in[i]->parent == n->parent && !map_find(&s->stored, n->in[i]) && map_find(dear, n->in[i]);
    return own;
}

static bool guard_needs(Stream *s, IrNode *guard, const IrNode *of);

/* A truth or a count that is made of the value, which is no tensor of a block itself (`z[t, v] > z[t, y[t]]`). */
static bool is_asked(Stream *s, const Member *m, const IrNode *n) { return !dtype_is_float(m->value->type.dtype) && guard_needs(s, m->value, n); }

/* Is the value read by a later stage, by a sum with columns, or by a reduction itself? */
static bool is_crossing(Stream *s, IrNode *n)
{
    Cascade *c = &s->c;
    if (n->op == OP_running || (n->nregions && stream_needs_run(s, n)))
        return true;
    for (int i = 0; i < c->n; i++)
        if (stream_takes(&c->m[i], n) || (c->m[i].guard && guard_needs(s, c->m[i].guard, n)) || is_asked(s, &c->m[i], n))
            return true;
    for (IrUse *u = n->uses; u; u = u->next) {
        IrNode *top = pass_ancestor_in(u->user, n->parent);
        if (top && (cascade_stage(c, top) > cascade_stage(c, n) || (c->column && pass_depends_on(c->cx, top, c->column))))
            return true;
    }
    return false;
}

/* ---- who takes whose place ------------------------------------------------------------------------------------------- */

/* A block's work in order: what stage k stores at 2k, member k's part at 2k + 1, sums with columns at the end. */
typedef struct Last { Stream *s; const IrNode *but; Map seen; int time; } Last;

static void last_read(Last *q, const IrNode *x)
{
    Cascade *c = &q->s->c;
    if (map_find(&q->seen, x))
        return;
    map_put(&q->seen, x, q);
    int end = 2 * c->n + 1, time = x == c->guard ? end : -1;
    for (int i = 0; i < c->n; i++)
        if (c->m[i].value == x || c->m[i].guard == x || stream_takes(&c->m[i], x))
            time = c->m[i].column ? end : time < 2 * i + 1 ? 2 * i + 1 : time;
    q->time = time > q->time ? time : q->time;
    for (IrUse *u = x->uses; u; u = u->next) {
        IrNode *top = pass_ancestor_in(u->user, x->parent);
        if (!top || top == q->but)
            continue;
        if (!map_find(&q->s->stored, top))
            last_read(q, top);
        else if (q->time < 2 * cascade_stage(c, top))
            q->time = 2 * cascade_stage(c, top);
    }
}

/* The scratch of a value that nobody reads any more when n is made, place by place; NULL: there is none. */
static IrNode *place_of_dead(Stream *s, IrNode *n, IrNode *const *all, int count, bool *taken)
{
    for (int i = 0; i < count; i++) {
        Last q = { s, n, map_new(s->c.cx->arena), -1 };
        if (taken[i] || all[i]->type.dtype != n->type.dtype)
            continue;
        last_read(&q, all[i]);
        if (q.time < 2 * cascade_stage(&s->c, n)) {
            taken[i] = true;
            return map_find(&s->stored, all[i]);
        }
    }
    return NULL;
}

/* ---- what divides along the axis ------------------------------------------------------------------------------------ */

static bool divides(Dim d)
{
    const DimTerm *terms;
    int n = dim_terms(d, &terms);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < terms[i].nfactors; k++) {
            const DimAtom *a = terms[i].factors[k].atom;
            int64_t c;
            if ((a->kind == DA_FLOORDIV || a->kind == DA_MOD) && !dim_is_const(a->b, &c))
                return true;
        }
    return false;
}

static bool differs_by_row(Cascade *c, const IrNode *n);

/* j % step, where the step is no constant. */
static bool is_quotient(const IrNode *n)
{
    return (n->op == OP_mod || n->op == OP_floordiv) && n->type.dtype == DT_i64 && n->in[1]->op != OP_const;
}

/* Quotients in branches (of a guard) stand before them, where they need nothing of the branch and cannot fault. */
static void lift_quotients(Stream *s, IrNode *top, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        bool free = is_quotient(n) && pass_is_total(s->c.cx, n);
        next = n->next;
        for (int i = 0; i < n->nin && free; i++)
            free = n->in[i] == s->c.j || !ir_inside(n->in[i], s->c.host->regions[0]);
        for (int k = 0; k < n->nregions && n->op == OP_if; k++)
            lift_quotients(s, top, n->regions[k]);
        if (free)
            ir_move_before(n, top);
    }
}

/* x[j, h], the same for all rows: what lanes would read lies a row apart. */
static bool lies_apart(Stream *s, IrNode *n)
{
    if (n->op != OP_load || !pass_is_total(s->c.cx, n))
        return false;
    for (int i = 1; i < n->nin; i++)
        if (n->in[i] == s->c.j)
            return i < n->nin - 1;
    return false;
}

/* Lanes have no division: row and column of a place (p // X, p % X) are kept for a block. So is what they would gather. */
static void find_placed(Stream *s)
{
    Cascade *c = &s->c;
    for (IrNode *n = c->host->regions[0]->first; n; n = n->next)
        for (int k = 0; k < n->nregions && n->op == OP_if; k++)
            lift_quotients(s, n, n->regions[k]);
    for (IrNode *n = c->host->regions[0]->first; n; n = n->next) {
        bool slow = (n->op == OP_dim && divides(n->dim)) || (is_quotient(n) && pass_is_total(c->cx, n));
        bool again = (c->column && pass_depends_on(c->cx, n, c->column)) || (c->mix && pass_depends_on(c->cx, n, c->mix));
        if ((slow || lies_apart(s, n)) && cascade_varies(c, n) && !differs_by_row(c, n) && !again)
            map_put(&s->placed, n, stream_scratch(s, n->type.dtype, 1, dim_const(DIMS(s), STREAM_BLOCK), NULL));
    }
}

void stream_fill_places(Stream *s)
{
    for (IrNode *n = s->c.host->regions[0]->first; n; n = n->next) {
        IrNode *buffer = map_find(&s->placed, n);
        if (!buffer)
            continue;
        s->defining = n;
        stream_open_places(s, 1);
        IrNode *in[] = { buffer, stream_emit(s, n), s->place };
        ir_add(&stream_top(s)->b, OP_store, ir_scalar(DT_none), 3, in);
        stream_close(s);
        s->defining = NULL;
        s->place = NULL;
    }
}

/* ---- what the guard reads ------------------------------------------------------------------------------------------ */

static bool reads(const Stream *s, const IrNode *n, const IrNode *of, Map *seen);

static bool region_reads(const Stream *s, const IrRegion *r, const IrNode *of, Map *seen)
{
    for (const IrNode *n = r->first; n; n = n->next)
        if (reads(s, n, of, seen))
            return true;
    return false;
}

/* Does n need `of`, or (NULL) any value that is stored for a block? */
static bool reads(const Stream *s, const IrNode *n, const IrNode *of, Map *seen)
{
    if (!ir_inside(n, s->c.host->regions[0]) || map_find(seen, n))
        return false;
    map_put(seen, n, (void *)(uintptr_t)n);
    if (of ? n == of : map_find(&s->stored, n) != NULL)
        return true;
    for (int i = 0; i < n->nin; i++)
        if (reads(s, n->in[i], of, seen))
            return true;
    for (int i = 0; i < n->nregions; i++)
        if (region_reads(s, n->regions[i], of, seen))
            return true;
    return false;
}

static bool guard_needs(Stream *s, IrNode *guard, const IrNode *of)
{
    Map seen = map_new(s->c.cx->arena);
    return reads(s, guard, of, &seen);
}

static bool guard_reads(Stream *s, const IrNode *of)
{
    Map seen = map_new(s->c.cx->arena);
    return s->c.guard && reads(s, s->c.guard, of, &seen);
}

bool stream_guard_waits(Stream *s) { return guard_reads(s, NULL) && !stream_keeps_guard(s); }

/* Asked before anything is stored. */
bool stream_guard_is_ready(Stream *s)
{
    Map dear = map_new(s->c.cx->arena);
    for (IrNode *n = s->c.guard ? s->c.host->regions[0]->first : NULL; n; n = n->next) {
        if (!is_dear(s, &dear, n))
            continue;
        map_put(&dear, n, n);
        if (dtype_is_float(n->type.dtype) && guard_reads(s, n))
            return false;
    }
    return true;
}

static bool needs_guard(Stream *s, IrNode *n);

/* A guard that is dear is asked once for each pair of a block, in lanes, and not by each member: a byte a pair. */
static void find_kept_guard(Stream *s)
{
    Cascade *c = &s->c;
    Map dear = map_new(c->cx->arena);
    for (IrNode *n = c->guard && !c->exact ? c->host->regions[0]->first : NULL; n; n = n->next)
        if (is_dear(s, &dear, n))
            map_put(&dear, n, n);
    if (map_find(&dear, c->guard) && cascade_varies(c, c->guard) && !cascade_stage(c, c->guard) && !needs_guard(s, c->guard))
        map_put(&s->stored, c->guard, stream_scratch(s, DT_bool, 2, stream_rows(s), dim_const(DIMS(s), STREAM_BLOCK)));
}

/* What it computes and others read, too. */
static bool is_beside_guard(Stream *s, const IrNode *n) { return stream_keeps_guard(s) && n->nregions && n->uses && n->uses->next && guard_reads(s, n); }

enum { STORED_MOST = 32 };

void stream_find_stored(Stream *s)
{
    Cascade *c = &s->c;
    IrNode *all[STORED_MOST];
    bool taken[STORED_MOST] = { false };
    int count = 0;
    Map dear = map_new(c->cx->arena);
    find_placed(s);
    find_kept_guard(s);
    for (IrNode *n = c->host->regions[0]->first; n; n = n->next) {
        if (!is_dear(s, &dear, n))
            continue;
        map_put(&dear, n, n);
        bool real = dtype_is_float(n->type.dtype);
        if (!real || !cascade_varies(c, n) || (c->column && pass_depends_on(c->cx, n, c->column)) || count == STORED_MOST || !(is_crossing(s, n) || is_beside_guard(s, n)))
            continue;
        if (guard_reads(s, n) && needs_guard(s, n)) /* the guard asks for it before it is known where */
            continue;
        map_put(&s->stored, n, n);
        all[count++] = n;
    }
    for (int i = 0; i < count; i++) {
        IrNode *buffer = place_of_dead(s, all[i], all, i, taken);
        map_put(&s->stored, all[i], buffer ? buffer : stream_scratch(s, all[i]->type.dtype, 2, stream_rows(s), dim_const(DIMS(s), STREAM_BLOCK)));
    }
}

typedef struct Total { Stream *s; bool total; } Total;

static void see_total(Total *q, IrNode *n)
{
    if ((n->parent != q->s->c.host->regions[0] && n->parent != q->s->home) || (map_find(&q->s->stored, n) && n != q->s->defining) || n == q->s->c.j)
        return;
    q->total = q->total && (stream_is_mixture(q->s, n) || pass_is_total(q->s->c.cx, n)); /* what is mixed is total, or it would not be */
    for (int i = 0; i < stream_operands(q->s, n); i++)
        see_total(q, n->in[i]);
    for (int k = 0; k < n->nregions; k++)
        for (IrNode *x = n->regions[k]->first; x; x = x->next)
            for (int i = 0; i < x->nin; i++)
                see_total(q, x->in[i]);
}

static bool is_packable(Stream *s, IrNode *n);

/* A sum that is no product, with operands that rows share: its accumulators are 16 for each element. */
static bool is_wide_sum(Stream *s, const IrNode *n)
{
    bool found = false;
    for (IrNode *x = stream_is_over_features(n) && n->order != ORDER_contract ? n->regions[0]->first : NULL; x && !found; x = x->next)
        found = is_packable(s, x) || stream_is_turned(s, x);
    return found;
}

/* Does anything contract in it, with operands that rows share? */
static bool contracts(Stream *s, const IrNode *n)
{
    return n->op == OP_reduce && (n->order == ORDER_contract || is_wide_sum(s, n));
}

static bool cone_contracts(Stream *s, IrNode *n);

/* A choice (a mask by a large number, dropout of weights that have a guard) may take it from outside, in a choice within it, too. */
static bool choice_contracts(Stream *s, const IrNode *n)
{
    for (int k = 0; k < n->nregions && n->op == OP_if; k++)
        for (IrNode *x = n->regions[k]->first; x; x = x->next) {
            for (int i = 0; i < x->nin; i++)
                if (cone_contracts(s, x->in[i]))
                    return true;
            if (choice_contracts(s, x))
                return true;
        }
    return false;
}

static bool cone_contracts(Stream *s, IrNode *n)
{
    if ((n->parent != s->c.host->regions[0] && n->parent != s->home) || (map_find(&s->stored, n) && n != s->defining))
        return false;
    if (contracts(s, n))
        return true;
    for (int i = 0; i < stream_operands(s, n); i++)
        if (cone_contracts(s, n->in[i]))
            return true;
    return choice_contracts(s, n);
}

static void open_guard(Stream *s)
{
    Level *l = stream_top(s);
    IrNode *choice = ir_add1(&l->b, OP_if, ir_scalar(DT_none), stream_emit(s, s->c.guard));
    IrBuilder in = { s->t->fn, ir_region_new(s->t->fn, choice), NULL, s->c.map->span };
    IrBuilder no = { s->t->fn, ir_region_new(s->t->fn, choice), NULL, s->c.map->span };
    ir_yield(&no, 0, NULL);
    l->b = in;
}


/* Earlier members as the block knows them: a maximum over nothing counts as 0, so that no infinity is taken from another. */
void stream_bind_block(Stream *s)
{
    for (int i = 0; i < s->c.n; i++)
        if (s->safe[i] && s->filled[i])
            stream_bind(s, s->c.m[i].reduce, stream_as(&stream_top(s)->b, stream_at(s, s->safe[i], NULL), s->c.m[i].reduce->type.dtype));
}

/* ---- operands that rows share, packed ------------------------------------------------------------------------------- */

typedef struct Pack { IrNode *load, *packed, *buffer; } Pack;

static bool differs_by_row(Cascade *c, const IrNode *n)
{
    return (c->row && pass_depends_on(c->cx, n, c->row)) || (c->head && pass_depends_on(c->cx, n, c->head));
}

/* d is a subscript, or counts once in one (`h * K + d`). */
static bool reads_along(Stream *s, const IrNode *load, const IrNode *d)
{
    DimCx *dims = s->c.cx->module->dims;
    for (int i = 1; i < load->nin; i++) {
        IrNode *sub = load->in[i];
        if (sub == d)
            return true;
        Dim of = sub->parent == load->parent && d->sym ? pass_dim_through(s->c.cx, sub) : NULL;
        if (of && dim_mentions(of, d->sym) && !dim_mentions(dim_sub(dims, of, dim_sym(dims, d->sym)), d->sym))
            return stream_is_total_cone(s, sub);
    }
    return false;
}

/* x[.., j, .., d] in a contraction over d, the same for each row of the tile: its lanes would lie a row apart. Or x[.., d, .., j], of which what is read
 * one after the other lies a row apart, mostly in few sets of a cache. */
static bool is_packable(Stream *s, IrNode *n)
{
    Cascade *c = &s->c;
    if (n->op != OP_load || n->nin < 3 || !cascade_varies(c, n) || differs_by_row(c, n))
        return false;
    IrRegion *r = n->parent;
    IrNode *x = r->params.n == 1 ? r->params.p[0] : NULL;
    bool whole = x && pass_is_whole(x) && reads_along(s, n, x);
    const IrRegion *around = r->owner->parent;
    IrNode probe = { .op = OP_dim, .type = ir_scalar(DT_i64), .dim = x ? x->dim : NULL };
    return whole && (around == c->host->regions[0] || around == s->home) && stream_is_over_features(r->owner) && !cascade_varies(c, &probe) &&
           !differs_by_row(c, &probe) && pass_is_total(c->cx, n);
}

static void find_packs(Stream *s, IrNode *n, Pack *packs, int *count);

static void find_packs_of_choice(Stream *s, const IrNode *n, Pack *packs, int *count)
{
    for (int k = 0; k < n->nregions && n->op == OP_if; k++)
        for (IrNode *x = n->regions[k]->first; x; x = x->next) {
            for (int i = 0; i < x->nin; i++)
                find_packs(s, x->in[i], packs, count);
            find_packs_of_choice(s, x, packs, count);
        }
}

static void find_packs(Stream *s, IrNode *n, Pack *packs, int *count)
{
    if ((n->parent != s->c.host->regions[0] && n->parent != s->home) || (map_find(&s->stored, n) && n != s->defining))
        return;
    for (IrNode *x = n->nregions && stream_is_over_features(n) ? n->regions[0]->first : NULL; x; x = x->next)
        if (*count < FACTORS_MOST && (is_packable(s, x) || stream_is_turned(s, x)))
            packs[(*count)++] = (Pack){ .load = x };
    for (int i = 0; i < stream_operands(s, n); i++)
        find_packs(s, n->in[i], packs, count);
    find_packs_of_choice(s, n, packs, count);
}

/* Subscripts of packed[place // 16 % panels of a strip, d, place % 16]. */
static void panel_of(IrBuilder *b, IrNode *place, IrNode *d, IrNode **out)
{
    IrType t = ir_scalar(DT_i64);
    IrNode *panel = ir_add2(b, OP_floordiv, t, place, ir_int(b, STREAM_PANEL));
    out[0] = ir_add2(b, OP_mod, t, panel, ir_int(b, STRIP / STREAM_PANEL));
    out[1] = d;
    out[2] = ir_add2(b, OP_mod, t, place, ir_int(b, STREAM_PANEL));
}

/* What a copy of the whole contraction has left of n, and of what it is made of there. */
static void forget(Stream *s, const IrNode *n, const IrRegion *r)
{
    if (n->parent != r || n->op == OP_index)
        return;
    map_put(&s->t->nodes, n, NULL);
    for (int i = 0; i < n->nin; i++)
        forget(s, n->in[i], r);
}

/* packed[.., d, ..] = x[.., j, .., d] for the places of a strip: what one vector reads for d, d + 1, .. lies in one piece. */
static void write_pack(Stream *s, Pack *p)
{
    IrNode *d = p->load->parent->params.p[0], *in[5];
    Dim extent = tile_dim(s->t, d->dim);
    p->buffer = stream_panels(s, p->load->type.dtype, extent);
    stream_open_places(s, 1);
    stream_open(s, d, LOOP_seq, 0, NULL, extent);
    in[0] = p->buffer;
    forget(s, p->load, p->load->parent);
    in[1] = stream_emit(s, p->load);
    panel_of(&stream_top(s)->b, s->place, map_find(&s->t->nodes, d), in + 2);
    ir_add(&stream_top(s)->b, OP_store, ir_scalar(DT_none), 5, in);
    stream_close(s);
    IrBuilder b = { p->load->parent->fn, p->load->parent, p->load, p->load->span };
    map_put(&s->t->nodes, p->buffer, p->buffer);
    panel_of(&b, s->here, d, in);
    p->packed = ir_load(&b, p->buffer, 3, in);
}

/* Outside of the guard nobody reads the value: it is computed there too, where that cannot fault. */
static bool needs_guard(Stream *s, IrNode *n)
{
    s->defining = n;
    Total q = { s, true };
    see_total(&q, n);
    s->defining = NULL;
    return s->c.guard && !q.total;
}

/* In the rows that are open: a loop over places. */
static void fill_here(Stream *s, IrNode *n, int factor, bool guarded)
{
    s->defining = n;
    stream_open_places(s, factor);
    if (guarded)
        open_guard(s);
    IrNode *v = stream_emit(s, n);
    stream_put(s, map_find(&s->stored, n), s->place, v);
    if (guarded)
        ir_yield(&stream_top(s)->b, 0, NULL);
    s->defining = NULL;
    stream_pop(s);
}

/* x[.., j, .., d] in a contraction over d, another one for each row: no two rows share the transposition in registers that reads it where it lies
 * (be_transpose.c), and a row alone has the registers for a whole one. What a packed load stands for has no uses for the while. */
static bool is_own(Stream *s, const IrNode *n)
{
    const IrRegion *r = n->parent;
    return n->op == OP_load && n->uses && n->nin > 2 && r->params.n == 1 && n->in[n->nin - 1] == r->params.p[0] && cascade_varies(&s->c, n) &&
           (!stream_has_rows(s) || differs_by_row(&s->c, n));
}

static bool has_own(Stream *s, const IrNode *n)
{
    if ((n->parent != s->c.host->regions[0] && n->parent != s->home) || (map_find(&s->stored, n) && n != s->defining))
        return false;
    for (const IrNode *x = n->nregions && stream_is_over_features(n) ? n->regions[0]->first : NULL; x; x = x->next)
        if (is_own(s, x))
            return true;
    for (int i = 0; i < stream_operands(s, n); i++)
        if (has_own(s, n->in[i]))
            return true;
    return false;
}

static bool has_wide_sum(Stream *s, const IrNode *n)
{
    if ((n->parent != s->c.host->regions[0] && n->parent != s->home) || (map_find(&s->stored, n) && n != s->defining))
        return false;
    bool found = is_wide_sum(s, n);
    for (int i = 0; i < stream_operands(s, n) && !found; i++)
        found = has_wide_sum(s, n->in[i]);
    return found;
}

typedef enum FillRows { ALL_ROWS, WHOLE_ROWS, REST_ROWS } FillRows;

/* wide: sums with 16 accumulators for each element. One row alone has them all in registers, four read what they share four times. */
static void fill(Stream *s, IrNode *n, FillRows rows, bool guarded, bool wide)
{
    s->defining = n;
    bool own = has_own(s, n), one = own || (wide && rows != WHOLE_ROWS);
    s->defining = NULL;
    if (rows == ALL_ROWS)
        stream_open_rows(s, one ? 1 : ROWS_AT_ONCE);
    else if (rows == WHOLE_ROWS)
        stream_open_whole_rows(s, PACKED_ROWS, one ? 1 : wide ? ROWS_AT_ONCE : 0);
    else
        stream_open_rest_rows(s, stream_packed_rows(s), PACKED_ROWS, one ? 1 : ROWS_AT_ONCE);
    stream_bind_block(s);
    fill_here(s, n, one || wide || rows == REST_ROWS ? 1 : VECTORS, guarded); /* operands that are transposed in registers leave room for less */
    stream_close(s);
}

IrBuilder stream_open_branch(Stream *s, IrNode *choice)
{
    IrBuilder outer = s->at;
    s->at = (IrBuilder){ s->t->fn, ir_region_new(s->t->fn, choice), NULL, s->c.map->span };
    return outer;
}

void stream_close_branch(Stream *s, IrBuilder outer)
{
    ir_yield(&s->at, 0, NULL);
    s->at = outer;
}

/* Strips of the block, as far as any row goes. */
static IrBuilder open_strips(Stream *s)
{
    DimCx *d = DIMS(s);
    Dim most = dim_const(d, stream_span(s)), end = dim_max(d, dim_const(d, 0), dim_min(d, most, stream_places_end(s)));
    IrBuilder *b = &s->at, outer;
    Dim from = stream_places_begin(s), to;
    if (s->skew)
        stream_skew_range(s, end, &from, &to);
    Dim first = dim_floordiv(d, from, dim_const(d, STRIP));
    IrNode *f = ir_add2(b, OP_for, ir_scalar(DT_none), ir_dim_value(b, first), ir_dim_value(b, tile_ceil_div(d, end, STRIP)));
    outer = stream_open_branch(s, f);
    s->strip = ir_index_new(s->at.region, name_of(s->t->cx->module->names, "strip"), NULL, dim_const(d, stream_span(s) / STRIP), s->c.map->span);
    return outer;
}

/* A contraction has loops of its own, over several rows at once: from packed operands as many rows as make whole blocks, the others
 * from where the operands lie. The bits are the same either way. */
static void fill_contracted(Stream *s, IrNode *n)
{
    Pack packs[FACTORS_MOST];
    int count = 0;
    bool guarded = needs_guard(s, n);
    s->defining = n;
    bool wide = has_wide_sum(s, n);
    if (stream_has_rows(s))
        find_packs(s, n, packs, &count);
    s->defining = NULL;
    if (!count || s->direct) {
        fill(s, n, count ? REST_ROWS : ALL_ROWS, guarded, wide);
        return;
    }
    IrBuilder *b = &s->at;
    IrNode *many = ir_add2(b, OP_le, ir_scalar(DT_bool), ir_int(b, PACKED_ROWS), ir_dim_value(b, stream_row_extent(s)));
    IrNode *choice = ir_add1(b, OP_if, ir_scalar(DT_none), many);
    IrBuilder outer = stream_open_branch(s, choice), around = open_strips(s);
    for (int i = 0; i < count; i++) {
        s->defining = n;
        if (stream_lies_in_panels(s, packs[i].load))
            continue;
        if (stream_is_turned(s, packs[i].load))
            packs[i].packed = stream_turned(s, packs[i].load);
        else
            write_pack(s, &packs[i]);
        ir_replace(packs[i].load, packs[i].packed);
    }
    fill(s, n, WHOLE_ROWS, guarded, wide);
    s->strip = NULL;
    stream_close_branch(s, around);
    stream_close_branch(s, outer);
    stream_close_branch(s, stream_open_branch(s, choice)); /* nothing else */
    for (int i = 0; i < count; i++) {
        if (!packs[i].packed)
            continue;
        ir_replace(packs[i].packed, packs[i].load);
        ir_drop(packs[i].packed);
    }
    fill(s, n, REST_ROWS, guarded, wide);
}

void stream_fill_contracted(Stream *s, IrNode *n)
{
    IrNode *holds = stream_choices_hold(s, n), *choice = holds ? ir_add1(&s->at, OP_if, ir_scalar(DT_none), holds) : NULL;
    if (!choice) {
        fill_contracted(s, n);
        return;
    }
    IrBuilder outer = stream_open_branch(s, choice);
    s->decided = true;
    fill_contracted(s, n);
    s->decided = false;
    stream_close_branch(s, outer);
    outer = stream_open_branch(s, choice);
    if (stream_chooses_sums(s, n))
        fill_contracted(s, n);
    else
        fill(s, n, ALL_ROWS, needs_guard(s, n), true);
    stream_close_branch(s, outer);
}

/* ---- rows of a block --------------------------------------------------------------------------------------------- */

void stream_open_row(Stream *s)
{
    if (s->nlevels)
        return;
    stream_open_rows(s, stream_asks(s) ? 1 : SMALL_ROWS);
    stream_bind_block(s);
}

void stream_close_row(Stream *s)
{
    if (s->nlevels)
        stream_close(s);
}

/* Before all else: a guard that is kept, and what it reads. */
static int stage_of(Stream *s, IrNode *n) { return stream_keeps_guard(s) && (n == s->c.guard || guard_reads(s, n)) ? GUARD_STAGE : cascade_stage(&s->c, n); }

void stream_fill_stage(Stream *s, int stage)
{
    for (IrNode *n = s->c.host->regions[0]->first; n; n = n->next) {
        if (!map_find(&s->stored, n) || stage_of(s, n) != stage)
            continue;
        s->defining = n;
        bool contracts = cone_contracts(s, n) || stream_has_choice(s, n);
        s->defining = NULL;
        if (n->op == OP_running) {
            stream_open_row(s);
            stream_fill_run(s, n);
        } else if (contracts) {
            stream_close_row(s);
            stream_fill_contracted(s, n);
        } else {
            stream_open_row(s);
            fill_here(s, n, 1, needs_guard(s, n));
        }
    }
}
