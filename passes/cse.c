/* cse.c - compute equal pure values once.
 *
 *     %1 = mul %a, %b                      %1 = mul %a, %b
 *     %2 = mul %a, %b                      (users of %2 read %1)
 *
 * A value of an outer region serves the regions inside it. Loops with bodies are compared structurally, which finds the maximum that
 * a softmax takes twice. `stop` is a value of its own: nothing merges it with its operand.
 */
#include <string.h>

#include "passes/stream_int.h"

enum { TURNED_MOST = 4 };

/* Values that were seen, by hash_key: those of the region and around it, the newest first. */
typedef struct Bucket { IrNode *node; const void *key; struct Bucket *next, *before; } Bucket; /* before: of the same region */
typedef struct Seen { PassCx *cx; Map buckets; } Seen;

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
    return h * 0xff51afd7ed558ccdu;
}

/* Operands are compared by identity, or by position when they are defined inside the compared regions. */
typedef struct Match { Map pairs; } Match;

static bool same_node(Match *m, const IrNode *a, const IrNode *b);

static Dim map_dim(void *user, DimSym *s)
{
    return map_find(&((Match *)user)->pairs, s);
}

static bool same_dim(Match *m, const IrNode *at, Dim a, Dim b)
{
    if (!a || !b || a == b)
        return a == b;
    IrRegion *r = at->parent;
    return r && dim_subst(r->fn->module->dims, a, map_dim, m) == b;
}

static bool same_params(Match *m, const IrRegion *a, const IrRegion *b)
{
    if (a->params.n != b->params.n)
        return false;
    for (int i = 0; i < a->params.n; i++) {
        IrNode *x = a->params.p[i], *y = b->params.p[i];
        if (x->op != y->op || !ir_type_equal(x->type, y->type))
            return false;
        if (x->op == OP_index && (!same_dim(m, x, x->dim, y->dim) || !same_dim(m, x, x->lo, y->lo) ||
                                  !same_dim(m, x, x->from, y->from) || !same_dim(m, x, x->to, y->to)))
            return false;
        map_put(&m->pairs, x, y);
        if (x->sym && y->sym)
            map_put(&m->pairs, x->sym, (void *)(uintptr_t)dim_sym(a->fn->module->dims, y->sym));
    }
    return true;
}

static bool same_body(Match *m, const IrRegion *a, const IrRegion *b)
{
    const IrNode *x = a->first, *y = b->first;
    for (; x && y; x = x->next, y = y->next) {
        if (!same_node(m, x, y))
            return false;
        map_put(&m->pairs, x, (void *)(uintptr_t)y);
    }
    return !x && !y;
}

static bool same_region(Match *m, const IrRegion *a, const IrRegion *b) { return same_params(m, a, b) && same_body(m, a, b); }

static bool same_box(Match *m, const IrNode *a, const IrNode *b)
{
    for (int i = 0; i < a->in[0]->type.rank; i++)
        if (!same_dim(m, a, a->box[i], b->box[i]))
            return false;
    return true;
}

static bool same_payload(Match *m, const IrNode *a, const IrNode *b)
{
    switch (a->op) {
    case OP_dim: return same_dim(m, a, a->dim, b->dim);
    case OP_update: return same_box(m, a, b);
    case OP_call: return false;
    default: return !memcmp(a->key, b->key, sizeof a->key);
    }
}

static bool same_operand(Match *m, const IrNode *a, const IrNode *b)
{
    return a == b || map_find(&m->pairs, a) == b;
}

static bool same_node(Match *m, const IrNode *a, const IrNode *b)
{
    if (a->op != b->op || a->redop != b->redop || a->order != b->order || a->stream != b->stream || a->nin != b->nin || a->nregions != b->nregions ||
        a->type.dtype != b->type.dtype || a->type.rank != b->type.rank || (ir_info(a)->effects & PINNED))
        return false;
    for (int i = 0; i < a->type.rank; i++)
        if (!same_dim(m, a, a->type.dims[i], b->type.dims[i]))
            return false;
    for (int i = 0; i < a->nin; i++)
        if (!same_operand(m, a->in[i], b->in[i]))
            return false;
    if (!same_payload(m, a, b))
        return false;
    for (int i = 0; i < a->nregions; i++)
        if (!same_region(m, a->regions[i], b->regions[i]))
            return false;
    return true;
}

static bool same_value(Match *m, const IrNode *a, const IrNode *b);

/* What the regions read from outside of themselves. */
static bool same_outside(Match *m, const IrRegion *a, const IrRegion *b)
{
    const IrNode *x = a->first, *y = b->first;
    for (; x && y; x = x->next, y = y->next) {
        for (int i = 0; i < x->nin && i < y->nin; i++)
            if (!ir_inside(x->in[i], a) && !same_value(m, x->in[i], y->in[i]))
                return false;
        for (int k = 0; k < x->nregions && k < y->nregions; k++)
            if (!same_outside(m, x->regions[k], y->regions[k]))
                return false;
    }
    return true;
}

/* The same value, in regions that are compared no further than that. */
static bool same_value(Match *m, const IrNode *a, const IrNode *b)
{
    if (same_operand(m, a, b))
        return true;
    if (a->nregions != b->nregions || a->op == OP_index || a->op == OP_arg || !(ir_info(a)->effects & PURE) || a->op != b->op || a->nin != b->nin ||
        !ir_type_equal(a->type, b->type) || !same_payload(m, a, b))
        return false;
    for (int i = 0; i < a->nin; i++)
        if (!same_value(m, a->in[i], b->in[i]))
            return false;
    for (int k = 0; k < a->nregions; k++)
        if (!same_outside(m, a->regions[k], b->regions[k]) || !same_region(m, a->regions[k], b->regions[k]))
            return false;
    map_put(&m->pairs, a, (void *)(uintptr_t)b);
    return true;
}

bool pass_same_places(PassCx *cx, const IrNode *a, const IrNode *b)
{
    Match m = { map_new(cx->arena) };
    IrNode *x = pass_guard(a->regions[0]), *y = pass_guard(b->regions[0]);
    return same_params(&m, a->regions[0], b->regions[0]) && (!x || !y ? x == y : same_value(&m, x, y));
}

bool pass_same_under(Map *pairs, const IrNode *a, const IrNode *b)
{
    Match m = { *pairs };
    bool same = same_node(&m, a, b);
    *pairs = m.pairs;
    return same;
}

bool pass_same_value_under(Map *pairs, const IrNode *a, const IrNode *b)
{
    Match m = { *pairs };
    return same_value(&m, a, b);
}

/* ---- maps that are the same but for the order of their indices ---------------------------------------------------- */

static bool same_range(Match *m, const IrNode *x, const IrNode *y)
{
    return x->op == OP_index && y->op == OP_index && x->sym && y->sym && same_dim(m, x, x->dim, y->dim) && same_dim(m, x, x->lo, y->lo) && !x->from && !y->from && !x->to && !y->to;
}

/* From index k on; turn[k]: which one of b is index k of a. */
static bool find_turn(PassCx *cx, const IrRegion *a, const IrRegion *b, int k, int *turn)
{
    Match m = { map_new(cx->arena) };
    int n = a->params.n;
    if (k == n) {
        for (int i = 0; i < n; i++) {
            map_put(&m.pairs, a->params.p[i], b->params.p[turn[i]]);
            map_put(&m.pairs, a->params.p[i]->sym, (void *)(uintptr_t)dim_sym(a->fn->module->dims, b->params.p[turn[i]]->sym));
        }
        return same_body(&m, a, b);
    }
    for (int i = 0; i < n; i++) {
        bool taken = false;
        for (int p = 0; p < k; p++)
            taken = taken || turn[p] == i;
        turn[k] = i;
        if (!taken && same_range(&m, a->params.p[k], b->params.p[i]) && find_turn(cx, a, b, k + 1, turn))
            return true;
    }
    return false;
}

static bool is_only_loaded(const IrNode *map)
{
    for (const IrUse *u = map->uses; u; u = u->next)
        if (u->user->op != OP_load || u->slot)
            return false;
    return map->uses;
}

static void read_turned(PassCx *cx, IrNode *a, IrNode *b, const int *turn)
{
    while (b->uses) {
        IrNode *load = b->uses->user, *sub[TURNED_MOST];
        IrBuilder at = { load->parent->fn, load->parent, load, load->span };
        for (int k = 0; k < a->type.rank; k++)
            sub[k] = load->in[1 + turn[k]];
        ir_replace(load, pass_keeps_symbol(cx, load, ir_load(&at, a, a->type.rank, sub)));
        ir_drop(load);
    }
    ir_drop(b);
    cx->changed++;
}

void pass_merge_turned(PassCx *cx, IrRegion *r)
{
    int turn[TURNED_MOST];
    for (IrNode *a = r->first; a; a = a->next)
        for (IrNode *b = a->op == OP_map && pass_has_stream(a) ? a->next : NULL, *next; b; b = next) {
            const int n = a->regions[0]->params.n;
            next = b->next;
            if (b->op == OP_map && n > 1 && n <= TURNED_MOST && b->regions[0]->params.n == n && n == a->type.rank && b->type.rank == n &&
                a->type.dtype == b->type.dtype && pass_has_stream(b) && is_only_loaded(b) && find_turn(cx, a->regions[0], b->regions[0], 0, turn))
                read_turned(cx, a, b, turn);
        }
}

static bool is_candidate(const IrNode *n)
{
    const IrOpInfo *op = ir_info(n);
    return (op->effects & PURE) && n->op != OP_param && n->op != OP_yield && n->op != OP_arg && n->op != OP_index;
}

/* Bodies that differ in an operation, a constant or a value of the function itself are not compared: of a long chain of maps that is each with
 * all others. */
static uint64_t hash_more(uint64_t h, const IrNode *n, uint64_t bodies)
{
    h = mix(h, n->op);
    for (int i = 0; i < n->nin; i++)
        if (!n->in[i]->parent->owner)
            h = mix(h, n->in[i]->id);
    if (n->op == OP_const)
        h = mix(h, n->key[0]);
    return n->nregions ? mix(h, bodies) : h;
}

static const void *hash_key(const IrNode *n, uint64_t bodies)
{
    uint64_t h = mix(n->op, (uint64_t)n->type.dtype + 64u * n->redop);
    for (int i = 0; i < n->nin; i++)
        h = mix(h, n->in[i]->id);
    return (const void *)(uintptr_t)(hash_more(h, n, bodies) | 1);
}

static IrNode *find_equal(const Seen *s, IrNode *n, const void *key)
{
    for (Bucket *b = map_find(&s->buckets, key); b; b = b->next) {
        Match m = { map_new(s->cx->arena) };
        if (!b->node->dropped && same_node(&m, b->node, n))
            return b->node;
    }
    return NULL;
}

static Bucket *remember(Seen *s, IrNode *n, const void *key, Bucket *before)
{
    Bucket *b = NEW(s->cx->arena, Bucket);
    *b = (Bucket){ n, key, map_find(&s->buckets, key), before };
    map_put(&s->buckets, key, b);
    return b;
}

static void merge(PassCx *cx, IrNode *kept, IrNode *n)
{
    if (n->sym && !kept->sym) { /* dims keep meaning the same value */
        kept->sym = n->sym;
        kept->sym->user = kept;
        map_put(&cx->sym_nodes, kept->sym, kept);
    }
    ir_replace(n, kept);
    ir_drop(n);
}

/* Gives the hash of what stands in r then. */
static uint64_t visit(Seen *s, IrRegion *r)
{
    uint64_t h = 0;
    Bucket *mine = NULL;
    for (IrNode *n = r->first, *next; n; n = next) {
        uint64_t bodies = 0;
        next = n->next;
        for (int i = 0; i < n->nregions; i++) /* first: what it is compared with has no equal values inside either */
            bodies = mix(bodies, visit(s, n->regions[i]));
        const void *key = is_candidate(n) ? hash_key(n, bodies) : NULL;
        IrNode *kept = key ? find_equal(s, n, key) : NULL;
        if (kept && (!n->sym || !kept->sym || n->sym == kept->sym || !pass_is_spoken_of(n))) {
            merge(s->cx, kept, n);
            s->cx->changed++;
            continue;
        }
        h = hash_more(h, n, bodies);
        if (key)
            mine = remember(s, n, key, mine);
    }
    for (; mine; mine = mine->before)
        map_put(&s->buckets, mine->key, mine->next);
    return h;
}

void pass_merge_equal(PassCx *cx, IrRegion *r)
{
    Seen s = { cx, map_new(cx->arena) };
    visit(&s, r);
}

bool pass_cse(PassCx *cx, IrFn *fn)
{
    if (fn->level == TILE) /* there loads of buffers depend on the stores before them */
        return true;
    pass_forget_symbols(cx, fn);
    pass_merge_equal(cx, fn->body);
    return true;
}
