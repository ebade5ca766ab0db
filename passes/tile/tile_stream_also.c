/* tile_stream_also.c - streams that stand side by side over the same rows and axis become one: what they share is computed once.
 *
 *     %o = map [i, e] { stream [j] (max, sum, sum) }       one kernel, one pass over j: the members of all; at the end of a row
 *     %l = map [i] { stream [j] (max, sum) }               what has no column is stored, then the columns
 *     %dk = map [j, d] { stream [i] (sum) }                of as many indices, where they share what is made of each pair:
 *     %dv = map [j, d] { stream [i] (sum) }                scores and weights once for both gradients
 *
 * The bodies of all are copied into one map, that of most indices, where equal members become one. Where that is no cascade (other
 * guards, too many members) they stay apart.
 */
#include "passes/tile/tile_stream_int.h"

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
    bool own = true;
    for (IrUse *u = map->uses; u && own; u = u->next)
        own = (u->user->op == OP_load && u->slot == 0) || (u->user->op == OP_ret && u->slot >= t->fn->vars.n) || (u->user->op == OP_reshape && is_only_loaded(u->user));
    return own;
}

/* Where it would go may be what the others read (what a loop carries, a `var`): then it is copied there. */
static Dest destination_of(Tile *t, IrNode *map, TileDestination *destination)
{
    int r = map->type.rank;
    if (has_own_memory(t, map))
        return destination(t, map);
    Dest d = { .buffer = tile_memory(t, map, NULL), .rank = r, .start = NEWN(t->cx->arena, IrNode *, r), .axis = NEWN(t->cx->arena, int, r) };
    for (int i = 0; i < r; i++)
        d.axis[i] = i;
    tile_bind(t, map, d.buffer);
    return d;
}

static int rank_of(const IrNode *map) { return map->regions[0]->params.n; }

/* The first value of the region that is the same as n and has a symbol; NULL: n has none, or is the first. */
static IrNode *first_like(PassCx *cx, const IrRegion *r, const IrNode *n)
{
    for (IrNode *x = n->sym && !n->nregions ? r->first : NULL; x && x != n; x = x->next) {
        Map pairs = map_new(cx->arena);
        if (x->sym && pass_same_under(&pairs, x, n))
            return x;
    }
    return NULL;
}

/* Equal values that bounds name (a length, `j < n[h]`) have one name, so that equal bounds are seen to be equal: that of the first of them, in the copy, too. */
static IrNode *with_one_symbol(PassCx *cx, IrNode *all)
{
    DimCx *d = cx->module->dims;
    SymMap syms = symmap_new(cx);
    VEC(IrNode *) first = { 0 };
    for (const IrNode *n = all->regions[0]->first; n; n = n->next) {
        IrNode *x = first_like(cx, all->regions[0], n);
        if (!x)
            continue;
        symmap_put(&syms, n->sym, dim_sym(d, x->sym));
        symmap_put(&syms, x->sym, dim_sym(d, x->sym));
        vec_push(cx->arena, &first, x);
    }
    if (!first.n)
        return all;
    IrBuilder at = { all->parent->fn, all->parent, all, all->span };
    Map nodes = map_new(cx->arena);
    IrNode *copy = ir_clone_node(&at, all, &nodes, symmap_subst, &syms);
    for (int i = 0; i < first.n; i++) {
        IrNode *x = map_find(&nodes, first.p[i]);
        x->sym = first.p[i]->sym;
        x->sym->user = x;
    }
    pass_note_symbols(cx, copy->regions[0]);
    pass_merge_equal(cx, copy->regions[0]);
    ir_drop(all);
    return copy;
}

/* A copy of the first map, before `place`, with the bodies of the others in it; their values are in `also`. */
IrNode *stream_join(PassCx *cx, IrNode **maps, int n, IrNode *place, Also *also)
{
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
    all = with_one_symbol(cx, all);
    keep = ir_terminator(all->regions[0])->prev;
    for (int i = 1; i < n; i++)
        also[i - 1] = (Also){ .map = maps[i], .value = keep->in[i - 1] };
    ir_drop(keep);
    return all;
}

/* The streams from `first` on that may become one with it; the one of most indices first. 0: the first itself is none of them. */
static int gather(Tile *t, IrNode *first, IrNode **maps)
{
    int n = 0, kept = 1;
    for (IrNode *m = first; m && n < ALSO_MOST + 1; m = m->next) {
        Early e = { first, m, true };
        if (m->op == OP_const || m->op == OP_dim || map_find(&t->joined, m))
            continue;
        if (!stream_is_map(m))
            break;
        ir_walk(m->regions[0], see_early, &e);
        if (!e.ok)
            break;
        maps[n++] = m;
    }
    int main = 0;
    for (int i = 1; i < n; i++)
        main = rank_of(maps[i]) > rank_of(maps[main]) && stream_has_rows_of(first, maps[i]) ? i : main;
    if (n) {
        IrNode *m = maps[main];
        maps[main] = maps[0];
        maps[0] = m;
    }
    for (int i = 1; i < n; i++)
        if (stream_has_rows_of(maps[i], maps[0]) && stream_fits(t->cx, maps[0], maps[i]))
            maps[kept++] = maps[i];
    bool has_first = false;
    for (int i = 0; i < kept && n; i++)
        has_first = has_first || maps[i] == first;
    return has_first ? kept : 0;
}

/* All their indices are known where a row ends, or a column. */
static bool ends_with_rows(const Stream *s)
{
    bool known = true;
    for (int i = 0; i < s->nalso; i++)
        for (int k = 0; k < rank_of(s->also[i].map) && known; k++)
            known = !cascade_is_loose(&s->c, s->body->params.p[k]);
    return known;
}

bool tile_stream_several(Tile *t, IrNode *first, TileDestination *destination)
{
    IrNode *maps[ALSO_MOST + 1];
    Also also[ALSO_MOST];
    int n = stream_is_map(first) ? gather(t, first, maps) : 0;
    if (n < 2)
        return false;
    IrNode *all = stream_join(t->cx, maps, n, first, also);
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
        Dest dest = destination_of(t, maps[0], destination);
        for (int i = 1; i < n; i++)
            also[i - 1].dest = destination_of(t, maps[i], destination);
        s.dest = &dest;
        stream_write(&s);
        tile_note_cost(t, t->b.region, cost);
        for (int i = 0; i < n; i++)
            map_put(&t->joined, maps[i], maps[0]);
    }
    ir_drop(all);
    return good;
}

static bool has_column(const Stream *s, const Also *a)
{
    bool found = false;
    for (int k = 0; k < rank_of(a->map) && !found; k++)
        found = s->c.column && s->body->params.p[k] == s->c.column;
    return found;
}

void stream_store_also(Stream *s, bool column)
{
    for (int i = 0; i < s->nalso && !s->t->failed; i++) {
        Also *a = &s->also[i];
        IrRegion *own = a->map->regions[0];
        if (has_column(s, a) != column)
            continue;
        IrNode *v = stream_emit(s, a->value);
        for (int k = 0; k < own->params.n; k++)
            map_put(&s->t->nodes, own->params.p[k], map_find(&s->t->nodes, s->body->params.p[k]));
        if (!s->t->failed)
            tile_store_element(s->t, a->map, &a->dest, &stream_top(s)->b, v);
    }
}
