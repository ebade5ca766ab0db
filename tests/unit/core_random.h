/* core_random.h - random checked trees: loops, early exits, choices, absent scalars and tensors, calls with absent arguments, updates. */
#ifndef MLC_TESTS_CORE_RANDOM_H
#define MLC_TESTS_CORE_RANDOM_H

#include <math.h>

#include "core_make.h"

enum { MUTABLES = 3 };

typedef struct Gen {
    CoreTest *c;
    uint64_t state;
    Dim n;
    CoreVar *ints[MUTABLES], *reals[MUTABLES], *input, *cells; /* input: a tensor parameter; cells: a `var` tensor */
    VEC(CoreVar *) lets, tensors;      /* immutable, perhaps absent */
    VEC(CoreIndex *) indices;
    VEC(CoreFn *) callees;
    int loops;
} Gen;

static const IrType i64 = { DT_i64, 0, NULL }, f64 = { DT_f64, 0, NULL };

static int below(Gen *g, int n)
{
    g->state = g->state * 6364136223846793005u + 1442695040888963407u;
    return (int)((g->state >> 33) % (uint64_t)n);
}

static Core *real(Gen *g, int depth);
static Core *cond(Gen *g, int depth);
static Core *list(Gen *g, int depth, int length);

static Core *number(Gen *g, double v)
{
    Core *n = mk(g->c, C_const, f64, 0);
    n->fval = v;
    return n;
}

/* ---- expressions ---- */

static Core *whole(Gen *g, int depth)
{
    switch (below(g, depth > 0 ? 6 : 3)) {
    case 0: return mk_int(g->c, DT_i64, below(g, 5) - 1);
    case 1: return mk_use(g->c, g->ints[below(g, MUTABLES)]);
    case 2: return g->indices.n ? mk_at(g->c, g->indices.p[below(g, g->indices.n)]) : mk_dim_of(g->c, g->n);
    case 3: return OPN(g->c, add, DT_i64, whole(g, depth - 1), whole(g, depth - 1));
    case 4: return OPN(g->c, sub, DT_i64, whole(g, depth - 1), whole(g, depth - 1));
    default: return OPN(g->c, max, DT_i64, whole(g, depth - 1), mk_int(g->c, DT_i64, 0));
    }
}

static Core *place(Gen *g, int depth)
{
    if (g->indices.n && below(g, 3))
        return mk_at(g->c, g->indices.p[below(g, g->indices.n)]);
    Core *top = OPN(g->c, sub, DT_i64, mk_dim_of(g->c, g->n), mk_int(g->c, DT_i64, 1));
    Core *inside = OPN(g->c, max, DT_i64, mk_int(g->c, DT_i64, 0), OPN(g->c, min, DT_i64, whole(g, depth), top));
    return below(g, 12) ? inside : OPN(g->c, clampi, DT_i64, whole(g, depth), mk_int(g->c, DT_i64, 0), mk_dim_of(g->c, g->n));
}

static CoreVar *some_tensor(Gen *g)
{
    int k = below(g, g->tensors.n + 2);
    return k == 0 ? g->input : k == 1 ? g->cells : g->tensors.p[k - 2];
}

static Core *element(Gen *g, int depth)
{
    CoreVar *t = some_tensor(g);
    return MK(g->c, load, f64, mk_use(g->c, t), place(g, depth));
}

static Core *reduction(Gen *g, int depth)
{
    static const RedOp ops[] = { RED_sum, RED_sum, RED_max, RED_min };
    CoreIndex *j = mk_index(g->c, "j", g->n);
    vec_push(g->c->t.arena, &g->indices, j);
    bool guarded = below(g, 2);
    Core *body = real(g, depth - 1), *n = guarded ? MK(g->c, reduce, f64, body, cond(g, 1)) : MK(g->c, reduce, f64, body);
    g->indices.n--;
    n->redop = (uint8_t)ops[below(g, 4)];
    return mk_over(g->c, n, 1, j);
}

/* { let v = e; value } */
static Core *block(Gen *g, int depth)
{
    CoreVar *v = mk_var(g->c, "b", f64, false);
    int lets = g->lets.n;
    Core *let = mk_set(g->c, C_let, v, real(g, depth - 1));
    vec_push(g->c->t.arena, &g->lets, v);
    Core *value = real(g, depth - 1);
    g->lets.n = lets;
    return MK(g->c, block, f64, let, value);
}

static Core *real(Gen *g, int depth)
{
    switch (below(g, depth > 0 ? 14 : 4)) {
    case 0: return number(g, below(g, 20) ? below(g, 7) - 3 : (double)NAN);
    case 1: return mk_use(g->c, g->reals[below(g, MUTABLES)]);
    case 2: return g->lets.n ? mk_use(g->c, g->lets.p[below(g, g->lets.n)]) : number(g, 0.5);
    case 3: return element(g, 0);
    case 4: return OPN(g->c, add, DT_f64, real(g, depth - 1), real(g, depth - 1));
    case 5: return OPN(g->c, sub, DT_f64, real(g, depth - 1), real(g, depth - 1));
    case 6: return OPN(g->c, mul, DT_f64, real(g, depth - 1), real(g, depth - 1));
    case 7: return OPN(g->c, div, DT_f64, real(g, depth - 1), number(g, 1 + below(g, 3)));
    case 8: return OPN(g->c, neg, DT_f64, real(g, depth - 1));
    case 9: return OPN(g->c, max, DT_f64, real(g, depth - 1), real(g, depth - 1));
    case 10: return MK(g->c, guard, f64, cond(g, 1), real(g, depth - 1));
    case 11: return MK(g->c, if, f64, cond(g, 1), real(g, depth - 1), real(g, depth - 1));
    case 12: return reduction(g, depth);
    default: return block(g, depth);
    }
}

static Core *cond(Gen *g, int depth)
{
    switch (below(g, depth > 0 ? 6 : 2)) {
    case 0: return OPN(g->c, lt, DT_bool, whole(g, 1), whole(g, 1));
    case 1: return OPN(g->c, le, DT_bool, real(g, 1), real(g, 1));
    case 2: return OPN(g->c, and, DT_bool, cond(g, depth - 1), cond(g, depth - 1));
    case 3: return OPN(g->c, or, DT_bool, cond(g, depth - 1), cond(g, depth - 1));
    case 4: return OPN(g->c, not, DT_bool, cond(g, depth - 1));
    default: return OPN(g->c, eq, DT_bool, whole(g, 1), whole(g, 1));
    }
}

/* ---- statements ---- */

static Core *let_real(Gen *g)
{
    CoreVar *v = mk_var(g->c, "a", f64, false);
    Core *s = mk_set(g->c, C_let, v, real(g, 3));
    vec_push(g->c->t.arena, &g->lets, v);
    return s;
}

static Core *tensor(Gen *g)
{
    CoreIndex *i = mk_index(g->c, "i", g->n);
    vec_push(g->c->t.arena, &g->indices, i);
    Core *m = mk_over(g->c, MK(g->c, map, g->input->type, real(g, 3)), 1, i);
    g->indices.n--;
    if (below(g, 5) == 0) {
        m = MK(g->c, cum, g->input->type, m);
        m->redop = below(g, 2) ? RED_sum : RED_max;
    }
    return m;
}

static Core *let_tensor(Gen *g)
{
    CoreVar *v = mk_var(g->c, "t", g->input->type, false);
    Core *s = mk_set(g->c, C_let, v, tensor(g));
    vec_push(g->c->t.arena, &g->tensors, v);
    return s;
}

static Core *loop_while(Gen *g, int depth)
{
    CoreVar *fuel = mk_var(g->c, "fuel", i64, true);
    Core *go = OPN(g->c, and, DT_bool, OPN(g->c, lt, DT_bool, mk_int(g->c, DT_i64, 0), mk_use(g->c, fuel)), cond(g, 1));
    Core *burn = mk_set(g->c, C_assign, fuel, OPN(g->c, sub, DT_i64, mk_use(g->c, fuel), mk_int(g->c, DT_i64, 1)));
    g->loops++;
    Core *body = STMT(g->c, block, burn, list(g, depth - 1, 3));
    g->loops--;
    return STMT(g->c, stmts, mk_set(g->c, C_let, fuel, mk_int(g->c, DT_i64, 1 + below(g, 4))), STMT(g->c, while, go, body));
}

static Core *loop_for(Gen *g, int depth)
{
    CoreIndex *i = mk_index(g->c, "k", g->n);
    vec_push(g->c->t.arena, &g->indices, i);
    g->loops++;
    Core *s = STMT(g->c, for, list(g, depth - 1, 3));
    g->loops--;
    g->indices.n--;
    s->index = i;
    return s;
}

static Core *update(Gen *g)
{
    Core *s = STMT(g->c, update, real(g, 2), place(g, 1));
    s->target = g->cells;
    s->box = NEWN(g->c->t.arena, Dim, 1);
    if (below(g, 3) == 0) { /* the whole of it */
        s->kids[0] = tensor(g);
        s->kids[1] = mk_int(g->c, DT_i64, 0);
        s->box[0] = g->n;
    }
    return s;
}

static Core *leave(Gen *g)
{
    if (g->loops && below(g, 2))
        return mk(g->c, below(g, 2) ? C_break : C_continue, ir_scalar(DT_none), 0);
    return STMT(g->c, return, real(g, 2), mk_use(g->c, g->tensors.n && below(g, 2) ? vec_last(&g->tensors) : g->cells));
}

static Core *call(Gen *g)
{
    CoreFn *f = g->callees.p[below(g, g->callees.n)];
    CoreVar *t = below(g, 2) ? g->input : some_tensor(g);
    Core *s = STMT(g->c, call, mk_use(g->c, t), mk_use(g->c, g->cells), real(g, 2));
    s->callee = f;
    s->dims = arena_copy(g->c->t.arena, &g->n, sizeof g->n);
    s->nouts = 3;
    s->outs = NEWN(g->c->t.arena, CoreVar *, 3);
    s->outs[0] = g->cells;
    s->outs[1] = below(g, 2) ? g->reals[below(g, MUTABLES)] : mk_var(g->c, "r", f64, false);
    s->outs[2] = mk_var(g->c, "u", g->input->type, false);
    if (!s->outs[1]->mut)
        vec_push(g->c->t.arena, &g->lets, s->outs[1]);
    vec_push(g->c->t.arena, &g->tensors, s->outs[2]);
    return s;
}

static Core *branch(Gen *g, int depth)
{
    Core *c = cond(g, 2), *yes = list(g, depth - 1, 2);
    return below(g, 2) ? STMT(g->c, ifs, c, yes) : STMT(g->c, ifs, c, yes, list(g, depth - 1, 2));
}

static Core *statement(Gen *g, int depth)
{
    switch (below(g, depth > 0 ? 12 : 7)) {
    case 0: return mk_set(g->c, C_assign, g->ints[below(g, MUTABLES)], whole(g, 2));
    case 1: return mk_set(g->c, C_assign, g->reals[below(g, MUTABLES)], real(g, 3));
    case 2: return update(g);
    case 3: return let_real(g);
    case 4: return let_tensor(g);
    case 5: return below(g, 3) && g->callees.n ? call(g) : let_real(g);
    case 6: return below(g, 3) == 0 && depth < 3 ? STMT(g->c, ifs, cond(g, 1), STMT(g->c, block, leave(g))) : update(g);
    case 7:
    case 8: return loop_while(g, depth);
    case 9: return loop_for(g, depth);
    default: return branch(g, depth);
    }
}

/* A block; now and then it ends by leaving. */
static Core *list(Gen *g, int depth, int length)
{
    Core *s[8];
    int n = 0, lets = g->lets.n, tensors = g->tensors.n, want = 1 + below(g, length);
    while (n < want)
        s[n++] = statement(g, depth);
    if (depth < 3 && below(g, 8) == 0)
        s[n++] = leave(g);
    g->lets.n = lets;
    g->tensors.n = tensors;
    Core *b = mk(g->c, C_block, ir_scalar(DT_none), 0);
    b->nkids = n;
    b->kids = arena_copy(g->c->t.arena, s, sizeof *s * (size_t)n);
    return b;
}

/* fn(input: f64[N], var cells: f64[N], s: f64) -> (f64, f64[N]) */
static CoreFn *function(Gen *g, int number)
{
    Arena *a = g->c->t.arena;
    CoreFn *fn = mk_fn(g->c, arena_printf(a, "f%d", number));
    Core *s[16];
    int n = 0;
    g->n = mk_dim(g->c, "N");
    IrType row = mk_type(g->c, DT_f64, 1, g->n);
    g->lets.n = g->tensors.n = g->indices.n = 0;
    g->input = mk_param(g->c, "x", row, false);
    g->cells = mk_param(g->c, "cells", row, true);
    CoreVar *scale = mk_param(g->c, "s", f64, false);
    vec_push(a, &g->lets, scale);
    vec_push(a, &fn->results, f64);
    vec_push(a, &fn->results, row);
    for (int i = 0; i < MUTABLES; i++) {
        g->ints[i] = mk_var(g->c, "n", i64, true);
        g->reals[i] = mk_var(g->c, "r", f64, true);
        s[n++] = mk_set(g->c, C_let, g->ints[i], mk_int(g->c, DT_i64, i));
        s[n++] = mk_set(g->c, C_let, g->reals[i], mk_use(g->c, scale));
    }
    for (int i = 0; i < 5; i++)
        s[n++] = statement(g, 3);
    Core *result = real(g, 3);
    s[n++] = STMT(g->c, return, result, !g->tensors.n ? mk_use(g->c, g->cells) : mk_use(g->c, vec_last(&g->tensors)));
    fn->body = mk(g->c, C_block, ir_scalar(DT_none), 0);
    fn->body->nkids = n;
    fn->body->kids = arena_copy(a, s, sizeof *s * (size_t)n);
    return fn;
}

/* Three functions: the last calls the first two, the second the first. */
static CoreFn *random_program(CoreTest *c, uint64_t seed)
{
    Gen g = { .c = c, .state = seed * 2654435761u + 12345 };
    for (int i = 0; i < 2; i++) {
        CoreFn *f = function(&g, i);
        vec_push(c->t.arena, &g.callees, f);
    }
    return function(&g, 2);
}

#endif
