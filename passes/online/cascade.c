/* cascade.c - which reductions of a map form a cascade, and what corrects each when an earlier one changes (stream_int.h).
 *
 * What the factors of a sum may be is in cascade_factor.c. Anything else ends the search: the program stays as it is.
 */
#include "passes/stream_int.h"

static bool is_wide(const IrNode *x)
{
    int64_t n;
    return x->op == OP_index && !(dim_is_const(x->dim, &n) && n == 1);
}

bool cascade_is_index(const IrNode *x) { return is_wide(x) || (x->op == OP_index && x->uses); }

/* ---- what a node needs ------------------------------------------------------------------------------------------ */

typedef struct Needs { Cascade *c; int stage; } Needs;

static void see_needs(void *user, IrNode *n)
{
    Needs *s = user;
    for (int i = 0; i < n->nin; i++) {
        int k = cascade_stage(s->c, n->in[i]);
        s->stage = k > s->stage ? k : s->stage;
    }
}

int cascade_stage(Cascade *c, const IrNode *n)
{
    for (int i = 0; i < c->n; i++)
        if (c->m[i].reduce == n)
            return i + 1;
    bool inside = n->parent && (ir_inside(n, c->map->regions[0]));
    if (!inside || n->op == OP_index || n->op == OP_arg)
        return 0;
    uintptr_t known = (uintptr_t)map_find(&c->stages, n);
    if (known)
        return (int)known - 2;
    Needs s = { c, 0 };
    see_needs(&s, (IrNode *)(uintptr_t)n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], see_needs, &s);
    map_put(&c->stages, n, (void *)(uintptr_t)(s.stage + 2));
    return s.stage;
}

bool cascade_varies(Cascade *c, const IrNode *n) { return pass_depends_on(c->cx, n, c->j); }

/* ---- members ------------------------------------------------------------------------------------------------------ */

bool cascade_is_extreme(const Member *m) { return m->reduce->redop == RED_max || m->reduce->redop == RED_min; }

static bool is_place(const IrNode *n) { return n->redop == RED_argmax || n->redop == RED_argmin; }

bool cascade_is_place(const Member *m) { return is_place(m->reduce); }

static bool is_tally(const IrNode *n)
{
    IrDtype t = ir_terminator(n->regions[0])->in[0]->type.dtype;
    return n->redop == RED_count || n->redop == RED_any || n->redop == RED_all || (n->redop == RED_sum && (t == DT_i64 || t == DT_i32));
}

bool cascade_is_tally(const Member *m) { return is_tally(m->reduce); }

static bool is_member(const IrNode *n, bool marked, const IrNode *like)
{
    if (n->op != OP_reduce || n->regions[0]->params.n != 1 || (marked && !n->stream))
        return false;
    const IrNode *x = n->regions[0]->params.p[0];
    bool op = n->redop == RED_max || n->redop == RED_min || n->redop == RED_sum || is_place(n);
    bool real = dtype_is_float(ir_terminator(n->regions[0])->in[0]->type.dtype);
    return ((op && real) || is_tally(n)) && pass_from_zero(x) && cascade_is_index(x) && (!like || like->regions[0]->params.p[0]->dim == x->dim);
}

bool cascade_may_be_member(const IrNode *n, const IrNode *like) { return is_member(n, false, like); }

/* All rows of a tile have the same places. */
static bool is_same_for_rows(Cascade *c, const IrNode *reduce)
{
    return !pass_dim_depends(c->cx, reduce->regions[0]->params.p[0]->dim, c->map->regions[0]);
}

static bool is_among(const Cascade *c, const IrNode *n)
{
    bool found = !c->namong;
    for (int i = 0; i < c->namong && !found; i++)
        found = c->among[i] == n;
    return found;
}

static bool take_members(Cascade *c, const IrNode *like)
{
    for (IrNode *n = c->map->regions[0]->first; n; n = n->next) {
        if (!is_member(n, !like, like) || !is_among(c, n) || !is_same_for_rows(c, n))
            continue;
        if (c->n == MEMBERS_MOST || (c->n && !is_member(n, false, c->m[0].reduce))) /* streams side by side may have axes of their own */
            return false;
        c->m[c->n++] = (Member){ .reduce = n };
    }
    return c->n >= 1;
}

/* ---- the host ------------------------------------------------------------------------------------------------------ */

static void make_host(Cascade *c, IrNode **values, IrNode **guards)
{
    PassCx *cx = c->cx;
    IrRegion *body = c->map->regions[0];
    IrNode *first = c->m[0].reduce->regions[0]->params.p[0];
    IrBuilder at = { body->fn, body, ir_terminator(body), c->map->span };
    c->host = ir_add0(&at, OP_reduce, c->m[0].reduce->type);
    IrRegion *r = ir_region_new(body->fn, c->host);
    c->j = ir_index_new(r, first->name, NULL, first->dim, first->span);
    IrBuilder b = { body->fn, r, NULL, c->map->span };
    for (int i = 0; i < c->n; i++) {
        IrRegion *from = c->m[i].reduce->regions[0];
        Map nodes = map_new(cx->arena);
        SymMap syms = symmap_new(cx);
        map_put(&nodes, from->params.p[0], c->j);
        symmap_put(&syms, from->params.p[0]->sym, dim_sym(cx->module->dims, c->j->sym));
        IrNode **v = ir_clone_region(&b, from, &nodes, symmap_subst, &syms);
        values[i] = v[0];
        guards[i] = ir_terminator(from)->nin > 1 ? v[1] : NULL;
    }
    pass_note_symbols(cx, r);
}

/* Both sides of a choice that needs members, where that cannot be noticed: factors of its sides can leave it. */
static IrNode *opened(Cascade *c, IrNode *n)
{
    IrNode *side[2];
    for (int k = 0; k < 2; k++) {
        side[k] = ir_terminator(n->regions[k])->in[0];
        for (IrNode *x = n->regions[k]->first; x->op != OP_yield; x = x->next)
            if (x->nregions || !pass_is_total(c->cx, x))
                return n;
    }
    for (int k = 0; k < 2; k++)
        while (n->regions[k]->first->op != OP_yield)
            ir_move_before(n->regions[k]->first, n);
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    IrNode *s = ir_add3(&b, OP_select, n->type, n->in[0], side[0], side[1]);
    ir_replace(n, s);
    ir_drop(n);
    return s;
}

static void open_choices(Cascade *c, IrNode **values)
{
    for (IrNode *n = c->host->regions[0]->first, *next; n; n = next) {
        next = n->next;
        if (n->op != OP_if || n->sym || n->type.rank || n->type.dtype == DT_none || cascade_stage(c, n) == 0)
            continue;
        IrNode *s = opened(c, n);
        for (int i = 0; i < c->n; i++)
            values[i] = values[i] == n ? s : values[i];
    }
}

typedef struct Mentioned { Map syms; } Mentioned;

static void mention(void *user, DimSym *s) { map_put(&((Mentioned *)user)->syms, s, s); }

static void mention_dims(void *user, IrNode *n)
{
    pass_each_bound(n, mention, user);
}

/* Values with symbols of their own are not merged: those that no dim mentions lose them. */
static void drop_symbols(Cascade *c)
{
    IrRegion *r = c->host->regions[0];
    Mentioned m = { map_new(c->cx->arena) };
    ir_walk(r, mention_dims, &m);
    for (IrNode *n = r->first; n; n = n->next)
        if (n->sym && !map_find(&m.syms, n->sym))
            n->sym = NULL;
}

/* Equal values of different members become one node: a yield keeps hold of them meanwhile. */
static void merge_host(Cascade *c, IrNode **values, IrNode **guards)
{
    IrRegion *r = c->host->regions[0];
    IrBuilder b = { r->fn, r, NULL, c->map->span };
    IrNode *keep[2 * MEMBERS_MOST];
    int n = 0;
    for (int i = 0; i < c->n; i++)
        keep[n++] = values[i];
    for (int i = 0; i < c->n; i++)
        keep[n++] = guards[i] ? guards[i] : values[i];
    IrNode *y = ir_yield(&b, n, keep);
    drop_symbols(c);
    pass_merge_equal(c->cx, r);
    for (int i = 0; i < c->n; i++) {
        values[i] = y->in[i];
        guards[i] = guards[i] ? y->in[c->n + i] : NULL;
    }
    ir_drop(y);
}

void cascade_drop(Cascade *c)
{
    if (c->host)
        ir_drop(c->host);
    c->host = NULL;
}

/* ---- groups ------------------------------------------------------------------------------------------------------------ */

enum { QUOTIENTS_MOST = 16 };

typedef struct Groups {
    Cascade *c;
    IrNode *head, *quotient[QUOTIENTS_MOST];
    int n;
    Dim per;
    bool fits;   /* what head // q is divided by is known before the map */
    bool shares; /* factors of products along the axis need head // per and nothing else of head */
    bool own;    /* others need head itself */
} Groups;

static void see_early(void *user, DimSym *s)
{
    Groups *g = user;
    IrNode *def = map_find(&g->c->cx->sym_nodes, s);
    if (def && ir_inside(def, g->c->map->regions[0]))
        g->fits = false;
}

static void see_quotient(void *user, IrNode *n)
{
    Groups *g = user;
    bool whole = n->op == OP_floordiv && n->in[0] == g->head && (n->in[1]->op == OP_dim || n->in[1]->op == OP_const);
    if (!whole || g->n == QUOTIENTS_MOST)
        return;
    Dim q = pass_dim_of(g->c->cx, n->in[1]);
    g->fits = true;
    dim_syms(q, see_early, g);
    if (!g->fits || (g->per && g->per != q))
        return;
    g->per = q;
    g->quotient[g->n++] = n;
}

/* How the subscript needs the head: 0 not at all, 1 by a quotient, 2 otherwise. */
static int needs_head(Groups *g, IrNode *n)
{
    for (int i = 0; i < g->n; i++)
        if (g->quotient[i] == n)
            return 1;
    if (n->nregions || n->op == OP_dim || n == g->head || n->parent == NULL)
        return n == g->head || pass_depends_on(g->c->cx, n, g->head) ? 2 : 0;
    int most = 0;
    for (int i = 0; i < n->nin && ir_inside(n, g->c->map->regions[0]); i++) {
        int k = needs_head(g, n->in[i]);
        most = k > most ? k : most;
    }
    return most;
}

/* A factor of a product that rows would share, not what a guard or a bias looks up (the mask of a block of rows): of scores, or with columns. */
static bool is_factor(Groups *g, IrNode *load)
{
    const IrNode *owner = load->parent->owner;
    if (owner->op == OP_reduce && owner->order == ORDER_contract && owner->parent->owner != g->c->map)
        return true;
    return load->nin > 1 && pass_depends_on(g->c->cx, load->in[load->nin - 1], vec_last(&g->c->map->regions[0]->params));
}

static void see_shared(void *user, IrNode *n)
{
    Groups *g = user;
    int most = 0;
    bool along = false;
    if (n->op != OP_load)
        return;
    for (int i = 0; i < g->c->n; i++)
        along = along || pass_depends_on(g->c->cx, n, g->c->m[i].reduce->regions[0]->params.p[0]);
    for (int i = 1; i < n->nin && along; i++) {
        int k = needs_head(g, n->in[i]);
        most = k > most ? k : most;
    }
    g->shares = g->shares || (most == 1 && is_factor(g, n));
    g->own = g->own || (most == 2 && is_factor(g, n));
}

/* Heads that read the same keys and values become rows of one tile: an index counts the groups, another the heads of one. Not features that have a scale
 * in common (`v[j, d] * scale[j, d // 32]`). */
static void find_group(Cascade *c)
{
    IrRegion *r = c->map->regions[0];
    DimCx *d = c->cx->module->dims;
    for (int k = 0; k < r->params.n && !c->group; k++) {
        Groups g = { .c = c, .head = r->params.p[k] };
        if (!is_wide(g.head) || g.head->lo)
            continue;
        ir_walk(r, see_quotient, &g);
        for (int i = 0; i < c->n && g.n; i++)
            ir_walk(c->m[i].reduce->regions[0], see_shared, &g);
        if (!g.shares || (g.own && g.head == vec_last(&r->params)))
            continue;
        Dim more = dim_sub(d, dim_add(d, g.head->dim, g.per), dim_const(d, 1)), whole = dim_floordiv(d, g.head->dim, g.per);
        Dim count = dim_mul(d, whole, g.per) == g.head->dim ? whole : dim_floordiv(d, more, g.per);
        c->head = g.head;
        c->per = g.per;
        c->group = ir_index_new(r, name_of(c->cx->module->names, "g"), NULL, count, g.head->span);
        map_put(&c->cx->sym_nodes, c->group->sym, c->group);
        for (int i = 0; i < g.n; i++) {
            ir_replace(g.quotient[i], c->group);
            ir_drop(g.quotient[i]);
        }
    }
}

/* The heads are one index again. */
static void drop_group(Cascade *c)
{
    IrRegion *r = c->map->regions[0];
    IrBuilder b = { r->fn, r, r->first, c->map->span };
    if (!c->group)
        return;
    IrNode *per = ir_dim_value(&b, c->per), *group = ir_add2(&b, OP_floordiv, ir_scalar(DT_i64), c->head, per);
    ir_replace(c->group, group);
    r->params.n--;
    c->head = c->group = NULL;
}

/* ---- rows and columns ------------------------------------------------------------------------------------------------ */

/* Do the members need it only in what is cheap? Scores and weights of a row are the same along it. */
static bool is_cheap_along(Cascade *c, const IrNode *x)
{
    bool any = false;
    for (const IrNode *n = c->host->regions[0]->first; n; n = n->next) {
        if ((!n->nregions && !pass_is_elementary((IrOp)n->op)) || !cascade_varies(c, n))
            continue;
        if (pass_depends_on(c->cx, n, x))
            return false;
        any = true;
    }
    return any;
}

/* Where all members are sums over columns. */
static void find_only_columns(Cascade *c)
{
    IrRegion *r = c->map->regions[0];
    for (int k = r->params.n - 1; k >= 0 && !c->column; k--) {
        IrNode *x = r->params.p[k];
        bool all = cascade_is_index(x) && x != c->group && x != c->head && x != c->mix && is_cheap_along(c, x);
        for (int i = 0; i < c->n && all; i++)
            all = c->m[i].reduce->redop == RED_sum && !cascade_is_tally(&c->m[i]) && !c->m[i].linear && pass_depends_on(c->cx, c->m[i].value, x);
        if (all)
            c->column = x;
    }
}

/* The index that sums over the axis need and the others do not: of several, none. */
static void find_column(Cascade *c)
{
    IrRegion *r = c->map->regions[0];
    for (int k = r->params.n - 1; k >= 0 && !c->column; k--) {
        bool some = false, all = true;
        for (int i = 0; i < c->n; i++) {
            bool uses = pass_depends_on(c->cx, c->m[i].value, r->params.p[k]);
            if (c->m[i].value->op == OP_const) /* a sum of ones */
                continue;
            some = some || uses;
            all = all && uses;
        }
        if (some && !all && r->params.p[k] != c->mix && cascade_is_index(r->params.p[k]) && r->params.p[k] != c->group && r->params.p[k] != c->head)
            c->column = r->params.p[k];
    }
    if (!c->column)
        find_only_columns(c);
    for (int i = 0; i < c->n && c->column; i++)
        c->m[i].column = pass_depends_on(c->cx, c->m[i].value, c->column);
}

/* What later members correct with, and guards, must not depend on the column; sums alone have one. */
static bool columns_are_last(Cascade *c)
{
    if (c->column && c->guard && pass_depends_on(c->cx, c->guard, c->column))
        return false;
    for (int i = 0; i < c->n && c->column; i++)
        if ((c->m[i].guard && pass_depends_on(c->cx, c->m[i].guard, c->column)) || (c->m[i].column && (c->m[i].reduce->redop != RED_sum || cascade_is_tally(&c->m[i]))))
            return false;
    for (int i = 0; i < c->n && c->column; i++)
        for (int k = 0; k < c->m[i].nexps; k++)
            if (pass_depends_on(c->cx, c->m[i].exps[k], c->column))
                return false;
    return true;
}

bool cascade_is_loose(const Cascade *c, const IrNode *x)
{
    for (int i = 0; i < c->n; i++)
        if (pass_depends_on(c->cx, c->m[i].reduce, x))
            return false;
    return cascade_is_index(x) && x != c->head; /* members may need its group alone */
}

typedef struct Reuse { Cascade *c; IrNode *row; int factors; bool any; } Reuse;

/* Is it what a reduction for each place, or a sum with columns, takes element by element? Not a bias, nor what a guard looks up. */
static bool is_taken_by_sums(Cascade *c, const IrNode *load)
{
    const IrNode *in = load->parent->owner;
    while (in != c->host && in->op != OP_reduce)
        in = in->parent->owner;
    return in != c->host || (c->column && pass_depends_on(c->cx, load, c->column));
}

static void see_reuse(void *user, IrNode *n)
{
    Reuse *u = user;
    if (n->op != OP_load || !cascade_varies(u->c, n) || pass_depends_on(u->c->cx, n, u->row))
        return;
    u->any = true;
    u->factors += is_taken_by_sums(u->c, n);
}

static bool may_be_row(Cascade *c, const IrNode *x, bool one)
{
    bool taken = x == c->column || x == c->mix || x == c->head || x == c->group || x->lo;
    return !taken && x->op == OP_index && is_wide(x) != one && !cascade_is_loose(c, x);
}

static bool has_products(Cascade *c)
{
    bool found = c->column != NULL;
    for (const IrNode *n = c->host->regions[0]->first; n && !found; n = n->next)
        found = n->op == OP_reduce && n->order == ORDER_contract;
    return found;
}

/* The index along which most of what varies along the axis is read again, the innermost of several: operands of sums first, as keys and
 * values are, then anything. Where rows share nothing, any index will do if there are no products (and no heads in groups); products of rows that have keys
 * of their own (one query for each head) run row by row, and threads share the rows. Of one place (a program that says one row) only if there is no other. */
static void find_row(Cascade *c)
{
    IrRegion *r = c->map->regions[0];
    int best = c->head || c->mix || has_products(c) ? 0 : -1;
    c->row = NULL;
    for (int one = 0; one < 2 && !c->row; one++)
        for (int k = r->params.n - 1; k >= 0; k--) {
            Reuse u = { c, r->params.p[k], 0, false };
            if (!may_be_row(c, u.row, one))
                continue;
            ir_walk(c->host->regions[0], see_reuse, &u);
            int worth = 2 * u.factors + u.any;
            if (worth > best) {
                best = worth;
                c->row = u.row;
            }
        }
}

/* ---- guards ----------------------------------------------------------------------------------------------------------- */

typedef struct Inner { Cascade *c; bool hit; } Inner;

static void see_inner(void *user, DimSym *s)
{
    Inner *in = user;
    IrNode *def = map_find(&in->c->cx->sym_nodes, s);
    if (def && def != in->c->j && ir_inside(def, in->c->host->regions[0]))
        in->hit = true;
}

/* Comparisons that narrow.c has turned into bounds of the index, and nothing else: what it could not see through then is a mask. */
static bool is_bound(Cascade *c, IrNode *g)
{
    DimCx *d = c->cx->module->dims;
    const IrNode *x = c->axis;
    if (g->op == OP_and)
        return is_bound(c, g->in[0]) && is_bound(c, g->in[1]);
    if ((g->op != OP_le && g->op != OP_lt) || g->in[0]->type.dtype != DT_i64)
        return false;
    Dim slack = dim_sub(d, pass_dim_through(c->cx, g->in[1]), pass_dim_through(c->cx, g->in[0])), j = dim_sym(d, c->j->sym), one = dim_const(d, 1);
    slack = g->op == OP_lt ? dim_sub(d, slack, one) : slack;
    Inner in = { c, false };
    dim_syms(slack, see_inner, &in);
    Dim end = dim_add(d, dim_add(d, slack, j), one), begin = dim_sub(d, j, slack);
    bool up = x->to && !dim_mentions(end, c->j->sym) && dim_min(d, x->to, end) == x->to;
    bool down = x->from && !dim_mentions(begin, c->j->sym) && dim_max(d, x->from, begin) == x->from;
    return !in.hit && (up || down);
}

static bool is_exact(Cascade *c)
{
    for (int i = 0; i < c->n; i++) {
        const IrNode *x = c->m[i].reduce->regions[0]->params.p[0], *first = c->axis;
        if (c->m[i].guard)
            continue;
        if ((!x->from && !x->to) || x->from != first->from || x->to != first->to)
            return false;
    }
    return c->guard && is_bound(c, c->guard);
}

static bool is_root(const Cascade *c, const IrNode *n)
{
    bool root = n == c->guard;
    for (int i = 0; i < c->n && !root; i++) {
        const Member *m = &c->m[i];
        root = n == m->value || n == m->linear || n == m->offset || n == m->guard;
        for (int k = 0; k < m->nexps; k++)
            root = root || n == m->exps[k];
        for (int k = 0; k < m->nouts; k++)
            root = root || n == m->outs[k];
    }
    return root;
}

/* What the factors have replaced: whole weights, whole exponents. */
static void drop_replaced(Cascade *c)
{
    for (IrNode *n = c->host->regions[0]->last, *before; n; n = before) {
        before = n->prev;
        if (!n->uses && !is_root(c, n))
            ir_drop(n);
    }
}

/* ---- guards of members -------------------------------------------------------------------------------------------------- */

/* What a guard of its own keeps from being asked may fault, as what the guard of all keeps may: only that is known where blocks are filled. */
static bool is_always_total(Cascade *c, const IrNode *n, Map *seen)
{
    if (n->parent != c->host->regions[0] || n == c->j || map_find(seen, n))
        return true;
    map_put(seen, n, c);
    bool total = pass_is_total(c->cx, n);
    for (int i = 0; i < n->nin && total; i++)
        total = is_always_total(c, n->in[i], seen);
    for (int k = 0; k < n->nregions && total; k++)
        for (const IrNode *x = n->regions[k]->first; x && total; x = x->next)
            for (int i = 0; i < x->nin && total; i++)
                total = is_always_total(c, x->in[i], seen);
    return total;
}

/* Where it is true, g holds: counted under g it is the same. */
static bool counts_within(const Member *m, const IrNode *value, const IrNode *guard, const IrNode *g)
{
    return (m->reduce->redop == RED_count || m->reduce->redop == RED_any) && !guard && g && cascade_implies(value, g);
}

/* The guard of all is one that each implies, or none. What a member needs of others has that guard: then it has a place wherever the member has
 * one, and a row without any is one where the guard of all never holds. */
static bool find_guards(Cascade *c, IrNode *const *values, IrNode *const *guards)
{
    bool found = false;
    for (int k = 0; k < c->n && !found; k++) {
        found = true;
        for (int i = 0; i < c->n && found; i++)
            found = cascade_implies(guards[i], guards[k]) || counts_within(&c->m[i], values[i], guards[i], guards[k]);
        c->guard = found ? guards[k] : NULL;
        c->axis = found ? c->m[k].reduce->regions[0]->params.p[0] : c->j;
    }
    if (c->guard && cascade_stage(c, c->guard) > 0)
        return false;
    for (int i = 0; i < c->n; i++) {
        Map seen = map_new(c->cx->arena);
        if (guards[i] == c->guard || counts_within(&c->m[i], values[i], guards[i], c->guard))
            continue;
        c->m[i].guard = guards[i];
        if (cascade_stage(c, guards[i]) > 0 || !is_always_total(c, values[i], &seen))
            return false;
    }
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < i; k++)
            if (c->m[k].guard && pass_depends_on(c->cx, values[i], c->m[k].reduce))
                return false;
    return true;
}

static bool reads_run(Cascade *c, const IrNode *of, const IrNode *run)
{
    Map cone = map_new(c->cx->arena);
    if (of)
        pass_note_cone(c->host->regions[0], of, &cone);
    return map_find(&cone, run) != NULL;
}

/* Running values go on from block to block, all in one direction; each needs its row and place alone, no member, and nothing that may fault. */
static bool runs_fit(Cascade *c)
{
    const IrNode *first = NULL;
    for (const IrNode *n = c->host->regions[0]->first; n; n = n->next) {
        Map seen = map_new(c->cx->arena);
        if (n->op != OP_running)
            continue;
        first = first ? first : n;
        bool fits = n->in[1] == c->j && !cascade_stage(c, n) && !c->mix && !c->spreads && !(c->column && pass_depends_on(c->cx, n, c->column)) &&
            is_always_total(c, n, &seen) && running_is_down(n->imm) == running_is_down(first->imm) && !reads_run(c, c->guard, n);
        for (int i = 0; i < c->n && fits; i++)
            fits = !c->m[i].guard || !(reads_run(c, c->m[i].guard, n) || reads_run(c, c->m[i].value, n));
        if (!fits)
            return false;
    }
    return true;
}

static bool find(PassCx *cx, IrNode *map, const IrNode *like, Cascade *c, const IrNode **lacking)
{
    IrNode *values[MEMBERS_MOST], *guards[MEMBERS_MOST];
    *c = (Cascade){ .cx = cx, .map = map, .stages = map_new(cx->arena), .head = c->head, .group = c->group, .per = c->per, .among = c->among, .namong = c->namong };
    *lacking = NULL;
    if (pass_guard(map->regions[0]) || !take_members(c, like))
        return false;
    cascade_find_mix(c);
    if (!like && !c->group && !c->spreads)
        find_group(c);
    make_host(c, values, guards);
    open_choices(c, values);
    merge_host(c, values, guards);
    bool ok = find_guards(c, values, guards);
    for (int i = 0; i < c->n && ok; i++)
        ok = cascade_factors(c, i, values[i]);
    if (ok) {
        find_column(c);
        ok = columns_are_last(c) && runs_fit(c) && cascade_find_weights(c, lacking) && cascade_find_best(c, lacking);
    }
    if (!ok) {
        cascade_drop(c);
        return false;
    }
    drop_replaced(c);
    find_row(c);
    if (c->mix && !c->row) { /* keys of a batch that queries of all read: what is summed is theirs alone, and better stored */
        c->bare = true;
        c->spreads = false;
        c->mix = NULL;
        find_row(c);
    }
    c->exact = is_exact(c);
    return true;
}

/* sum [j] { 1 } under the guard of another sum: its weights, where no factor is left. */
static IrNode *add_count(PassCx *cx, const IrNode *of)
{
    IrNode *place = (IrNode *)(uintptr_t)of;
    IrBuilder at = { of->parent->fn, of->parent, place, of->span };
    Map nodes = map_new(cx->arena);
    IrNode *count = ir_clone_node(&at, of, &nodes, NULL, NULL), *y = ir_terminator(count->regions[0]);
    IrBuilder in = { at.fn, count->regions[0], y, of->span };
    ir_set_in(y, 0, ir_const_float(&in, of->type.dtype, 1));
    count->order = ORDER_lanes16;
    pass_note_symbols(cx, count->regions[0]);
    return count;
}

/* max [j] { x } beside argmax [j] { x }. */
static IrNode *add_best(PassCx *cx, const IrNode *of)
{
    IrNode *place = (IrNode *)(uintptr_t)of;
    IrBuilder at = { of->parent->fn, of->parent, place, of->span };
    Map nodes = map_new(cx->arena);
    IrNode *best = ir_clone_node(&at, of, &nodes, NULL, NULL);
    best->redop = of->redop == RED_argmax ? RED_max : RED_min;
    best->type = ir_scalar(ir_terminator(of->regions[0])->in[0]->type.dtype);
    best->sym = NULL; /* a place may be what a dim says, its value is not */
    pass_note_symbols(cx, best->regions[0]);
    return best;
}

bool cascade_find(PassCx *cx, IrNode *map, const IrNode *like, Cascade *c) { return cascade_find_among(cx, map, like, NULL, 0, c); }

bool cascade_find_among(PassCx *cx, IrNode *map, const IrNode *like, IrNode *const *among, int n, Cascade *c)
{
    const IrNode *lacking;
    IrNode *all[MEMBERS_MOST];
    *c = (Cascade){ .among = all, .namong = n };
    for (int i = 0; i < n; i++)
        all[i] = among[i];
    for (int added = 0; !find(cx, map, like, c, &lacking); added++) {
        if (!lacking || added == MEMBERS_MOST || c->namong == MEMBERS_MOST) {
            drop_group(c);
            return false;
        }
        IrNode *more = is_place(lacking) ? add_best(cx, lacking) : add_count(cx, lacking);
        if (n)
            all[c->namong++] = more;
    }
    c->among = NULL;
    c->namong = 0;
    return true;
}
