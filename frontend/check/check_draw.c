/* check_draw.c - draws: element i is a function of (key, place in the source, i) and of nothing else.
 *
 *     let x[b, d] ~ normal(0, 1, key: k)      bits = random_bits(fold(fold(k, place), b), d)
 *
 *     let x[b, d] ~ laplace(0, 1, key: k)     laplace(0, 1, key: fold(fold(fold(k, place), b), d)), for any function that takes a key
 *
 * Uniform numbers come from the high bits, normal ones by Box and Muller, categorical ones by Gumbel's maximum.
 */
#include "frontend/check/check_int.h"

#include <string.h>

typedef struct Draw {
    Fx *f;
    Core *key;        /* folded with the place and all indices but the last */
    Core *element;
    IrDtype t;
    Dim fan_in;       /* of a parameter: the product of its dims but the first */
    Span span;
    Val *args[4];
    int n;
} Draw;

/* ---- random numbers ---- */

static Core *bits(Draw *d, int64_t stream)
{
    return core_op3(d->f, OP_random_bits, DT_u64, d->key, core_i64(d->f, stream), d->element);
}

static Core *real(Draw *d, double v)
{
    return core_number(d->f, d->t, v);
}

static Core *op(Draw *d, IrOp o, Core *x, Core *y)
{
    return y ? core_op2(d->f, o, d->t, x, y) : core_op1(d->f, o, d->t, x);
}

static Core *u64(Draw *d, int64_t v)
{
    Core *c = core_new(d->f, C_const, ir_scalar(DT_u64), 0);
    c->ival = v;
    return c;
}

/* k / 2^n with n bits, n as many as the type holds exactly: in [0, 1). */
static Core *unit(Draw *d, Core *b)
{
    int n = d->t == DT_f64 ? 53 : d->t == DT_f32 ? 24 : d->t == DT_f16 ? 11 : 8;
    Core *k = core_op2(d->f, OP_shift_right, DT_u64, b, u64(d, 64 - n));
    return op(d, OP_mul, core_cast(d->f, k, d->t, OP_cast), real(d, 1.0 / (double)((int64_t)1 << n)));
}

/* What takes a logarithm of a uniform number is drawn in f32, of f64 in f64: 16 bits hold neither its steps nor k. */
static IrDtype wide(IrDtype t) { return t == DT_f64 ? DT_f64 : DT_f32; }

static Core *drawn_wide(Draw *d, Core *(*standard)(Draw *d))
{
    IrDtype t = d->t;
    d->t = wide(t);
    Core *x = standard(d);
    d->t = t;
    return wide(t) == t ? x : core_cast(d->f, x, t, OP_cast);
}

/* (k + 1/2) / 2^n: in (0, 1), so that its logarithm is finite. */
static Core *open_unit(Draw *d, Core *b, int from)
{
    int n = d->t == DT_f64 ? 32 : 23;
    Core *k = core_op2(d->f, OP_shift_right, DT_u64, core_op2(d->f, OP_shift_left, DT_u64, b, u64(d, from)), u64(d, 64 - n));
    Core *x = op(d, OP_add, core_cast(d->f, k, d->t, OP_cast), real(d, 0.5));
    return op(d, OP_mul, x, real(d, 1.0 / (double)((int64_t)1 << n)));
}

static Core *arg(Draw *d, int i)
{
    return core_as(d->f, d->args[i], d->t, d->span);
}

static Core *scaled(Draw *d, Core *x, Core *lo, Core *width)
{
    return op(d, OP_add, lo, op(d, OP_mul, width, x));
}

/* Is it no number below 0 and not NaN (sign 1), or none above 0 (-1)? What scales of parameters are made of: sizes and powers of these. */
static bool has_sign(Draw *d, const Core *x, int sign)
{
    if (x->kind == C_const && dtype_is_float(x->type.dtype))
        return sign * x->fval >= 0;
    if (x->kind == C_dim)
        return sign > 0 && facts_prove_le(d->f->facts, dim_int(d->f, 0), x->dim) == YES;
    if (x->kind != C_op)
        return false;
    switch (x->op) {
    case OP_cast: return has_sign(d, x->kids[0], sign);
    case OP_neg: return has_sign(d, x->kids[0], -sign);
    case OP_pow: return sign > 0 && has_sign(d, x->kids[0], 1) && (has_sign(d, x->kids[1], 1) || has_sign(d, x->kids[1], -1));
    default: return false;
    }
}

static bool is_known(Draw *d, IrOp o, const Core *x, const Core *y)
{
    if (x->kind == C_const && y->kind == C_const)
        return o == OP_le ? x->fval <= y->fval : x->fval < y->fval;
    return o == OP_le && has_sign(d, x, -1) && has_sign(d, y, 1);
}

static Core *shared(Draw *d, Core *x)
{
    return core_is_cheap(x) ? x : let_here(d->f, x, "x");
}

/* x < y or x <= y, as a distribution needs of its parameters. NaN is in no domain. */
static void needs(Draw *d, IrOp o, Core **x, Core **y, const char *text)
{
    if (is_known(d, o, *x, *y))
        return;
    *x = shared(d, *x);
    *y = shared(d, *y);
    check_statement(d->f, core_op2(d->f, o, DT_bool, *x, *y), STATUS_CHECK, text, d->span);
}

static Core *draw_uniform(Draw *d)
{
    Core *lo = arg(d, 0), *hi = arg(d, 1);
    if (!lo || !hi)
        return NULL;
    needs(d, OP_le, &lo, &hi, "a draw from an empty range");
    return scaled(d, unit(d, bits(d, 0)), lo, op(d, OP_sub, hi, lo));
}

static Core *standard_normal(Draw *d)
{
    Core *b = let_here(d->f, bits(d, 0), "bits");
    Core *r = op(d, OP_sqrt, op(d, OP_mul, real(d, -2), op(d, OP_log, open_unit(d, b, 0), NULL)), NULL);
    return op(d, OP_mul, r, op(d, OP_cos, op(d, OP_mul, real(d, 6.283185307179586), open_unit(d, b, 32)), NULL));
}

static Core *draw_normal(Draw *d)
{
    Core *mean = arg(d, 0), *sd = arg(d, 1);
    if (!mean || !sd)
        return NULL;
    Core *zero = real(d, 0);
    needs(d, OP_le, &zero, &sd, "a deviation is not negative");
    return scaled(d, drawn_wide(d, standard_normal), mean, sd);
}

static Core *standard_exponential(Draw *d)
{
    return op(d, OP_neg, op(d, OP_log, open_unit(d, bits(d, 0), 0), NULL), NULL);
}

static Core *draw_exponential(Draw *d)
{
    Core *rate = arg(d, 0);
    if (!rate)
        return NULL;
    Core *zero = real(d, 0);
    needs(d, OP_lt, &zero, &rate, "an exponential distribution needs a positive rate");
    return op(d, OP_div, drawn_wide(d, standard_exponential), rate);
}

/* He et al. 2015, as in common libraries: uniform in +-sqrt(6 / ((1 + a^2) fan_in)). */
static Core *draw_kaiming(Draw *d)
{
    Core *a = arg(d, 0);
    if (!a)
        return NULL;
    if (!d->fan_in) {
        report(d->f, E0207, d->span, "'kaiming_uniform' draws a 'param' with an input axis");
        return NULL;
    }
    Core *fan = core_cast(d->f, core_of_dim(d->f, d->fan_in), d->t, OP_cast);
    Core *den = op(d, OP_mul, op(d, OP_add, real(d, 1), op(d, OP_mul, a, a)), fan);
    Core *bound = let_here(d->f, op(d, OP_sqrt, op(d, OP_div, real(d, 6), den), NULL), "bound");
    return scaled(d, unit(d, bits(d, 0)), op(d, OP_neg, bound, NULL), op(d, OP_mul, real(d, 2), bound));
}

static Core *draw_bernoulli(Draw *d)
{
    Core *p = arg(d, 0);
    if (!p)
        return NULL;
    Core *zero = real(d, 0), *one = real(d, 1);
    needs(d, OP_le, &zero, &p, "a probability is between 0 and 1");
    needs(d, OP_le, &p, &one, "a probability is between 0 and 1");
    return core_op2(d->f, OP_lt, DT_bool, unit(d, bits(d, 0)), p);
}

/* lo + bits mod (hi - lo): 63 bits, so the bias is below 2^-39 for any range of practice. */
static Core *draw_integer(Draw *d)
{
    Fx *f = d->f;
    Val *lo = val_plain(f, d->args[0]), *hi = val_plain(f, d->args[1]);
    if (!dtype_is_int(lo->type.dtype) || !dtype_is_int(hi->type.dtype)) {
        report(f, E0206, d->span, "integer(low, high) takes whole numbers, not %s and %s", val_text(f, lo), val_text(f, hi));
        return NULL;
    }
    Core *l = core_cast(f, lo->core, DT_i64, OP_cast), *h = core_cast(f, hi->core, DT_i64, OP_cast);
    Core *n = core_op1(f, OP_nonzero, DT_i64, core_op2(f, OP_max, DT_i64, core_op2(f, OP_sub, DT_i64, h, l), core_i64(f, 0)));
    n->text = "a draw from an empty range";
    n->code = STATUS_DIVIDE;
    n->span = d->span;
    Core *b = core_cast(f, core_op2(f, OP_shift_right, DT_u64, bits(d, 0), u64(d, 1)), DT_i64, OP_cast);
    return core_op2(f, OP_add, DT_i64, l, core_op2(f, OP_mod, DT_i64, b, n));
}

/* ---- the table ---- */

typedef struct Dist { const char *name; int n; Core *(*draw)(Draw *d); IrDtype result; } Dist;
static const Dist dists[] = {
    { "uniform", 2, draw_uniform, DT_none },      { "normal", 2, draw_normal, DT_none },
    { "exponential", 1, draw_exponential, DT_none }, { "kaiming_uniform", 1, draw_kaiming, DT_none },
    { "bernoulli", 1, draw_bernoulli, DT_bool },  { "integer", 2, draw_integer, DT_i64 },
};

static const Dist *find(Name n)
{
    for (size_t i = 0; i < sizeof dists / sizeof *dists; i++)
        if (strcmp(dists[i].name, n) == 0)
            return &dists[i];
    return NULL;
}

/* ---- keys ---- */

static int64_t place_number(Fx *f)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a of the function's name and the number of the draw in it */
    for (const char *p = f->drawn_in ? f->drawn_in : f->fn->name; *p; p++)
        h = (h ^ (unsigned char)*p) * 0x100000001b3u;
    return (int64_t)((h ^ (uint64_t)f->draws++ * 0x9e3779b97f4a7c15u) >> 1);
}

static Core *fold_key(Fx *f, Core *k, Core *i)
{
    return core_op2(f, OP_key_fold, DT_key, k, i);
}

/* `only`: no other argument has a name. */
static bool given_key(Fx *f, const Tree *args, bool only, Core **key, Span s)
{
    for (int i = 0; i < args->nkids; i++) {
        const Tree *a = args->kids[i];
        if (!a->name || (a->name != W(f, key) && !only))
            continue;
        if (a->name != W(f, key)) {
            report(f, E0205, a->span, "a draw has the named argument 'key' only");
            return false;
        }
        Val *v = expr(f, a->kids[0]);
        if (is_error(v))
            return false;
        if (v->kind != V_core || v->type.dtype != DT_key) {
            report(f, E0206, a->span, "'key' is a Key, not %s", val_text(f, v));
            return false;
        }
        *key = v->core;
    }
    if (!*key && f->is_script)
        warn_draw(f, s);
    if (*key || f->is_script)
        return true;
    report(f, E0205, s, "a draw in a function needs its key, as in normal(0, 1, key: k)");
    return false;
}

static bool positional(Draw *d, const Tree *args, int want, const char *name)
{
    for (int i = 0; i < args->nkids; i++) {
        if (args->kids[i]->name)
            continue;
        Val *v = expr_plain(d->f, args->kids[i]->kids[0]);
        if (is_error(v))
            return false;
        if (!val_is_scalar(v)) {
            report(d->f, E0206, args->kids[i]->span, "'%s' takes numbers, not %s", name, val_text(d->f, v));
            return false;
        }
        if (d->n < 4)
            d->args[d->n] = v;
        d->n++;
    }
    if (d->n == want)
        return true;
    report(d->f, E0205, d->span, "'%s' takes %d number%s, not %d", name, want, want == 1 ? "" : "s", d->n);
    return false;
}

static void place(Draw *d, Core *key, int n, CoreIndex *const *idx)
{
    Fx *f = d->f;
    key = fold_key(f, key, core_i64(f, place_number(f)));
    for (int i = 0; i + 1 < n; i++)
        key = fold_key(f, key, core_of_index(f, idx[i]));
    d->key = let_out(f, key, "key");
    d->element = n ? core_of_index(f, idx[n - 1]) : core_i64(f, 0);
}

/* ---- categorical[v | g](logits): the largest of logit + Gumbel noise ---- */

static Val *categorical(Fx *f, const Tree *t, int n, CoreIndex *const *idx, Span s)
{
    const Tree *subs = t->kind == T_bigop ? t->kids[1] : t->kids[0]->kids[1];
    const Tree *guard = t->kind == T_bigop ? t->kids[2] : NULL, *args = t->kind == T_bigop ? t->kids[3] : t->kids[1];
    Core *key = NULL;
    if (!given_key(f, args, true, &key, s))
        return val_error();
    Draw d = { .f = f, .span = s };
    if (!key)
        key = core_op1(f, OP_key_new, DT_key, core_i64(f, f->cx->seed));
    key = fold_key(f, key, core_i64(f, place_number(f)));
    for (int i = 0; i < n; i++)
        key = fold_key(f, key, core_of_index(f, idx[i]));
    d.key = let_out(f, key, "key");
    return op_categorical(f, subs, guard, args, &d, s);
}

/* logit - log(-log u), the noise of place v. */
Val *gumbel(Fx *f, struct Draw *d, Val *logit, CoreIndex *v)
{
    d->t = wide(logit->weak ? DT_f32 : logit->type.dtype);
    d->element = core_of_index(f, v);
    Core *x = core_as(f, logit, d->t, d->span);
    if (!x)
        return val_error();
    return val_core(f, op(d, OP_sub, x, op(d, OP_log, standard_exponential(d), NULL)), false);
}

/* ---- functions that take a key ---- */

/* The call with a key of its own for each place of the indices; key NULL: that of the script. */
static Val *drawn_call(Fx *f, Val *fn, const Tree *args, Core *key, int n, CoreIndex *const *idx, Span s)
{
    if (!key)
        key = core_op1(f, OP_key_new, DT_key, core_i64(f, f->cx->seed));
    key = fold_key(f, key, core_i64(f, place_number(f)));
    for (int i = 0; i < n; i++)
        key = fold_key(f, key, core_of_index(f, idx[i]));
    return call_decl(f, fn, args, val_core(f, let_out(f, key, "key"), false), s);
}

/* The function behind '~', or an error that was reported; NULL: it is none that takes a key. */
static Val *drawing_fn(Fx *f, const Tree *t, Name name)
{
    if (t->kind != T_call || t->kids[0]->kind == T_index)
        return NULL;
    if (name && find(name) && !scope_find(f->scope, name) && !decl_find(f, f->scope, name))
        return NULL;
    Val *fn = expr(f, t->kids[0]);
    return is_error(fn) || takes_key(f, fn) ? fn : NULL;
}

/* ---- draws of equations and parameters ---- */

/* What stands before subscripts and arguments; NULL: nothing is called. */
static const Tree *dist_tree(const Tree *t)
{
    const Tree *c = t->kind == T_call || t->kind == T_bigop ? t->kids[0] : NULL;
    return c && t->kind == T_call && c->kind == T_index ? c->kids[0] : c;
}

static Name dist_name(const Tree *t)
{
    const Tree *c = dist_tree(t);
    return c && c->kind == T_name ? c->name : NULL;
}

bool draw_binds(const Tree *dist) { return dist && dist->kind == T_name && strcmp(dist->name, "categorical") == 0; }

static Val *simple(Draw *d, const Tree *t, const Dist *dist, Core *key, int n, CoreIndex *const *idx, IrDtype want)
{
    d->t = want != DT_none ? want : DT_f32;
    if (!positional(d, t->kids[1], dist->n, dist->name))
        return val_error();
    place(d, key, n, idx);
    Core *c = dist->draw(d);
    return c ? val_core(d->f, c, dist->result == DT_i64) : val_error();
}

Val *draw(Fx *f, const Tree *t, int n, CoreIndex *const *idx, IrDtype want, Span s)
{
    Name name = dist_name(t);
    Core *key = NULL;
    Draw d = { .f = f, .span = t->span };
    if (draw_binds(dist_tree(t)) && (t->kind == T_bigop || t->kids[0]->kind == T_index))
        return categorical(f, t, n, idx, s);
    Val *fn = drawing_fn(f, t, name);
    if (fn && is_error(fn))
        return fn;
    const Dist *dist = !fn && name && t->kind == T_call && t->kids[0]->kind == T_name ? find(name) : NULL;
    if (!dist && !fn) {
        report(f, E0207, t->span, "behind '~' stands a distribution: uniform(a, b), normal(m, s), integer(a, b), categorical[v](logits) ..");
        diag_help(f->cx->diags, "or a function with a parameter 'key: Key', as those of std.random");
        return val_error();
    }
    if (!given_key(f, t->kids[1], !fn, &key, t->span))
        return val_error();
    if (fn)
        return drawn_call(f, fn, t->kids[1], key, n, idx, t->span);
    if (!key)
        key = core_op1(f, OP_key_new, DT_key, core_i64(f, f->cx->seed));
    return simple(&d, t, dist, key, n, idx, want);
}

/* An element that a function gives, rounded to the parameter's type. */
static Val *param_of_fn(Fx *f, Val *fn, const Tree *t, IrType type, Core *key, CoreIndex *const *idx)
{
    Val *v = drawn_call(f, fn, t->kids[1], key, type.rank, idx, t->span);
    if (is_error(v))
        return v;
    if (v->kind != V_core || v->type.rank || !dtype_is_float(v->type.dtype)) {
        report(f, E0207, t->span, "a 'param' is drawn from a distribution of real numbers, not %s", val_text(f, v));
        return val_error();
    }
    return val_core(f, core_cast(f, v->core, type.dtype, OP_cast), false);
}

static Dim fan_in(Fx *f, IrType type)
{
    Dim n = type.rank > 1 ? dim_int(f, 1) : NULL;
    for (int i = 1; i < type.rank; i++)
        n = dim_mul(f->dims, n, type.dims[i]);
    return n;
}

Val *draw_param(Fx *f, const Tree *t, IrType type, Core *key, Span s)
{
    Name name = dist_name(t);
    Val *fn = drawing_fn(f, t, name);
    if (fn && is_error(fn))
        return fn;
    const Dist *dist = !fn && name && t->kind == T_call && t->kids[0]->kind == T_name ? find(name) : NULL;
    CoreIndex *idx[RANK_MOST];
    Draw d = { .f = f, .span = t->span, .fan_in = fan_in(f, type) };
    if ((!fn && (!dist || dist->result != DT_none)) || !dtype_is_float(type.dtype)) {
        report(f, E0207, t->span, "a 'param' is drawn from a distribution of real numbers: uniform(a, b), normal(m, s) ..");
        diag_help(f->cx->diags, "a value that is not drawn is given: param w: f32[D] = 1");
        return val_error();
    }
    frame_push(f, FRAME_index);
    for (int i = 0; i < type.rank; i++)
        index_enter(f, idx[i] = index_new(f, name_of(f->cx->names, "i"), s, NULL, type.dims[i]));
    Val *v = fn ? param_of_fn(f, fn, t, type, key, idx) : simple(&d, t, dist, key, type.rank, idx, type.dtype);
    return tabulate(f, type.rank, idx, v, s);
}
