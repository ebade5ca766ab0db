/* tile_stream_choice.c - a choice between values of which one costs much and is needed nearly nowhere (online_factors.c): asked for a block.
 *
 *     s(i, j) = select(c(i, j), %fast / m[j], sum [d] { .. })
 *
 *     holds = all [rows of the tile, places of the block] c
 *     if holds { s[i, j] = %fast / m[j] } else { s[i, j] = select(..) }
 *
 * Each pair takes its own side either way, so no bit changes.
 */
#include "passes/tile/tile_stream_int.h"

enum { CHOICES_MOST = 4 };

typedef struct Choices { Stream *s; const IrNode *of; IrNode *c[CHOICES_MOST]; int n; } Choices;

/* A condition that has loops itself (`x <= 0` of a relu, which asks for the sum) costs as much for all pairs as what it would save. */
static bool costs_little(Stream *s, const IrNode *condition)
{
    Map cone = map_new(s->c.cx->arena);
    pass_note_cone(s->c.host->regions[0], condition, &cone);
    for (const IrNode *n = s->c.host->regions[0]->first; n; n = n->next)
        if (n->nregions && map_find(&cone, n))
            return false;
    return true;
}

bool stream_is_choice(Stream *s, const IrNode *n)
{
    return n->op == OP_select && n->in[2]->op == OP_reduce && !n->in[2]->stream && n->parent == s->c.host->regions[0] && n->in[2]->parent == n->parent &&
           cascade_stage(&s->c, n->in[0]) == 0 && stream_is_total_cone(s, n->in[0]) && costs_little(s, n->in[0]);
}

static void see(Choices *q, IrNode *n)
{
    Stream *s = q->s;
    if (n->parent != s->c.host->regions[0] || (map_find(&s->stored, n) && n != q->of))
        return;
    bool choice = stream_is_choice(s, n);
    for (int i = 0; i < q->n && choice; i++)
        if (q->c[i] == n)
            return;
    if (choice && q->n < CHOICES_MOST)
        q->c[q->n++] = n;
    for (int i = 0; i < n->nin; i++)
        see(q, n->in[i]);
}

bool stream_has_choice(Stream *s, const IrNode *n)
{
    Choices q = { .s = s, .of = n };
    see(&q, (IrNode *)(uintptr_t)n);
    return q.n;
}

static bool needs(Stream *s, const Choices *q, const IrNode *index)
{
    bool found = false;
    for (int i = 0; i < q->n && index && !found; i++)
        found = pass_depends_on(s->c.cx, q->c[i]->in[0], index);
    return found;
}

/* Where the open level is. */
static IrNode *all_hold(Stream *s, const Choices *q)
{
    IrNode *all = NULL;
    for (int i = 0; i < q->n; i++) {
        IrNode *x = stream_emit(s, q->c[i]->in[0]);
        all = all ? ir_add2(&stream_top(s)->b, OP_and, ir_scalar(DT_bool), all, x) : x;
    }
    return all;
}

bool stream_chooses_sums(Stream *s, const IrNode *n)
{
    Choices q = { .s = s, .of = n };
    bool all = true;
    see(&q, (IrNode *)(uintptr_t)n);
    for (int i = 0; i < q.n && all; i++)
        all = q.c[i]->in[2]->order == ORDER_contract && !needs(s, &q, s->c.row) && !needs(s, &q, s->c.head);
    return all;
}

IrNode *stream_choices_hold(Stream *s, const IrNode *n)
{
    Choices q = { .s = s, .of = n };
    Dim lo, extent;
    if (s->home && s->home != s->c.host->regions[0])
        return NULL;
    see(&q, (IrNode *)(uintptr_t)n);
    if (!q.n)
        return NULL;
    IrNode *row = needs(s, &q, s->c.row) ? s->c.row : NULL, *head = needs(s, &q, s->c.head) ? s->c.head : NULL, *j = needs(s, &q, s->c.j) ? s->c.j : NULL;
    stream_start(s);
    if (!row && !head && !j) {
        IrNode *all = all_hold(s, &q);
        stream_close(s);
        return all;
    }
    Level *l = stream_top(s);
    IrNode *r = ir_add0(&l->b, OP_reduce, ir_scalar(DT_bool));
    IrRegion *in = ir_region_new(s->t->fn, r);
    r->redop = RED_all;
    r->order = ORDER_lanes16;
    l->b.before = r;
    s->level[s->nlevels++] = (Level){ { s->t->fn, in, NULL, s->c.map->span }, { row, head, j }, s->made.n };
    if (head) {
        stream_head_span(s, &lo, &extent);
        stream_stand_for(s, in, head, lo, extent);
    }
    if (row) {
        stream_tile_span(s, &lo, &extent);
        stream_stand_for(s, in, row, lo, extent);
    }
    if (j) {
        IrNode *x = ir_index_new(in, j->name, NULL, dim_const(s->t->cx->module->dims, STREAM_BLOCK), j->span);
        x->to = stream_places_end(s);
        stream_bind_place(s, x);
    }
    IrNode *all = all_hold(s, &q);
    ir_yield(&stream_top(s)->b, 1, &all);
    stream_close(s);
    s->place = NULL;
    return r;
}
