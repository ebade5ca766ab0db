/* online_tables.c - what a table has of pairs (the gradient of one that they look up) is made of scores that are computed for it alone.
 *
 *     %ds = map [i, j] { .. %p[i, j] .. }                   %ds = map [i, j] {..}; %own = map [i, j] { .. %its_p[i, j] .. }
 *     %dq = map [i, d] { sum [j] { %ds[i, j] .. } }         %dq = ..                 which is a pass now
 *     %db = scatter sum [i, j] { %ds[i, j], at[i, j] }      %db = scatter sum [i, j] { %own[i, j], at[i, j] }
 *
 * A scatter over rows and places is no member of a cascade: what it reads would have to be stored for all others, too. With tensors of its own it goes over
 * strips (strip.c), whatever the others are. Where one of them is stored in the end, the scatter reads that.
 */
#include "passes/online/online_int.h"

typedef struct Find { PassCx *cx; OwnMaps *own; IrNode *scatter; const IrNode *of, *row, *place; Dim places; } Find;

static int at_subscript(const IrNode *load, const IrNode *x)
{
    for (int i = 1; i < load->nin && x; i++)
        if (load->in[i] == x)
            return i - 1;
    return -1;
}

/* The axis of y that goes over the places, perhaps in a sum over them; -1: none. */
static int place_axis(const Find *f, const IrNode *load)
{
    for (int i = 1; i < load->nin; i++) {
        const IrNode *x = load->in[i];
        if (x == f->place || (x->op == OP_index && x->parent != f->of->regions[0] && load->in[0]->type.dims[i - 1] == f->places))
            return i - 1;
    }
    return -1;
}

/* An element of each row, reduced from what belongs to pairs. */
static bool holds_pairs(const Find *f, IrNode *load)
{
    bool held = false;
    for (int i = 1; i < load->nin; i++)
        if (load->in[i]->parent != f->of->regions[0])
            return false;
    online_see_held(&held, load);
    return held;
}

static void see_source(void *user, IrNode *n)
{
    const Find *f = user;
    IrNode *y = n->op == OP_load ? n->in[0] : NULL;
    if (!y || !online_is_plain_map(y) || y->parent != f->scatter->parent)
        return;
    int row = at_subscript(n, f->row), place = place_axis(f, n);
    for (int i = 0; i < f->own->of.n; i++)
        if (f->own->of.p[i].old == y && f->own->of.p[i].reader == f->scatter)
            return;
    if (row < 0 || !(place >= 0 ? online_is_dear(n) : holds_pairs(f, n)))
        return;
    const IrRegion *r = y->regions[0];
    Find next = { f->cx, f->own, f->scatter, y, r->params.p[row], place < 0 ? NULL : r->params.p[place], f->places };
    ir_walk(y->regions[0], see_source, &next);
    OwnMap own = { y, NULL, f->scatter, place };
    vec_push(f->cx->arena, &f->own->of, own);
}

/* Its last turn; NULL: none that is no place. */
static const IrNode *last_turn(const IrNode *scatter)
{
    const IrNode *end = ir_terminator(scatter->regions[0]), *found = NULL;
    const IrRegion *r = scatter->regions[0];
    for (int i = 0; i < r->params.n; i++) {
        bool free = false;
        for (int a = 0; a < scatter->type.rank; a++)
            free = free || end->in[2 + a] == r->params.p[i];
        found = free ? found : r->params.p[i];
    }
    return found;
}

/* Of what the scatter reads at a place, the index before it is the row. */
static void see_pairs(void *user, IrNode *n)
{
    Find *f = user;
    for (int i = 2; i < n->nin && n->op == OP_load; i++)
        if (n->in[i] == f->place && n->in[i - 1]->parent == f->scatter->regions[0] && n->in[i - 1]->op == OP_index) {
            f->row = n->in[i - 1];
            see_source(f, n);
        }
}

/* Is it read by the scatter, or by what is computed for it, alone? */
static bool is_own_already(const OwnMaps *m, int first, const IrNode *y)
{
    for (const IrUse *u = y->uses; u; u = u->next) {
        const IrNode *top = pass_ancestor_in(u->user, y->parent);
        bool own = top == m->of.p[first].reader;
        for (int i = first; i < m->of.n; i++)
            own = own || (m->of.p[i].old == top && !m->of.p[i].copy);
        if (!own)
            return false;
    }
    return true;
}

typedef struct Read { const OwnMaps *own; int first; } Read;

static void read_own(void *user, IrNode *n)
{
    const Read *r = user;
    for (int i = r->first; i < r->own->of.n && n->op == OP_load; i++)
        if (r->own->of.p[i].old == n->in[0] && r->own->of.p[i].copy)
            ir_set_in(n, 0, r->own->of.p[i].copy);
}

typedef struct Reads { const OwnMaps *own; int first; bool some; } Reads;

static void see_own(void *user, IrNode *n)
{
    Reads *r = user;
    for (int i = r->first; i < r->own->of.n && n->op == OP_load; i++)
        r->some = r->some || r->own->of.p[i].old == n->in[0];
}

/* What is reduced for each row from what is no pair's (`sum[d](o[i, d] * g[i, d])`) is named for both. */
static void name_rows(PassCx *cx, const OwnMaps *m, int first, const OwnMap *x)
{
    for (IrNode *n = x->place < 0 ? NULL : x->old->regions[0]->first, *next; n; n = next) {
        Reads r = { m, first, false };
        next = n->next;
        if (n->op != OP_reduce || pass_depends_on(cx, n, x->old->regions[0]->params.p[x->place]))
            continue;
        ir_walk(n->regions[0], see_own, &r);
        if (!r.some && pass_is_total(cx, n) && pass_give_name(cx, x->old, n, false))
            ir_drop(n);
    }
}

typedef struct Kept { PassCx *cx; const OwnMaps *own; int first; } Kept;

/* What it reads of others is a tensor. */
static void keep_stored(void *user, IrNode *n)
{
    Kept *k = user;
    const IrNode *x = n->op == OP_load ? n->in[0] : NULL;
    bool own = !x || x->op != OP_map;
    for (int i = k->first; i < k->own->of.n && !own; i++)
        own = x == k->own->of.p[i].copy || (x == k->own->of.p[i].old && !k->own->of.p[i].copy);
    if (!own)
        map_put(&k->cx->stored, x, n);
}

/* Copies of what others read, too, from the scatter back to its sources; then each reads copies. false: there are none. */
static bool copy_shared(PassCx *cx, OwnMaps *m, int first, IrNode *scatter)
{
    Read read = { m, first };
    IrNode *before = scatter;
    bool some = false;
    for (int i = m->of.n - 1; i >= first; i--) {
        OwnMap *x = &m->of.p[i];
        Map nodes = map_new(cx->arena);
        IrBuilder b = { scatter->parent->fn, scatter->parent, before, x->old->span };
        if (is_own_already(m, first, x->old)) {
            ir_move_before(x->old, before); /* behind the copies that it will read */
            before = x->old;
            continue;
        }
        name_rows(cx, m, first, x);
        some = true;
        x->copy = before = ir_clone_node(&b, x->old, &nodes, NULL, NULL);
        pass_quiet_faults(cx, before->regions[0]); /* the other looks for them */
        pass_note_symbols(cx, before->regions[0]);
    }
    ir_walk(scatter->regions[0], read_own, &read);
    for (int i = first; i < m->of.n; i++) {
        IrRegion *r = (m->of.p[i].copy ? m->of.p[i].copy : m->of.p[i].old)->regions[0];
        Kept kept = { cx, m, first };
        ir_walk(r, read_own, &read);
        if (some)
            ir_walk(r, keep_stored, &kept);
    }
    return some;
}

void online_own_tables(PassCx *cx, const IrRegion *r, OwnMaps *m)
{
    for (IrNode *n = r->first; n; n = n->next) {
        int first = m->of.n;
        Find f = { .cx = cx, .own = m, .scatter = n, .of = n };
        if (n->op != OP_scatter || !n->uses || !(f.place = last_turn(n)))
            continue;
        f.places = f.place->dim;
        ir_walk(n->regions[0], see_pairs, &f);
        if (!copy_shared(cx, m, first, n))
            m->of.n = first; /* nobody else reads what it reads: each is what it is */
    }
}

void online_own(PassCx *cx, OwnMaps *m, IrNode *n) { vec_push(cx->arena, &m->of, ((OwnMap){ n, NULL, n, -1 })); }

typedef struct At { Find f; const IrNode *row, *place; } At;

static void see_own_pair(void *user, IrNode *n)
{
    At *a = user;
    a->f.row = a->row;
    a->f.place = a->place;
    if (n->op == OP_load && at_subscript(n, a->row) >= 0 && at_subscript(n, a->place) >= 0)
        see_source(&a->f, n);
}

void online_own_pairs(PassCx *cx, OwnMaps *m, IrNode *reader, const IrNode *row, const IrNode *place)
{
    int first = m->of.n;
    At a = { { .cx = cx, .own = m, .scatter = reader, .of = reader, .places = place->dim }, row, place };
    ir_walk(reader->regions[0], see_own_pair, &a);
    copy_shared(cx, m, first, reader);
    online_own(cx, m, reader);
}

bool online_is_own(const OwnMaps *m, const IrNode *map)
{
    bool own = false;
    for (int i = 0; i < m->of.n; i++)
        own = own || map == m->of.p[i].copy || (map == m->of.p[i].old && !m->of.p[i].copy);
    return own;
}

void online_share_tables(const OwnMaps *m)
{
    for (int i = 0; i < m->of.n; i++) {
        OwnMap x = m->of.p[i];
        if (!x.copy || x.old->dropped || x.copy->dropped || (!x.old->uses && !x.copy->uses))
            continue;
        if (!pass_is_before(x.old, x.copy) && !pass_move_up(NULL, x.old, x.copy, NULL, NULL)) /* it went behind the copies that another scatter reads */
            continue;
        ir_replace(x.copy, x.old);
        ir_drop(x.copy);
    }
}
