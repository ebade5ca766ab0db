/* be_reduce_quads.c - sums of products of bytes, four places at a time.
 *
 *     sum [k] { i32(a[k]) * i32(b[k]) }        of i8 and u8: a lane holds four neighbours of k as one word
 *
 * VNNI multiplies the four unsigned bytes of one word by the signed ones of another and adds the products to an i32, all of it exact. Of two
 * factors of one kind one is moved by 128, and what that adds is subtracted at the end:
 *
 *     i8 x i8:   sum a b = sum (a + 128) b - 128 sum b        u8 x u8:   sum a b = sum a (b - 128) + 128 sum a
 *
 * Else bytes are widened to the halves of lanes, even and odd places apart, and multiplied in pairs (be_reduce_pairs.c). Integers may be added
 * in any order. A word is one load where its places lie side by side in memory: along k, or in a weight that was packed for it
 * (passes/stage/stage_tiles.c).
 */
#include "backend/be_reduce_int.h"

enum { PLACES = 4 };

typedef struct Factor {
    IrNode *cast, *byte;
    bool sign, along;    /* along: byte is a load whose next places of k lie behind it */
    int nr, nv;          /* what it varies with */
    Val *words;
} Factor;

typedef struct Quads {
    Factor f[2];
    uint8_t *skip;       /* by node id: what the words make needless */
    int left, right;     /* VNNI: the unsigned factor, the signed one */
    const Factor *extra; /* whose sum is needed, as left was moved by 128 (or right, where both are unsigned); NULL: none */
    int nextra;
} Quads;

/* ---- which sums ------------------------------------------------------------------------------------------------------ */

static bool is_of_bytes(const IrNode *x)
{
    IrDtype t = x->op == OP_cast ? x->in[0]->type.dtype : DT_none;
    return t == DT_i8 || t == DT_u8;
}

const char *red_quad_instruction(const Em *em, const Red *red)
{
    const BeTarget *t = &em->be->target;
    if (red->op != RED_sum || red->in != DT_i32 || red->out != DT_i32 || red->memory || red->terms || !red->vec || red->value->op != OP_mul ||
        !is_of_bytes(red->value->in[0]) || !is_of_bytes(red->value->in[1]))
        return NULL;
    if (em->W == 16 && t->avx512)
        return t->vnni ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.pmaddw.d.512";
    if (em->W == 8 && t->avx2)
        return t->vnni ? "llvm.x86.avx512.vpdpbusd.256" : "llvm.x86.avx2.pmadd.wd";
    return NULL;
}

static bool is_mod(const IrNode *x, const IrNode *k)
{
    return (x->op == OP_mod || x->op == OP_floordiv) && x->in[0] == k && x->in[1]->op == OP_const && x->in[1]->imm > 0 && x->in[1]->imm % PLACES == 0;
}

/* How much the subscript grows from one place of k to the next within four; -1: not known. */
static int slope(const IrNode *x, const IrNode *k)
{
    if (x == k)
        return 1;
    if (!be_depends_on(x, k))
        return 0;
    if (is_mod(x, k))
        return x->op == OP_mod;
    if (x->op != OP_add)
        return -1;
    int a = slope(x->in[0], k), b = slope(x->in[1], k);
    return a < 0 || b < 0 || a + b > 1 ? -1 : a + b;
}

static bool lies_along(const IrNode *n, const IrNode *k)
{
    if (n->op != OP_load || n->parent != k->parent || n->nin < 2)
        return false;
    for (int i = 1; i < n->nin - 1; i++)
        if (slope(n->in[i], k) != 0)
            return false;
    return slope(n->in[n->nin - 1], k) == 1;
}

static void find_factor(Em *em, const Red *red, Factor *f, IrNode *cast)
{
    IrNode *byte = cast->in[0];
    *f = (Factor){ .cast = cast, .byte = byte, .sign = byte->type.dtype == DT_i8, .along = lies_along(byte, vec_last(&red->r->params)) };
    f->nr = be_varies(em, byte, DEP_ROWS) ? em->R : 1;
    f->nv = be_varies(em, byte, DEP_LANES) ? em->V : 1;
}

static void skip_node(Quads *q, const Red *red, const IrNode *n)
{
    if (n->parent == red->r && ir_nuses(n) == 1)
        q->skip[n->id] = 1;
}

static void find_factors(Em *em, const Red *red, Quads *q)
{
    q->skip = NEWN(em->be->a, uint8_t, em->ir->next_id + 1);
    skip_node(q, red, red->value);
    for (int i = 0; i < 2; i++) {
        find_factor(em, red, &q->f[i], red->value->in[i]);
        skip_node(q, red, q->f[i].cast);
        if (q->f[i].along && q->skip[q->f[i].cast->id])
            skip_node(q, red, q->f[i].byte);
    }
}

/* Of two signed factors the one of fewer values is summed, of two unsigned ones, too: that is what is cheaper. */
static void choose_sides(Quads *q)
{
    const Factor *f = q->f;
    int fewer = f[1].nr * f[1].nv < f[0].nr * f[0].nv;
    q->left = f[0].sign && !f[1].sign;
    if (f[0].sign == f[1].sign) {
        q->left = f[0].sign ? !fewer : fewer;
        q->extra = &f[fewer];
        q->nextra = q->extra->nr * q->extra->nv;
    }
    q->right = !q->left;
}

/* ---- words ------------------------------------------------------------------------------------------------------------ */

static LV constant_like(Em *em, LV x, int64_t c)
{
    LV y = be_const(em->be->i32, c);
    return be_lanes_of(x) ? em_splat(em, y, be_lanes_of(x)) : y;
}

/* Byte `place` of the word, beside those of the places before it. */
static Val *put_byte(Em *em, Val *words, const Val *byte, int place)
{
    Val *y = val_new(em, DT_i32, byte->nr, byte->nv, byte->vec);
    for (int i = 0; i < y->nr * y->nv; i++) {
        LV x = em_cast(em, LLVMZExt, byte->v[i], be_vector(em->be->i32, be_lanes_of(byte->v[i])));
        if (place)
            x = em_bin(em, LLVMShl, x, constant_like(em, x, 8 * place));
        y->v[i] = words ? em_bin(em, LLVMOr, words->v[i], x) : x;
    }
    return y;
}

static void read_words(Em *em, Red *red, Quads *q, LV at, const Range *g)
{
    IrNode *k = vec_last(&red->r->params);
    bool along = q->f[0].along && q->f[1].along;
    for (int i = 0; i < 2; i++)
        q->f[i].words = NULL;
    em->run.index = k;
    em->run.length = PLACES;
    em->run.number = em_bin(em, LLVMAShr, at, be_int(em->be, 2));
    for (int u = 0; u < (along ? 1 : PLACES); u++) {
        em->run.rest = be_int(em->be, u);
        be_set(em, k, val_add(em, g->lo, val_scalar(em, DT_i64, em_bin(em, LLVMAdd, at, em->run.rest))));
        be_nodes(em, red->r, q->skip, false);
        for (int i = 0; i < 2; i++) {
            Factor *f = &q->f[i];
            if (!f->along)
                f->words = put_byte(em, f->words, be_val(em, f->byte), u);
            else if (!u)
                f->words = be_load_word(em, f->byte);
        }
    }
    em->run.index = NULL;
}

static LV word_of(Em *em, const Factor *f, int r, int j) { return val_vec(em, f->words, r, j); }

/* ---- VNNI ------------------------------------------------------------------------------------------------------------- */

/* By 128: in vectors, whose load can spread a word that all lanes share. */
static LV moved(Em *em, LV x) { return em_bin(em, LLVMXor, x, constant_like(em, x, 0x80808080)); }

static LV add_bytes(Em *em, const char *instruction, LV sum, LV left, LV right)
{
    return em_intrinsic(em, MOVE_FREE, instruction, NULL, NULL, 3, (LV[]){ sum, left, right });
}

static void add_words(Em *em, const Red *red, const Quads *q, LV *state, LV *extra, const char *instruction)
{
    const Factor *left = &q->f[q->left], *right = &q->f[q->right];
    bool signs = left->sign;
    for (int i = 0; i < q->nextra; i++) {
        LV x = word_of(em, q->extra, i / q->extra->nv, i % q->extra->nv);
        extra[i] = signs ? add_bytes(em, instruction, extra[i], constant_like(em, x, 0x80808080), x)
                         : add_bytes(em, instruction, extra[i], x, constant_like(em, x, 0x40404040)); /* half of 128 */
    }
    for (int i = 0; i < red->k; i++) {
        LV x = word_of(em, left, i / em->V, i % em->V), y = word_of(em, right, i / em->V, i % em->V);
        state[i] = add_bytes(em, instruction, state[i], q->extra && signs ? moved(em, x) : x, q->extra && !signs ? moved(em, y) : y);
    }
}

static void settle_extra(Em *em, const Red *red, const Quads *q, LV *state, LV *extra)
{
    const Factor *e = q->extra;
    for (int i = 0; i < red->k && e; i++) {
        LV x = extra[(e->nr == 1 ? 0 : i / em->V) * e->nv + (e->nv == 1 ? 0 : i % em->V)];
        state[i] = e->sign ? em_bin(em, LLVMSub, state[i], x) : em_bin(em, LLVMAdd, state[i], em_bin(em, LLVMShl, x, constant_like(em, x, 1)));
    }
}

/* ---- pairs ------------------------------------------------------------------------------------------------------------ */

/* The even or the odd places of the word's lanes, as halves. */
static LV halves(Em *em, const Factor *f, int r, int j, bool odd)
{
    LT t = be_vector(em->be->i16, 2 * em->W);
    LV x = em_cast(em, LLVMBitCast, word_of(em, f, r, j), t), eight = be_const(t, 8);
    if (!f->sign)
        return odd ? em_bin(em, LLVMLShr, x, eight) : em_bin(em, LLVMAnd, x, be_const(t, 0xff));
    return em_bin(em, LLVMAShr, odd ? x : em_bin(em, LLVMShl, x, eight), eight);
}

static void add_halves(Em *em, const Red *red, const Quads *q, LV *state, const char *instruction)
{
    for (int i = 0; i < red->k; i++)
        for (int odd = 0; odd < 2; odd++) {
            LV x[] = { halves(em, &q->f[0], i / em->V, i % em->V, odd), halves(em, &q->f[1], i / em->V, i % em->V, odd) };
            state[i] = em_bin(em, LLVMAdd, state[i], em_intrinsic(em, MOVE_FREE, instruction, NULL, NULL, 2, x));
        }
}

/* ---- the loop --------------------------------------------------------------------------------------------------------- */

LV red_quads(Em *em, Red *red, int nstate, LV *state, LV p0, LV p1, const Range *g, const char *instruction)
{
    Quads q = { .left = 0 };
    find_factors(em, red, &q);
    if (em->be->target.vnni)
        choose_sides(&q);
    LV n = em_bin(em, LLVMSub, p1, p0), whole = em_bin(em, LLVMAdd, p0, em_bin(em, LLVMAnd, n, be_int(em->be, -PLACES)));
    LV *all = NEWN(em->be->a, LV, nstate + q.nextra);
    for (int i = 0; i < nstate + q.nextra; i++)
        all[i] = i < nstate ? state[i] : be_zero(be_vector(em->be->i32, em->W));
    Loop l = em_loop(em, p0, whole, PLACES, nstate + q.nextra, all);
    read_words(em, red, &q, l.iv, g);
    if (em->be->target.vnni)
        add_words(em, red, &q, all, all + nstate, instruction);
    else
        add_halves(em, red, &q, all, instruction);
    em_loop_end(em, &l, all);
    settle_extra(em, red, &q, all, all + nstate);
    for (int i = 0; i < nstate; i++)
        state[i] = all[i];
    return em_select(em, em_icmp(em, LLVMIntSGT, whole, p0), whole, p0);
}
