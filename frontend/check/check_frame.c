/* check_frame.c - where statements go: frames, variables, indices, and moving a value out of scopes that it does not need.
 *
 *     out[b, t, v] = log_softmax[v](net(tokens)[b, t, v])
 *
 * becomes  let a = net(tokens);  let m[b, t] = logsumexp ..;  let out[b, t, v] = ..: the call needs no index, the normaliser not v.
 */
#include "frontend/check/check_int.h"

/* ---- frames ---- */

Frame *frame_push(Fx *f, FrameKind k)
{
    Frame *fr = NEW(f->a, Frame);
    fr->outer = f->frame;
    fr->kind = k;
    fr->depth = f->frame ? f->frame->depth + 1 : 0;
    fr->facts = facts_new(f->dims, f->facts);
    fr->snaps = f->snaps;
    f->facts = fr->facts;
    f->frame = fr;
    return fr;
}

Frame *block_frame(Fx *f)
{
    Frame *fr = f->frame;
    while (fr->kind != FRAME_block)
        fr = fr->outer;
    return fr;
}

/* What was assigned inside is unknown outside; copies made inside are not visible. */
static void snaps_leave(Fx *f, Frame *fr)
{
    Snap *inside = f->snaps;
    f->snaps = fr->snaps;
    for (Snap *s = inside; s != fr->snaps; s = s->next)
        if (!s->copy)
            assigned(f, s->var);
}

static void leave(Fx *f)
{
    Frame *fr = f->frame;
    f->frame = fr->outer;
    f->facts = fr->outer ? fr->outer->facts : f->cx->facts;
    if (fr->kind == FRAME_block)
        snaps_leave(f, fr);
}

Core *frame_pop(Fx *f, Core *value)
{
    Frame *fr = f->frame;
    leave(f);
    if (fr->stmts.n == 0 || !value)
        return value;
    Core *c = core_kids(f, C_block, value->type, fr->stmts.n + 1, fr->stmts.p);
    c->kids[fr->stmts.n] = value;
    c->span = value->span;
    return c;
}

void frame_merge(Fx *f)
{
    Frame *fr = f->frame;
    leave(f);
    for (int i = 0; i < fr->stmts.n; i++)
        emit(f, fr->stmts.p[i]);
}

Core *frame_pop_block(Fx *f)
{
    Frame *fr = f->frame;
    leave(f);
    return core_kids(f, C_block, ir_scalar(DT_none), fr->stmts.n, fr->stmts.p);
}

void emit_at(Fx *f, Frame *at, Core *stmt)
{
    PUSH(f, &at->stmts, stmt);
}

void emit(Fx *f, Core *stmt)
{
    emit_at(f, f->frame, stmt);
}

bool frame_has_index(Fx *f, const CoreIndex *x)
{
    for (const Frame *fr = f->frame; fr->kind != FRAME_block; fr = fr->outer)
        for (int i = 0; i < fr->idx.n; i++)
            if (fr->idx.p[i] == x)
                return true;
    return false;
}

bool frame_in_index(Fx *f)
{
    for (Frame *fr = f->frame; fr && fr->kind != FRAME_block; fr = fr->outer)
        if (fr->kind == FRAME_index)
            return true;
    return false;
}

/* ---- variables and indices ---- */

CoreVar *var_new(Fx *f, Name name, Span s, IrType t, bool mut)
{
    Var *x = NEW(f->a, Var);
    CoreVar *v = &x->pub;
    v->id = (uint32_t)f->fn->vars.n;
    v->name = name;
    v->span = s;
    v->type = t;
    v->mut = mut;
    x->depth = f->frame ? f->frame->depth : 0;
    if (!mut && t.rank == 0 && t.dtype == DT_i64) {
        v->sym = dim_sym_new(f->dims, name, s);
        v->sym->user = v;
    }
    PUSH(f, &f->fn->vars, v);
    return v;
}

CoreIndex *index_new(Fx *f, Name name, Span s, Dim lo, Dim extent)
{
    Idx *x = NEW(f->a, Idx);
    CoreIndex *i = &x->pub;
    i->name = name;
    i->span = s;
    i->lo = lo ? lo : dim_int(f, 0);
    i->extent = extent;
    i->id = (uint32_t)f->fn->nindices++;
    i->sym = dim_sym_new(f->dims, name, s);
    i->sym->index = true;
    i->sym->user = i;
    x->depth = f->frame->depth;
    x->unknown = !extent;
    return i;
}

void index_enter(Fx *f, CoreIndex *x)
{
    ((Idx *)x)->depth = f->frame->depth;
    PUSH(f, &f->frame->idx, x);
    if (!x->extent)
        return;
    facts_range(f->facts, x->sym, x->lo, dim_add(f->dims, x->lo, x->extent));
}

CoreIndex *index_copy(Fx *f, const CoreIndex *x)
{
    return index_new(f, x->name, x->span, x->lo, x->extent);
}

/* ---- placing ---- */

static Core *let_new(Fx *f, Frame *at, Core *value, const char *hint)
{
    Free need = core_free(f, value);
    CoreVar *v = var_new(f, name_of(f->cx->names, hint), value->span, value->type, false);
    Var *x = (Var *)v;
    x->depth = at->depth;
    for (int i = 0; i < need.idx.n; i++)
        PUSH(f, &x->deps, need.idx.p[i]);
    x->def = at->kind == FRAME_block ? NULL : value;
    Core *let = core_kids(f, C_let, ir_scalar(DT_none), 1, &value);
    let->var = v;
    let->span = value->span;
    return let;
}

Core *let_at(Fx *f, Frame *at, Core *value, const char *hint)
{
    Core *let = let_new(f, at, value, hint);
    emit_home(f, at, let);
    return core_of_var(f, let->var);
}

Core *let_here(Fx *f, Core *value, const char *hint)
{
    return let_at(f, f->frame, value, hint);
}

Core *let_out(Fx *f, Core *value, const char *hint)
{
    if (value->kind == C_var && !value->var->mut)
        return value;
    return let_at(f, frame_home(f, value), value, hint);
}

/* Indices of the frames between the block and here, outer before inner, that `need` has. */
static int path_indices(Fx *f, const Free *need, CoreIndex **out, int *all)
{
    VEC(Frame *) path = { 0 };
    int found = 0;
    for (Frame *fr = f->frame; fr->kind != FRAME_block; fr = fr->outer)
        if (fr->idx.n)
            PUSH(f, &path, fr);
    *all = 0;
    while (path.n-- > 0)
        for (int i = 0; i < path.p[path.n]->idx.n; i++) {
            CoreIndex *x = path.p[path.n]->idx.p[i];
            (*all)++;
            for (int k = 0; k < need->idx.n; k++)
                if (need->idx.p[k] == x && found < RANK_MOST)
                    out[found++] = x;
        }
    return found;
}

static bool has_symbol_inside(Fx *f, Dim d, int depth)
{
    Core c = { .kind = C_dim, .dim = d };
    return core_free(f, &c).depth > depth;
}

/* The indices over which `value` can be made as a tensor before the innermost block's statement; -1: it cannot. */
static int table_indices(Fx *f, const Core *value, CoreIndex **from, int *all)
{
    Frame *block = block_frame(f);
    Free need = core_free(f, value);
    if (block == f->frame || value->type.rank || f->trial || need.var_depth > block->depth || (!core_is_safe(value) && !home_is_block(f, value)))
        return -1;
    int n = path_indices(f, &need, from, all);
    for (int i = 0; i < n; i++)
        if (!from[i]->extent || has_symbol_inside(f, from[i]->extent, block->depth) || has_symbol_inside(f, from[i]->lo, block->depth))
            return -1;
    int outer = 0; /* an index that no frame here has: the range of an operator, seen from outside */
    for (int i = 0; i < need.idx.n; i++)
        outer += ((Idx *)need.idx.p[i])->depth > block->depth;
    return outer == n ? n : -1;
}

static Core *table_map(Fx *f, Core *value, int n, CoreIndex *const *from)
{
    Frame *block = block_frame(f);
    CoreIndex *to[RANK_MOST];
    for (int i = 0; i < n; i++)
        to[i] = index_copy(f, from[i]);
    return core_map(f, n, to, core_clone_out(f, value, n, from, to, block->depth));
}

static Core *table_read(Fx *f, Core *table, int n, CoreIndex *const *from)
{
    Core *subs[RANK_MOST];
    for (int i = 0; i < n; i++) {
        bool zero = from[i]->lo == dim_int(f, 0);
        subs[i] = zero ? core_of_index(f, from[i])
                       : core_op2(f, OP_sub, DT_i64, core_of_index(f, from[i]), core_of_dim(f, from[i]->lo));
    }
    return core_load(f, table, n, subs);
}

Core *let_table(Fx *f, Core *value, const char *hint)
{
    CoreIndex *from[RANK_MOST];
    int all, n = table_indices(f, value, from, &all);
    if (n < 0)
        return value;
    Frame *block = block_frame(f);
    Core *let = let_new(f, block, table_map(f, value, n, from), hint); /* home_is_block: what can fail in it is asked for in any case */
    emit_at(f, block, let);
    return table_read(f, core_of_var(f, let->var), n, from);
}

Core *let_stat(Fx *f, Core *value, const char *hint)
{
    CoreIndex *from[RANK_MOST];
    int all, n = table_indices(f, value, from, &all);
    if (n < 0 || n == all || value->kind == C_const || value->kind == C_dim)
        return value;
    return let_table(f, value, hint);
}

/* Running reduction of `value` along x, at x; down: from the last place on; before: without the place itself. */
Core *let_running(Fx *f, RedOp op, bool down, bool before, Core *value, CoreIndex *x)
{
    CoreIndex *from[RANK_MOST];
    int all, n = table_indices(f, value, from, &all), axis = -1;
    Frame *at = n < 0 ? f->frame : block_frame(f);
    if (n < 0) {
        n = 1;
        from[0] = x;
    }
    for (int i = 0; i < n; i++)
        axis = from[i] == x ? i : axis;
    if (axis < 0) { /* the same for each place of x */
        from[n] = x;
        axis = n++;
    }
    CoreIndex *to[RANK_MOST];
    for (int i = 0; i < n; i++)
        to[i] = index_copy(f, from[i]);
    Core *map = core_map(f, n, to, core_clone_out(f, value, n, from, to, at == f->frame ? 1 << 30 : at->depth));
    Core *cum = core_kids(f, C_cum, map->type, 1, &map);
    cum->redop = (uint8_t)op;
    cum->down = down;
    cum->before = before;
    cum->ival = axis;
    cum->span = value->span;
    return table_read(f, let_at(f, at, cum, "run"), n, from);
}

bool is_addressable(const Core *c)
{
    if (c->kind == C_slicebox)
        return is_addressable(c->kids[0]);
    return c->kind == C_var || c->type.rank == 0 || (c->kind == C_map && core_is_cheap(c->kids[0]));
}

Core *addressable(Fx *f, Core *x)
{
    return is_addressable(x) ? x : let_out(f, x, "t");
}

/* ---- copies of variables for dims ---- */

CoreVar *snap_find(Fx *f, const CoreVar *v)
{
    for (Snap *s = f->snaps; s; s = s->next)
        if (s->var == v)
            return s->copy;
    return NULL;
}

void snap_put(Fx *f, CoreVar *v, CoreVar *copy)
{
    Snap *s = NEW(f->a, Snap);
    *s = (Snap){ v, copy, f->snaps };
    f->snaps = s;
}

CoreVar *snapshot(Fx *f, CoreVar *v)
{
    Frame *at = block_frame(f);
    bool changed = false;
    for (Snap *s = f->snaps; s; s = s->next)
        if (s->var == v && s->copy)
            return s->copy;
        else if (s->var == v) {
            changed = true;
            break;
        }
    Core *value = core_of_var(f, v);
    value->span = v->span;
    CoreVar *copy = let_at(f, at, value, v->name)->var;
    snap_put(f, v, copy);
    if (v->param && !changed && v->sym) {
        ((Var *)copy)->entry = v;
        facts_eq(at->facts, dim_sym(f->dims, copy->sym), dim_sym(f->dims, v->sym));
    }
    return copy;
}

void assigned(Fx *f, CoreVar *v)
{
    snap_put(f, v, NULL);
    ((Var *)v)->assigned = true;
}

/* ---- trials: something is checked to learn about it, and forgotten ---- */

Trial trial_begin(Fx *f)
{
    Trial t = { f->cx->diags, f->frame, f->snaps, f->facts, f->scope, f->fn->vars.n, f->fn->nindices, f->fn->plan.n, f->draws, f->models };
    f->cx->diags = diags_new(f->a, f->cx->sources);
    f->trial++;
    frame_push(f, FRAME_block);
    return t;
}

void trial_end(Fx *f, Trial *t)
{
    f->cx->diags = t->diags;
    f->frame = t->frame;
    f->snaps = t->snaps;
    f->facts = t->facts;
    f->scope = t->scope;
    f->fn->vars.n = t->vars;
    f->fn->nindices = t->indices;
    f->fn->plan.n = t->plan;
    f->draws = t->draws;
    f->models = t->models;
    f->trial--;
}
