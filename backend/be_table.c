/* be_table.c - choices among constants by where whole numbers lie: a list that is written out.
 *
 *     if i < 2 { if i < 1 { 0.5 } else { 0.25 } } else { .. }       constant memory, read at clamp(i, 0, n - 1)
 *
 * The tree of a list has a leaf for each element, that of lists in lists a tree over the next index in each leaf. Code for such a tree is
 * a branch for each element; as a table it is one read. Any tree of `x < constant` over numbers that are known before it will do, as long
 * as the table has not many more places than the tree has leaves.
 */
#include "backend/be_int.h"

enum { AXES_MOST = 8, LEAVES_LEAST = 8, LEAF_PLACES = 4, PLACES_MOST = 1 << 24 };

typedef struct Table {
    const IrNode *root;
    const IrRegion *kernel; /* what is chosen outside of it comes as a value (be_part.c); NULL: the body */
    IrNode *x[AXES_MOST];
    int64_t from[AXES_MOST], to[AXES_MOST]; /* least and greatest constant that x is compared with */
    int naxes;
    int64_t leaves, size;
    LV *at;
    LT elem;
} Table;

static IrNode *side(const IrNode *n, int i)
{
    if (n->op == OP_select)
        return n->in[1 + i];
    IrNode *y = n->regions[i]->last;
    return y && y->op == OP_yield && y->nin == 1 ? y->in[0] : NULL;
}

static bool is_choice(const IrNode *n)
{
    const IrNode *c = n->op == OP_select || n->op == OP_if ? n->in[0] : NULL;
    return c && c->op == OP_lt && c->in[0]->type.dtype == DT_i64 && c->in[1]->op == OP_const && c->in[0]->op != OP_const;
}

static int axis_of(Table *t, IrNode *x)
{
    for (int i = 0; i < t->naxes; i++)
        if (t->x[i] == x)
            return i;
    bool known = t->root->op != OP_if || (!ir_inside(x, t->root->regions[0]) && !ir_inside(x, t->root->regions[1]));
    if (!known || t->naxes == AXES_MOST)
        return -1;
    t->x[t->naxes] = x;
    t->from[t->naxes] = INT64_MAX;
    t->to[t->naxes] = INT64_MIN;
    return t->naxes++;
}

/* Is it such a tree? Its axes, their ends and the number of leaves. */
static bool measure(Table *t, IrNode *n)
{
    if (!n)
        return false;
    if (n->op == OP_const) {
        t->leaves++;
        return n->type.rank == 0;
    }
    if (!is_choice(n) || (t->kernel && !ir_inside(n, t->kernel)))
        return false;
    int k = axis_of(t, n->in[0]->in[0]);
    int64_t c = n->in[0]->in[1]->imm;
    if (k < 0 || c < -PLACES_MOST || c > PLACES_MOST)
        return false;
    t->from[k] = c < t->from[k] ? c : t->from[k];
    t->to[k] = c > t->to[k] ? c : t->to[k];
    return measure(t, side(n, 0)) && measure(t, side(n, 1));
}

/* The places of x are from - 1, which stands for all below, up to `to`, which stands for all above. */
static int64_t places(const Table *t, int k) { return t->to[k] - t->from[k] + 2; }

static bool sized(Table *t)
{
    t->size = 1;
    for (int k = 0; k < t->naxes; k++)
        if (__builtin_mul_overflow(t->size, places(t, k), &t->size) || t->size > PLACES_MOST)
            return false;
    return t->leaves >= LEAVES_LEAST && t->size <= t->leaves * LEAF_PLACES;
}

/* The same value at all places of the box lo[], hi[]. */
static void fill(Table *t, int k, int64_t place, const int64_t *lo, const int64_t *hi, LV v)
{
    if (k == t->naxes) {
        t->at[place] = v;
        return;
    }
    for (int64_t i = lo[k]; i < hi[k]; i++)
        fill(t, k + 1, place * places(t, k) + i, lo, hi, v);
}

static bool write_leaves(Em *em, Table *t, IrNode *n, int64_t *lo, int64_t *hi)
{
    if (n->op == OP_const) {
        LV v = be_val(em, n)->v[0];
        if (n->type.dtype == DT_bool)
            v = LLVMConstInt(t->elem, n->imm != 0, 0);
        fill(t, 0, 0, lo, hi, v);
        return LLVMIsConstant(v);
    }
    int k = axis_of(t, n->in[0]->in[0]);
    int64_t cut = n->in[0]->in[1]->imm - t->from[k] + 1, first = lo[k], last = hi[k];
    cut = cut < first ? first : cut > last ? last : cut;
    hi[k] = cut;
    bool ok = cut == first || write_leaves(em, t, side(n, 0), lo, hi);
    hi[k] = last;
    lo[k] = cut;
    ok = ok && (cut == last || write_leaves(em, t, side(n, 1), lo, hi));
    lo[k] = first;
    return ok;
}

static LV as_memory(Em *em, const Table *t)
{
    LV all = LLVMConstArray2(t->elem, t->at, (uint64_t)t->size), g = LLVMAddGlobal(em->be->mod, LLVMTypeOf(all), "");
    LLVMSetInitializer(g, all);
    LLVMSetLinkage(g, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(g, 1);
    return g;
}

typedef struct Read { LV memory; LT elem; unsigned align; bool truth; } Read;

static LV read_at(Em *em, void *user, LV *x)
{
    const Read *r = user;
    int lanes = be_lanes_of(x[0]);
    LV p = em_gep(em, r->elem, r->memory, x[0]), v;
    LT t = be_vector(r->elem, lanes);
    if (!lanes) {
        v = em_load(em, t, p, r->align, MEM_KNOWN);
    } else {
        LV in[] = { p, be_const(em->be->i32, r->align), LLVMConstAllOnes(be_vector(em->be->i1, lanes)), be_zero(t) };
        v = em_intrinsic(em, MOVE_SAFE, "llvm.masked.gather", t, be_vector(em->be->ptr, lanes), 4, in);
    }
    return r->truth ? em_icmp(em, LLVMIntNE, v, be_zero(t)) : v;
}

/* NULL: no such tree, or a small one. */
Val *be_table(Em *em, IrNode *n)
{
    Table t = { .root = n, .kernel = em->kernel };
    IrDtype type = n->type.dtype;
    int64_t lo[AXES_MOST] = { 0 }, hi[AXES_MOST];
    if (type == DT_none || type == DT_key || type == DT_str || !is_choice(n) || !measure(&t, n) || !sized(&t))
        return NULL;
    t.elem = type == DT_bool ? em->be->i8 : be_val_type(em->be, type);
    t.at = NEWN(em->be->a, LV, t.size);
    for (int k = 0; k < t.naxes; k++)
        hi[k] = places(&t, k);
    if (!write_leaves(em, &t, n, lo, hi))
        return NULL;
    Val *at = val_int(em, 0);
    for (int k = 0; k < t.naxes; k++) {
        Val *least = val_int(em, t.from[k] - 1), *most = val_int(em, t.to[k]);
        Val *place = val_minmax(em, val_minmax(em, be_val(em, t.x[k]), least, true), most, false);
        at = val_add(em, val_mul(em, at, val_int(em, places(&t, k))), val_sub(em, place, least));
    }
    bool half = type == DT_f16 || type == DT_bf16; /* computed with as f32 */
    Read r = { as_memory(em, &t), t.elem, half ? 4 : (unsigned)dtype_bytes(type), type == DT_bool };
    return val_map(em, type, 1, &at, read_at, &r);
}
