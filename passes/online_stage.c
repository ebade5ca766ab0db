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

#include "passes/online_int.h"

enum { STAGES_MOST = 3, REDUCTIONS_MOST = 24 };

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

/* ---- what a pass leaves for each row ---------------------------------------------------------------------------------- */

typedef struct Rows { IrNode *of[MEMBERS_MOST], *index[16]; int n, rank; } Rows; /* of: of one type; index: of the copy, that they differ along */

static bool find_indices(Stage *s, Rows *w)
{
    IrRegion *r = s->o->copy->regions[0];
    for (int i = 0; i < r->params.n; i++) {
        bool needs = false;
        for (int k = 0; k < w->n; k++)
            needs = needs || pass_depends_on(s->o->cx, w->of[k], r->params.p[i]);
        if (needs && w->rank == 14)
            return false;
        if (needs)
            w->index[w->rank++] = r->params.p[i];
    }
    return true;
}

static IrNode *empty_map(Stage *s, const Rows *w, bool many)
{
    PassCx *cx = s->o->cx;
    IrNode *copy = s->o->copy;
    IrBuilder at = { copy->parent->fn, copy->parent, copy, w->of[0]->span };
    IrType type = { w->of[0]->type.dtype, w->rank + many, NEWN(cx->module->arena, Dim, w->rank + many) };
    if (many)
        type.dims[0] = dim_const(cx->module->dims, w->n);
    for (int i = 0; i < w->rank; i++)
        type.dims[i + many] = w->index[i]->dim;
    return ir_add0(&at, OP_map, type);
}

/* which == 0 ? first : which == 1 ? second : .. */
static IrNode *one_of(IrBuilder *b, IrNode *which, IrNode *const *v, int n)
{
    IrNode *value = v[n - 1];
    for (int i = n - 1; i-- > 0;) {
        IrNode *is = ir_add2(b, OP_eq, ir_scalar(DT_bool), which, ir_int(b, i));
        value = ir_add3(b, OP_select, value->type, is, v[i], value);
    }
    return value;
}

/* A map of the rows that has them, with copies of the pass's reductions in `pass`. */
static IrNode *rows_of(Stage *s, const Rows *w, IrNode **pass)
{
    PassCx *cx = s->o->cx;
    IrRegion *from = s->o->copy->regions[0];
    DimCx *d = cx->module->dims;
    IrNode *map = empty_map(s, w, w->n > 1), *which = NULL, *v[MEMBERS_MOST];
    IrRegion *r = ir_region_new(from->fn, map);
    IrBuilder b = { from->fn, r, NULL, map->span };
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    if (w->n > 1)
        which = ir_index_new(r, name_of(cx->module->names, "which"), NULL, map->type.dims[0], map->span);
    for (int i = 0, k = 0; i < from->params.n; i++) {
        IrNode *x = from->params.p[i];
        bool own = k < w->rank && w->index[k] == x;
        IrNode *mine = own ? ir_index_new(r, x->name, NULL, x->dim, x->span) : ir_int(&b, 0); /* what needs the others goes */
        k += own;
        map_put(&nodes, x, mine);
        symmap_put(&syms, x->sym, own ? dim_sym(d, mine->sym) : dim_const(d, 0));
    }
    ir_clone_region(&b, from, &nodes, symmap_subst, &syms);
    for (int i = 0; i < s->npass; i++)
        pass[i] = map_find(&nodes, s->pass[i]);
    for (int i = 0; i < w->n; i++)
        v[i] = map_find(&nodes, w->of[i]);
    v[0] = one_of(&b, which, v, w->n);
    ir_yield(&b, 1, v);
    online_sweep(r);
    pass_note_symbols(cx, r);
    return map;
}

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

/* The copy loads what the map gives its rows instead of reducing it. */
static void load_rows(const Rows *w, IrNode *map)
{
    for (int i = 0; i < w->n; i++) {
        IrNode *n = w->of[i], *subs[16];
        IrBuilder b = { n->parent->fn, n->parent, n, n->span };
        bool many = w->n > 1;
        if (many)
            subs[0] = ir_int(&b, i);
        for (int k = 0; k < w->rank; k++)
            subs[k + many] = w->index[k];
        ir_replace(n, ir_load(&b, map, w->rank + many, subs));
        ir_drop(n);
    }
}

/* Those of one type go into one map. */
static bool take_out(Stage *s)
{
    Online *o = s->o;
    IrNode *pass[MEMBERS_MOST];
    for (int i = 0; i < s->nkept; i++) {
        Rows w = { .n = 0 };
        bool first = true;
        for (int k = 0; k < s->nkept; k++) {
            bool same = s->kept[k]->type.dtype == s->kept[i]->type.dtype;
            first = first && !(same && k < i);
            if (same)
                w.of[w.n++] = s->kept[k];
        }
        if (!first)
            continue;
        if (o->nrows == ROWS_MOST || !find_indices(s, &w) || !w.rank)
            return false;
        IrNode *map = o->rows[o->nrows++] = rows_of(s, &w, pass);
        if (!mark(s, map, pass))
            return false;
        load_rows(&w, map);
    }
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
        online_sweep(o->copy->regions[0]);
    }
    return false;
}
