/* plan.c - walks the entry plan of a function: dims from shapes, equations solved, obligations checked.
 *
 *     BIND   D   <- axis 3 of 'q'
 *     AXIS   axis 3 of 'k' == D         else: argument 'k': axis 3 is 65, but D is 64 (axis 3 of 'q')
 *     LE     T <= S                     else: T <= S does not hold: T is 9 (axis 1 of 'q'), S is 8 (axis 2 of 'k')
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core_int.h"

enum { PLAN_TEXT = 160 };

typedef struct Cx {
    RtSession *s;
    RtFrame *f;
    const MlcrtFn *fn;
    int64_t *dims;
} Cx;

/* ---- sentences -------------------------------------------------------------------------------------------- */

static void append(char *text, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void append(char *text, size_t room, const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;
    va_start(args, format);
    if (n + 1 < room)
        vsnprintf(text + n, room - n, format, args);
    va_end(args);
}

static const char *param_name(const MlcrtFn *fn, int32_t param)
{
    return param >= 0 && param < fn->nparams ? fn->params[param].name : NULL;
}

/* "axis 3 of 'q'": how a dim got its value, from the row that set it. */
static void append_origin(const MlcrtFn *fn, int64_t dim, char *text, size_t room)
{
    for (int32_t i = 0; i < fn->nplan; i++) {
        const MlcrtPlanRow *r = &fn->plan[i];
        const char *name = param_name(fn, r->param);
        if (r->dst != dim || r->op > MLCRT_P_SOLVE)
            continue;
        if (r->op == MLCRT_P_BIND && name)
            append(text, room, " (axis %d of '%s')", r->axis, name);
        else if (r->op == MLCRT_P_NUMBER && name)
            append(text, room, " (of '%s')", name);
        else if (r->op == MLCRT_P_SCALAR && name)
            append(text, room, " (argument '%s')", name);
        return;
    }
}

static bool seen_before(const int64_t *program, const int64_t *here)
{
    for (const int64_t *p = program; p < here; p++) {
        if (*p == MLCRT_D_DIM && p[1] == here[1])
            return true;
        p += *p == MLCRT_D_DIM || *p == MLCRT_D_CONST;
    }
    return false;
}

void rt_dim_where(const RtFrame *f, const int64_t *program, char *text, size_t room)
{
    const MlcrtFn *fn = f->fn;
    for (const int64_t *p = program; *p != MLCRT_D_END; p++) {
        if (*p == MLCRT_D_DIM && p[1] >= 0 && p[1] < fn->ndims && !seen_before(program, p)) {
            append(text, room, "%s%s is %lld", *text ? ", " : "", fn->dim_names ? fn->dim_names[p[1]] : "a dim",
                   (long long)f->call.dims[p[1]]);
            append_origin(fn, p[1], text, room);
        }
        p += *p == MLCRT_D_DIM || *p == MLCRT_D_CONST;
    }
}

static RtPlace place_of(const Cx *x, const MlcrtPlanRow *r)
{
    return (RtPlace){ x->fn->file, NULL, r->line, r->column, -1 };
}

static RtPlace place_of_param(const Cx *x, const MlcrtPlanRow *r)
{
    RtPlace p = place_of(x, r);
    p.argument = param_name(x->fn, r->param);
    p.position = p.argument ? r->param : -1;
    return p;
}

/* A program whose value cannot be had: "H / G is not whole: H is 7 (axis 1 of 'q'), G is 2". */
static MlcrtStatus fail_value(const Cx *x, const MlcrtPlanRow *r, const int64_t *program, MlcrtStatus status)
{
    char text[PLAN_TEXT], where[PLAN_TEXT] = "";
    rt_dim_text(program, x->fn->dim_names, x->fn->ndims, text, sizeof text);
    rt_dim_where(x->f, program, where, sizeof where);
    const char *what = status == MLCRT_EDIVIDE ? "divides by zero" : status == MLCRT_ESHAPE ? "is not whole"
                       : status == MLCRT_ELIMIT ? "passes 2^63" : "is damaged";
    status = status == MLCRT_ELIMIT ? MLCRT_ERANGE : status;
    return rt_session_fail(x->s, status, place_of(x, r), "%s %s%s%s", text, what, *where ? ": " : "", where);
}

void rt_dim_expected(const RtFrame *f, const int64_t *program, int64_t value, char *text, size_t room)
{
    char said[PLAN_TEXT], where[PLAN_TEXT] = "";
    if (program[0] == MLCRT_D_CONST && program[2] == MLCRT_D_END) {
        snprintf(text, room, "not %lld", (long long)value);
        return;
    }
    rt_dim_where(f, program, where, sizeof where);
    rt_dim_text(program, f->fn->dim_names, f->fn->ndims, said, sizeof said);
    if (program[0] == MLCRT_D_DIM && program[2] == MLCRT_D_END)
        snprintf(text, room, "but %s", where);
    else
        snprintf(text, room, "but %s is %lld: %s", said, (long long)value, where);
}

/* ---- rows ------------------------------------------------------------------------------------------------- */

static MlcrtStatus value_of(const Cx *x, const MlcrtPlanRow *r, const int64_t *program, int64_t *v)
{
    MlcrtStatus status = rt_dim_eval(program, x->dims, x->fn->ndims, v);
    return status ? fail_value(x, r, program, status) : MLCRT_OK;
}

static MlcrtStatus damaged(const Cx *x, const MlcrtPlanRow *r)
{
    return rt_session_fail(x->s, MLCRT_EINTERNAL, place_of(x, r), "the entry plan of '%s' is damaged", x->fn->name);
}

static MlcrtStatus axis_of(const Cx *x, const MlcrtPlanRow *r, int64_t *v)
{
    if (r->leaf < 0 || r->leaf >= rt_leaves(x->fn) || r->axis < 0 || r->axis >= x->fn->leaves[r->leaf].rank || !x->f->shape[r->leaf])
        return damaged(x, r);
    *v = x->f->shape[r->leaf][r->axis];
    return MLCRT_OK;
}

static MlcrtStatus number_of(const Cx *x, const MlcrtPlanRow *r, int64_t *v)
{
    const RtBox *b = r->param >= 0 && r->param < x->fn->nparams ? x->f->box[r->param] : NULL;
    if (!b || r->axis < 0 || r->axis >= b->nnumbers)
        return damaged(x, r);
    *v = b->numbers[r->axis];
    return MLCRT_OK;
}

static MlcrtStatus scalar_of(const Cx *x, const MlcrtPlanRow *r, int64_t *v)
{
    if (r->leaf < 0 || r->leaf >= rt_leaves(x->fn) || x->fn->leaves[r->leaf].rank)
        return damaged(x, r);
    const void *p = x->f->call.leaf[r->leaf];
    switch (x->fn->leaves[r->leaf].dtype) {
    case RT_DT_bool: case RT_DT_u8: *v = *(const uint8_t *)p; break;
    case RT_DT_i8: *v = *(const int8_t *)p; break;
    case RT_DT_i16: *v = *(const int16_t *)p; break;
    case RT_DT_u16: *v = *(const uint16_t *)p; break;
    case RT_DT_i32: *v = *(const int32_t *)p; break;
    case RT_DT_u32: *v = *(const uint32_t *)p; break;
    case RT_DT_i64: case RT_DT_u64: *v = *(const int64_t *)p; break;
    default: return damaged(x, r);
    }
    return MLCRT_OK;
}

static MlcrtStatus solve(const Cx *x, const MlcrtPlanRow *r, int64_t *v)
{
    int64_t divisor = 1;
    MlcrtStatus status = value_of(x, r, r->a, v);
    if (!status && r->b)
        status = value_of(x, r, r->b, &divisor);
    if (status || divisor == 1)
        return status;
    if (divisor != 0 && !(*v == INT64_MIN && divisor == -1) && *v % divisor == 0) {
        *v /= divisor;
        return MLCRT_OK;
    }
    char a[PLAN_TEXT], b[PLAN_TEXT], where[PLAN_TEXT] = "";
    rt_dim_text(r->a, x->fn->dim_names, x->fn->ndims, a, sizeof a);
    rt_dim_text(r->b, x->fn->dim_names, x->fn->ndims, b, sizeof b);
    rt_dim_where(x->f, r->a, where, sizeof where);
    return rt_session_fail(x->s, divisor ? MLCRT_ESHAPE : MLCRT_EDIVIDE, place_of(x, r), "%s is %lld, which %s, %lld, does not divide%s%s",
                           a, (long long)*v, b, (long long)divisor, *where ? ": " : "", where);
}

static bool holds(int32_t op, int64_t a, int64_t b)
{
    switch (op) {
    case MLCRT_P_EQ: return a == b;
    case MLCRT_P_NE: return a != b;
    case MLCRT_P_LE: return a <= b;
    case MLCRT_P_LT: return a < b;
    default: return a == -1 || (a != 0 ? b % a == 0 : b == 0);
    }
}

static MlcrtStatus oblige(const Cx *x, const MlcrtPlanRow *r)
{
    static const char *const signs[] = { "==", "!=", "<=", "<", "divides" };
    int64_t a, b;
    MlcrtStatus status = value_of(x, r, r->a, &a);
    if (!status)
        status = value_of(x, r, r->b, &b);
    if (status || holds(r->op, a, b))
        return status;
    char left[PLAN_TEXT], right[PLAN_TEXT], where[PLAN_TEXT] = "";
    rt_dim_text(r->a, x->fn->dim_names, x->fn->ndims, left, sizeof left);
    rt_dim_text(r->b, x->fn->dim_names, x->fn->ndims, right, sizeof right);
    rt_dim_where(x->f, r->a, where, sizeof where);
    rt_dim_where(x->f, r->b, where, sizeof where);
    char said[2 * PLAN_TEXT + 16];
    snprintf(said, sizeof said, "%s %s %s", left, signs[r->op - MLCRT_P_EQ], right);
    return rt_session_fail(x->s, MLCRT_ECHECK, place_of(x, r), "%.200s does not hold%s%s", r->text ? r->text : said,
                           *where ? ": " : "", where);
}

static MlcrtStatus must_equal(const Cx *x, const MlcrtPlanRow *r, int64_t got)
{
    int64_t expected;
    MlcrtStatus status = value_of(x, r, r->a, &expected);
    if (status || got == expected)
        return status;
    char text[2 * PLAN_TEXT + 40];
    rt_dim_expected(x->f, r->a, expected, text, sizeof text);
    return rt_session_fail(x->s, MLCRT_ESHAPE, place_of_param(x, r), "%s %d%s is %lld, %s", r->op == MLCRT_P_AXIS ? "axis" : "number",
                           r->axis, r->op == MLCRT_P_AXIS ? "" : " of its type", (long long)got, text);
}

static MlcrtStatus row(const Cx *x, const MlcrtPlanRow *r)
{
    int64_t v = 0;
    MlcrtStatus status;
    switch (r->op) {
    case MLCRT_P_BIND: status = axis_of(x, r, &v); break;
    case MLCRT_P_NUMBER: status = number_of(x, r, &v); break;
    case MLCRT_P_SCALAR: status = scalar_of(x, r, &v); break;
    case MLCRT_P_SOLVE:
        status = solve(x, r, &v);
        if (!status && (v < 0 || v > (int64_t)RT_SIZE_MOST))
            return rt_session_fail(x->s, MLCRT_ESHAPE, place_of(x, r), "a size would be %lld%s%s", (long long)v,
                                   r->text ? ": " : "", r->text ? r->text : "");
        break;
    case MLCRT_P_AXIS:
        status = axis_of(x, r, &v);
        return status ? status : must_equal(x, r, v);
    case MLCRT_P_NUMEQ:
        status = number_of(x, r, &v);
        return status ? status : must_equal(x, r, v);
    case MLCRT_P_EQ: case MLCRT_P_NE: case MLCRT_P_LE: case MLCRT_P_LT: case MLCRT_P_DIVIDES:
        return oblige(x, r);
    default:
        return damaged(x, r);
    }
    if (!status && (r->dst < 0 || r->dst >= x->fn->ndims))
        return damaged(x, r);
    if (!status)
        x->dims[r->dst] = v;
    return status;
}

MlcrtStatus rt_plan_run(RtSession *s, RtFrame *f)
{
    Cx x = { s, f, f->fn, f->call.dims };
    for (int32_t i = 0; i < x.fn->nplan; i++) {
        MlcrtStatus status = row(&x, &x.fn->plan[i]);
        if (status)
            return status;
    }
    return MLCRT_OK;
}
