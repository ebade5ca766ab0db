/* online_stage.c - reductions that no single pass can do become passes one after the other, each of which computes the scores again.
 *
 *     %h = map [i] { %1 = max [j] { s(i, j) }            %w = map [which: 2, i] {
 *       %2 = sum [j] { exp(s(i, j) - %1) }                 %1 = reduce max stream [j] { .. }, %2 = reduce sum stream [j] { .. }
 *       %3 = sum [j] { p * log(p) } }                      which == 0 ? %1 : %2 }
 *     where p = exp(s(i, j) - %1) / %2                   %h = map [i] { %3 = reduce sum stream [j] { .. %w[0, i] .. %w[1, i] .. } }
 *
 * The first pass has as many reductions, in order, as are a cascade (cascade.c); those that later ones need are stored for each row. The
 * rest is tried again, with these as values that are known. A pass costs the scores once more and spares the tensor of rows x places;
 * sizes have no say, or a row would have other bits in a program of other sizes. Not over weights that are packed when they are loaded:
 * of a few rows over a large vocabulary these are what costs, and the tensor is small.
 */
#include <string.h>

#include "passes/online/online_int.h"

enum { STAGES_MOST = 3, REDUCTIONS_MOST = 24 };

/* ---- rows that share nothing ---------------------------------------------------------------------------------------------- */

/* Operands of sums that a member reads along the axis: how many do not need the row? */
typedef struct Shared { const Cascade *c; const IrNode *row, *place; int n; } Shared;

static void see_shared(void *user, IrNode *n)
{
    Shared *s = user;
    PassCx *cx = s->c->cx;
    bool operand = n->op == OP_load && pass_depends_on(cx, n, s->place) && !pass_depends_on(cx, n, s->row);
    s->n += operand && (n->parent != s->place->parent || (s->c->column && pass_depends_on(cx, n, s->c->column)));
}

/* Of member i and of those that need it, or that it needs. part: which these are. */
static int shared_by(const Cascade *c, const int *part, int i, const IrNode *row)
{
    Shared s = { c, row, NULL, 0 };
    for (int k = 0; k < c->n; k++) {
        s.place = c->m[k].reduce->regions[0]->params.p[0];
        if (part[k] == part[i])
            ir_walk(c->m[k].reduce->regions[0], see_shared, &s);
    }
    return s.n;
}

static void find_parts(const Cascade *c, int *part)
{
    for (int i = 0; i < c->n; i++) {
        part[i] = i;
        for (int k = 0; k < i; k++)
            for (int x = 0, from = part[i], to = part[k]; x <= i && pass_depends_on(c->cx, c->m[i].reduce, c->m[k].reduce); x++)
                part[x] = part[x] == from ? to : part[x];
    }
}

bool online_rows_differ(const Cascade *c)
{
    const IrRegion *r = c->map->regions[0];
    int part[MEMBERS_MOST];
    find_parts(c, part);
    bool several = false;
    for (int i = 1; i < c->n; i++)
        several = several || part[i] != part[0];
    for (int i = 0; i < c->n && c->row && several; i++)
        for (int k = 0; k < r->params.n && part[i] == i && !shared_by(c, part, i, c->row); k++)
            if (cascade_is_index(r->params.p[k]) && r->params.p[k] != c->column && !cascade_is_loose(c, r->params.p[k]) && shared_by(c, part, i, r->params.p[k]))
                return true;
    return false;
}

/* ---- passes --------------------------------------------------------------------------------------------------------------- */

typedef struct Stage {
    Online *o;
    IrNode *all[REDUCTIONS_MOST]; int n;    /* of one axis, in order */
    IrNode *pass[MEMBERS_MOST]; int npass;  /* those of this pass */
    IrNode *left[REDUCTIONS_MOST]; int nleft;
    IrNode *kept[MEMBERS_MOST]; int nkept;  /* of the pass: what those that are left need */
} Stage;

static void see_dear(void *user, IrNode *n)
{
    bool *dear = user;
    *dear = *dear || n->op == OP_reduce || pass_is_elementary((IrOp)n->op);
}

static bool is_dear(const IrNode *reduce)
{
    bool dear = false;
    ir_walk(reduce->regions[0], see_dear, &dear);
    return dear;
}

static bool needs_any(PassCx *cx, const IrNode *n, IrNode *const *of, int count)
{
    for (int i = 0; i < count; i++)
        if (pass_depends_on(cx, n, of[i]))
            return true;
    return false;
}

/* The reductions over the axis of the last one that is worth it. */
static bool find_all(Stage *s)
{
    IrRegion *r = s->o->copy->regions[0];
    IrNode *like = NULL;
    for (IrNode *n = ir_terminator(r); n && !like; n = n->prev)
        like = n->uses && cascade_may_be_member(n, NULL) && is_dear(n) ? n : NULL;
    for (IrNode *n = like ? r->first : NULL; n; n = n->next) {
        if (!n->uses || !cascade_may_be_member(n, like))
            continue;
        if (s->n == REDUCTIONS_MOST)
            return false;
        s->all[s->n++] = n;
    }
    return like;
}

/* As many of them, in order, as are one cascade. False: a pass would go over weights that are packed at load. */
static bool choose(Stage *s)
{
    PassCx *cx = s->o->cx;
    Cascade c;
    for (int i = 0; i < s->n; i++) {
        IrNode *n = s->all[i];
        bool joins = s->npass < MEMBERS_MOST && !needs_any(cx, n, s->left, s->nleft);
        s->pass[s->npass] = joins ? n : s->pass[s->npass];
        joins = joins && cascade_find_among(cx, s->o->copy, n, s->pass, s->npass + 1, &c);
        if (joins && online_rows_differ(&c)) {
            cascade_drop(&c);
            joins = false;
        }
        if (!joins) {
            s->left[s->nleft++] = n;
            continue;
        }
        if (online_is_prepared(&c))
            return false;
        cascade_drop(&c);
        for (s->npass = 0; s->npass < c.n; s->npass++)
            s->pass[s->npass] = c.m[s->npass].reduce;
    }
    return s->npass;
}

/* Does anything but the reductions of this pass read it? */
static bool is_read_outside(const Stage *s, const IrNode *n)
{
    for (IrUse *u = n->uses; u; u = u->next) {
        bool own = false;
        for (int i = 0; i < s->npass; i++)
            own = own || ir_inside(u->user, s->pass[i]->regions[0]);
        if (!own)
            return true;
    }
    return false;
}

/* Where those that are left need none of the pass (a maximum and a minimum under guards of their own), all that anybody needs. */
static void find_kept(Stage *s)
{
    for (int i = 0; i < s->npass; i++)
        for (int k = 0; k < s->nleft; k++)
            if (pass_depends_on(s->o->cx, s->left[k], s->pass[i])) {
                s->kept[s->nkept++] = s->pass[i];
                break;
            }
    for (int i = 0, none = s->nkept == 0; i < s->npass && none; i++)
        if (is_read_outside(s, s->pass[i]))
            s->kept[s->nkept++] = s->pass[i];
}

/* ---- what it leaves for each row ------------------------------------------------------------------------------------------ */

/* The copies of the pass are marked. */
static bool mark(Stage *s, IrNode *map, IrNode *const *pass)
{
    Cascade c;
    IrNode *all[MEMBERS_MOST];
    int n = 0;
    for (int i = 0; i < s->npass; i++)
        if (!pass[i]->dropped)
            all[n++] = pass[i];
    if (!n || !cascade_find_among(s->o->cx, map, all[0], all, n, &c))
        return false;
    cascade_drop(&c);
    for (int i = 0; i < c.n; i++)
        c.m[i].reduce->stream = true;
    return true;
}

/* Are some of a row, and others of its columns, too (a mean under weights beside their sum)? In one map each column would have the row's. */
static bool differ_by_column(const Stage *s)
{
    const Online *o = s->o;
    bool some = false, all = true;
    for (int i = 0; i < s->nkept && o->column; i++) {
        bool has = pass_depends_on(o->cx, s->kept[i], o->column);
        some = some || has;
        all = all && has;
    }
    return some && !all;
}

/* Those of one type go into one map; where maps side by side become one kernel (tile_stream_also.c), which other readers join, each is its own. */
static bool take_out(Stage *s)
{
    bool apart = s->o->shares || differ_by_column(s);
    Online *o = s->o;
    IrNode *pass[MEMBERS_MOST], *maps[MEMBERS_MOST];
    Part parts[MEMBERS_MOST];
    int n = 0;
    for (int i = 0; i < s->nkept; i++) {
        Part w = { .n = 0 };
        bool first = true;
        for (int k = 0; k < s->nkept; k++) {
            bool same = apart ? k == i : s->kept[k]->type.dtype == s->kept[i]->type.dtype;
            first = first && !(same && k < i);
            if (same)
                w.of[w.n++] = s->kept[k];
        }
        if (!first)
            continue;
        if (o->nrows == ROWS_MOST || !online_part_indices(o->cx, o->copy, &w))
            return false;
        if (!(maps[n] = online_part_map(o->cx, o->copy, &w, s->pass, s->npass, pass)))
            return false;
        o->rows[o->nrows++] = maps[n];
        parts[n] = w;
        if (!mark(s, maps[n++], pass))
            return false;
    }
    for (int i = 0; i < n; i++)
        online_part_load(&parts[i], maps[i]);
    return true;
}

bool online_try_stages(Online *o)
{
    for (int k = 0; k <= STAGES_MOST; k++) {
        Stage s = { .o = o };
        if (!find_all(&s) || !choose(&s))
            return false;
        if (!s.nleft) {
            for (int i = 0; i < s.npass; i++)
                s.pass[i]->stream = true;
            return k > 0;
        }
        find_kept(&s);
        if (!s.nkept || !take_out(&s))
            return false;
        online_sweep(o->cx, o->copy->regions[0], false);
    }
    return false;
}
