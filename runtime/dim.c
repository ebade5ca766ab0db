/* dim.c - postfix programs over the dims of a function: evaluated, and shown to the user as he would write them.
 *
 *     DIM 0, CONST 2, MUL, END        "2 * D"
 *
 * Every step checks for overflow; sizes pass nowhere unchecked.
 */
#include <stdio.h>
#include <string.h>

#include "core_int.h"

enum { STACK = 32 };

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

/* Of the divisor's sign: a - b * floor(a / b), which may not fit on the way. */
static int64_t floor_mod(int64_t a, int64_t b)
{
    int64_t m = a % b;
    return m && (m < 0) != (b < 0) ? m + b : m;
}

static MlcrtStatus divide(int64_t op, int64_t a, int64_t b, int64_t *r)
{
    if (b == 0)
        return MLCRT_EDIVIDE;
    if (a == INT64_MIN && b == -1)
        return MLCRT_ELIMIT;
    if (op == MLCRT_D_EXACTDIV && a % b != 0)
        return MLCRT_ESHAPE;
    *r = op == MLCRT_D_MOD ? floor_mod(a, b) : floor_div(a, b);
    return MLCRT_OK;
}

static MlcrtStatus apply(int64_t op, int64_t a, int64_t b, int64_t *r)
{
    switch (op) {
    case MLCRT_D_ADD:
        return __builtin_add_overflow(a, b, r) ? MLCRT_ELIMIT : MLCRT_OK;
    case MLCRT_D_SUB:
        return __builtin_sub_overflow(a, b, r) ? MLCRT_ELIMIT : MLCRT_OK;
    case MLCRT_D_MUL:
        return __builtin_mul_overflow(a, b, r) ? MLCRT_ELIMIT : MLCRT_OK;
    case MLCRT_D_FLOORDIV:
    case MLCRT_D_MOD:
    case MLCRT_D_EXACTDIV:
        return divide(op, a, b, r);
    case MLCRT_D_MIN:
        *r = a < b ? a : b;
        return MLCRT_OK;
    case MLCRT_D_MAX:
        *r = a > b ? a : b;
        return MLCRT_OK;
    default:
        return MLCRT_EINTERNAL;
    }
}

MlcrtStatus rt_dim_eval(const int64_t *p, const int64_t *dims, int32_t ndims, int64_t *value)
{
    int64_t stack[STACK];
    int n = 0;
    for (;;) {
        int64_t op = *p++;
        if (op == MLCRT_D_CONST || op == MLCRT_D_DIM) {
            int64_t v = *p++;
            if (n == STACK || (op == MLCRT_D_DIM && (v < 0 || v >= ndims)))
                return MLCRT_EINTERNAL;
            stack[n++] = op == MLCRT_D_DIM ? dims[v] : v;
        } else if (op == MLCRT_D_END) {
            *value = n == 1 ? stack[0] : 0;
            return n == 1 ? MLCRT_OK : MLCRT_EINTERNAL;
        } else {
            if (n < 2)
                return MLCRT_EINTERNAL;
            n--;
            MlcrtStatus status = apply(op, stack[n - 1], stack[n], &stack[n - 1]);
            if (status)
                return status;
        }
    }
}

/* ---- as text ---------------------------------------------------------------------------------------------- */

enum { PIECE = 96, SHOWN = 12 };
typedef struct Piece { char text[PIECE]; int rank; } Piece; /* rank: 1 sums, 2 products, 3 atoms */

static const struct { const char *sign; int rank; } signs[] = {
    [MLCRT_D_ADD] = { " + ", 1 },      [MLCRT_D_SUB] = { " - ", 1 }, [MLCRT_D_MUL] = { " * ", 2 },
    [MLCRT_D_FLOORDIV] = { " // ", 2 }, [MLCRT_D_MOD] = { " % ", 2 }, [MLCRT_D_EXACTDIV] = { " / ", 2 },
    [MLCRT_D_MIN] = { "min", 3 },      [MLCRT_D_MAX] = { "max", 3 },
};

static void join(int64_t op, Piece *a, const Piece *b)
{
    char text[2 * PIECE + 16];
    int rank = signs[op].rank;
    if (rank == 3) {
        snprintf(text, sizeof text, "%s(%s, %s)", signs[op].sign, a->text, b->text);
    } else {
        bool left = a->rank < rank, right = b->rank < rank || (b->rank == rank && op != MLCRT_D_ADD && op != MLCRT_D_MUL);
        snprintf(text, sizeof text, "%s%s%s%s%s%s%s", left ? "(" : "", a->text, left ? ")" : "", signs[op].sign,
                 right ? "(" : "", b->text, right ? ")" : "");
    }
    if (strlen(text) >= PIECE)
        memcpy(text, "...", 4);
    memcpy(a->text, text, strlen(text) + 1);
    a->rank = rank;
}

void rt_dim_text(const int64_t *p, const char *const *names, int32_t ndims, char *text, size_t room)
{
    Piece stack[SHOWN];
    int n = 0;
    snprintf(text, room, "...");
    for (;; p++) {
        int64_t op = *p;
        if (op == MLCRT_D_CONST || op == MLCRT_D_DIM) {
            int64_t v = *++p;
            if (n == SHOWN)
                return;
            if (op == MLCRT_D_CONST)
                snprintf(stack[n].text, PIECE, "%lld", (long long)v);
            else
                snprintf(stack[n].text, PIECE, "%.60s", names && v >= 0 && v < ndims && names[v] ? names[v] : "?");
            stack[n++].rank = 3;
        } else if (op > MLCRT_D_DIM && op <= MLCRT_D_MAX && n >= 2) {
            n--;
            join(op, &stack[n - 1], &stack[n]);
        } else {
            if (op == MLCRT_D_END && n == 1)
                snprintf(text, room, "%s", stack[0].text);
            return;
        }
    }
}
