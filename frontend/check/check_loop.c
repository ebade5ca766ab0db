/* check_loop.c - while and for: what a loop assigns is unknown at its start; sources that are ranges, lists, zip or progress. */
#include "frontend/check/check_int.h"

/* ---- loops ---- */

static Core *loop_body(Fx *f, const Tree *block, const Cond *known)
{
    frame_push(f, FRAME_block);
    assume(f, known);
    f->loops++;
    scope_push(f, SCOPE_block);
    items_value(f, block->kids[0], false);
    scope_pop(f);
    f->loops--;
    return frame_pop_block(f);
}

/* What a loop assigns is not known at its start. In a trial loops inside are walked once. */
static void forget_assigned(Fx *f, const Tree *block, void (*enter)(Fx *f, void *user), void *user)
{
    Trial t = trial_begin(f);
    Snap *start = f->snaps;
    scope_push(f, SCOPE_block);
    if (enter)
        enter(f, user);
    f->loops++;
    items_value(f, block->kids[0], false);
    f->loops--;
    VEC(CoreVar *) vars = { 0 };
    for (Snap *s = f->snaps; s != start; s = s->next)
        if (!s->copy && s->var->id < (uint32_t)t.vars)
            PUSH(f, &vars, s->var);
    trial_end(f, &t);
    for (int i = 0; i < vars.n; i++)
        assigned(f, vars.p[i]);
}

/* Does a `break` of this loop stand there? */
static bool breaks(const Tree *t)
{
    bool found = t && t->kind == T_break_;
    if (!t || t->kind == T_fn || t->kind == T_while_ || t->kind == T_for_)
        return false;
    for (int i = 0; !found && i < t->nkids; i++)
        found = breaks(t->kids[i]);
    return found;
}

/* `while true` that only `return` leaves: nothing stands behind it, so no value has to; the text's end gets one that nobody sees. */
static void end_behind(Fx *f, const Tree *t)
{
    const Tree *cond = t->kids[0];
    int n;
    if (cond->kind != T_name || cond->name != W(f, true_) || scope_find(f->scope, cond->name) || breaks(t->kids[1]))
        return;
    if (!f->result || f->result->kind == STY_none)
        return;
    IrType *types = sty_leaf_types(f, f->result, &n);
    Core **leaves = NEWN(f->a, Core *, n + 1);
    for (int i = 0; i < n; i++) {
        if (types[i].dtype == DT_key)
            return;
        leaves[i] = zero_of(f, types[i]);
    }
    return_statement(f, val_leaves(f, f->result, leaves), t->span);
}

void while_statement(Fx *f, const Tree *t)
{
    Val *v;
    if (!stmt_needs_block(f, t->span, "a loop"))
        return;
    if (!f->trial)
        forget_assigned(f, t->kids[1], NULL, NULL);
    frame_push(f, FRAME_block);
    Core *cond = expr_bool(f, t->kids[0], &v);
    cond = frame_pop(f, cond);
    Core *body = loop_body(f, t->kids[1], NULL);
    emit(f, stmt_new(f, C_while, t->span, 2, (Core *[]){ cond, body }));
    stmt_impure(f);
    end_behind(f, t);
}

typedef struct Loop { const Tree *pattern; CoreIndex *x; Val *list; bool progress; } Loop;

static void enter_loop(Fx *f, void *user)
{
    Loop *l = user;
    Val *at = val_int(f, core_of_index(f, l->x), dim_sym(f->dims, l->x->sym));
    index_enter(f, l->x);
    if (l->list)
        at = source_at(f, l->list, l->x);
    let_pattern(f, l->pattern, at);
}

Val *source_at(Fx *f, Val *list, CoreIndex *x)
{
    if (list->kind == V_tuple) { /* of a zip */
        Val *all = val_new(f, V_tuple);
        all->n = list->n;
        all->parts = NEWN(f->a, Val *, all->n + 1);
        for (int i = 0; i < all->n; i++)
            all->parts[i] = source_at(f, list->parts[i], x);
        return all;
    }
    if (list->kind == V_open) { /* a range in a zip */
        Dim d = dim_add(f->dims, list->dim, dim_sym(f->dims, x->sym));
        return val_dim(f, d);
    }
    if (val_is_tensor(list))
        return val_at(f, list, 1, &x);
    return list_at(f, list, core_of_index(f, x), dim_sym(f->dims, x->sym));
}

static Val *loop_list(Fx *f, Val *v, Span s)
{
    v = val_plain(f, v);
    if (val_is_tensor(v))
        return val_core(f, addressable(f, v->core), false);
    if (v->kind == V_agg && v->sty->kind == STY_list)
        return v;
    if (!is_error(v))
        report(f, E0206, s, "'for' runs over a range or a list, not %s", val_text(f, v));
    return val_error();
}

static Dim list_count(const Val *v)
{
    if (v->kind == V_open)
        return v->den;
    if (v->kind == V_tuple)
        return list_count(v->parts[0]);
    return v->kind == V_core ? v->type.dims[0] : v->sty->count;
}

static Val *zip_lists(Fx *f, const Tree *args, Dim *n, Span s);

static bool is_zip(Fx *f, const Tree *t)
{
    return t->kind == T_call && t->kids[0]->kind == T_name && t->kids[0]->name == W(f, zip) && t->kids[1]->nkids;
}

/* A range is its first number and how many there are. */
static Val *zip_part(Fx *f, const Tree *t, Span s)
{
    Dim lo, extent;
    if (is_zip(f, t))
        return zip_lists(f, t->kids[1], &extent, t->span);
    if (!source_range(f, t, &lo, &extent))
        return loop_list(f, expr(f, t), s);
    if (!lo || !extent)
        return val_error();
    Val *v = val_new(f, V_open);
    v->dim = lo;
    v->den = extent;
    return v;
}

static Val *zip_lists(Fx *f, const Tree *args, Dim *n, Span s)
{
    Val *v = val_new(f, V_tuple);
    v->n = args->nkids;
    v->parts = NEWN(f->a, Val *, v->n + 1);
    for (int i = 0; i < v->n; i++) {
        v->parts[i] = zip_part(f, args->kids[i]->kids[0], args->kids[i]->span);
        if (is_error(v->parts[i]))
            return v->parts[i];
        if (i && !dims_equal(f, *n, list_count(v->parts[i]))) {
            report(f, E0203, s, "'zip' of %s and %s elements", dim_say(f, *n), dim_say(f, list_count(v->parts[i])));
            return val_error();
        }
        *n = list_count(v->parts[i]);
    }
    return v;
}

bool loop_range(Fx *f, const Tree *t, Val **list, Dim *lo, Dim *extent)
{
    *list = NULL;
    if (source_range(f, t, lo, extent))
        return *lo && *extent;
    *lo = dim_int(f, 0);
    if (is_zip(f, t)) {
        *list = zip_lists(f, t->kids[1], extent, t->span);
        return !is_error(*list);
    }
    *list = loop_list(f, expr(f, t), t->span);
    if (is_error(*list))
        return false;
    *extent = list_count(*list);
    return true;
}

static bool loop_source(Fx *f, const Tree *t, Loop *l, Dim *lo, Dim *extent)
{
    bool call = t->kind == T_call && t->kids[0]->kind == T_name;
    l->list = NULL;
    if (call && t->kids[0]->name == W(f, progress) && t->kids[1]->nkids == 1) {
        if (!effects_allowed(f, t->span, "progress"))
            return false;
        l->progress = true;
        return loop_source(f, t->kids[1]->kids[0]->kids[0], l, lo, extent);
    }
    return loop_range(f, t, &l->list, lo, extent);
}

/* What it runs over is wrong: what else is wrong inside is said, too. */
static void loop_over_nothing(Fx *f, const Tree *t)
{
    frame_push(f, FRAME_block);
    scope_push(f, SCOPE_block);
    let_pattern(f, t->kids[0], val_error());
    f->loops++;
    items_value(f, t->kids[2]->kids[0], false);
    f->loops--;
    scope_pop(f);
    frame_pop_block(f);
}

void for_statement(Fx *f, const Tree *t)
{
    Dim lo, extent;
    Loop l = { .pattern = t->kids[0] };
    if (!stmt_needs_block(f, t->span, "a loop"))
        return;
    if (!loop_source(f, t->kids[1], &l, &lo, &extent)) {
        loop_over_nothing(f, t);
        return;
    }
    Name n = l.pattern->kind == T_name ? l.pattern->name : name_of(f->cx->names, "i");
    l.x = index_new(f, n, l.pattern->span, lo, extent);
    if (!f->trial)
        forget_assigned(f, t->kids[2], enter_loop, &l);
    frame_push(f, FRAME_block);
    scope_push(f, SCOPE_block);
    f->loops++;
    enter_loop(f, &l);
    if (l.progress)
        effect_progress_step(f, l.x, t->kids[1]->span);
    items_value(f, t->kids[2]->kids[0], false);
    f->loops--;
    scope_pop(f);
    Core *body = frame_pop_block(f);
    Core *c = stmt_new(f, C_for, t->span, 1, &body);
    c->index = l.x;
    emit(f, c);
    if (l.progress)
        effect_progress_end(f, t->kids[1]->span);
    stmt_impure(f);
}

void jump_statement(Fx *f, const Tree *t, CoreKind k)
{
    if (!f->loops)
        report(f, E0104, t->span, "'%s' stands outside of a loop", k == C_break ? "break" : "continue");
    else if (stmt_needs_block(f, t->span, k == C_break ? "'break'" : "'continue'"))
        emit(f, stmt_new(f, k, t->span, 0, NULL));
    stmt_impure(f);
    f->frame->ended = true;
}

