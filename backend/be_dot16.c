/* be_dot16.c - products of tiles of bf16 (AMX).
 *
 *     sums[r, n] += a[r, k] * b[k, n]      32 rows, 32 lanes: two tiles of a, two of b, four of sums, over `groups` groups of 32 k
 *
 * A tile of a is 16 rows of 32 k; one of b is 16 pairs of k, each with 16 lanes: b[k, n] stands at [k / 2][n][k % 2]. Both lie in one piece of
 * 1 KiB. The instruction has its own order of additions (ir/IR.md) and takes subnormal numbers for 0.
 * Registers are named by number: nothing else of a kernel uses them. The shapes are set once for each task.
 * Source: Intel SDM volume 1 chapter 18, volume 2 TDPBF16PS.
 */
#include "backend/be_int.h"

enum { TILE_BYTES = 1024, TILE_ROW = 64, ROW_TILES = 16, AHEAD_BYTES = 4096 };
enum { T_SUMS = 0, T_A = 4, T_B = 6 }; /* registers: sums 0..3, a 4 and 5, b 6 and 7 */

bool be_has_dot16(const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_dot16)
            return true;
        for (int i = 0; i < n->nregions; i++)
            if (be_has_dot16(n->regions[i]))
                return true;
    }
    return false;
}

/* Palette 1; each of the eight registers has 16 rows of 64 bytes. */
static LV configuration(Be *be)
{
    LV b[64];
    LV old = LLVMGetNamedGlobal(be->mod, "mlc_tiles");
    if (old)
        return old;
    for (int i = 0; i < 64; i++)
        b[i] = LLVMConstInt(be->i8, i == 0 ? 1 : i >= 16 && i < 32 ? (i % 2 ? 0 : TILE_ROW) : i >= 48 && i < 56 ? 16 : 0, 0);
    LT t = LLVMArrayType2(be->i8, 64);
    LV g = LLVMAddGlobal(be->mod, t, "mlc_tiles");
    LLVMSetInitializer(g, LLVMConstArray2(be->i8, b, 64));
    LLVMSetLinkage(g, LLVMInternalLinkage);
    LLVMSetGlobalConstant(g, 1);
    LLVMSetAlignment(g, 64);
    return g;
}

void be_dot16_begin(Em *em)
{
    LV x = configuration(em->be);
    em_intrinsic(em, MOVE_NONE, "llvm.x86.ldtilecfg", NULL, NULL, 1, &x);
}

void be_dot16_end(Em *em) { em_intrinsic(em, MOVE_NONE, "llvm.x86.tilerelease", NULL, NULL, 0, NULL); }

static LV number(Em *em, int i) { return LLVMConstInt(em->be->i8, (unsigned)i, 0); }

static void load_tile(Em *em, int t, LV p, LV stride)
{
    LV x[] = { number(em, t), p, stride };
    em_intrinsic(em, MOVE_NONE, "llvm.x86.tileloadd64", NULL, NULL, 3, x);
}

static void store_tile(Em *em, int t, LV p, LV stride)
{
    LV x[] = { number(em, t), p, stride };
    em_intrinsic(em, MOVE_NONE, "llvm.x86.tilestored64", NULL, NULL, 3, x);
}

static void multiply(Em *em, int sum, int a, int b)
{
    LV x[] = { number(em, sum), number(em, a), number(em, b) };
    em_intrinsic(em, MOVE_NONE, "llvm.x86.tdpbf16ps", NULL, NULL, 3, x);
}

/* Bytes from one place of the axis to the next. */
static LV stride_of(Em *em, const IrNode *buffer, int axis)
{
    DimCx *cx = em->be->ir->dims;
    Dim d = dim_const(cx, dtype_bytes(buffer->type.dtype));
    for (int i = axis + 1; i < buffer->type.rank; i++)
        d = dim_mul(cx, d, buffer->type.dims[i]);
    return be_dim_scalar(em, d);
}

static LV moved(Em *em, LV p, LV bytes) { return em_gep(em, em->be->i8, p, bytes); }

static LV place(Em *em, IrNode *buffer, int n, IrNode *const *subs)
{
    LV p = be_base(em, buffer);
    for (int i = 0; i < n; i++)
        p = moved(em, p, em_bin(em, LLVMMul, be_val(em, subs[i])->v[0], stride_of(em, buffer, i)));
    return p;
}

/* Where four lines of the next two panels are fetched for each group: the row of tiles takes its part of them. */
static LV ahead(Em *em, LV b, LV panel, LV row_tile)
{
    Be *be = em->be;
    LV part = em_bin(em, LLVMLShr, row_tile, be_int(be, 1)), second = em_bin(em, LLVMAnd, em_bin(em, LLVMLShr, part, be_int(be, 2)), be_int(be, 1));
    LV next = em_bin(em, LLVMMul, panel, em_bin(em, LLVMAdd, second, be_int(be, 2)));
    LV in = em_bin(em, LLVMMul, em_bin(em, LLVMAnd, part, be_int(be, 3)), be_int(be, AHEAD_BYTES));
    return moved(em, b, em_bin(em, LLVMAdd, next, in));
}

static void fetch_lines(Em *em, LV p)
{
    LT i32 = em->be->i32;
    for (int i = 0; i < 4; i++) {
        LV x[] = { moved(em, p, be_int(em->be, i * LINE)), be_const(i32, 0), be_const(i32, 2), be_const(i32, 1) };
        em_intrinsic(em, MOVE_NONE, "llvm.prefetch", em->be->ptr, NULL, 4, x);
    }
}

void be_dot16(Em *em, IrNode *n)
{
    Be *be = em->be;
    IrNode *sums = n->in[0], *a = n->in[1], *b = n->in[2];
    int rank = b->type.rank;
    LV row = stride_of(em, sums, 0), column = be_int(be, TILE_ROW), rows16 = em_bin(em, LLVMMul, row, be_int(be, ROW_TILES));
    LV at_sums = place(em, sums, 2, n->in + 3), at_a = place(em, a, 1, n->in + 5), at_b = place(em, b, rank, n->in + 6);
    LV next_a = stride_of(em, a, 0), next_b = stride_of(em, b, (int)n->imm);
    LV fetch = b->place == PLACE_scratch ? NULL : ahead(em, at_b, next_b, be_val(em, n->in[5])->v[0]); /* what was copied is near */
    LV sum[4] = { at_sums, moved(em, at_sums, column), moved(em, at_sums, rows16), NULL };
    sum[3] = moved(em, sum[2], column);
    for (int i = 0; i < 4; i++)
        load_tile(em, T_SUMS + i, sum[i], row);
    Loop l = em_loop(em, be_int(be, 0), be_val(em, n->in[6 + rank])->v[0], 1, 0, NULL);
    LV off = em_bin(em, LLVMMul, l.iv, be_int(be, TILE_BYTES));
    LV pa = moved(em, at_a, off), pb = moved(em, at_b, off);
    if (fetch)
        fetch_lines(em, moved(em, fetch, em_bin(em, LLVMMul, l.iv, be_int(be, 4 * LINE))));
    load_tile(em, T_B, pb, column);
    load_tile(em, T_A, pa, column);
    load_tile(em, T_B + 1, moved(em, pb, next_b), column);
    multiply(em, T_SUMS, T_A, T_B);
    load_tile(em, T_A + 1, moved(em, pa, next_a), column);
    multiply(em, T_SUMS + 1, T_A, T_B + 1);
    multiply(em, T_SUMS + 2, T_A + 1, T_B);
    multiply(em, T_SUMS + 3, T_A + 1, T_B + 1);
    em_loop_end(em, &l, NULL);
    for (int i = 0; i < 4; i++)
        store_tile(em, T_SUMS + i, sum[i], row);
}
