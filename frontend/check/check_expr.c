/* check_expr.c - expressions by kind; `if`, lists, comprehensions. */
#include "frontend/check/check_int.h"

Val *expr_plain(Fx *f, const Tree *t)
{
    return val_plain(f, expr(f, t));
}

Core *expr_bool(Fx *f, const Tree *t, Val **out)
{
    Val *v = expr_plain(f, t);
    *out = v;
    if (is_error(v))
        return core_bool(f, true);
    if (v->kind == V_core && v->type.rank == 0 && v->type.dtype == DT_bool)
        return v->core;
    report(f, E0206, t->span, "a condition is true or false, not %s", val_text(f, v));
    if (val_is_tensor(v) && v->type.dtype == DT_bool && t->kind == T_index)
        diag_help(f->cx->diags, "its other axes go with indices, too: m[i, j]");
    else if (val_is_tensor(v) && v->type.dtype == DT_bool)
        diag_help(f->cx->diags, "element by element: let y[i] = if x[i] > 0 { x[i] } else { 0 }; one answer for all: all(..), any(..)");
    *out = val_error();
    return core_bool(f, true);
}

/* ---- if ---- */

typedef struct Branch { Frame *frame; Val *v; Core *core; } Branch;

static Branch branch(Fx *f, const Tree *t, FrameKind kind, Core *where, const Cond *known)
{
    Branch b = { .frame = frame_push(f, kind) };
    b.frame->where = where;
    assume(f, known);
    b.v = t->kind == T_if_ ? if_expr(f, t) : block_value(f, t);
    return b;
}

static const Val *branch_values(Fx *f, Branch *b, IrDtype *t, bool *weak, Span s)
{
    Val *x = b[0].v, *y = b[1].v;
    if (x->kind != V_core || y->kind != V_core || !dtype_join(x, y, t, weak) || x->type.rank != y->type.rank) {
        report(f, E0206, s, "the branches of this 'if' are %s and %s", val_text(f, x), val_text(f, y));
        return NULL;
    }
    for (int i = 0; i < x->type.rank; i++)
        if (!dims_equal(f, x->type.dims[i], y->type.dims[i])) {
            report(f, E0203, s, "the branches of this 'if' are %s and %s", val_text(f, x), val_text(f, y));
            return NULL;
        }
    return x;
}

/* Both branches are pure numbers or tensors: an expression. */
static Val *if_value(Fx *f, Core *cond, Branch *b, Span s)
{
    IrDtype t;
    bool weak;
    if (!branch_values(f, b, &t, &weak, s))
        return val_error();
    for (int i = 0; i < 2; i++)
        if (!(b[i].core = core_as(f, val_core(f, b[i].core, b[i].v->weak), t, s)))
            return val_error();
    Core *c = core_if(f, cond, b[0].core, b[1].core);
    c->span = s;
    return val_core(f, c, weak);
}

Core *zero_of(Fx *f, IrType t)
{
    Core *c;
    if (t.dtype == DT_str) {
        c = core_new(f, C_str, ir_scalar(DT_str), 0);
        c->str = "";
    } else
        c = core_number(f, t.dtype, 0);
    return fill(f, c, t.rank, t.dims)->core;
}

CoreVar **temp_vars(Fx *f, CoreSty *sty, const char *hint, Span s)
{
    int n;
    IrType *types = sty_leaf_types(f, sty, &n);
    CoreVar **vars = NEWN(f->a, CoreVar *, n + 1);
    for (int i = 0; i < n; i++) {
        Core *zero = zero_of(f, types[i]);
        vars[i] = var_new(f, name_of(f->cx->names, hint), s, types[i], true);
        Core *let = core_kids(f, C_let, ir_scalar(DT_none), 1, &zero);
        let->var = vars[i];
        emit(f, let);
    }
    return vars;
}

/* The type that both values have; NULL: reported. */
static CoreSty *join_sty(Fx *f, Branch *b, Span s)
{
    IrDtype t;
    bool weak;
    if (b[0].frame->ended || b[1].frame->ended)
        return val_sty(f, b[b[0].frame->ended ? 1 : 0].v);
    Val *x = b[0].v, *y = b[1].v;
    if (x->kind == V_core && y->kind == V_core) {
        const Val *v = branch_values(f, b, &t, &weak, s);
        return v ? sty_value(f, tensor_type(f, t, v->type.rank, v->type.dims), weak) : NULL;
    }
    CoreSty *sty = val_sty(f, x);
    if (!sty)
        report(f, E0206, s, "%s cannot be chosen at run time", val_text(f, x));
    return sty;
}

static void assign_leaves(Fx *f, CoreSty *sty, CoreVar **vars, Val *v, Span s)
{
    Core **leaves;
    v = val_unify(f, v, sty, s, "the value of this branch");
    if (is_error(v))
        return;
    int n = val_leaves_of(f, v, &leaves);
    for (int i = 0; i < n; i++) {
        Core *c = core_kids(f, C_assign, ir_scalar(DT_none), 1, &leaves[i]);
        c->var = vars[i];
        emit(f, c);
    }
}

static Core *block_of(Fx *f, Frame *fr)
{
    return core_kids(f, C_block, ir_scalar(DT_none), fr->stmts.n, fr->stmts.p);
}

/* Branches with statements: variables for the value, assigned in each. */
static Val *if_statement(Fx *f, Core *cond, Branch *b, Span s)
{
    CoreSty *sty = NULL;
    CoreVar **vars = NULL;
    bool value = b[0].v->kind != V_none || b[1].v->kind != V_none;
    if (value && (b[0].frame->ended || b[0].v->kind != V_none) && (b[1].frame->ended || b[1].v->kind != V_none)) {
        if (!(sty = join_sty(f, b, s)))
            return val_error();
        vars = temp_vars(f, sty, "t", s);
        for (int i = 0; i < 2; i++)
            if (!b[i].frame->ended) {
                Frame *at = f->frame;
                b[i].frame->outer = at;
                f->frame = b[i].frame;
                assign_leaves(f, sty, vars, b[i].v, s);
                f->frame = at;
            }
    } else if (value) {
        report(f, E0208, s, "one branch of this 'if' has a value, the other has none");
        return val_error();
    }
    Core *c = core_kids(f, C_ifs, ir_scalar(DT_none), 3, (Core *[]){ cond, block_of(f, b[0].frame), block_of(f, b[1].frame) });
    c->span = s;
    emit(f, c);
    f->frame->impure |= b[0].frame->impure || b[1].frame->impure;
    f->frame->ended |= b[0].frame->ended && b[1].frame->ended;
    return sty ? place_value(f, sty, vars) : val_none(f);
}

static void statement_if(Fx *f, Core *cond, Branch *b, Span s)
{
    Core *c = core_kids(f, C_ifs, ir_scalar(DT_none), 3, (Core *[]){ cond, block_of(f, b->frame), NULL });
    c->span = s;
    emit(f, c);
    f->frame->impure |= b->frame->impure;
}

Val *if_expr(Fx *f, const Tree *t)
{
    Val *c;
    Branch b[2];
    Core *cond = expr_bool(f, t->kids[0], &c);
    bool scope = f->frame->kind != FRAME_block;
    FrameKind kind = scope ? FRAME_cond : FRAME_block;
    b[0] = branch(f, t->kids[1], kind, cond, c->when);
    bool ends = b[0].frame->ended;
    b[0].core = frame_pop(f, b[0].v->kind == V_core ? b[0].v->core : NULL);
    if (!t->kids[2]) {
        if (scope || b[0].v->kind != V_none) {
            if (!is_error(b[0].v))
                report(f, E0208, t->span, "an 'if' without 'else' has no value");
            return val_error();
        }
        statement_if(f, cond, &b[0], t->span);
        if (ends)
            assume(f, c->unless);
        return val_none(f);
    }
    b[1] = branch(f, t->kids[2], kind, core_op1(f, OP_not, DT_bool, cond), c->unless);
    b[1].core = frame_pop(f, b[1].v->kind == V_core ? b[1].v->core : NULL);
    if (is_error(c) || is_error(b[0].v) || is_error(b[1].v))
        return val_error();
    if (b[0].v->kind == V_fn && b[1].v->kind == V_fn && cond->kind == C_const) /* of functions one is taken at compile time */
        return b[cond->ival ? 0 : 1].v;
    bool changes = !scope && (b[0].frame->impure || b[1].frame->impure); /* in an index scope nothing does: a check at most */
    bool pure = b[0].v->kind == V_core && b[1].v->kind == V_core && !changes;
    if (pure)
        return if_value(f, cond, b, t->span);
    if (scope) {
        report(f, E0307, t->span, "inside an index scope the branches of an 'if' are numbers or tensors");
        return val_error();
    }
    return if_statement(f, cond, b, t->span);
}

/* ---- lists ---- */

static Val *list_literal(Fx *f, const Tree *t, ValKind kind)
{
    const Tree *l = t->kids[0];
    Val *v = val_new(f, kind);
    v->tree = t;
    v->n = l->nkids;
    v->parts = NEWN(f->a, Val *, l->nkids + 1);
    Core *key = f->key;
    for (int i = 0; i < l->nkids; i++) {
        f->key = key && kind == V_list ? core_op2(f, OP_key_fold, DT_key, key, core_i64(f, i)) : key;
        v->parts[i] = expr(f, l->kids[i]);
        f->key = key;
        if (is_error(v->parts[i]))
            return val_error();
    }
    return v;
}

bool source_range(Fx *f, const Tree *t, Dim *lo, Dim *extent)
{
    if (t->kind != T_binary || t->name != W(f, range))
        return false;
    Dim a = dim_expr(f, t->kids[0]), b = dim_expr(f, t->kids[1]);
    *lo = a;
    *extent = a && b ? dim_sub(f->dims, b, a) : NULL;
    if (*extent)
        oblige_range(f, *extent, t->span);
    if (*extent && facts_prove_le(f->facts, dim_int(f, 0), *extent) != YES)
        *extent = dim_max(f->dims, *extent, dim_int(f, 0));
    return true;
}

/* Elements that are structs or tuples: a loop that fills the leaves. */
static Val *comp_structs(Fx *f, CoreIndex *x, Val *v, Span s)
{
    CoreSty *elem = val_sty(f, v), *sty = elem ? list_sty(f, elem, x->extent) : NULL;
    Core **leaves;
    int n;
    if (!sty) {
        report(f, E0206, s, "%s cannot be the element of a list", val_text(f, v));
        return val_error();
    }
    val_leaves_of(f, v, &leaves);
    IrType *types = sty_leaf_types(f, sty, &n);
    CoreVar **vars = NEWN(f->a, CoreVar *, n + 1);
    for (int i = 0; i < n; i++) {
        vars[i] = var_new(f, name_of(f->cx->names, "t"), s, types[i], true);
        Core *up = core_new(f, C_update, ir_scalar(DT_none), 1 + types[i].rank);
        up->target = vars[i];
        up->box = NEWN(f->a, Dim, types[i].rank);
        up->kids[0] = leaves[i];
        for (int k = 0; k < types[i].rank; k++) {
            up->kids[k + 1] = k ? core_i64(f, 0) : core_op2(f, OP_sub, DT_i64, core_of_index(f, x), core_of_dim(f, x->lo));
            up->box[k] = k ? types[i].dims[k] : NULL;
        }
        emit(f, up);
    }
    Core *body = frame_pop_block(f), *loop = core_kids(f, C_for, ir_scalar(DT_none), 1, &body);
    loop->index = x;
    loop->span = s;
    for (int i = 0; i < n; i++) {
        Core *zero = zero_of(f, types[i]), *let = core_kids(f, C_let, ir_scalar(DT_none), 1, &zero);
        let->var = vars[i];
        emit(f, let);
    }
    emit(f, loop);
    return place_value(f, sty, vars);
}

/* Is the list an element of nothing but lists? */
static bool is_in_lists(const Fx *f)
{
    const Frame *fr = f->frame->outer;
    while (fr->kind == FRAME_index && fr->list)
        fr = fr->outer;
    return fr->kind == FRAME_block;
}

static Val *comprehension(Fx *f, const Tree *t)
{
    Dim lo, extent;
    const Tree *pattern = t->kids[1];
    Val *list;
    if (!loop_range(f, t->kids[2], &list, &lo, &extent))
        return val_error();
    frame_push(f, FRAME_index)->list = true;
    scope_push(f, SCOPE_index);
    Name name = pattern->kind == T_name ? pattern->name : name_of(f->cx->names, "i");
    CoreIndex *x = index_new(f, name, pattern->span, lo, extent);
    index_enter(f, x);
    Val *at = list ? source_at(f, list, x) : val_int(f, core_of_index(f, x), dim_sym(f->dims, x->sym));
    if (pattern->kind == T_name)
        scope_add(f, ENT_val, pattern->name, pattern->span)->val = at;
    else
        let_pattern(f, pattern, at);
    Core *key = f->key;
    int made = f->made;
    f->key = core_op2(f, OP_key_fold, DT_key, key ? key : model_key(f), core_of_index(f, x)); /* the path of a part has its number */
    Val *v = expr_plain(f, t->kids[0]);
    f->key = key;
    f->models += !key && f->made > made;
    scope_pop(f);
    if ((v->kind == V_agg || v->kind == V_tuple) && is_in_lists(f))
        return comp_structs(f, x, v, t->span);
    return tabulate(f, 1, &x, v, t->span);
}

/* ---- the rest ---- */

static Val *string_value(Fx *f, const Tree *t)
{
    Core *c = core_new(f, C_str, ir_scalar(DT_str), 0);
    c->str = t->text;
    c->text = t->text;
    c->span = t->span;
    return val_core(f, c, false);
}

static Val *closure(Fx *f, const Tree *t)
{
    Val *v = val_new(f, V_fn);
    v->tree = t;
    v->scope = f->scope;
    v->fx = f;
    return v;
}

static Val *binary(Fx *f, const Tree *t)
{
    if (t->name == W(f, and_) || t->name == W(f, or_))
        return logic_expr(f, t);
    if (t->name == W(f, coalesce))
        return coalesce(f, t);
    if (t->name == W(f, range)) {
        report(f, E0207, t->span, "a range stands after 'in', or as the range of an index");
        return val_error();
    }
    Val *a = expr(f, t->kids[0]), *b = expr(f, t->kids[1]);
    return arith(f, t->name, a, b, t->span);
}

/* A whole number above 2^63 - 1 is no int. */
static Val *large_int(Fx *f, const Tree *t)
{
    Core *c = core_number(f, DT_u64, 0);
    c->ival = t->ival;
    return val_core(f, c, false);
}

static Val *negated_large(Fx *f, const Tree *t)
{
    if (t->kids[0]->ival == INT64_MIN)
        return val_dim(f, dim_int(f, INT64_MIN));
    report(f, E0002, t->span, "the number does not fit 64 bits: at least -9223372036854775808");
    return val_error();
}

static Val *by_kind(Fx *f, const Tree *t)
{
    switch (t->kind) {
    case T_int_: return tree_int_is_large(t) ? large_int(f, t) : val_dim(f, dim_int(f, t->ival));
    case T_float_: return val_real(f, t->fval);
    case T_string: return string_value(f, t);
    case T_name: return name_value(f, t);
    case T_call: return call_expr(f, t);
    case T_index: return index_expr(f, t);
    case T_bigop: return bigop_expr(f, t);
    case T_member: return member_expr(f, t);
    case T_binary: return binary(f, t);
    case T_unary:
        if (tree_int_is_large(t->kids[0]) && t->name == W(f, minus))
            return negated_large(f, t);
        return t->name == W(f, not_) ? not_value(f, expr(f, t->kids[0]), t->span) : negate(f, expr(f, t->kids[0]), t->span);
    case T_chain: return chain_expr(f, t);
    case T_as: return as_expr(f, t);
    case T_tuple: return list_literal(f, t, V_tuple);
    case T_listlit: return list_literal(f, t, V_list);
    case T_comp: return comprehension(f, t);
    case T_if_: return if_expr(f, t);
    case T_block: return block_value(f, t);
    case T_fn: return closure(f, t);
    case T_treelit: {
        Val *v = val_new(f, V_tree);
        v->tree = t;
        return v;
    }
    default: return val_error(); /* T_error: reported */
    }
}

Val *whole_expr(Fx *f, const Tree *t)
{
    bool whole = f->whole;
    f->whole = true;
    Val *v = expr(f, t);
    f->whole = whole;
    return v;
}

Val *expr(Fx *f, const Tree *t)
{
    if (!t)
        return val_none(f);
    if (f->cx->depth >= EXPR_DEPTH_MOST) {
        report(f, E0003, t->span, "functions and expressions are nested too deeply here");
        return val_error();
    }
    if (f->trial && ++f->cx->trial_nodes > TRIAL_NODES_MOST) {
        return val_error();
    }
    if (f->cx->clone_nodes > CLONE_NODES_MOST)
        return val_error();
    f->cx->depth++;
    bool outermost = later_begin(f, t), whole = f->whole;
    f->whole = whole && (t->kind == T_binary || t->kind == T_unary); /* what stands deeper is no part of the sum */
    Val *v = by_kind(f, t);
    f->whole = whole;
    if (outermost)
        later_end(f);
    f->cx->depth--;
    if (v->kind == V_core && v->core && !v->core->span.file)
        v->core->span = t->span;
    return v;
}
