/* merge.c - kernels that stand side by side and run over the same points become one pass over memory.
 *
 *     kernel [c] { tfor lanes [i] { %0 = load %m[i] ... store %m[i], %1 } }       kernel [c] { tfor lanes [i] {
 *     kernel [c] { tfor lanes [j] { %2 = load %m[j]                                   %0 = load %m[i] ... store %m[i], %1
 *                                   %3 = load %p[j] ... store %p[j], %4 } }           %3 = load %p[i] ... (of %1) store %p[i], %4 } }
 *
 * Both have the same nest of loops and no loop inside it (reductions, but for products, only where the second reads what the first writes: a mean, then
 * a variance, of the same columns). What one writes and the other reads or writes is the same element of the
 * same buffer at each point; it is then passed on in a register. The first may not fault: after a fault the second would not have run.
 * A buffer of the arena that nobody reads any more is not written either.
 */
#include "passes/merge_int.h"

enum { DEEPEST = 4, BUFFERS_MOST = 16 };

typedef struct Side {
    IrNode *kernel;
    IrRegion *level[DEEPEST]; /* the kernel's region, then that of the loop in it, ... */
    int depth;
    VEC(IrNode *) reads, writes;
    bool faults, plain;       /* plain: no loop in the innermost region but reductions, no memory of its own */
    bool reduces, known;      /* known: reads and writes are all that it does to memory */
} Side;

static void see_access(void *user, IrNode *n)
{
    Side *s = user;
    Arena *a = n->parent->fn->module->arena;
    if (n->op == OP_load && n->in[0]->op == OP_buffer)
        vec_push(a, &s->reads, n);
    else if (n->op == OP_store)
        vec_push(a, &s->writes, n);
    else if (n->op == OP_reduce && n->order != ORDER_contract && !n->stream)
        s->reduces = true;
    else if (n->nregions && n->op != OP_if && n->op != OP_tfor)
        s->plain = false;
    else if (n->op == OP_copy || n->op == OP_setscalar || n->op == OP_sortrow || n->op == OP_dot16 || n->op == OP_effect || n->op == OP_extern)
        s->plain = s->known = false;
    else if (n->op == OP_buffer)
        s->plain = false;
    s->faults = s->faults || (ir_info(n)->effects & FAULTS);
}

/* The loop that a region ends with; NULL: it is the innermost. */
static IrNode *loop_of(const IrRegion *r) { return r->last && r->last->op == OP_tfor ? r->last : NULL; }

static bool has_loop(const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_tfor)
            return true;
        for (int i = 0; i < n->nregions; i++)
            if (has_loop(n->regions[i]))
                return true;
    }
    return false;
}

static Side side_of(IrNode *kernel)
{
    Side s = { .kernel = kernel, .plain = true, .known = true };
    IrRegion *r = kernel->regions[0];
    for (; r; r = loop_of(r) ? loop_of(r)->regions[0] : NULL) {
        if (s.depth == DEEPEST) {
            s.plain = s.known = false;
            return s;
        }
        s.level[s.depth++] = r;
        for (const IrNode *n = r->first; n && loop_of(r); n = n->next)
            s.plain = s.plain && (n == loop_of(r) || !n->nregions);
    }
    s.plain = s.plain && !has_loop(s.level[s.depth - 1]);
    ir_walk(kernel->regions[0], see_access, &s);
    return s;
}

/* ---- the same loops --------------------------------------------------------------------------------------------- */

typedef struct Merge { PassCx *cx; Side a, b; SymMap syms; Map nodes; } Merge; /* from b's indices to a's */

static bool same_dim(Merge *m, Dim a, Dim b)
{
    return a == b || (a && b && dim_subst(m->cx->module->dims, b, symmap_subst, &m->syms) == a);
}

static bool same_level(Merge *m, int k)
{
    IrRegion *a = m->a.level[k], *b = m->b.level[k];
    if (a->params.n != b->params.n || a->owner->loop != b->owner->loop)
        return false;
    for (int i = 0; i < a->params.n; i++) {
        IrNode *x = a->params.p[i], *y = b->params.p[i];
        if (x->op != OP_index || y->op != OP_index || !same_dim(m, x->dim, y->dim) || !same_dim(m, x->lo, y->lo) || !same_dim(m, x->from, y->from) ||
            !same_dim(m, x->to, y->to))
            return false;
        map_put(&m->nodes, y, x);
        if (x->sym && y->sym)
            symmap_put(&m->syms, y->sym, dim_sym(m->cx->module->dims, x->sym));
    }
    return true;
}

static bool same_loops(Merge *m)
{
    for (int k = 0; k < m->a.depth; k++)
        if (m->a.depth != m->b.depth || !same_level(m, k))
            return false;
    return true;
}

/* ---- what they share -------------------------------------------------------------------------------------------- */

static int first_subscript(const IrNode *access) { return access->op == OP_store ? 2 : 1; }

/* The same element at each point: the same buffer, and subscripts that are the same indices. */
static bool same_element(Merge *m, const IrNode *a, const IrNode *b)
{
    int p = first_subscript(a), q = first_subscript(b);
    if (a->in[0] != b->in[0] || a->nin - p != b->nin - q)
        return false;
    for (int i = 0; i < a->nin - p; i++) {
        IrNode *x = a->in[p + i], *y = b->in[q + i], *index = map_find(&m->nodes, y);
        bool constant = x->op == OP_const && y->op == OP_const && x->imm == y->imm;
        if (!constant && (x->op != OP_index || x != index))
            return false;
    }
    return true;
}

static bool is_subscript(const IrNode *access, const IrNode *index)
{
    for (int i = first_subscript(access); i < access->nin; i++)
        if (access->in[i] == index)
            return true;
    return false;
}

/* Every point has an element of its own: each index of the loops is a subscript, or counts the pieces of one that is. */
static bool is_own(const Side *s, const IrNode *access)
{
    for (int k = 0; k < s->depth; k++)
        for (int i = 0; i < s->level[k]->params.n; i++) {
            const IrNode *x = s->level[k]->params.p[i];
            int64_t n;
            bool found = is_subscript(access, x) || (dim_is_const(x->dim, &n) && n == 1);
            for (int q = first_subscript(access); q < access->nin && !found; q++)
                found = x->sym && access->in[q]->op == OP_index && access->in[q]->lo && dim_mentions(access->in[q]->lo, x->sym);
            if (!found)
                return false;
        }
    return true;
}

/* Each pair of accesses to one piece of memory, of which at least one writes. */
static bool agree(Merge *m, IrNode *const *a, int na, IrNode *const *b, int nb)
{
    for (int i = 0; i < na; i++)
        for (int j = 0; j < nb; j++)
            if (pass_root(a[i]->in[0]) == pass_root(b[j]->in[0]) && !(same_element(m, a[i], b[j]) && is_own(&m->a, a[i])))
                return false;
    return true;
}

static bool writes_in(const Side *s, const IrNode *buffer)
{
    for (int i = 0; i < s->writes.n; i++)
        if (s->writes.p[i]->in[0] == buffer)
            return true;
    return false;
}

static IrNode *last_store(const Side *s, const IrNode *buffer)
{
    IrNode *found = NULL;
    for (int i = 0; i < s->writes.n; i++)
        found = s->writes.p[i]->in[0] == buffer ? s->writes.p[i] : found;
    return found;
}

/* What the second reads of the first's is known in a register where it is asked for. */
static bool can_forward(const Merge *m)
{
    const IrRegion *in = m->a.level[m->a.depth - 1], *deep = m->b.level[m->b.depth - 1];
    for (int i = 0; i < m->b.reads.n; i++) {
        const IrNode *load = m->b.reads.p[i];
        if (writes_in(&m->a, load->in[0]) && (last_store(&m->a, load->in[0])->parent != in || !ir_inside(load, deep)))
            return false;
    }
    for (int i = 0; i < m->a.writes.n; i++) /* a choice may leave an element as it was */
        if (m->a.writes.p[i]->parent != in)
            for (int j = 0; j < m->b.reads.n; j++)
                if (m->a.writes.p[i]->in[0] == m->b.reads.p[j]->in[0])
                    return false;
    return true;
}

static bool hands_on(const Merge *m)
{
    for (int i = 0; i < m->b.reads.n; i++)
        if (writes_in(&m->a, m->b.reads.p[i]->in[0]))
            return true;
    return false;
}

static int count_buffers(const Merge *m)
{
    int n = m->a.reads.n + m->a.writes.n + m->b.reads.n + m->b.writes.n;
    for (int i = 0; i < m->b.reads.n; i++)
        n -= writes_in(&m->a, m->b.reads.p[i]->in[0]);
    return n;
}

static bool may_merge(Merge *m)
{
    if (!m->a.plain || !m->b.plain || m->a.faults || m->a.depth != m->b.depth)
        return false;
    m->nodes = map_new(m->cx->arena);
    m->syms = symmap_new(m->cx);
    return count_buffers(m) <= BUFFERS_MOST && same_loops(m) &&
           (!(m->a.reduces || m->b.reduces) || hands_on(m)) &&
           agree(m, m->a.writes.p, m->a.writes.n, m->b.reads.p, m->b.reads.n) && agree(m, m->a.writes.p, m->a.writes.n, m->b.writes.p, m->b.writes.n) &&
           agree(m, m->a.reads.p, m->a.reads.n, m->b.writes.p, m->b.writes.n) && can_forward(m);
}

static bool touches(const Side *s, const IrNode *root, bool writes_only)
{
    for (int i = 0; i < s->writes.n; i++)
        if (pass_root(s->writes.p[i]->in[0]) == root)
            return true;
    for (int i = 0; i < s->reads.n && !writes_only; i++)
        if (pass_root(s->reads.p[i]->in[0]) == root)
            return true;
    return false;
}

/* ---- merging ---------------------------------------------------------------------------------------------------- */

typedef struct Rename { DimCx *dims; SymMap *syms; } Rename;

static Dim renamed(const Rename *r, Dim d) { return d ? dim_subst(r->dims, d, symmap_subst, r->syms) : NULL; }

static void in_new_symbols(void *user, IrNode *n)
{
    const Rename *r = user;
    if (n->op == OP_dim)
        n->dim = renamed(r, n->dim);
    for (int k = 0; k < n->nregions; k++)
        for (int i = 0; i < n->regions[k]->params.n; i++) {
            IrNode *x = n->regions[k]->params.p[i];
            x->dim = renamed(r, x->dim);
            x->lo = renamed(r, x->lo);
            x->from = renamed(r, x->from);
            x->to = renamed(r, x->to);
        }
}

void merge_rename(PassCx *cx, IrRegion *in, SymMap *syms)
{
    Rename r = { cx->module->dims, syms };
    ir_walk(in, in_new_symbols, &r);
}

static void move_level(Merge *m, int k)
{
    IrRegion *a = m->a.level[k], *b = m->b.level[k];
    IrBuilder at = { a->fn, a, loop_of(a), m->b.kernel->span };
    IrNode *end = ir_int(&at, 0);
    for (IrNode *n = b->first, *next; n; n = next) {
        next = n->next;
        if (n != loop_of(b))
            ir_move_before(n, end);
    }
    ir_drop(end);
}

/* Whatever b writes there it writes behind the load. */
static bool is_written_behind(const Merge *m, const IrNode *load)
{
    for (int i = 0; i < m->b.writes.n; i++) {
        const IrNode *x = load;
        while (x && x != m->b.writes.p[i])
            x = x->next;
        if (!x && pass_root(m->b.writes.p[i]->in[0]) == pass_root(load->in[0]))
            return false;
    }
    return true;
}

/* A load of a that has the element already; NULL: none, or b writes it in between. a writes nothing there: `agree` wants the same buffer of both then. */
static IrNode *read_before(Merge *m, const IrNode *load)
{
    for (int i = 0; i < m->a.reads.n; i++) {
        IrNode *x = m->a.reads.p[i];
        bool same = x->parent == m->a.level[m->a.depth - 1] && x->in[0] == load->in[0] && x->nin == load->nin;
        for (int k = 1; k < x->nin && same; k++)
            same = x->in[k] == load->in[k];
        if (same)
            return is_written_behind(m, load) ? x : NULL;
    }
    return NULL;
}

static void forward(Merge *m)
{
    for (int i = 0; i < m->b.reads.n; i++) {
        IrNode *load = m->b.reads.p[i], *store = last_store(&m->a, load->in[0]), *value = store ? store->in[1] : read_before(m, load);
        if (!value)
            continue;
        ir_replace(load, value);
        ir_drop(load);
    }
}

static void merge(Merge *m)
{
    DimCx *d = m->cx->module->dims;
    IrNode *a = m->a.kernel, *b = m->b.kernel;
    ir_move_before(a, b);
    merge_rename(m->cx, b->regions[0], &m->syms);
    for (int k = 0; k < m->a.depth; k++)
        for (int i = 0; i < m->b.level[k]->params.n; i++)
            ir_replace(m->b.level[k]->params.p[i], m->a.level[k]->params.p[i]);
    for (int k = 0; k < m->a.depth; k++) {
        IrNode *x = m->a.level[k]->owner, *y = m->b.level[k]->owner;
        x->factor = y->factor < x->factor ? y->factor : x->factor;
    }
    for (int k = m->a.depth - 1; k >= 0; k--)
        move_level(m, k);
    forward(m);
    a->flops = a->flops && b->flops ? dim_add(d, a->flops, b->flops) : NULL;
    a->bytes = a->bytes && b->bytes ? dim_add(d, a->bytes, b->bytes) : NULL;
    ir_drop(b);
    m->cx->changed++;
}

/* What stands between them does not care where the first one runs. */
static bool is_indifferent(const IrNode *n)
{
    return n->op == OP_buffer || n->op == OP_const || n->op == OP_dim || (ir_is_scalar_op(n) && !(ir_info(n)->effects & (FAULTS | PINNED)));
}

/* ---- which kernel is merged with which ---------------------------------------------------------------------------- */

enum { WINDOW = 32 }; /* kernels that are looked at before each one */

typedef struct Run { PassCx *cx; VEC(Side) sides; } Run; /* kernels with nothing between them that cares where they run */

/* May a run behind b, too? */
static bool may_wait(const Side *a, const Side *b)
{
    if (!a->known || !b->known || a->faults || b->faults)
        return false;
    for (int i = 0; i < a->writes.n; i++)
        if (touches(b, pass_root(a->writes.p[i]->in[0]), false))
            return false;
    for (int i = 0; i < a->reads.n; i++)
        if (touches(b, pass_root(a->reads.p[i]->in[0]), true))
            return false;
    return true;
}

/* Do they read or write the same memory? Others gain nothing from being one. */
static bool share(const Side *a, const Side *b)
{
    for (int i = 0; i < b->reads.n; i++)
        if (touches(a, pass_root(b->reads.p[i]->in[0]), false))
            return true;
    for (int i = 0; i < b->writes.n; i++)
        if (touches(a, pass_root(b->writes.p[i]->in[0]), false))
            return true;
    return false;
}

/* May kernel k of the run move behind all others? */
static bool may_be_last(const Run *run, int k)
{
    for (int i = k + 1; i < run->sides.n; i++)
        if (!may_wait(&run->sides.p[k], &run->sides.p[i]))
            return false;
    return true;
}

/* The last kernel that n and those between let it be one with: parameters of a model are updated one after the other, first all moments. */
static void merge_with_any(Run *run, IrNode *n)
{
    Side b = side_of(n);
    for (int k = run->sides.n - 1; k >= 0 && run->sides.n - k <= WINDOW; k--) {
        Merge m = { .cx = run->cx, .a = run->sides.p[k], .b = b };
        IrNode *a = m.a.kernel;
        bool next = k == run->sides.n - 1, one = (next || share(&m.a, &b)) && may_merge(&m), handed = !one && b.known && m.a.known && hands_on(&m);
        if (!(one || handed) || !may_be_last(run, k))
            continue;
        if (one)
            merge(&m);
        else if (!pass_merge_points(run->cx, a, n))
            continue;
        for (int i = k; i + 1 < run->sides.n; i++)
            run->sides.p[i] = run->sides.p[i + 1];
        run->sides.p[run->sides.n - 1] = side_of(a);
        return;
    }
    vec_push(run->cx->arena, &run->sides, b);
}

static void visit(PassCx *cx, IrRegion *r)
{
    Run run = { .cx = cx };
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_kernel) {
            merge_with_any(&run, n);
            continue;
        }
        if (!is_indifferent(n))
            run.sides.n = 0;
        for (int i = 0; i < n->nregions; i++)
            visit(cx, n->regions[i]);
    }
}

/* ---- memory that nobody reads ----------------------------------------------------------------------------------- */

static void drop_unread(void *user, IrNode *n)
{
    VEC(IrNode *) *all = user;
    if (n->op == OP_buffer && n->place == PLACE_arena)
        vec_push(n->parent->fn->module->arena, all, n);
}

static bool is_read(const IrNode *buffer)
{
    for (const IrUse *u = buffer->uses; u; u = u->next)
        if (u->user->op != OP_store || u->slot != 0)
            return true;
    return false;
}

static void drop_stores(IrFn *fn)
{
    VEC(IrNode *) all = { 0 };
    ir_walk(fn->body, drop_unread, &all);
    for (int i = 0; i < all.n; i++) {
        if (is_read(all.p[i]))
            continue;
        while (all.p[i]->uses)
            ir_drop(all.p[i]->uses->user);
        ir_drop(all.p[i]);
    }
}

bool pass_merge(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    if (cx->changed)
        drop_stores(fn);
    return true;
}
