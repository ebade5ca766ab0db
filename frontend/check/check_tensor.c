/* check_tensor.c - whole tensors: maps over fresh indices, products, lists of equal elements as one tensor. */
#include "frontend/check/check_int.h"

static CoreIndex *fresh(Fx *f, Span s, Dim extent)
{
    CoreIndex *x = index_new(f, name_of(f->cx->names, "i"), s, NULL, extent);
    index_enter(f, x);
    return x;
}

Val *val_at(Fx *f, Val *v, int n, CoreIndex *const *idx)
{
    Core *subs[RANK_MOST];
    Dim box[RANK_MOST];
    int rank = v->type.rank;
    for (int i = 0; i < rank; i++) {
        subs[i] = i < n ? core_of_index(f, idx[i]) : core_i64(f, 0);
        box[i] = i < n ? NULL : v->type.dims[i];
    }
    if (n == rank)
        return val_core(f, core_load(f, v->core, n, subs), false);
    return n ? val_core(f, core_slicebox(f, v->core, subs, box), false) : v;
}

/* ---- leaving the scope of indices ---- */

static Core *stored(Fx *f, Val *v)
{
    Core *c = v->core;
    if (v->weak && v->type.rank == 0 && v->type.dtype == DT_f64)
        c = core_cast(f, c, DT_f32, OP_cast);
    return c;
}

/* The body is a tensor that is made anew for each index: a loop that fills the result part by part. */
static Val *tabulate_loop(Fx *f, int n, CoreIndex *const *idx, Core *body, Span s)
{
    Dim dims[RANK_MOST];
    Dim *box = NEWN(f->a, Dim, n + body->type.rank);
    for (int i = 0; i < n + body->type.rank; i++) {
        dims[i] = i < n ? idx[i]->extent : body->type.dims[i - n];
        box[i] = i < n ? NULL : dims[i];
    }
    IrType t = tensor_type(f, body->type.dtype, n + body->type.rank, dims);
    Core *up = core_new(f, C_update, ir_scalar(DT_none), 1 + t.rank);
    up->kids[0] = body;
    up->box = box;
    for (int i = 0; i < t.rank; i++)
        up->kids[i + 1] = i >= n ? core_i64(f, 0) : core_op2(f, OP_sub, DT_i64, core_of_index(f, idx[i]), core_of_dim(f, idx[i]->lo));
    emit(f, up);
    Core *loop = frame_pop_block(f);
    for (int i = n; i-- > 0;) {
        Core *c = core_kids(f, C_for, ir_scalar(DT_none), 1, &loop);
        c->index = idx[i];
        c->span = s;
        loop = i ? core_kids(f, C_block, ir_scalar(DT_none), 1, &c) : c;
    }
    CoreVar *v = var_new(f, name_of(f->cx->names, "t"), s, t, true);
    Core *zero = fill(f, core_number(f, t.dtype, 0), t.rank, t.dims)->core;
    Core *let = core_kids(f, C_let, ir_scalar(DT_none), 1, &zero);
    let->var = up->target = v;
    emit(f, let);
    emit(f, loop);
    return val_core(f, core_of_var(f, v), false);
}

Val *tabulate(Fx *f, int n, CoreIndex *const *idx, Val *body, Span s)
{
    CoreIndex *all[RANK_MOST];
    body = val_plain(f, body);
    if (is_error(body) || body->kind != V_core) {
        if (!is_error(body))
            report(f, E0206, s, "an element must be a number or a tensor, not %s", val_text(f, body));
        frame_merge(f);
        return val_error();
    }
    int m = body->type.rank;
    for (int i = 0; i < n; i++)
        if (!size_known(f, idx[i]->extent, idx[i]->span.file ? idx[i]->span : s)) {
            frame_merge(f);
            return val_error();
        }
    if (n + m > RANK_MOST) {
        report(f, E0203, s, "a tensor has at most %d axes", RANK_MOST);
        frame_merge(f);
        return val_error();
    }
    bool each = m > 0 && n > 0 && !is_addressable(body->core);
    if (each)
        body->core = addressable(f, body->core);
    if (m > 0 && n > 0 && f->frame->stmts.n > 0 && f->frame->outer->kind == FRAME_block && !f->trial)
        return tabulate_loop(f, n, idx, body->core, s);
    for (int i = 0; i < n; i++)
        all[i] = idx[i];
    for (int i = 0; i < m; i++)
        all[n + i] = fresh(f, s, body->type.dims[i]);
    Core *c = m ? val_at(f, body, m, all + n)->core : stored(f, body);
    Core *r = core_map(f, n + m, all, frame_pop(f, c));
    r->span = s;
    return val_core(f, r, false);
}

Val *fill(Fx *f, Core *x, int rank, Dim *dims)
{
    CoreIndex *idx[RANK_MOST];
    if (rank == 0)
        return val_core(f, x, false);
    for (int i = 0; i < rank; i++)
        idx[i] = index_new(f, name_of(f->cx->names, "i"), x->span, NULL, dims[i]);
    return val_core(f, core_map(f, rank, idx, x), false);
}

/* ---- products ---- */

/* Matrices that would fit otherwise. */
static void product_help(Fx *f, const Val *a, const Val *b)
{
    Dim x = a->type.dims[a->type.rank - 1];
    if (b->type.rank > 2 && dims_equal(f, x, b->type.dims[b->type.rank - 1])) {
        Buf p = buf_new(f->a);
        for (int i = 0; i < b->type.rank; i++)
            buf_printf(&p, ", %d", i < b->type.rank - 2 ? i : 2 * b->type.rank - 3 - i);
        diag_help(f->cx->diags, "did you mean permute(y%s) of the right operand, or the sum over the axis of both, sum[d](x[.., d] * y[.., d])?",
                  buf_text(&p));
    }
    if (b->type.rank != 2)
        return;
    if (dims_equal(f, x, b->type.dims[1]))
        diag_help(f->cx->diags, "did you mean the transpose of the right operand, .T?");
    else if (a->type.rank == 2 && dims_equal(f, b->type.dims[1], a->type.dims[0]))
        diag_help(f->cx->diags, "in the other order they fit");
}

static Val *bad_product(Fx *f, Val *a, Val *b, Span s, Dim x, Dim y)
{
    if (x) {
        report(f, E0203, s, "cannot multiply %s by %s: inner sizes %s and %s differ", val_text(f, a), val_text(f, b), dim_say(f, x),
               dim_say(f, y));
        product_help(f, a, b);
    } else
        report(f, E0203, s, "'@' of %s and %s: two tensors are needed", val_text(f, a), val_text(f, b));
    return val_error();
}

static bool is_one(Dim d)
{
    int64_t n;
    return dim_is_const(d, &n) && n == 1;
}

typedef struct Batch { int na, nb, n; Dim dims[RANK_MOST]; } Batch; /* axes before the matrices, and those of the product */

static int batch_axes(const Val *v)
{
    return v->type.rank > 2 ? v->type.rank - 2 : 0;
}

/* As whole tensors broadcast: as many axes, of which a literal 1 stretches, or fewer, which are the last ones of the other. */
static bool batch_of(Fx *f, const Val *a, const Val *b, Batch *t)
{
    *t = (Batch){ .na = batch_axes(a), .nb = batch_axes(b) };
    t->n = t->na > t->nb ? t->na : t->nb;
    for (int i = 0; i < t->n; i++) {
        int p = i - (t->n - t->na), q = i - (t->n - t->nb);
        Dim x = p >= 0 ? a->type.dims[p] : NULL, y = q >= 0 ? b->type.dims[q] : NULL;
        t->dims[i] = !x || (y && t->na == t->nb && is_one(x)) ? y : x;
        if (x && y && !dims_equal(f, x, y) && !(t->na == t->nb && (is_one(x) || is_one(y))))
            return false;
    }
    return true;
}

/* Subscripts of the axes before the matrix of an operand that has k of them. */
static void batch_subs(Fx *f, const Batch *t, const Val *v, int k, CoreIndex *const *out, Core **subs)
{
    for (int i = 0; i < k; i++) {
        int at = t->n - k + i;
        subs[i] = is_one(v->type.dims[i]) && !is_one(t->dims[at]) ? core_i64(f, 0) : core_of_index(f, out[at]);
    }
}

static void no_product(Fx *f, const Val *a, const Val *b, bool joins, Span s)
{
    report(f, joins ? E0203 : E0204, s, "cannot multiply %s by %s", val_text(f, a), val_text(f, b));
    if (joins)
        diag_note(f->cx->diags, (Span){ 0, 0, 0 }, "the axes before the matrices are the same, or those of one the last of the other; a 1 stretches where there are as many");
}

/* a[.., m, k] b[.., k, n]; an operand with one axis has no m, or no n. */
Val *matmul(Fx *f, Val *a, Val *b, Span s)
{
    IrDtype t;
    bool weak;
    Batch batch;
    if (is_error(a) || is_error(b))
        return val_error();
    if (!val_is_tensor(a) || !val_is_tensor(b))
        return bad_product(f, a, b, s, NULL, NULL);
    int ra = a->type.rank, rb = b->type.rank, n;
    Dim k = a->type.dims[ra - 1], l = b->type.dims[rb > 1 ? rb - 2 : 0];
    if (!dims_equal(f, k, l))
        return bad_product(f, a, b, s, k, l);
    bool joins = dtype_join(a, b, &t, &weak) && t != DT_bool;
    if (!joins || !batch_of(f, a, b, &batch) || batch.n + 2 > RANK_MOST) {
        no_product(f, a, b, joins, s);
        return val_error();
    }
    Core *x = addressable(f, core_cast(f, a->core, t, OP_cast)), *y = addressable(f, core_cast(f, b->core, t, OP_cast));
    CoreIndex *out[RANK_MOST + 2], *in;
    Core *xs[RANK_MOST], *ys[RANK_MOST];
    frame_push(f, FRAME_index);
    for (n = 0; n < batch.n; n++)
        out[n] = fresh(f, s, batch.dims[n]);
    batch_subs(f, &batch, a, batch.na, out, xs);
    batch_subs(f, &batch, b, batch.nb, out, ys);
    if (ra > 1)
        xs[ra - 2] = core_of_index(f, out[n++] = fresh(f, s, a->type.dims[ra - 2]));
    if (rb > 1)
        ys[rb - 1] = core_of_index(f, out[n++] = fresh(f, s, b->type.dims[rb - 1]));
    frame_push(f, FRAME_index);
    in = fresh(f, s, k);
    xs[ra - 1] = core_of_index(f, in);
    ys[rb > 1 ? rb - 2 : 0] = core_of_index(f, in);
    Core *body = frame_pop(f, core_op2(f, OP_mul, t, core_load(f, x, ra, xs), core_load(f, y, rb, ys)));
    Core *sum = core_reduce(f, RED_sum, 1, &in, body, NULL);
    sum->span = s;
    if (n == 0)
        return val_core(f, frame_pop(f, sum), false);
    return tabulate(f, n, out, val_core(f, sum, false), s);
}

Val *transpose(Fx *f, Val *x, Span s)
{
    if (!val_is_tensor(x) || x->type.rank != 2) {
        report(f, E0203, s, "'.T' is of a tensor with two axes, not of %s", val_text(f, x));
        if (val_is_tensor(x))
            diag_help(f->cx->diags, "permute(x, ..) reorders any axes");
        return val_error();
    }
    Core *c = addressable(f, x->core);
    frame_push(f, FRAME_index);
    CoreIndex *i = fresh(f, s, x->type.dims[1]), *j = fresh(f, s, x->type.dims[0]);
    Core *e = core_load(f, c, 2, (Core *[]){ core_of_index(f, j), core_of_index(f, i) });
    return tabulate(f, 2, (CoreIndex *[]){ i, j }, val_core(f, e, false), s);
}

/* ---- written lists ---- */

enum { LIST_WHOLE = 64, LIST_PIECE = 32, LIST_CONSTANTS = 1 << 16 };

/* part[0] .. part[n - 1] chosen by i, by halves. */
static Core *choose(Fx *f, CoreIndex *i, int lo, int n, Core *const *part)
{
    if (n == 1)
        return part[lo];
    Core *left = choose(f, i, lo, n / 2, part), *right = choose(f, i, lo + n / 2, n - n / 2, part);
    return core_if(f, core_op2(f, OP_lt, DT_bool, core_of_index(f, i), core_i64(f, lo + n / 2)), left, right);
}

static Val *join_types(Fx *f, int n, Val **parts, IrDtype *t, bool *weak, Span s)
{
    Val *first = val_plain(f, parts[0]);
    *t = first->type.dtype;
    *weak = first->weak;
    for (int i = 0; i < n; i++) {
        parts[i] = val_plain(f, parts[i]);
        Val so_far = { .kind = V_core, .type = ir_scalar(*t), .weak = *weak };
        bool fits = !is_error(parts[i]) && parts[i]->kind == V_core && dtype_join(&so_far, parts[i], t, weak) &&
                    parts[i]->type.rank == first->type.rank;
        for (int k = 0; fits && k < first->type.rank; k++)
            fits = dims_equal(f, first->type.dims[k], parts[i]->type.dims[k]);
        if (!fits) {
            report(f, E0206, s, "the elements of a list differ: %s and %s", val_text(f, first), val_text(f, parts[i]));
            return NULL;
        }
    }
    return first;
}

/* part[lo] .. part[lo + n - 1] as a tensor; axes of the parts follow. */
static Val *chosen(Fx *f, int lo, int n, Core *const *part, int rank, const Dim *dims, Span s)
{
    CoreIndex *idx[RANK_MOST];
    Core **elems = NEWN(f->a, Core *, n);
    frame_push(f, FRAME_index);
    idx[0] = fresh(f, s, dim_int(f, n));
    for (int k = 0; k < rank; k++)
        idx[k + 1] = fresh(f, s, dims[k]);
    for (int i = 0; i < n; i++)
        elems[i] = rank ? val_at(f, val_core(f, part[lo + i], false), rank, idx + 1)->core : part[lo + i];
    return tabulate(f, rank + 1, idx, val_core(f, choose(f, idx[0], 0, n, elems), false), s);
}

static Val *in_one(Fx *f, int n, Core *const *part, int rank, const Dim *dims, IrDtype t, Span s)
{
    (void)t;
    return chosen(f, 0, n, part, rank, dims, s);
}

/* A long list is written piece by piece: the code of a choice among n grows faster than n. */
static Val *in_pieces(Fx *f, int n, Core *const *part, int rank, const Dim *dims, IrDtype t, Span s)
{
    Dim all[RANK_MOST];
    all[0] = dim_int(f, n);
    for (int k = 0; k < rank; k++)
        all[k + 1] = dims[k];
    IrType type = tensor_type(f, t, rank + 1, all);
    CoreVar *v = var_new(f, name_of(f->cx->names, "list"), s, type, true);
    Core *zero = zero_of(f, type), *let = core_kids(f, C_let, ir_scalar(DT_none), 1, &zero);
    let->var = v;
    emit(f, let);
    for (int lo = 0; lo < n; lo += LIST_PIECE) {
        int m = n - lo < LIST_PIECE ? n - lo : LIST_PIECE;
        Core *up = core_new(f, C_update, ir_scalar(DT_none), 2 + rank);
        up->target = v;
        up->span = s;
        up->box = NEWN(f->a, Dim, rank + 1);
        up->kids[0] = chosen(f, lo, m, part, rank, dims, s)->core;
        for (int k = 0; k <= rank; k++) {
            up->kids[k + 1] = core_i64(f, k ? 0 : lo);
            up->box[k] = k ? dims[k - 1] : dim_int(f, m);
        }
        emit(f, up);
    }
    return val_core(f, core_of_var(f, v), false);
}

/* The numbers in a list that is written out, if it has no other elements; else -1. */
static int count_constants(const Core *c)
{
    if (c->kind == C_const)
        return 1;
    if (c->kind == C_map)
        return count_constants(c->kids[0]);
    if (c->kind != C_if)
        return -1;
    int a = count_constants(c->kids[1]), b = a < 0 ? -1 : count_constants(c->kids[2]);
    return b < 0 ? -1 : a + b;
}

/* Of constants alone, which stay one choice: code has them as a table. */
static bool all_constant(int n, Val *const *parts)
{
    int count = 0;
    for (int i = 0; i < n && count <= LIST_CONSTANTS; i++) {
        int k = count_constants(parts[i]->core);
        if (k < 0)
            return false;
        count += k;
    }
    return count <= LIST_CONSTANTS;
}

static Val *stack_tensors(Fx *f, int n, Val **parts, const Val *first, IrDtype t, bool weak, Span s)
{
    Core **cores = NEWN(f->a, Core *, n);
    int rank = first->type.rank;
    bool constant = all_constant(n, parts);
    if (weak && t == DT_f64)
        t = DT_f32;
    for (int i = 0; i < n; i++) {
        Core *c = core_cast(f, parts[i]->core, t, OP_cast);
        cores[i] = constant && c == parts[i]->core ? c : rank ? addressable(f, c) : core_is_cheap(c) ? c : let_out(f, c, "x");
    }
    bool pieces = !constant && n > LIST_WHOLE && f->frame->kind == FRAME_block && rank + 1 < RANK_MOST;
    return (pieces ? in_pieces : in_one)(f, n, cores, rank, first->type.dims, t, s);
}

static Val *stack_structs(Fx *f, int n, Val **parts, Span s)
{
    CoreSty *sty = val_sty(f, parts[0]);
    int leaves = sty_nleaves(sty);
    Core **out = NEWN(f->a, Core *, leaves + 1);
    Val **leaf = NEWN(f->a, Val *, n);
    for (int k = 0; k < leaves; k++) {
        for (int i = 0; i < n; i++) {
            if (parts[i]->kind != V_agg || !sty_equal(f, sty, parts[i]->sty)) {
                report(f, E0206, s, "the elements of a list differ: %s and %s", val_text(f, parts[0]), val_text(f, parts[i]));
                return NULL;
            }
            leaf[i] = val_core(f, parts[i]->leaves[k], false);
        }
        Val *v = stack_tensors(f, n, leaf, leaf[0], leaf[0]->type.dtype, false, s);
        if (is_error(v))
            return v;
        out[k] = addressable(f, v->core);
    }
    return val_leaves(f, list_sty(f, sty, dim_int(f, n)), out);
}

/* Component by component: a list of tuples is its components' lists. */
static Val *stack_tuples(Fx *f, int n, Val **parts, Span s)
{
    CoreSty *sty = NEW(f->a, CoreSty);
    VEC(Core *) leaves = { 0 };
    Val **of = NEWN(f->a, Val *, n);
    *sty = (CoreSty){ .kind = STY_tuple, .n = parts[0]->n, .parts = NEWN(f->a, CoreSty *, parts[0]->n + 1) };
    for (int k = 0; k < sty->n; k++) {
        bool whole = true;
        for (int i = 0; i < n; i++) {
            if (parts[i]->kind != V_tuple || parts[i]->n != sty->n) {
                report(f, E0206, s, "the elements of a list differ: %s and %s", val_text(f, parts[0]), val_text(f, parts[i]));
                return NULL;
            }
            of[i] = parts[i]->parts[k];
            whole &= val_is_int(of[i]) && of[i]->weak;
        }
        Val *v = stack(f, n, of, s);
        if (is_error(v))
            return v;
        const IrType *t = &v->type;
        sty->parts[k] = v->kind == V_core ? sty_value(f, tensor_type(f, t->dtype, t->rank - 1, t->dims + 1), whole) : v->sty->elem;
        for (int i = 0; i < (v->kind == V_core ? 1 : v->n); i++)
            PUSH(f, &leaves, v->kind == V_core ? addressable(f, v->core) : v->leaves[i]);
    }
    return val_leaves(f, list_sty(f, sty, dim_int(f, n)), leaves.p);
}

Val *stack(Fx *f, int n, Val **parts, Span s)
{
    IrDtype t;
    bool weak;
    for (int i = 0; i < n; i++)
        if (is_error(parts[i]))
            return val_error();
    Val *r = NULL;
    if (n == 0)
        report(f, E0206, s, "an empty list has no type here");
    else if (parts[0]->kind == V_agg)
        r = stack_structs(f, n, parts, s);
    else if (parts[0]->kind == V_tuple)
        r = stack_tuples(f, n, parts, s);
    else {
        Val *first = join_types(f, n, parts, &t, &weak, s);
        r = first ? stack_tensors(f, n, parts, first, t, weak, s) : NULL;
    }
    return r ? r : val_error();
}
