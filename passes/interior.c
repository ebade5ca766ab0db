/* interior.c - rows of which no place of a sum lies outside of a tensor run without asking.
 *
 *     tfor rows 8 [z: lo..hi] {                       tfor seq [part: 2] { tfor seq [z: lo..a, then b..hi] { .. as it was .. } }
 *       sum [j: 3] { if 0 <= z + j - 1 < W { .. } } }     tfor rows 8 [z: a..b] { sum [j: 3] { .. } }
 *
 * Rows of a step that differ in the answer need a mask for each of them, which costs more than a multiply-add. Comparisons that grow or fall with
 * the row, and with places of the sum, hold for all rows from a to b: the first and the last places tell which. Padded convolutions whose
 * lanes are channels are such. Rows at the edges run one by one, and share their code. Only what is asked goes; bits stay. Where each place is a vector that
 * several rows read, and few are written out (window.c), its load takes the mask, once for all of them: those stay.
 */
#include "passes/stream_int.h"

enum { NODES_MOST = 96, FACTOR_MOST = 4 };

typedef struct Interior {
    PassCx *cx;
    IrNode *loop, *row, *reduce;
    Dim from, to;           /* rows for which all that is asked holds; NULL: no bound */
    VEC(IrNode *) asked;    /* comparisons */
    int nodes;
} Interior;

typedef struct Free { Interior *s; bool ok; } Free;

static void see_symbol(void *user, DimSym *sym)
{
    Free *f = user;
    IrNode *def = map_find(&f->s->cx->sym_nodes, sym);
    if (def && ir_inside(def, f->s->loop->regions[0]))
        f->ok = false;
}

/* The least value of d over all places of the reduction, in what is known before the loop; NULL: not found. */
static Dim least(Interior *s, Dim d)
{
    DimCx *cx = s->cx->module->dims;
    const IrRegion *r = s->reduce->regions[0];
    for (int i = r->params.n - 1; i >= 0; i--) {
        const IrNode *p = r->params.p[i];
        Dim at = dim_sym(cx, p->sym), lo = p->lo ? p->lo : dim_const(cx, 0), last = dim_sub(cx, dim_add(cx, lo, p->dim), dim_const(cx, 1));
        for (int k = -FACTOR_MOST; k <= FACTOR_MOST && dim_mentions(d, p->sym); k++) {
            Dim rest = dim_sub(cx, d, dim_mul(cx, dim_const(cx, k), at));
            if (!dim_mentions(rest, p->sym))
                d = dim_add(cx, rest, dim_mul(cx, dim_const(cx, k), k > 0 ? lo : last));
        }
    }
    Free f = { s, true };
    dim_syms(d, see_symbol, &f);
    return f.ok && !dim_is_poison(d) ? d : NULL;
}

/* a <= b, strict: a < b, of the row and what does not change with it. */
static void ask(Interior *s, IrNode *c)
{
    DimCx *d = s->cx->module->dims;
    if ((c->op != OP_le && c->op != OP_lt) || c->in[0]->type.dtype != DT_i64 || !pass_is_affine(c->in[0]) || !pass_is_affine(c->in[1]))
        return;
    Dim z = dim_sym(d, s->row->sym), slack = dim_sub(d, pass_dim_of(s->cx, c->in[1]), pass_dim_of(s->cx, c->in[0]));
    slack = c->op == OP_lt ? dim_sub(d, slack, dim_const(d, 1)) : slack;
    Dim up = dim_sub(d, slack, z), down = dim_add(d, slack, z);
    bool grows = !dim_mentions(up, s->row->sym);
    if (!dim_mentions(slack, s->row->sym) || (!grows && dim_mentions(down, s->row->sym)))
        return;
    Dim rest = least(s, grows ? up : down);
    if (!rest)
        return;
    if (grows) /* z + rest >= 0 */
        s->from = s->from ? dim_max(d, s->from, dim_neg(d, rest)) : dim_neg(d, rest);
    else /* rest - z >= 0 */
        s->to = s->to ? dim_min(d, s->to, dim_add(d, rest, dim_const(d, 1))) : dim_add(d, rest, dim_const(d, 1));
    vec_push(s->cx->arena, &s->asked, c);
}

static void ask_all(Interior *s, IrNode *c)
{
    if (c->op == OP_and) {
        ask_all(s, c->in[0]);
        ask_all(s, c->in[1]);
    } else if (ir_inside(c, s->reduce->regions[0])) {
        ask(s, c);
    }
}

static void see(void *user, IrNode *n)
{
    Interior *s = user;
    s->nodes++;
    if (n->op == OP_if && n->parent->owner && n->parent->owner->op == OP_reduce && n->parent->owner->order == ORDER_contract) {
        s->reduce = n->parent->owner;
        ask_all(s, n->in[0]);
    }
}

static void set_rows(IrNode *loop, Dim lo, Dim extent)
{
    IrNode *x = loop->regions[0]->params.p[0];
    x->lo = lo;
    x->dim = extent;
}

static void split_rows(Interior *s)
{
    PassCx *cx = s->cx;
    DimCx *d = cx->module->dims;
    IrNode *x = s->row, *old = s->loop;
    Dim zero = dim_const(d, 0), lo = x->lo ? x->lo : zero, hi = dim_add(d, lo, x->dim);
    Dim a = s->from ? dim_min(d, hi, dim_max(d, lo, s->from)) : lo, b = s->to ? dim_min(d, hi, dim_max(d, a, s->to)) : hi;
    IrBuilder at = { old->parent->fn, old->parent, old, old->span };
    Map nodes = map_new(cx->arena);
    IrNode *whole = ir_clone_node(&at, old, &nodes, NULL, NULL), *parts = ir_add0(&at, OP_tfor, ir_scalar(DT_none));
    set_rows(whole, a, dim_sub(d, b, a));
    for (int i = 0; i < s->asked.n; i++) {
        IrNode *c = map_find(&nodes, s->asked.p[i]);
        IrBuilder in = { at.fn, c->parent, c, c->span };
        ir_replace(c, ir_const_int(&in, DT_bool, 1));
    }
    parts->loop = LOOP_seq;
    IrRegion *r = ir_region_new(at.fn, parts);
    IrNode *part = ir_index_new(r, name_of(cx->module->names, "part"), NULL, dim_const(d, 2), old->span);
    Dim k = dim_sym(d, part->sym), first = dim_sub(d, a, lo), second = dim_sub(d, hi, b);
    IrBuilder in = { at.fn, r, NULL, old->span };
    IrNode *end = ir_int(&in, 0);
    ir_move_before(old, end);
    ir_drop(end);
    old->loop = LOOP_seq; /* of a row alone the answer is a branch */
    old->factor = 0;
    set_rows(old, dim_add(d, lo, dim_mul(d, k, dim_sub(d, b, lo))), dim_add(d, first, dim_mul(d, k, dim_sub(d, second, first))));
    cx->changed++;
}

static bool slides(const Interior *s)
{
    const IrNode *lanes = s->loop->regions[0]->last;
    while (lanes && (lanes->op != OP_tfor || lanes->loop != LOOP_lanes))
        lanes = lanes->prev;
    return lanes && pass_slides(s->cx, s->reduce, s->row, lanes->regions[0]->params.p[0]);
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_tfor && n->loop == LOOP_rows && n->factor > 1) {
            Interior s = { .cx = cx, .loop = n, .row = n->regions[0]->params.p[0] };
            if (!s.row->from && !s.row->to)
                ir_walk(n->regions[0], see, &s);
            if (s.asked.n && s.nodes <= NODES_MOST && !slides(&s))
                split_rows(&s);
            continue;
        }
        for (int i = 0; i < n->nregions; i++)
            visit(cx, n->regions[i]);
    }
}

bool pass_interior(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
