/* be_reduce.c - reductions, one place after the other: accumulators for all rows and vectors at once.
 *
 *     chain      for p: acc = acc op x
 *     contract   for each block of 256: acc = +0; for p in it: acc = fma(a, b, acc); total = total + acc
 *     lanes16    the same with 16 accumulators, p % 16, in memory or for a few at a time (where lanes are taken already, be_reduce_memory.c, be_reduce_sets.c; else be_reduce16.c)
 *
 * Positions count from an index's lo over the declared extents, whatever part of them is run. Adding a block's sum where the block has
 * no element changes no bit: total starts at +0, so it is never -0 and total + 0 is total (for products, total * 1).
 */
#include "backend/be_reduce_int.h"

/* ---- elements --------------------------------------------------------------------------------------------------------- */

typedef struct Masked { Cond c; Val *old; } Masked;

/* Code under m: jumped over where m is false everywhere, else masked. */
static Masked masked(Em *em, Val *m, int n, LV *state)
{
    bool uniform = m->nr == 1 && m->nv == 1 && !m->vec;
    Masked k = { .old = em->mask };
    Val *both = uniform ? em->mask : val_and(em, em->mask, m);
    k.c = em_if(em, uniform ? m->v[0] : val_any(em, both), n, state);
    em->mask = both;
    return k;
}

static void end_masked(Em *em, Masked *k, LV *state)
{
    em->mask = k->old;
    em_end_if(em, &k->c, state);
}

static bool is_uniform(const Val *m) { return m->nr == 1 && m->nv == 1 && !m->vec; }

void red_element(Em *em, Red *red, Val *on, int n, LV *state, RedStep *step, void *user)
{
    Masked outer, inner;
    const IrNode *old = em->skip;
    bool idle = red->idle && step == red_update;
    em->skip = red->fused && ir_nuses(red->value) == 1 ? red->value : NULL;
    if (on && !idle)
        outer = masked(em, on, n, state);
    if (red->guard) {
        be_nodes(em, red->r, red->in_guard, true);
        Val *g = be_val(em, red->guard);
        bool one = is_uniform(g);
        if (one || !idle)
            inner = masked(em, g, n, state);
        be_nodes(em, red->r, red->in_guard, false);
        step(em, red, one ? on : val_and(em, on, g), state, user);
        if (one || !idle)
            end_masked(em, &inner, state);
    } else {
        if (red->terms)
            be_terms_write(em, red);
        else
            be_region(em, red->r);
        step(em, red, on, state, user);
    }
    if (on && !idle)
        end_masked(em, &outer, state);
    em->skip = old;
}

static Val *spread(Em *em, Red *red, Val *x) { return val_spread(em, x, red->nr, 1, red->vec); }

Val *red_value(Em *em, Red *red)
{
    Val *x = be_val(em, red->value);
    if (red->op != RED_count)
        return spread(em, red, x);
    Val *y = val_new(em, DT_i64, red->nr, 1, red->vec);
    x = spread(em, red, x);
    for (int i = 0; i < red->k; i++)
        y->v[i] = em_cast(em, LLVMZExt, x->v[i], be_vector(em->be->i64, be_lanes_of(x->v[i])));
    return y;
}

void red_update(Em *em, Red *red, Val *on, LV *state, void *user)
{
    (void)user;
    Val *m = on ? spread(em, red, on) : NULL, *a, *b = NULL;
    if (red->fused) {
        a = spread(em, red, be_val(em, red->value->in[0]));
        b = spread(em, red, be_val(em, red->value->in[1]));
    } else {
        a = red_value(em, red);
    }
    for (int i = 0; i < red->k; i++) {
        LV next = red->fused ? be_fma_fast(em, a->v[i], b->v[i], state[i]) : red_combine(em, red, state[i], a->v[i]);
        state[i] = m ? em_select(em, be_carried_mask(em, m->v[i]), next, state[i]) : next;
    }
}

/* ---- ranges ------------------------------------------------------------------------------------------------------------ */

static LV least(Em *em, LV a, LV b, bool max)
{
    return val_minmax(em, val_scalar(em, DT_i64, a), val_scalar(em, DT_i64, b), max)->v[0];
}

static bool varies(const Val *x) { return x->nr > 1 || x->nv > 1 || val_varies(x); }

Range red_range(Em *em, const Red *red, IrNode *x)
{
    Range g = { .lo = x->lo ? be_dim(em, x->lo) : val_int(em, 0), .p0 = be_int(em->be, 0) };
    Val *extent = be_dim(em, x->dim);
    g.p1 = val_bound(em, extent, true);
    g.extent = varies(extent) ? extent : NULL;
    if (x->to) {
        Val *to = val_sub(em, be_dim(em, x->to), g.lo);
        g.p1 = least(em, g.p1, val_bound(em, to, true), false);
        g.to = varies(to) && !red->guard ? to : NULL;
    }
    if (x->from) {
        Val *from = val_sub(em, be_dim(em, x->from), g.lo);
        g.p0 = least(em, g.p0, val_bound(em, from, false), true);
        g.from = varies(from) && !red->guard ? from : NULL;
    }
    return g;
}

/* Where position p is inside bounds that vary. */
Val *red_in_range(Em *em, const Range *g, Val *p)
{
    Val *in = g->extent ? val_compare(em, LLVMIntSLT, p, g->extent) : NULL;
    if (g->to)
        in = val_and(em, in, val_compare(em, LLVMIntSLT, p, g->to));
    return g->from ? val_and(em, in, val_compare(em, LLVMIntSGE, p, g->from)) : in;
}

/* ---- the nest of loops --------------------------------------------------------------------------------------------------- */

typedef struct Nest {
    Red *red;
    RedStep *step;
    int n;             /* values of the state: accumulators, totals, number of the block */
    LV base;           /* position of the row that the innermost loop runs along; NULL: not needed */
    LV *state;
    bool one_block;    /* at most 256 places: no totals */
    LV place;          /* position of the element, for lanes16 in memory */
} Nest;

static void accumulate(Em *em, Nest *s, LV p, const Range *g, Val *on)
{
    IrRegion *r = s->red->r;
    Val *pos = val_scalar(em, DT_i64, p);
    be_set(em, vec_last(&r->params), val_add(em, g->lo, pos));
    s->place = s->base ? em_bin(em, LLVMAdd, s->base, p) : p;
    on = val_and(em, on, red_in_range(em, g, pos));
    red_element(em, s->red, on, s->n, s->state, s->step, s);
    be_fetch_rows(em, on || s->red->guard ? NULL : r);
}

/* Several turns at a time, for loads that read them at once (be_transpose.c); returns where the rest begins. */
static LV run_turns(Em *em, Nest *s, LV p0, LV p1, int turns, bool panels, const Range *g)
{
    LV whole = be_turns_end(em, p0, p1, turns);
    IrRegion *old = em->turn_region;
    Loop l = em_loop(em, p0, whole, turns, s->n, s->state);
    em->turn_region = s->red->r;
    em->turns_at_once = turns;
    em->turn_panels = panels;
    for (int u = 0; u < turns; u++) {
        em->turn = u;
        accumulate(em, s, em_bin(em, LLVMAdd, l.iv, be_int(em->be, u)), g, NULL);
    }
    em->turn = -1;
    em->turn_region = old;
    em_loop_end(em, &l, s->state);
    return em_select(em, em_icmp(em, LLVMIntSGT, whole, p0), whole, p0);
}

/* ---- runs: what depends on k // c only stands in front of the loop over c turns ------------------------------------------ */

typedef struct Runs { const IrNode *index; int64_t length; } Runs;

static void see_quotient(void *user, IrNode *n)
{
    Runs *u = user;
    int64_t c = n->nin == 2 && n->in[1]->op == OP_const ? n->in[1]->imm : 0;
    bool quotient = (n->op == OP_floordiv || n->op == OP_mod) && n->in[0] == u->index;
    if (quotient && c > 1 && c < BLOCK && be_pow2_of(c) == c && (!u->length || c < u->length))
        u->length = c;
}

/* The least power of two by which the body divides the index; 0: none. */
static int64_t run_length(Em *em, const Nest *s, const Range *g)
{
    int64_t lo;
    Runs u = { vec_last(&s->red->r->params), 0 };
    if (em->run.index || !val_is_const(g->lo, &lo) || lo != 0)
        return 0;
    ir_walk(s->red->r, see_quotient, &u);
    return u.length;
}

Val *be_run_part(Em *em, const IrNode *n)
{
    int64_t length = em->run.length, c;
    bool quotient = (n->op == OP_floordiv || n->op == OP_mod) && em->run.index && n->in[0] == em->run.index;
    if (!quotient || n->in[1]->op != OP_const || (c = n->in[1]->imm) < length || c % length)
        return NULL;
    Val *number = val_scalar(em, DT_i64, em->run.number), *parts = val_int(em, c / length);
    if (n->op == OP_floordiv)
        return val_floordiv(em, number, parts);
    Val *first = val_mul(em, val_mod(em, number, parts), val_int(em, length));
    return val_add(em, first, val_scalar(em, DT_i64, em->run.rest));
}

/* From p0, a multiple of the length, to p1. */
static void run_parts(Em *em, Nest *s, LV p0, LV p1, int64_t length, const Range *g, Val *on, bool sure)
{
    LV c = be_int(em->be, length);
    Loop outer = em_loop_if(em, p0, p1, length, s->n, s->state, sure ? RUNS_surely : RUNS_maybe);
    em->run.index = vec_last(&s->red->r->params);
    em->run.length = length;
    em->run.number = be_floordiv(em, outer.iv, c);
    LV count = least(em, em_bin(em, LLVMSub, p1, outer.iv), c, false);
    Loop inner = em_loop_if(em, be_int(em->be, 0), count, 1, s->n, s->state, RUNS_surely);
    em->run.rest = inner.iv;
    accumulate(em, s, em_bin(em, LLVMAdd, outer.iv, inner.iv), g, on);
    em_loop_end(em, &inner, s->state);
    em->run.index = NULL;
    em_loop_end(em, &outer, s->state);
}

enum { WRITTEN_OUT = 8 }; /* parts as short as this */

/* Short parts are written out: places in them are numbers then, and so are shifts by them. Returns where the rest begins. */
static LV run_short_parts(Em *em, Nest *s, LV p0, LV p1, int64_t length, const Range *g)
{
    LV n = em_bin(em, LLVMSub, p1, p0), whole = em_bin(em, LLVMAdd, p0, em_bin(em, LLVMAnd, n, be_int(em->be, -length)));
    Loop l = em_loop(em, p0, whole, length, s->n, s->state);
    em->run.index = vec_last(&s->red->r->params);
    em->run.length = length;
    em->run.number = be_floordiv(em, l.iv, be_int(em->be, length));
    for (int64_t i = 0; i < length; i++) {
        em->run.rest = be_int(em->be, i);
        accumulate(em, s, em_bin(em, LLVMAdd, l.iv, em->run.rest), g, NULL);
    }
    em->run.index = NULL;
    em_loop_end(em, &l, s->state);
    return em_select(em, em_icmp(em, LLVMIntSGT, whole, p0), whole, p0);
}

enum { UNROLL = 4, UNROLL_ROWS = 6, UNROLL_SUMS = 12 }; /* places at once of a product with so many rows and sums in registers */

static void see_scratch(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || (n->op == OP_load && be_root(n->in[0])->place == PLACE_scratch);
}

/* Sums that fill the registers. What a stream copies for a block has the features of a head: a short sum, which gains nothing. */
static bool wants_unrolled(const Red *red)
{
    int64_t c;
    bool copied = false;
    if (!red->fused || red->nr < UNROLL_ROWS || red->k < UNROLL_SUMS)
        return false;
    ir_walk(red->r, see_scratch, &copied);
    return !copied || dim_is_const(vec_last(&red->r->params)->dim, &c);
}

/* Where two multiply-adds are done in a cycle, a loop's own steps (counting, addresses) take their turns: several places a turn, whose addresses
 * lie constants apart. Returns where the rest begins. */
static LV run_unrolled(Em *em, Nest *s, LV p0, LV p1, const Range *g)
{
    LV n = em_bin(em, LLVMSub, p1, p0), whole = em_bin(em, LLVMAdd, p0, em_bin(em, LLVMAnd, n, be_int(em->be, -UNROLL)));
    Loop l = em_loop(em, p0, whole, UNROLL, s->n, s->state);
    for (int u = 0; u < UNROLL; u++) {
        if (u)
            em_cut(em); /* loads of all of them at once would not fit the registers */
        accumulate(em, s, em_bin(em, LLVMAdd, l.iv, be_int(em->be, u)), g, NULL);
    }
    em_loop_end(em, &l, s->state);
    return em_select(em, em_icmp(em, LLVMIntSGT, whole, p0), whole, p0);
}

/* Few places of a sum over neighbours: their numbers are known, and nothing is decided before they run. */
static bool run_written_out(Em *em, Nest *s, LV p0, LV p1, const Range *g)
{
    int64_t lo, hi;
    bool old = em->written_out;
    if (s->red->window == WINDOW_none || (s->red->blocked && !s->one_block) || !be_const_value(p0, &lo) || !be_const_value(p1, &hi))
        return false;
    em->written_out = true;
    for (int64_t p = lo; p < hi; p++)
        accumulate(em, s, be_int(em->be, p), g, NULL);
    em->written_out = old;
    return true;
}

/* Up to the next multiple of 16, where turns of panels may begin, or p1 if that comes first. */
static LV run_to_panel(Em *em, Nest *s, LV p0, LV p1, const Range *g)
{
    LV up = em_bin(em, LLVMAnd, em_bin(em, LLVMAdd, p0, be_int(em->be, LANES16 - 1)), be_int(em->be, -LANES16)), end = least(em, up, p1, false);
    Loop l = em_loop_if(em, p0, end, 1, s->n, s->state, RUNS_seldom);
    accumulate(em, s, l.iv, g, NULL);
    em_loop_end(em, &l, s->state);
    return end;
}

/* sure: p0 < p1 is known, and p0 is a multiple of 256 */
static void run_places(Em *em, Nest *s, LV p0, LV p1, const Range *g, Val *on, bool sure)
{
    bool plain = !on && !s->red->guard && !g->extent && !g->from && !g->to && em->turn < 0;
    const char *pairs = plain ? red_pair_instruction(em, s->red) : NULL;
    int64_t c, length = 0;
    bool zero = val_is_const(g->lo, &c) && c == 0, fours = zero && be_const_value(p0, &c) && c % 4 == 0, panels = zero && (sure || (fours && c % BLOCK == 0));
    bool align = plain && zero && !panels && s->red->blocked && be_takes_panels(em, s->red->r) && be_wants_turns(em, s->red->r, true);
    if (align)
        p0 = run_to_panel(em, s, p0, p1, g);
    panels = panels || align;
    int turns = plain && s->red->blocked ? be_wants_turns(em, s->red->r, panels) : 0;
    const char *quads = plain && fours ? red_quad_instruction(em, s->red) : NULL;
    if (plain && run_written_out(em, s, p0, p1, g))
        return;
    if (turns)
        p0 = run_turns(em, s, p0, p1, turns, panels, g);
    else if (quads)
        p0 = red_quads(em, s->red, s->n, s->state, p0, p1, g, quads);
    else if (pairs)
        p0 = red_pairs(em, s->red, s->n, s->state, p0, p1, g, pairs);
    else if (sure || (be_const_value(p0, &c) && c % BLOCK == 0))
        length = run_length(em, s, g);
    bool brief = length && length <= WRITTEN_OUT && plain, unrolled = plain && !turns && !pairs && !quads && !length && wants_unrolled(s->red);
    if (unrolled)
        p0 = run_unrolled(em, s, p0, p1, g);
    if (brief) {
        p0 = run_short_parts(em, s, p0, p1, length, g);
    } else if (length) {
        run_parts(em, s, p0, p1, length, g, on, sure);
        return;
    }
    Loop l = em_loop_if(em, p0, p1, 1, s->n, s->state, turns || pairs || brief || unrolled ? RUNS_seldom : sure ? RUNS_surely : RUNS_maybe);
    accumulate(em, s, l.iv, g, on);
    em_loop_end(em, &l, s->state);
}

/* Places that all rows and lanes have need no mask; those before and after it take one. sure: p0 < p1 is known. */
static void run(Em *em, Nest *s, LV p0, LV p1, const Range *g, Val *on, bool sure)
{
    if (!g->from && !g->to) {
        run_places(em, s, p0, p1, g, on, sure);
        return;
    }
    Range all = *g;
    LV first = p0, end = p1;
    if (g->from) {
        first = least(em, least(em, val_bound(em, g->from, true), p0, true), p1, false);
        run_places(em, s, p0, first, g, on, false);
    }
    if (g->to)
        end = least(em, least(em, val_bound(em, g->to, false), p1, false), first, true);
    all.from = all.to = NULL;
    run_places(em, s, first, end, &all, on, false);
    if (g->to)
        run_places(em, s, end, p1, g, on, false);
}

static void update_memory(Em *em, Red *red, Val *on, LV *state, void *user)
{
    const Nest *s = user;
    (void)state;
    red_memory_update(em, red, on, s->place);
}

/* The block that was running ends: its sum goes to the total. State: accumulators (none in memory), totals, block. */
static void flush(Em *em, Red *red, LV *state)
{
    LV *total = red->memory ? state : state + red->k;
    for (int i = 0; i < red->k; i++) {
        LV sum = red->memory ? red_memory_sum(em, red, i) : state[i];
        total[i] = red_combine(em, red, total[i], sum);
        if (!red->memory)
            state[i] = red->identity;
    }
    if (red->memory)
        red_memory_clear(em, red);
}

static void block_changes(Em *em, Nest *s, LV block)
{
    LV *current = &s->state[s->n - 1];
    Cond c = em_if(em, em_icmp(em, LLVMIntNE, *current, block), s->n, s->state);
    flush(em, s->red, s->state);
    *current = block;
    em_end_if(em, &c, s->state);
}

/* The innermost loop cut at multiples of 256 of the position. */
static void run_blocks(Em *em, Nest *s, const Range *g, Val *on)
{
    Be *be = em->be;
    LV base = s->base ? s->base : be_int(be, 0), shift = be_int(be, 8);
    LV first = em_bin(em, LLVMAdd, base, g->p0), end = em_bin(em, LLVMAdd, base, g->p1);
    LV last = em_bin(em, LLVMAShr, em_bin(em, LLVMAdd, end, be_int(be, BLOCK - 1)), shift);
    Loop l = em_loop(em, em_bin(em, LLVMAShr, first, shift), last, 1, s->n, s->state);
    LV start = em_bin(em, LLVMShl, l.iv, shift), stop = em_bin(em, LLVMAdd, start, be_int(be, BLOCK));
    block_changes(em, s, l.iv);
    LV from = em_bin(em, LLVMSub, least(em, first, start, true), base), to = em_bin(em, LLVMSub, least(em, end, stop, false), base);
    run(em, s, from, to, g, on, false);
    be_end_of_block(em, s->red->n);
    em_loop_end(em, &l, s->state);
}

/* Memory for totals, where they do not fit the registers beside the sums of a block and what these multiply; else NULL. */
static LV totals_memory(Em *em, const Red *red)
{
    int registers = em->be->target.avx512 ? 32 : 16, factors = red->nr + red->k / red->nr;
    if (red->memory || !red->vec || 2 * red->k + factors <= registers)
        return NULL;
    return em_alloca(em, LLVMArrayType2(LLVMTypeOf(red->identity), (uint64_t)red->k), 64);
}

/* The same as flush with totals in memory, which the first block does not read and the last one does not write. */
static void flush_to_memory(Em *em, Red *red, LV *state, LV memory, LV first, LV more)
{
    LT type = LLVMTypeOf(red->identity);
    LV *total = state + red->k;
    Cond c = em_if(em, first, red->k, state);
    for (int i = 0; i < red->k; i++)
        total[i] = red_combine(em, red, red->identity, state[i]);
    em_else(em, &c, total);
    for (int i = 0; i < red->k; i++)
        total[i] = red_combine(em, red, em_load_now(em, type, em_gep(em, type, memory, be_int(em->be, i))), state[i]);
    em_end_if(em, &c, total);
    Cond d = em_if(em, more, 0, NULL);
    for (int i = 0; i < red->k; i++)
        em_store(em, total[i], em_gep(em, type, memory, be_int(em->be, i)), 4);
    em_end_if(em, &d, NULL);
}

/* One index: each turn of the outer loop is one block, so no number of it need be kept. */
static void run_single(Em *em, Nest *s, const Range *g)
{
    Be *be = em->be;
    Red *red = s->red;
    int64_t zero;
    LV shift = be_int(be, 8), last = em_bin(em, LLVMAShr, em_bin(em, LLVMAdd, g->p1, be_int(be, BLOCK - 1)), shift);
    LV *total = s->state + (red->memory ? 0 : red->k), memory = totals_memory(em, red), first = em_bin(em, LLVMAShr, g->p0, shift);
    Loop l = em_loop(em, first, last, 1, red->k, total);
    LV start = em_bin(em, LLVMShl, l.iv, shift), stop = em_bin(em, LLVMAdd, start, be_int(be, BLOCK));
    Nest in = *s;
    in.n = red->memory ? 0 : red->k;
    for (int i = 0; i < in.n; i++)
        in.state[i] = red->identity;
    bool whole = be_const_value(g->p0, &zero) && zero == 0; /* then every block has its first place */
    run(em, &in, whole ? start : least(em, g->p0, start, true), least(em, g->p1, stop, false), g, NULL, whole);
    if (memory && !l.once)
        flush_to_memory(em, red, s->state, memory, em_icmp(em, LLVMIntEQ, l.iv, first), em_icmp(em, LLVMIntSLT, em_bin(em, LLVMAdd, l.iv, be_int(be, 1)), last));
    else
        flush(em, red, s->state);
    be_end_of_block(em, red->n);
    em_loop_end(em, &l, total);
}

/* Sums of products of small integers read memory only, and know where a step begins. */
static void run_stretches(Em *em, Nest *s, const Range *g, Val *on)
{
    Red *red = s->red;
    bool whole = red->blocked || red->few || red_quad_instruction(em, red) || red_pair_instruction(em, red);
    int64_t c;
    Stretch part = { .p0 = g->p0, .p1 = g->p1 };
    if (!whole)
        part = be_stretch(em, red->n, g->p0, g->p1, s->n, s->state);
    run(em, s, part.p0, part.p1, g, on, part.inside && be_const_value(g->p0, &c) && c % BLOCK == 0);
    be_stretch_end(em, &part, s->state);
}

static void nest(Em *em, Nest *s, int axis, Val *on);

/* Of a sum that is written out, what the place says of a choice (a row of a picture is there, or zeros are) is asked once for all places of the inner axes:
 * what several of them read is then loaded once. A side without loads is a loop. */
static void nest_inner(Em *em, Nest *s, int axis, Val *on)
{
    Red *red = s->red;
    BeWindow window = red->window;
    Choice choice = { .n = NULL };
    LV holds = window == WINDOW_none || red->few || em->choice.n ? NULL : red_choice_before(em, red, axis - 1, &choice);
    if (!holds) {
        nest(em, s, axis, on);
        return;
    }
    Cond c = em_if(em, holds, s->n, s->state);
    for (int side = 0; side < 2; side++) {
        if (side)
            em_else(em, &c, s->state);
        for (int i = 0; i < s->n && side; i++)
            s->state[i] = c.init[i];
        em->choice = choice;
        em->choice.other = side;
        red->window = red_side_loads(&choice, side) ? window : WINDOW_none;
        nest(em, s, axis, on);
    }
    em->choice.n = NULL;
    red->window = window;
    em_end_if(em, &c, s->state);
}

/* One place of an outer axis. */
static void nest_place(Em *em, Nest *s, int axis, const Range *g, LV p, Val *on)
{
    IrRegion *r = s->red->r;
    LV base = s->base;
    Val *pos = val_scalar(em, DT_i64, p);
    be_set(em, r->params.p[axis], val_add(em, g->lo, pos));
    if (s->red->blocked) { /* rows of the next axis; extents of a blocked reduction do not vary */
        LV at = base ? em_bin(em, LLVMAdd, base, p) : p;
        s->base = em_bin(em, LLVMMul, at, be_dim_scalar(em, r->params.p[axis + 1]->dim));
    }
    bool all;
    IrNode *guard = s->red->guard;
    LV may = red_ask_before(em, s->red, axis, &all);
    Cond c;
    if (may)
        c = em_if(em, may, s->n, s->state);
    s->red->guard = all ? NULL : guard;
    nest_inner(em, s, axis + 1, val_and(em, on, red_in_range(em, g, pos)));
    s->red->guard = guard;
    if (may)
        em_end_if(em, &c, s->state);
    s->base = base;
}

static void nest(Em *em, Nest *s, int axis, Val *on)
{
    IrRegion *r = s->red->r;
    IrNode *x = r->params.p[axis];
    Range g = red_range(em, s->red, x);
    if (axis == r->params.n - 1) {
        if (s->red->blocked && !s->one_block)
            run_blocks(em, s, &g, on);
        else
            run_stretches(em, s, &g, on);
        return;
    }
    int64_t lo, hi;
    if (s->red->window == WINDOW_all && be_const_value(g.p0, &lo) && be_const_value(g.p1, &hi)) {
        for (int64_t p = lo; p < hi; p++)
            nest_place(em, s, axis, &g, be_int(em->be, p), on);
        return;
    }
    Loop l = em_loop(em, g.p0, g.p1, 1, s->n, s->state);
    nest_place(em, s, axis, &g, l.iv, on);
    if (!axis && !s->red->blocked)
        be_end_of_block(em, s->red->n);
    em_loop_end(em, &l, s->state);
}

/* ---- argmax, argmin --------------------------------------------------------------------------------------------------- */

/* State: the best values, then their indices (-1: none yet). */
void red_update_arg(Em *em, Red *red, Val *on, LV *state, void *user)
{
    (void)user;
    Val *x = spread(em, red, be_val(em, red->value)), *at = spread(em, red, be_val(em, red->r->params.p[0]));
    Val *m = on ? spread(em, red, on) : NULL;
    bool real = dtype_is_float(red->in), max = red->op == RED_argmax, sign = dtype_is_signed(red->in);
    for (int i = 0; i < red->k; i++) {
        LV best = state[i], index = state[red->k + i], v = x->v[i], wins;
        if (real) {
            LV nan = em_bin(em, LLVMAnd, em_fcmp(em, LLVMRealUNO, v, v), em_fcmp(em, LLVMRealORD, best, best));
            wins = em_bin(em, LLVMOr, em_fcmp(em, max ? LLVMRealOGT : LLVMRealOLT, v, best), nan);
        } else {
            LLVMIntPredicate p = sign ? (max ? LLVMIntSGT : LLVMIntSLT) : (max ? LLVMIntUGT : LLVMIntULT);
            wins = em_icmp(em, red->in == DT_bool ? (max ? LLVMIntUGT : LLVMIntULT) : p, v, best);
        }
        wins = em_bin(em, LLVMOr, wins, em_icmp(em, LLVMIntSLT, index, be_zero(LLVMTypeOf(index))));
        if (m)
            wins = em_bin(em, LLVMAnd, wins, m->v[i]);
        state[i] = em_select(em, wins, v, best);
        state[red->k + i] = em_select(em, wins, at->v[i], index);
    }
}

static Val *reduce_arg(Em *em, Red *red)
{
    LV *state = NEWN(em->be->a, LV, 2 * red->k);
    LT t = be_vector(be_val_type(em->be, red->in), red->vec ? em->W : 0), it = be_vector(em->be->i64, red->vec ? em->W : 0);
    for (int i = 0; i < red->k; i++) {
        state[i] = be_zero(t);
        state[red->k + i] = be_const(it, -1);
    }
    Nest s = { .red = red, .step = red_update_arg, .n = 2 * red->k, .state = state };
    nest(em, &s, 0, NULL);
    Val *y = val_new(em, DT_i64, red->nr, 1, red->vec);
    for (int i = 0; i < red->k; i++)
        y->v[i] = state[red->k + i];
    return y;
}

/* ---- all ------------------------------------------------------------------------------------------------------------------ */

static bool fits_one_block(const Red *red)
{
    int64_t n = 1, d;
    for (int i = 0; i < red->r->params.n; i++) {
        if (!dim_is_const(red->r->params.p[i]->dim, &d) || d < 0 || d > BLOCK)
            return false;
        n *= d;
    }
    return n <= BLOCK;
}

void red_init(Em *em, Red *red, IrNode *n)
{
    IrNode *y = ir_terminator(n->regions[0]);
    *red = (Red){ .n = n, .r = n->regions[0], .value = y->in[0], .guard = y->nin > 1 ? y->in[1] : NULL, .op = (RedOp)n->redop };
    red->in = red->op == RED_count ? DT_i64 : red->value->type.dtype;
    red->out = n->type.dtype;
    bool sums = (red->op == RED_sum || red->op == RED_prod) && dtype_is_float(red->in);
    red->blocked = sums && n->order != ORDER_chain;
    red->fused = n->order == ORDER_contract && red->op == RED_sum && dtype_is_float(red->in) && red->value->op == OP_mul;
    if (red->guard)
        red_find_guard(em, red);
    red->idle = red_may_idle(red);
    red->vec = be_varies(em, n, DEP_LANES);
    red->window = red->vec ? be_window(n) : WINDOW_none;
    red->nr = be_varies(em, n, DEP_ROWS) ? em->R : 1;
    red->k = red->nr * (red->vec ? em->V : 1);
    red->identity = red_identity(em, red->op, red->in, red->vec ? em->W : 0);
}

Val *red_finish(Em *em, const Red *red, LV *acc)
{
    Val *y = val_new(em, red->out, red->nr, 1, red->vec);
    for (int i = 0; i < red->k; i++)
        y->v[i] = be_round16(em, red->out, acc[i]);
    return y;
}

static Val *reduce_blocked(Em *em, Red *red)
{
    bool one = fits_one_block(red), single = red->r->params.n == 1;
    int accs = red->memory ? 0 : red->k, n = accs + (one ? 0 : red->k + 1);
    LV *state = NEWN(em->be->a, LV, 2 * red->k + 1);
    for (int i = 0; i < n; i++)
        state[i] = red->identity;
    state[accs + (one ? 0 : red->k)] = be_int(em->be, 0); /* number of the running block */
    Nest s = { .red = red, .step = red->memory ? update_memory : red_update, .n = n, .state = state, .one_block = one };
    if (red->memory)
        red_memory_clear(em, red);
    if (single && !one) {
        Range g = red_range(em, red, red->r->params.p[0]);
        run_single(em, &s, &g);
        return red_finish(em, red, state + accs);
    }
    nest(em, &s, 0, NULL);
    if (one) {
        for (int i = 0; i < red->k && red->memory; i++)
            state[i] = red_memory_sum(em, red, i);
        for (int i = 0; i < red->k && red->fused; i++) /* a product that is too small for a number leaves -0, which a total never is */
            state[i] = red_combine(em, red, red->identity, state[i]);
        return red_finish(em, red, state);
    }
    flush(em, red, state);
    return red_finish(em, red, state + accs);
}

static void note_place(Em *em, Red *red, Val *on, LV *state, void *user)
{
    const Nest *s = user;
    int64_t place;
    (void)on, (void)state;
    Val *x = red_value(em, red);
    for (int i = 0; i < red->k && be_const_value(s->place, &place); i++)
        red->few[place * red->k + i] = x->v[i];
}

/* Few places, one in each of the 16 lanes: the tree over those that there are. Combining with the identity, which the others hold, changes the sign of
 * a zero at most, and so does the last step here. */
static Val *reduce_few(Em *em, Red *red)
{
    red->few = NEWN(em->be->a, LV, LANES16 * red->k);
    Nest s = { .red = red, .step = note_place, .one_block = true };
    nest(em, &s, 0, NULL);
    for (int half = LANES16 / 2; half; half /= 2)
        for (int i = 0; i < half * red->k; i++) {
            LV other = red->few[half * red->k + i];
            red->few[i] = other ? red_combine(em, red, red->few[i], other) : red->few[i];
        }
    for (int i = 0; i < red->k; i++)
        red->few[i] = red_combine(em, red, red->identity, red->few[i]);
    return red_finish(em, red, red->few);
}

Val *be_reduce(Em *em, IrNode *n)
{
    Red red;
    red_init(em, &red, n);
    bool arg = red.op == RED_argmax || red.op == RED_argmin;
    if (arg && (red.r->params.n > 1 || red.in == DT_bool || !be_can_vectorise(em, &red)))
        return reduce_arg(em, &red);
    if (arg)
        return be_arg_lanes(em, &red);
    if (be_can_vectorise(em, &red))
        return be_reduce_lanes(em, &red);
    if (red.blocked && n->order == ORDER_lanes16 && red.window == WINDOW_all)
        return reduce_few(em, &red);
    Val *y = red.blocked && n->order == ORDER_lanes16 ? be_reduce_sets(em, &red) : NULL;
    if (y)
        return y;
    if (red.blocked) {
        if (n->order == ORDER_lanes16)
            red.memory = em_alloca(em, LLVMArrayType2(LLVMTypeOf(red.identity), (uint64_t)(LANES16 * red.k)), 64);
        return reduce_blocked(em, &red);
    }
    LV *state = NEWN(em->be->a, LV, red.k);
    for (int i = 0; i < red.k; i++)
        state[i] = red.identity;
    Nest s = { .red = &red, .step = red_update, .n = red.k, .state = state };
    nest(em, &s, 0, NULL);
    return red_finish(em, &red, state);
}
