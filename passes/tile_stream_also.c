/* tile_stream_also.c - streams that stand side by side over the same rows and axis become one: what they share is computed once.
 *
 *     %o = map [i, e] { stream [j] (max, sum, sum) }       one kernel, one pass over j: the members of all; at the end of a row
 *     %l = map [i] { stream [j] (max, sum) }               what has no column is stored, then the columns
 *
 * The bodies of all are copied into one map, that of most indices, where equal members become one. Where that is no cascade (other
 * guards, too many members) they stay apart.
 */
#include "passes/tile_stream_int.h"

static bool has_stream(const IrNode *n) { return n->op == OP_map && pass_has_stream(n); }

typedef struct Early { const IrNode *first, *map; bool ok; } Early;

/* Does all that it needs stand before the first of them? Are its weights of one form? */
static void see_early(void *user, IrNode *n)
{
    Early *e = user;
    for (int i = 0; i < n->nin; i++) {
        const IrNode *x = n->in[i];
        bool own = ir_inside(x, e->map->regions[0]), leaf = x->op == OP_param || x->parent == NULL;
        e->ok = e->ok && x->op != OP_form && (own || leaf || pass_is_before(x, e->first));
    }
}

/* In another shape, too, as parts of a reduction over several axes read it. */
static bool is_only_loaded(const IrNode *x)
{
    bool loaded = true;
    for (IrUse *u = x->uses; u && loaded; u = u->next)
        loaded = (u->user->op == OP_load && u->slot == 0) || (u->user->op == OP_reshape && is_only_loaded(u->user));
    return loaded;
}

/* Its value has memory of its own, and nothing that lives there before is read by the others. */
static bool has_own_memory(Tile *t, const IrNode *map)
{
    bool own = map->parent == t->old_body && t->fn->vars.n == 0;
    for (IrUse *u = map->uses; u && own; u = u->next)
        own = (u->user->op == OP_load && u->slot == 0) || u->user->op == OP_ret || (u->user->op == OP_reshape && is_only_loaded(u->user));
    return own;
}

static int rank_of(const IrNode *map) { return map->regions[0]->params.n; }

/* equal: also where it has as many indices as the main one, which then may have no column. */
static bool has_rows_of(const IrNode *map, const IrNode *main, bool equal)
{
    bool same = map == main || rank_of(map) < rank_of(main) || rank_of(main) < 2 || equal;
    for (int i = 0; i < rank_of(map) && same; i++) {
        const IrNode *x = map->regions[0]->params.p[i], *y = main->regions[0]->params.p[i];
        same = x->dim == y->dim && !x->lo && !y->lo;
    }
    return same && rank_of(map) <= rank_of(main) && !pass_guard(map->regions[0]);
}

/* The streams from `first` on that may become one with it; the one of most indices first. */
static int gather(Tile *t, IrNode *first, IrNode **maps, bool equal)
{
    int n = 0;
    for (IrNode *m = first; m && n < ALSO_MOST + 1; m = m->next) {
        Early e = { first, m, true };
        if (m->op == OP_const || m->op == OP_dim)
            continue;
        if (!has_stream(m) || !has_own_memory(t, m))
            break;
        ir_walk(m->regions[0], see_early, &e);
        if (!e.ok)
            break;
        maps[n++] = m;
    }
    int main = 0;
    for (int i = 1; i < n; i++)
        main = rank_of(maps[i]) > rank_of(maps[main]) ? i : main;
    if (n) {
        IrNode *m = maps[main];
        maps[main] = maps[0];
        maps[0] = m;
    }
    int kept = n ? 1 : 0;
    for (int i = 1; i < n; i++)
        if (has_rows_of(maps[i], maps[0], equal))
            maps[kept++] = maps[i];
    return kept;
}

/* A copy of the first map, before `place`, with the bodies of the others in it; their values are in `also`. */
static IrNode *join(Tile *t, IrNode **maps, int n, IrNode *place, Also *also)
{
    PassCx *cx = t->cx;
    IrBuilder at = { place->parent->fn, place->parent, place, maps[0]->span };
    Map nodes = map_new(cx->arena);
    IrNode *all = ir_clone_node(&at, maps[0], &nodes, NULL, NULL), *values[ALSO_MOST];
    IrRegion *r = all->regions[0];
    IrBuilder b = { at.fn, r, ir_terminator(r), maps[0]->span };
    for (int i = 1; i < n; i++) {
        IrRegion *from = maps[i]->regions[0];
        Map inner = map_new(cx->arena);
        SymMap syms = symmap_new(cx);
        for (int k = 0; k < from->params.n; k++) {
            map_put(&inner, from->params.p[k], r->params.p[k]);
            symmap_put(&syms, from->params.p[k]->sym, dim_sym(cx->module->dims, r->params.p[k]->sym));
        }
        values[i - 1] = ir_clone_region(&b, from, &inner, symmap_subst, &syms)[0];
    }
    pass_note_symbols(cx, r);
    IrNode *keep = ir_add(&b, OP_yield, ir_scalar(DT_none), n - 1, values); /* equal values become one */
    pass_merge_equal(cx, r);
    for (int i = 1; i < n; i++)
        also[i - 1] = (Also){ .map = maps[i], .value = keep->in[i - 1] };
    ir_drop(keep);
    return all;
}

/* All their indices are known where a row ends. */
static bool ends_with_rows(const Stream *s)
{
    for (int i = 0; i < s->nalso; i++)
        for (int k = 0; k < rank_of(s->also[i].map); k++) {
            const IrNode *x = s->body->params.p[k];
            if (x == s->c.column || cascade_is_loose(&s->c, x))
                return false;
        }
    return true;
}

bool tile_stream_several(Tile *t, IrNode *first, TileDestination *destination)
{
    IrNode *maps[ALSO_MOST + 1];
    Also also[ALSO_MOST];
    int n = has_stream(first) ? gather(t, first, maps, false) : 0;
    if (n == 1)
        n = gather(t, first, maps, true);
    if (n < 2)
        return false;
    bool among = false;
    for (int i = 0; i < n; i++)
        among = among || maps[i] == first;
    if (!among)
        return false;
    IrNode *all = join(t, maps, n, first, also);
    Stream s;
    PassCost cost = pass_cost(t->cx, all);
    bool good = stream_find(t, all, &s);
    s.also = also;
    s.nalso = n - 1;
    if (good && !ends_with_rows(&s)) {
        cascade_drop(&s.c);
        good = false;
    }
    if (good) {
        Dest dest = destination(t, maps[0]);
        for (int i = 1; i < n; i++)
            also[i - 1].dest = destination(t, maps[i]);
        s.dest = &dest;
        stream_write(&s);
        tile_note_cost(t, t->b.region, cost);
        for (int i = 0; i < n; i++)
            map_put(&t->joined, maps[i], maps[0]);
    }
    ir_drop(all);
    return good;
}

void stream_store_also(Stream *s)
{
    for (int i = 0; i < s->nalso && !s->t->failed; i++) {
        Also *a = &s->also[i];
        IrRegion *own = a->map->regions[0];
        IrNode *v = stream_emit(s, a->value);
        for (int k = 0; k < own->params.n; k++)
            map_put(&s->t->nodes, own->params.p[k], map_find(&s->t->nodes, s->body->params.p[k]));
        if (!s->t->failed)
            tile_store_element(s->t, a->map, &a->dest, &stream_top(s)->b, v);
    }
}
