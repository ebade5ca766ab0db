/* behind.c - stores of a loop over lanes stand behind its loads of other memory.
 *
 *     %0 = load %m[i] ... store %m[i], %1          %0 = load %m[i] ...
 *     %2 = load %v[i] ... store %v[i], %3          %2 = load %v[i] ... %4 = load %p[i]
 *     %4 = load %p[i] ...                          store %m[i], %1    store %v[i], %3 ...
 *
 * A load waits for stores before it that lie at the same place within a page, as elements of large arrays of one size do. Stores keep their
 * order. Four wait at most, for their values wait in registers. Linear.
 */
#include "passes/pass_int.h"

enum { WAITING = 4 };

typedef struct Behind { PassCx *cx; IrNode *store[WAITING], *load; int n, passed; } Behind; /* load: the last one behind the first `passed` of them */

/* They stand behind the last load that they let by. */
static void settle(Behind *b)
{
    IrNode *at = b->load ? b->load->next : NULL;
    for (int i = 0; i < b->passed && at; i++) {
        ir_move_before(b->store[i], at);
        b->cx->changed++;
    }
    b->n = b->passed = 0;
    b->load = NULL;
}

static bool touches(const Behind *b, const IrNode *load)
{
    bool found = false;
    for (int i = 0; i < b->n; i++)
        found = found || pass_root(b->store[i]->in[0]) == pass_root(load->in[0]);
    return found;
}

/* Values may be computed before what is stored; loops and what does more than compute may not. */
static bool is_plain(const IrNode *n) { return !n->nregions && (ir_info(n)->effects & PURE) && !(ir_info(n)->effects & (FAULTS | PINNED)); }

static void stores_behind(PassCx *cx, IrRegion *r)
{
    Behind b = { .cx = cx };
    for (IrNode *n = r->first; n; n = n->next) {
        bool load = n->op == OP_load, waits = n->op == OP_store;
        if (waits ? b.n == WAITING : load ? touches(&b, n) : !is_plain(n))
            settle(&b);
        if (waits)
            b.store[b.n++] = n;
        if (load && b.n) {
            b.load = n;
            b.passed = b.n;
        }
    }
    settle(&b);
}

static void see_lanes(void *user, IrNode *n)
{
    if (n->op == OP_tfor && n->loop == LOOP_lanes)
        stores_behind(user, n->regions[0]);
}

bool pass_behind(PassCx *cx, IrFn *fn)
{
    ir_walk(fn->body, see_lanes, cx);
    return true;
}
