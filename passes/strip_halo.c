/* strip_halo.c - rows beside the row: what a member of the group reads at `row + e`, and the rows that others have beside those of the strip for it.
 *
 *     %c = map [h, i, j] { sum [a: A] { %w[a] * %s[h, i - a, j] } }          %s of a strip has A - 1 rows before those of %c
 *
 * e is made of sizes, `int`s of the call and indices of sums, so it lies between two numbers that are known at entry. Rows add up along a chain of such reads.
 * A member's rows begin so many before the strip's, but within [0, T - its rows]: all that are read are there, and all that are there are rows of the
 * tensor, with its values. What ints give is cut to [0, FAR], which is more than there are rows: so nothing that is added to it passes 2^63, and of an int for
 * which no row is read (what it is multiplied with goes round) any number does.
 */
#include "passes/strip_int.h"

enum { FAR_BITS = 40 };

/* ---- how far from the row a subscript may be --------------------------------------------------------------------------------- */

typedef struct Asked { const Strip *s; const IrRegion *in; const IrNode *row; } Asked; /* row: NULL: any index of `in` over the rows */
typedef struct Range { bool ok; const IrNode *row; Dim lo, hi; } Range;                 /* of the number, without the row in it */

static const Range none = { false, NULL, NULL, NULL };

static Range exact(Dim d) { return (Range){ true, NULL, d, d }; }

typedef struct Window { const Asked *q; const IrNode *x, *row; Dim lo, hi; } Window; /* of x, from the row; NULL: not known */

typedef struct Ints { const IrFn *fn; DimSym *one; int n; } Ints;

static void see_int(void *user, DimSym *s)
{
    Ints *ints = user;
    for (int i = 0; i < ints->fn->params.n; i++)
        if (ints->fn->params.p[i]->sym == s) {
            ints->one = s;
            ints->n++;
        }
}

static Ints ints_in(const Strip *s, Dim x)
{
    Ints ints = { s->region->fn, NULL, 0 };
    dim_syms(x, see_int, &ints);
    return ints;
}

static bool has_ints(const Strip *s, Dim x) { return ints_in(s, x).n > 0; }

static Dim far(DimCx *d) { return dim_const(d, (int64_t)1 << FAR_BITS); }

/* What a guard compares with a place may be beyond any row. Of one int that is cut the comparison says the same; of a difference of two it might not. */
static Dim with_near_int(const Strip *s, Dim x)
{
    DimCx *d = s->cx->module->dims;
    Ints ints = ints_in(s, x);
    if (ints.n != 1)
        return ints.n ? NULL : x;
    SymMap syms = symmap_new(s->cx);
    symmap_put(&syms, ints.one, dim_max(d, dim_min(d, dim_sym(d, ints.one), far(d)), dim_neg(d, far(d))));
    return dim_subst(d, x, symmap_subst, &syms);
}

static Dim known_end(const Window *w, Dim old, Dim x)
{
    return old || !pass_known_at_entry(w->q->s->region->fn, x) ? old : with_near_int(w->q->s, x);
}

/* slack >= 0 */
static void note_slack(Window *w, Dim slack)
{
    DimCx *d = w->q->s->cx->module->dims;
    Dim from_row = dim_sub(d, dim_sym(d, w->x->sym), dim_sym(d, w->row->sym));
    w->hi = known_end(w, w->hi, dim_add(d, slack, from_row));
    w->lo = known_end(w, w->lo, dim_sub(d, from_row, slack));
}

static void see_guard(Window *w, IrNode *g)
{
    PassCx *cx = w->q->s->cx;
    DimCx *d = cx->module->dims;
    if (g->op == OP_and) {
        see_guard(w, g->in[0]);
        see_guard(w, g->in[1]);
    }
    if ((g->op != OP_le && g->op != OP_lt) || g->in[0]->type.dtype != DT_i64)
        return;
    IrNode *a = g->in[0];
    Dim most = dim_sub(d, pass_dim_through(cx, g->in[1]), dim_const(d, g->op == OP_lt)), of = pass_dim_through(cx, a->op == OP_abs ? a->in[0] : a);
    note_slack(w, dim_sub(d, most, of));
    if (a->op == OP_abs)
        note_slack(w, dim_add(d, most, of));
}

/* Does the guard need none of the tensors? What it reads it reads outside of itself, too. */
static bool reads_nothing(const Strip *s, const IrRegion *r)
{
    Map cone = map_new(s->cx->arena);
    bool some = false;
    pass_note_cone(r, pass_guard(r), &cone);
    for (IrNode *n = r->first; n && !some; n = n->next)
        some = map_find(&cone, n) && strip_reads(s, n, NULL);
    return !some;
}

/* An index of a sum that its guard keeps near the row: sum[m | m <= i and i - m < A](..). */
static Range of_window(const Asked *q, const IrNode *x)
{
    const IrRegion *r = x->parent;
    for (int i = 0; i < q->in->params.n && pass_guard(r) && x->sym; i++) {
        const IrNode *row = q->in->params.p[i];
        Window w = { q, x, row, NULL, NULL };
        if (row->op != OP_index || !row->sym || row->dim != q->s->rows || !pass_is_whole(row) || (q->row && q->row != row))
            continue;
        see_guard(&w, pass_guard(r));
        if (w.lo && w.hi && reads_nothing(q->s, r))
            return (Range){ true, row, w.lo, w.hi };
    }
    return none;
}

static Range of_index(const Asked *q, const IrNode *x)
{
    DimCx *d = q->s->cx->module->dims;
    Range near = x->parent != q->in && ir_inside(x, q->in) && x->parent->owner->op == OP_reduce ? of_window(q, x) : none;
    if (near.ok)
        return near;
    if (x->parent == q->in && strip_is_turn(q->s, x) && (!q->row || q->row == x))
        return (Range){ true, x, dim_const(d, 0), dim_const(d, 0) };
    if (x->parent == q->in || !ir_inside(x, q->in))
        return none;
    Dim lo = x->lo ? x->lo : dim_const(d, 0);
    return (Range){ true, NULL, lo, dim_add(d, lo, dim_sub(d, x->dim, dim_const(d, 1))) };
}

static Range range_of(const Asked *q, const IrNode *x);

static Range of_sum(const Asked *q, const IrNode *x, bool minus)
{
    DimCx *d = q->s->cx->module->dims;
    Range a = range_of(q, x->in[0]), b = range_of(q, x->in[1]);
    if (!a.ok || !b.ok || (b.row && (a.row || minus)))
        return none;
    Range down = { true, a.row, dim_sub(d, a.lo, b.hi), dim_sub(d, a.hi, b.lo) };
    return minus ? down : (Range){ true, a.row ? a.row : b.row, dim_add(d, a.lo, b.lo), dim_add(d, a.hi, b.hi) };
}

/* Is it negative for no sizes? */
static bool is_size(const Strip *s, Dim x)
{
    return !has_ints(s, x) && facts_prove_le(pass_ranges_around(s->cx, s->region), dim_const(s->cx->module->dims, 0), x) == YES;
}

/* One of the two is the same everywhere. An int may have either sign. */
static Range of_product(const Asked *q, const IrNode *x)
{
    DimCx *d = q->s->cx->module->dims;
    Range a = range_of(q, x->in[0]), b = range_of(q, x->in[1]);
    if (!a.ok || !b.ok || a.row || b.row)
        return none;
    if (a.lo != a.hi) { /* that one first */
        Range other = a;
        a = b;
        b = other;
    }
    if (a.lo != a.hi)
        return none;
    int64_t k;
    Dim lo = dim_mul(d, a.lo, b.lo), hi = dim_mul(d, a.lo, b.hi);
    if (dim_is_const(a.lo, &k) ? k >= 0 : is_size(q->s, a.lo))
        return (Range){ true, NULL, lo, hi };
    return dim_is_const(a.lo, &k) ? (Range){ true, NULL, hi, lo } : (Range){ true, NULL, dim_min(d, lo, hi), dim_max(d, lo, hi) };
}

/* Held within the rows: no farther away than before. */
static Range held(const Asked *q, Range a, bool below, bool above)
{
    DimCx *d = q->s->cx->module->dims;
    Dim zero = dim_const(d, 0);
    return a.row ? (Range){ true, a.row, above ? dim_min(d, a.lo, zero) : a.lo, below ? dim_max(d, a.hi, zero) : a.hi } : none;
}

static bool is_zero(const IrNode *x) { return x->op == OP_const && !x->imm; }

/* So many before the end of the rows. */
static bool is_last(const Asked *q, const IrNode *x, int before)
{
    DimCx *d = q->s->cx->module->dims;
    Range r = range_of(q, x);
    return r.ok && !r.row && r.lo == r.hi && r.lo == dim_sub(d, q->s->rows, dim_const(d, before));
}

static Range range_of(const Asked *q, const IrNode *x)
{
    DimCx *d = q->s->cx->module->dims;
    Dim outer = x->type.dtype == DT_i64 && !ir_inside(x, q->in) && x->op != OP_const ? pass_dim_of(q->s->cx, (IrNode *)(uintptr_t)x) : NULL;
    if (outer && pass_known_at_entry(q->s->region->fn, outer))
        return exact(outer);
    switch (x->op) {
    case OP_index: return of_index(q, x);
    case OP_const: return exact(dim_const(d, x->imm));
    case OP_dim: return exact(x->dim);
    case OP_add: case OP_iadd: return of_sum(q, x, false);
    case OP_sub: case OP_isub: return of_sum(q, x, true);
    case OP_mul: case OP_imul: return of_product(q, x);
    case OP_clampi:
        if (is_zero(x->in[1]) && is_last(q, x->in[2], 0))
            return held(q, range_of(q, x->in[0]), true, true);
        break;
    case OP_max:
        if (is_zero(x->in[1]) || is_zero(x->in[0]))
            return held(q, range_of(q, x->in[is_zero(x->in[0])]), true, false);
        break;
    case OP_min:
        if (is_last(q, x->in[1], 1) || is_last(q, x->in[0], 1))
            return held(q, range_of(q, x->in[is_last(q, x->in[0], 1)]), false, true);
        break;
    default: break;
    }
    return none;
}

/* Of the negative of a minimum the maximum of what is less. */
static Dim opened(DimCx *d, Dim x)
{
    const DimTerm *t;
    bool least = dim_terms(x, &t) == 1 && t->coef == -1 && t->nfactors == 1 && t->factors[0].power == 1 && t->factors[0].atom->kind == DA_MIN;
    return least ? dim_max(d, dim_neg(d, t->factors[0].atom->a), dim_neg(d, t->factors[0].atom->b)) : x;
}

static Dim as_rows(const Strip *s, Dim x)
{
    DimCx *d = s->cx->module->dims;
    bool ints = has_ints(s, x);
    Dim rows = dim_max(d, dim_const(d, 0), ints ? opened(d, x) : x);
    return ints ? dim_min(d, rows, far(d)) : rows;
}

const IrNode *strip_beside(const Strip *s, const IrNode *x, const IrRegion *in, const IrNode *row, Halo *halo)
{
    DimCx *d = s->cx->module->dims;
    Asked q = { s, in, row };
    Range r = x->type.dtype == DT_i64 ? range_of(&q, x) : none;
    if (!r.ok || !r.row || !pass_known_at_entry(s->region->fn, r.lo) || !pass_known_at_entry(s->region->fn, r.hi))
        return NULL;
    if (halo)
        *halo = (Halo){ as_rows(s, dim_neg(d, r.lo)), as_rows(s, r.hi) };
    return r.row;
}

/* ---- rows of members ------------------------------------------------------------------------------------------------------------ */

IrNode *strip_root(const Strip *s, IrNode *n)
{
    IrNode *top = pass_ancestor_in(n, s->region);
    return top && top->op == OP_result ? top->in[0] : top;
}

Halo strip_halo(const Strip *s, IrNode *n)
{
    const Halo *h = map_find(&s->halos, strip_root(s, n));
    Dim zero = dim_const(s->cx->module->dims, 0);
    return h ? *h : (Halo){ zero, zero };
}

Halo strip_made(const Strip *s, IrNode *n)
{
    const Halo *h = map_find(&s->made, strip_root(s, n));
    return h ? *h : strip_halo(s, n);
}

/* Neither is negative. */
static Dim larger(DimCx *d, Dim a, Dim b) { return a == dim_const(d, 0) ? b : dim_max(d, a, b); }

static bool put_larger(Strip *s, Map *m, IrNode *root, Halo old, Halo by)
{
    DimCx *d = s->cx->module->dims;
    Halo *h = NEW(s->cx->arena, Halo);
    *h = (Halo){ larger(d, old.before, by.before), larger(d, old.behind, by.behind) };
    map_put(m, root, h);
    return h->before != old.before || h->behind != old.behind;
}

/* The member n has these rows, too, for a reader that has rows so far before the strip's. */
static bool extend(Strip *s, IrNode *n, Halo by, Dim before)
{
    IrNode *root = strip_root(s, n);
    bool made = strip_is_scan(s, root) && put_larger(s, &s->made, root, strip_made(s, root), (Halo){ before, by.behind });
    return put_larger(s, &s->halos, root, strip_halo(s, root), by) || made;
}

typedef struct Reader { Strip *s; IrNode *root; bool more, ok; } Reader;

/* Of a loop over the rows; of the outermost map around the load, or of its sum of columns. */
const IrRegion *strip_rows_around(const Strip *s, IrNode *load)
{
    IrNode *map = NULL, *top = pass_ancestor_in(load, s->region);
    if (top && strip_is_scan(s, top))
        return top->regions[0];
    for (IrRegion *r = load->parent; r && r != s->region; r = r->owner->parent)
        map = r->owner->op == OP_map || r->owner->op == OP_scatter ? r->owner : map;
    if (!map)
        return NULL;
    return map->op == OP_map && strip_axis(s, map) == STRIP_SUM ? ir_terminator(map->regions[0])->in[0]->regions[0] : map->regions[0];
}

/* How far from its row a member reads another one: 0, where it needs all rows as they are. */
static bool distance(const Strip *s, IrNode *n, int operand, Halo *at)
{
    Dim zero = dim_const(s->cx->module->dims, 0);
    *at = (Halo){ zero, zero };
    if (n->op != OP_load)
        return true;
    int a = strip_axis(s, n->in[operand]);
    const IrRegion *in = strip_rows_around(s, n);
    return in && operand == 0 && a < n->nin - 1 && strip_beside(s, n->in[1 + a], in, NULL, at);
}

static void see_operands(void *user, IrNode *n)
{
    Reader *r = user;
    Strip *s = r->s;
    DimCx *d = s->cx->module->dims;
    for (int i = 0; i < n->nin && r->ok; i++) {
        Halo own = strip_made(s, r->root), at;
        if (strip_axis(s, n->in[i]) < 0 || strip_root(s, n->in[i]) == r->root)
            continue;
        r->ok = distance(s, n, i, &at);
        if (!r->ok)
            return;
        r->more |= extend(s, n->in[i], (Halo){ dim_add(d, own.before, at.before), dim_add(d, own.behind, at.behind) }, own.before);
        if (n->op != OP_load) /* of all rows of one, all of the other are made */
            r->more |= extend(s, r->root, strip_halo(s, n->in[i]), strip_halo(s, n->in[i]).before);
    }
}

/* Sizes of which the rows are none: where those grow, these need not. */
static void see_rows(void *user, DimSym *sym)
{
    Dim *rows = user;
    *rows = *rows && dim_mentions(*rows, sym) ? NULL : *rows;
}

/* Is what a strip has beside its own rows little where there are many? */
static bool is_little(const Strip *s, Dim beside)
{
    int64_t rows, k;
    if (dim_is_const(s->rows, &rows))
        return !dim_is_const(beside, &k) || 2 * k <= rows;
    Dim left = s->rows;
    dim_syms(beside, see_rows, &left);
    return left;
}

/* What the member reads of others. */
static bool extend_sources(Strip *s, IrNode *n, bool *more)
{
    Reader r = { s, n, false, true };
    see_operands(&r, n);
    for (int k = 0; k < n->nregions; k++)
        ir_walk(n->regions[k], see_operands, &r);
    *more = *more || r.more;
    return r.ok;
}

/* Readers before what they read; again, where all of one are all of another. */
static bool extend_all(Strip *s)
{
    bool more = true, ok = true;
    for (int turn = 0; turn <= s->members.n + 1 && more && ok; turn++) {
        more = false;
        for (int i = s->members.n - 1; i >= 0 && ok; i--)
            ok = s->members.p[i]->op == OP_result || extend_sources(s, s->members.p[i], &more);
    }
    return ok && !more;
}

bool strip_find_halos(Strip *s)
{
    DimCx *d = s->cx->module->dims;
    bool sums = false;
    Dim zero = dim_const(d, 0);
    s->halos = map_new(s->cx->arena);
    s->made = map_new(s->cx->arena);
    s->beside = zero;
    for (int i = 0; i < s->members.n; i++)
        if (strip_is_scan(s, s->members.p[i])) {
            put_larger(s, &s->made, s->members.p[i], (Halo){ zero, zero }, (Halo){ zero, zero });
            put_larger(s, &s->halos, s->members.p[i], (Halo){ zero, zero }, (Halo){ strip_depth(s, s->members.p[i]), zero });
        }
    bool ok = extend_all(s);
    for (int i = 0; i < s->members.n && ok; i++) {
        Halo h = strip_halo(s, s->members.p[i]);
        Dim rows = dim_add(d, h.before, h.behind);
        sums = sums || strip_axis(s, s->members.p[i]) == STRIP_SUM;
        ok = !dim_is_poison(rows) && is_little(s, rows);
        s->beside = larger(d, s->beside, rows);
    }
    if (sums) /* whose blocks are strips of that size */
        s->beside = zero;
    return ok;
}
