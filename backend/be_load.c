/* be_load.c - loads and stores: how a subscript depends on the lanes decides the instruction.
 *
 *     does not depend        one scalar load, used by all lanes
 *     1 element a lane       vector load, masked where some lanes are off
 *     1 element for 2        half a vector, of which each element goes to two lanes
 *     every other one        two vectors; of 16 bits words, of which each lane takes a half
 *     anything else          gather
 *
 * An address is built from the tensor's base in steps, outermost loop first, so that inner loops add only what changes in them.
 * Nothing is read where the mask is off: a scalar load whose own mask is off reads a zero of ours instead.
 */
#include <stddef.h>

#include "backend/be_int.h"

/* ---- where things are ----------------------------------------------------------------------------------------- */

LV be_call_field(Em *em, size_t offset, LT t)
{
    return em_load(em, t, em_gep(em, em->be->i8, em->call, be_int(em->be, (int64_t)offset)), 8, MEM_KNOWN);
}

LV be_rt(Em *em, size_t offset)
{
    LV rt = be_call_field(em, offsetof(MlcrtCall, rt), em->be->ptr);
    return em_load(em, em->be->ptr, em_gep(em, em->be->i8, rt, be_int(em->be, (int64_t)offset)), 8, MEM_KNOWN);
}

static LV pointer_in(Em *em, size_t field, int64_t i)
{
    LV array = be_call_field(em, field, em->be->ptr);
    return em_load(em, em->be->ptr, em_gep(em, em->be->ptr, array, be_int(em->be, i)), 8, MEM_KNOWN);
}

LV be_leaf_pointer(Em *em, int64_t leaf) { return pointer_in(em, offsetof(MlcrtCall, leaf), leaf); }

static LV local_memory(Em *em, IrNode *b)
{
    int64_t n = 1, d;
    for (int i = 0; i < b->type.rank; i++) {
        if (!dim_is_const(b->type.dims[i], &d) || d < 0 || d > 4096) {
            be_fail(em->be, "internal: a local buffer has a size that is not constant or too large");
            d = 1;
        }
        n *= d;
    }
    if (n * dtype_bytes(b->type.dtype) > 16384)
        be_fail(em->be, "internal: a local buffer is larger than 16 KiB");
    return em_alloca(em, LLVMArrayType2(be_mem_type(em->be, b->type.dtype), (uint64_t)n), 64);
}

/* Of one task: whole cache lines. */
static Dim scratch_bytes(Em *em, IrType t)
{
    DimCx *d = em->be->ir->dims;
    Dim n = dim_const(d, dtype_bytes(t.dtype)), line = dim_const(d, 64);
    for (int i = 0; i < t.rank; i++)
        n = dim_mul(d, n, t.dims[i]);
    return dim_mul(d, dim_floordiv(d, dim_add(d, n, dim_const(d, 63)), line), line);
}

/* A kernel gets from its body where its own memory begins, and knows which part is the task's. */
static LV in_arena(Em *em, IrNode *b)
{
    bool passed = em->kernel && be_is_passed(b);
    LV p = passed ? be_captured(em, b) : em_gep(em, em->be->i8, be_call_field(em, offsetof(MlcrtCall, arena), em->be->ptr), be_dim_scalar(em, b->offset));
    if (b->place != PLACE_scratch || !em->kernel)
        return p;
    return em_gep(em, em->be->i8, p, em_bin(em, LLVMMul, em->task, be_dim_scalar(em, scratch_bytes(em, b->type))));
}

static LV find_base(Em *em, IrNode *b)
{
    if (em->kernel && !ir_inside(b, em->kernel))
        return be_captured(em, b);
    if (b->op == OP_param)
        return b->place == PLACE_prep ? pointer_in(em, offsetof(MlcrtCall, prep), b->imm) : be_leaf_pointer(em, b->imm);
    switch (b->place) {
    case PLACE_param: case PLACE_block: return be_leaf_pointer(em, b->imm);
    case PLACE_result: return be_leaf_pointer(em, em->ir->params.n + b->imm);
    case PLACE_prep: return pointer_in(em, offsetof(MlcrtCall, prep), b->imm);
    case PLACE_view: return be_base(em, b->in[0]);
    case PLACE_local: return local_memory(em, b);
    default: break;
    }
    if (!b->offset) {
        be_fail(em->be, "internal: buffer %%%u has no place in the arena", b->id);
        return LLVMGetUndef(em->be->ptr);
    }
    return in_arena(em, b);
}

LV be_base(Em *em, IrNode *b)
{
    LV p = map_find(&em->bases, b);
    if (!p || b->place != PLACE_local) { /* others are found again as equal instructions, wherever they are still in sight */
        p = find_base(em, b);
        map_put(&em->bases, b, p);
    }
    return p;
}

const IrNode *be_root(const IrNode *b)
{
    while (b->op == OP_buffer && b->place == PLACE_view)
        b = b->in[0];
    return b;
}

/* Not memory that this task has just written, nor a packed weight, whose panels are read in order. */
bool be_may_be_far(const IrNode *b)
{
    b = be_root(b);
    return b->op == OP_param ? b->place != PLACE_prep : b->place == PLACE_param || b->place == PLACE_arena;
}

/* Memory that nobody writes during the call. */
bool be_is_constant(const Em *em, const IrNode *b)
{
    b = be_root(b);
    if (b->place == PLACE_prep || b->place == PLACE_block)
        return true;
    if (b->op != OP_param && b->place != PLACE_param)
        return false;
    for (int i = 0; i < em->ir->vars.n; i++)
        if (em->ir->vars.p[i] == b->imm)
            return false;
    return true;
}

/* ---- addresses ------------------------------------------------------------------------------------------------- */

typedef struct Addr { Val p; IrDtype t; bool constant; } Addr; /* p.v: pointers, or vectors of them */

static Val *stride_of(Em *em, IrType t, int axis)
{
    DimCx *cx = em->be->ir->dims;
    Dim d = dim_const(cx, 1);
    for (int i = axis + 1; i < t.rank; i++)
        d = dim_mul(cx, d, t.dims[i]);
    return be_dim(em, d);
}

static Val *step(Em *em, Addr *a, Val *p, Val *off)
{
    int nr = p->nr > off->nr ? p->nr : off->nr, nv = p->nv > off->nv ? p->nv : off->nv;
    bool vec = p->vec || off->vec;
    LT t = be_mem_type(em->be, a->t);
    Val *y = val_new(em, DT_none, nr, nv, vec);
    y->coef = vec ? 0 : p->coef + off->coef;
    for (int r = 0; r < nr; r++)
        for (int j = 0; j < y->nv; j++) {
            LV base = p->v[(p->nr == 1 ? 0 : r) * p->nv + (p->nv == 1 ? 0 : j)];
            if (p->nv == 1 && p->coef && y->nv > 1)
                base = em_gep(em, t, base, be_int(em->be, p->coef * j * em->W));
            if (vec && !p->vec && p->coef)
                base = em_gep(em, t, base, val_vec(em, &(Val){ .t = DT_i64, .nr = 1, .nv = 1, .coef = p->coef, .mult = 1, .v = (LV[]){ be_int(em->be, 0) } }, 0, 0));
            y->v[r * y->nv + j] = em_gep(em, t, base, val_get(em, off, vec, r, j));
        }
    bool share = vec && (p->vec ? p->share && !val_varies(off) : off->share && !p->coef);
    if (share) {
        y->share = p->vec ? p->share : off->share;
        y->first = step(em, a, p->vec ? p->first : p, p->vec ? off : off->first);
    }
    if (vec && (p->vec ? p->even && !val_varies(off) : off->even && !p->coef)) {
        y->even = step(em, a, p->vec ? p->even : p, p->vec ? off : off->even);
        y->evenly = p->vec ? p->evenly : off->evenly;
    }
    return y;
}

static Addr address(Em *em, IrNode *buffer, int n, IrNode *const *subs)
{
    Addr a = { .t = buffer->type.dtype, .constant = be_is_constant(em, buffer) };
    Val *off[IR_RANK_MOST], *p = val_scalar(em, DT_none, be_base(em, buffer));
    for (int i = 0; i < n; i++) {
        Val *s = be_val(em, subs[i]);
        off[i] = i == n - 1 ? s : val_mul(em, s, stride_of(em, buffer->type, i));
    }
    for (int level = 0; level < em->scopes.n; level++) {
        Val *sum = NULL;
        for (int i = 0; i < n; i++)
            if (val_level(em, off[i]) == level)
                sum = sum ? val_add(em, sum, off[i]) : off[i];
        if (sum)
            p = step(em, &a, p, sum);
    }
    a.p = *p;
    return a;
}

static LV pointer(Em *em, const Addr *a, int r, int j)
{
    const Val *p = &a->p;
    LV v = p->v[(p->nr == 1 ? 0 : r) * p->nv + (p->nv == 1 ? 0 : j)];
    return p->nv == 1 && p->coef && j ? em_gep(em, be_mem_type(em->be, a->t), v, be_int(em->be, p->coef * j * em->W)) : v;
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* The mask of element (r, j) of something that has nr rows and nv vectors: or over what it does not distinguish.
 * NULL: on, because that is all of the mask, which is not false everywhere. */
static LV mask_of(Em *em, const Val *m, int nr, int nv, bool lanes, int r, int j)
{
    if (!m)
        return NULL;
    bool all_rows = nr == 1 && m->nr > 1, all_vecs = nv == 1 && m->nv > 1;
    bool whole = (nr == 1 || m->nr == 1) && (nv == 1 || m->nv == 1) && (!lanes || !m->vec);
    if (whole)
        return NULL;
    LV any = NULL;
    for (int rr = 0; rr < (all_rows ? m->nr : 1); rr++)
        for (int jj = 0; jj < (all_vecs ? m->nv : 1); jj++) {
            LV e = val_get(em, m, lanes, all_rows ? rr : r, all_vecs ? jj : j);
            any = any ? em_bin(em, LLVMOr, any, e) : e;
        }
    if (!lanes && m->vec)
        any = em_intrinsic(em, MOVE_FREE, "llvm.vector.reduce.or", LLVMTypeOf(any), NULL, 1, &any);
    return any;
}

static bool all_on(LV mask) { return !mask || (LLVMIsConstant(mask) && LLVMIsNull(mask) == 0 && mask == LLVMConstAllOnes(LLVMTypeOf(mask))); }

/* ---- loads ----------------------------------------------------------------------------------------------------------- */

static LV load_scalar(Em *em, const Addr *a, LT t, LV p, LV on)
{
    if (on)
        p = em_select(em, on, p, em->be->zeros);
    unsigned align = (unsigned)dtype_bytes(a->t);
    return em_load(em, t, p, align > 8 ? 8 : align, a->constant ? MEM_CONSTANT : MEM_WRITTEN);
}

static LV load_lanes(Em *em, const Addr *a, LT elem, LV p, LV mask)
{
    LT t = be_vector(elem, em->W);
    unsigned align = (unsigned)dtype_bytes(a->t);
    if (all_on(mask))
        return em_load(em, t, p, align, a->constant ? MEM_CONSTANT : MEM_WRITTEN);
    if (em_level(em, p) == em->scopes.n - 1)
        mask = be_carried_mask(em, mask);
    LV x[] = { p, LLVMConstInt(em->be->i32, align, 0), mask, be_zero(t) };
    return em_intrinsic(em, a->constant ? MOVE_SAFE : MOVE_READ, "llvm.masked.load", t, em->be->ptr, 4, x);
}

static LV gather(Em *em, const Addr *a, LT elem, LV p, LV mask)
{
    LT t = be_vector(elem, em->W);
    if (!a->p.vec) { /* one pointer and a constant step */
        Val lanes = { .t = DT_i64, .nr = 1, .nv = 1, .coef = a->p.coef, .mult = 1, .v = (LV[]){ be_int(em->be, 0) } };
        p = em_gep(em, elem, p, val_vec(em, &lanes, 0, 0));
    }
    if (!mask)
        mask = LLVMConstAllOnes(be_vector(em->be->i1, em->W));
    LV x[] = { p, LLVMConstInt(em->be->i32, (unsigned)dtype_bytes(a->t), 0), mask, be_zero(t) };
    return em_intrinsic(em, a->constant ? MOVE_SAFE : MOVE_READ, "llvm.masked.gather", t, be_vector(em->be->ptr, em->W), 4, x);
}

/* Bit i of the mask at bit 2 i. */
static LV bits_apart(Em *em, LV mask)
{
    static const int64_t keep[] = { 0x00ff00ff, 0x0f0f0f0f, 0x33333333, 0x55555555 };
    LT i32 = em->be->i32;
    LV x = em_cast(em, LLVMZExt, em_cast(em, LLVMBitCast, mask, LLVMIntTypeInContext(em->be->cx, (unsigned)em->W)), i32);
    for (int k = 0; k < 4; k++)
        x = em_bin(em, LLVMAnd, em_bin(em, LLVMOr, x, em_bin(em, LLVMShl, x, be_const(i32, 8 >> k))), be_const(i32, keep[k]));
    return x;
}

static LV bits_to_mask(Em *em, LV bits)
{
    LT half = LLVMIntTypeInContext(em->be->cx, (unsigned)em->W);
    return em_cast(em, LLVMBitCast, em_cast(em, LLVMTrunc, bits, half), be_vector(em->be->i1, em->W));
}

/* Lanes two elements apart: two vectors, the second from one element earlier on, so that it ends with the last lane's, of which every other element
 * is taken. */
static LV load_every_other(Em *em, const Addr *a, LT elem, LV p, LV mask)
{
    LV on[2] = { NULL, NULL }, at[64], half[2];
    int w = em->W;
    if (!all_on(mask)) {
        LV bits = bits_apart(em, mask);
        on[0] = bits_to_mask(em, bits);
        on[1] = bits_to_mask(em, em_bin(em, LLVMLShr, bits, be_const(em->be->i32, w - 1)));
    }
    for (int i = 0; i < 2; i++)
        half[i] = load_lanes(em, a, elem, i ? em_gep(em, elem, p, be_int(em->be, w - 1)) : p, on[i]);
    for (int i = 0; i < w; i++)
        at[i] = LLVMConstInt(em->be->i32, (unsigned)(i < w / 2 ? 2 * i : 2 * i + 1), 0);
    return em_shuffle(em, half[0], half[1], LLVMConstVector(at, (unsigned)w));
}

/* Lanes of 16 bits two elements apart, halves of words side by side: these are read, which hold nothing else that a fault could come of. */
static LV load_halves(Em *em, const Addr *a, LV p, LV mask)
{
    Be *be = em->be;
    LV odd = em_bin(em, LLVMAnd, em_cast(em, LLVMPtrToInt, p, be->i64), be_int(be, 2));
    LV x = load_lanes(em, a, be->i32, em_gep(em, be->i8, p, em_bin(em, LLVMSub, be_int(be, 0), odd)), mask);
    LV by = em_bin(em, LLVMShl, em_cast(em, LLVMTrunc, odd, be->i32), be_const(be->i32, 3));
    return em_cast(em, LLVMTrunc, em_bin(em, LLVMLShr, x, em_splat(em, by, em->W)), be_vector(be->i16, em->W));
}

/* Of each group of `share` lanes: is one on? Groups are looked at as integers: shuffles of bools are many instructions. */
static LV groups_on(Em *em, LV mask, int share)
{
    Be *be = em->be;
    int bits = share == 2 ? 32 : 8, group = share * bits, n = em->W / share;
    LV lanes = em_cast(em, LLVMSExt, mask, be_vector(bits == 32 ? be->i32 : be->i8, em->W));
    LT t = be_vector(group == 64 ? be->i64 : be->i32, n); /* share is 2, 4 or 8 */
    return em_icmp(em, LLVMIntNE, em_cast(em, LLVMBitCast, lanes, t), be_zero(t));
}

/* x from its last lane to the first. */
static LV turned(Em *em, LV x)
{
    LV at[64];
    for (int i = 0; i < em->W; i++)
        at[i] = LLVMConstInt(em->be->i32, (unsigned)(em->W - 1 - i), 0);
    return em_shuffle(em, x, x, LLVMConstVector(at, (unsigned)em->W));
}

/* p: where lane 0 reads, the others before it. */
static LV load_backwards(Em *em, const Addr *a, LT elem, LV p, LV mask)
{
    p = em_gep(em, elem, p, be_int(em->be, 1 - em->W));
    return turned(em, load_lanes(em, a, elem, p, all_on(mask) ? NULL : turned(em, mask)));
}

/* Lanes that lie side by side in most vectors: if they do in all vectors of the node, as they lie. */
static bool load_even(Em *em, const Addr *a, LT t, Val *y)
{
    const Val *e = a->p.even;
    int n = y->nr * y->nv;
    LV all = NULL, on[64], x[64];
    if (!e || (e->coef != 1 && e->coef != -1) || n > 64)
        return false;
    for (int i = 0; i < n; i++) {
        LV is = val_at(em, a->p.evenly, i / y->nv, i % y->nv);
        all = all ? em_bin(em, LLVMAnd, all, is) : is;
        on[i] = mask_of(em, em->mask, y->nr, y->nv, true, i / y->nv, i % y->nv);
    }
    Addr as = { .p = *e, .t = a->t, .constant = a->constant };
    Cond c = em_if(em, all, n, NULL);
    for (int i = 0; i < n; i++) {
        LV p = pointer(em, &as, i / y->nv, i % y->nv);
        x[i] = e->coef == 1 ? load_lanes(em, &as, t, p, on[i]) : load_backwards(em, &as, t, p, on[i]);
    }
    em_else(em, &c, x);
    for (int i = 0; i < n; i++)
        x[i] = gather(em, a, t, pointer(em, a, i / y->nv, i % y->nv), on[i]);
    em_end_if(em, &c, x);
    for (int i = 0; i < n; i++)
        y->v[i] = be_from_mem(em, a->t, x[i]);
    return true;
}

/* p: where lane 0 reads; `share` lanes read one element. */
static LV load_shared(Em *em, const Addr *a, LT elem, LV p, LV mask)
{
    int n = em->W / a->p.share;
    LT t = be_vector(elem, n);
    LV at[64], x;
    unsigned align = (unsigned)dtype_bytes(a->t);
    for (int i = 0; i < em->W; i++)
        at[i] = LLVMConstInt(em->be->i32, (unsigned)(i / a->p.share), 0);
    if (all_on(mask)) {
        x = em_load(em, t, p, align, a->constant ? MEM_CONSTANT : MEM_WRITTEN);
    } else {
        LV args[] = { p, LLVMConstInt(em->be->i32, align, 0), groups_on(em, mask, a->p.share), be_zero(t) };
        x = em_intrinsic(em, a->constant ? MOVE_SAFE : MOVE_READ, "llvm.masked.load", t, em->be->ptr, 4, args);
    }
    return em_shuffle(em, x, x, LLVMConstVector(at, (unsigned)em->W));
}

/* A vector that begins inside of its row ends there, too, whatever the mask of a loop's rest says: panels are padded for that. */
static bool stays_inside(Em *em, const IrNode *n)
{
    IrType t = n->in[0]->type;
    int64_t width;
    if (em->mask != em->tail_mask || !t.rank || !dim_is_const(t.dims[t.rank - 1], &width) || width % em->W)
        return false;
    for (int i = 1; i < n->nin; i++) {
        Val *s = be_val(em, n->in[i]);
        int64_t all = s->nv == 1 ? (int64_t)em->V * em->W : em->W; /* of vectors that lie side by side the last one, too */
        if (s->vec || s->coef != (i == n->nin - 1) || (s->coef && (s->mult % all || width % all)))
            return false;
    }
    return true;
}

/* Once for each address: in the loop that the address changes in. */
void be_fetch(Em *em, LV p, int level)
{
    LT i32 = em->be->i32;
    LV x[] = { p, be_const(i32, 0), be_const(i32, level), be_const(i32, 1) };
    em_intrinsic(em, MOVE_SAFE, "llvm.prefetch", em->be->ptr, NULL, 4, x);
}

enum { FAR_ROWS = 4, TURNS_AHEAD = 64 };

/* A packed weight in a sum for several rows: each line is used for some time, so the next ones are asked for early. In lines, few rows go through
 * four of its panels so fast that the processor sees ahead better. */
static bool is_streamed(const Em *em, const IrNode *n)
{
    const IrNode *sum = n->parent->owner;
    int from = em->be->target.vector_bytes == LINE ? FAR_ROWS : 1;
    return em->R > from && n->in[0]->place == PLACE_prep && sum && sum->op == OP_reduce && sum->order == ORDER_contract;
}

/* p: a vector of such a weight, so many bytes. What is far goes to the second level first, where rows a power of two apart leave the first one little
 * room; shorter vectors read it from there. The distances, in bytes, are about the time of a far read. */
static void fetch_weight(Em *em, LV p, int bytes)
{
    enum { NEAR = 1536, FAR = 4096, SHORT = 6144 };
    bool line = bytes == LINE;
    if (line)
        be_fetch(em, em_gep(em, em->be->i8, p, be_int(em->be, NEAR)), 3);
    be_fetch(em, em_gep(em, em->be->i8, p, be_int(em->be, line ? FAR : SHORT)), 2);
}

/* An index of part of an axis: what follows is read in the next turns of a loop around it (blocks of a stream). */
bool be_is_block(const IrNode *index)
{
    int64_t n;
    return index && dim_is_const(index->dim, &n) && n <= BLOCK && index->to;
}

/* Rows of a tensor, one a turn of a sum, for few rows of a result: they may come from far away, and where only a part of each is read at a
 * time they are no stream that a processor sees ahead. */
static bool takes_rows(const Em *em, const IrNode *n)
{
    const IrNode *sum = n->parent->owner;
    int last = n->nin - 1;
    if (em->R > FAR_ROWS || last < 2 || !sum || sum->op != OP_reduce || sum->order != ORDER_contract || !be_may_be_far(n->in[0]))
        return false;
    const IrNode *index = vec_last(&n->parent->params);
    return be_is_block(index) && be_depends_on(n->in[last - 1], index) && !be_depends_on(n->in[last], index);
}

/* What the row some turns later has, to the second level: by then it is near, and the first one has no room for so many. Each line once. */
static void fetch_row(Em *em, const Addr *a, const IrNode *n)
{
    IrType t = n->in[0]->type;
    LV ahead = em_bin(em, LLVMMul, be_dim_scalar(em, t.dims[t.rank - 1]), be_int(em->be, TURNS_AHEAD));
    bool apart = a->p.nv > 1;
    for (int r = 0; r < a->p.nr; r++)
        for (int j = 0; j < em->V; j++) {
            LV p = em_gep(em, be_mem_type(em->be, a->t), pointer(em, a, r, apart ? j : 0), ahead);
            if (apart || j * em->W * dtype_bytes(a->t) % LINE == 0)
                be_fetch(em, apart || !j ? p : em_gep(em, be_mem_type(em->be, a->t), p, be_int(em->be, a->p.coef * j * em->W)), 2);
        }
}

/* The first step over rows of the result asks for them: the others find them near, and asking for what is near takes as long as reading it. Behind all else of
 * a turn, for what is asked only then parts the turn. */
void be_fetch_rows(Em *em, const IrRegion *turn)
{
    const IrNode *n = em->fetched;
    Cond c;
    em->fetched = NULL;
    if (!n || n->parent != turn)
        return;
    Addr a = address(em, n->in[0], n->nin - 1, n->in + 1);
    if (em->first_rows)
        c = em_if(em, em->first_rows, 0, NULL);
    fetch_row(em, &a, n);
    if (em->first_rows)
        em_end_if(em, &c, NULL);
}

Val *be_load_node(Em *em, IrNode *n)
{
    IrNode *buffer = n->in[0];
    Val *turn = be_load_turn(em, n);
    if (turn)
        return turn;
    Addr a = address(em, buffer, n->nin - 1, n->in + 1);
    bool lanes = a.p.vec || a.p.coef;
    LT t = be_mem_type(em->be, a.t);
    bool whole = em->mask && lanes && stays_inside(em, n), rows = !a.p.vec && a.p.coef == 1 && takes_rows(em, n);
    Val *y = val_new(em, a.t, a.p.nr, a.p.nv, lanes);
    if (load_even(em, &a, t, y))
        return y;
    if (rows)
        em->fetched = n;
    if (em->R == 1)
        be_fetch_rows(em, n->parent);
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < y->nv; j++) {
            LV on = mask_of(em, em->mask, y->nr, y->nv, lanes, r, j), p = pointer(em, &a, r, j), x;
            if (!lanes)
                x = load_scalar(em, &a, t, p, on);
            else if (!a.p.vec && a.p.coef == 1) {
                if (is_streamed(em, n) && (a.p.nv > 1 || j * em->W * dtype_bytes(a.t) % LINE == 0))
                    fetch_weight(em, p, em->W * dtype_bytes(a.t));
                x = load_lanes(em, &a, t, p, whole ? NULL : on);
            } else if (a.p.share)
                x = load_shared(em, &a, t, pointer(em, &(Addr){ .p = *a.p.first, .t = a.t }, r, j), on);
            else if (!a.p.vec && a.p.coef == 2 && dtype_bytes(a.t) >= 4 && em->W >= 4 && em->W <= 16 && (all_on(on) || (em->be->target.avx512 && em->W >= 8)))
                x = load_every_other(em, &a, t, p, on);
            else if (!a.p.vec && a.p.coef == 2 && dtype_bytes(a.t) == 2 && em->W >= 4 && em->W <= 16)
                x = load_halves(em, &a, p, on);
            else if (!a.p.vec && a.p.coef == -1)
                x = load_backwards(em, &a, t, p, on);
            else
                x = gather(em, &a, t, p, on);
            y->v[r * y->nv + j] = be_from_mem(em, a.t, x);
        }
    return y;
}

/* ---- words of four bytes ------------------------------------------------------------------------------------------ */

enum { WORD = 4 };

int64_t be_panel_lanes(const IrNode *load)
{
    IrType t = load->in[0]->type;
    const IrNode *last = load->in[load->nin - 1], *lane = last;
    int64_t width, each = 1;
    if (!t.rank || !dim_is_const(t.dims[t.rank - 1], &width))
        return 0;
    if (last->op == OP_add && last->in[0]->op == OP_mul && last->in[0]->in[1]->op == OP_const) {
        lane = last->in[0]->in[0];
        each = last->in[0]->in[1]->imm;
    }
    return lane->op == OP_mod && lane->in[1]->op == OP_const && lane->in[1]->imm * each == width ? width / each : 0;
}

static LV word_lanes(Em *em, const Addr *a, LV p, LV mask)
{
    LT i32 = em->be->i32, t = be_vector(i32, em->W);
    bool side_by_side = !a->p.vec && a->p.coef == WORD;
    if (side_by_side && all_on(mask))
        return em_load(em, t, p, 1, a->constant ? MEM_CONSTANT : MEM_WRITTEN);
    if (!side_by_side && !a->p.vec) {
        Val lanes = { .t = DT_i64, .nr = 1, .nv = 1, .coef = a->p.coef, .mult = 1, .v = (LV[]){ be_int(em->be, 0) } };
        p = em_gep(em, em->be->i8, p, val_vec(em, &lanes, 0, 0));
    }
    LV on = mask ? be_carried_mask(em, mask) : LLVMConstAllOnes(be_vector(em->be->i1, em->W)), x[] = { p, LLVMConstInt(i32, 1, 0), on, be_zero(t) };
    return em_intrinsic(em, a->constant ? MOVE_SAFE : MOVE_READ, side_by_side ? "llvm.masked.load" : "llvm.masked.gather", t,
                        side_by_side ? em->be->ptr : be_vector(em->be->ptr, em->W), 4, x);
}

Val *be_load_word(Em *em, IrNode *n)
{
    Addr a = address(em, n->in[0], n->nin - 1, n->in + 1);
    bool lanes = a.p.vec || a.p.coef, side_by_side = !a.p.vec && a.p.coef == WORD;
    bool whole = side_by_side && em->mask == em->tail_mask && be_panel_lanes(n) % em->W == 0; /* panels are padded */
    Val *y = val_new(em, DT_i32, a.p.nr, a.p.nv, lanes);
    for (int r = 0; r < y->nr; r++)
        for (int j = 0; j < y->nv; j++) {
            LV on = mask_of(em, em->mask, y->nr, y->nv, lanes, r, j), p = pointer(em, &a, r, j);
            if (side_by_side && is_streamed(em, n) && (a.p.nv > 1 || j * em->W * WORD % LINE == 0))
                fetch_weight(em, p, em->W * WORD);
            if (lanes) {
                y->v[r * y->nv + j] = word_lanes(em, &a, p, whole ? NULL : on);
                continue;
            }
            p = on ? em_select(em, on, p, em->be->zeros) : p;
            y->v[r * y->nv + j] = em_load(em, em->be->i32, p, 1, a.constant ? MEM_CONSTANT : MEM_WRITTEN);
        }
    return y;
}

/* ---- stores ------------------------------------------------------------------------------------------------------------ */

static void store_one(Em *em, const Addr *a, LV x, LV p, LV on)
{
    unsigned align = (unsigned)dtype_bytes(a->t);
    if (!on) {
        em_store(em, x, p, align > 8 ? 8 : align);
        return;
    }
    Cond c = em_if(em, on, 0, NULL);
    em_store(em, x, p, align > 8 ? 8 : align);
    em_end_if(em, &c, NULL);
}

static void store_lanes(Em *em, const Addr *a, LV x, LV p, LV mask)
{
    unsigned align = (unsigned)dtype_bytes(a->t);
    bool side_by_side = !a->p.vec && a->p.coef == 1;
    if (side_by_side && all_on(mask)) {
        em_store(em, x, p, align);
        return;
    }
    LT t = LLVMTypeOf(x), pt = side_by_side ? em->be->ptr : be_vector(em->be->ptr, em->W);
    if (!side_by_side && !a->p.vec) {
        Val lanes = { .t = DT_i64, .nr = 1, .nv = 1, .coef = a->p.coef, .mult = 1, .v = (LV[]){ be_int(em->be, 0) } };
        p = em_gep(em, be_mem_type(em->be, a->t), p, val_vec(em, &lanes, 0, 0));
    }
    if (!mask)
        mask = LLVMConstAllOnes(be_vector(em->be->i1, em->W));
    LV on = be_carried_mask(em, mask), args[] = { x, p, LLVMConstInt(em->be->i32, align, 0), on };
    if (side_by_side && em->mostly_on && em->tail_mask && em->mask == em->tail_mask && !em->be->target.avx512) { /* masked stores are slow there: 12 cycles and more, and no later load takes from them */
        LV all = em_intrinsic(em, MOVE_FREE, "llvm.vector.reduce.and", LLVMTypeOf(on), NULL, 1, &on);
        Cond c = em_if(em, all, 0, NULL);
        em_store(em, x, p, align);
        em_else(em, &c, NULL);
        em_intrinsic(em, MOVE_NONE, "llvm.masked.store", t, pt, 4, args);
        em_end_if(em, &c, NULL);
        return;
    }
    em_intrinsic(em, MOVE_NONE, side_by_side ? "llvm.masked.store" : "llvm.masked.scatter", t, pt, 4, args);
}

static bool has_no_elements(const IrType *t)
{
    int64_t n;
    for (int i = 0; i < t->rank; i++)
        if (dim_is_const(t->dims[i], &n) && n == 0)
            return true;
    return false;
}

void be_store_node(Em *em, IrNode *n)
{
    if (has_no_elements(&n->in[0]->type))
        return; /* code that never runs; its strides are 0 */
    Val *x = be_val(em, n->in[1]);
    Addr a = address(em, n->in[0], n->nin - 2, n->in + 2);
    bool lanes = a.p.vec || a.p.coef;
    if (val_varies(x) && !lanes) {
        be_fail(em->be, "internal: all lanes store into one element");
        return;
    }
    int nr = a.p.nr, nv = lanes ? em->V : a.p.nv;
    for (int r = 0; r < nr; r++)
        for (int j = 0; j < nv; j++) {
            LV on = mask_of(em, em->mask, nr, nv, lanes, r, j);
            LV v = be_to_mem(em, a.t, val_get(em, x, lanes, r, j)), p = pointer(em, &a, r, j);
            if (lanes)
                store_lanes(em, &a, v, p, on);
            else
                store_one(em, &a, v, p, on);
        }
}

/* One line for each row and vector: into the second level, as the first one is in use. */
void be_prefetch_node(Em *em, IrNode *n)
{
    Addr a = address(em, n->in[0], n->nin - 1, n->in + 1);
    for (int r = 0; r < a.p.nr && !a.p.vec; r++)
        for (int j = 0; j < (a.p.coef ? em->V : 1); j++)
            be_fetch(em, pointer(em, &a, r, j), 2);
}
