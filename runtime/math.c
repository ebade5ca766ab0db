/* math.c - elementary functions in f64, one at a time, for code that has no vector form of its own.
 *
 * The C library's functions, within 1 ULP there. They set no global: lgamma is the reentrant one. The caller's rounding mode is
 * nearest, as everywhere in compiled code.
 */
#define _GNU_SOURCE
#include <math.h>

#include "abi.h"
#include "core_int.h"

/* No overflow in either tail, and no loss where the result is small: exp is taken of a negative number only. */
static double sigmoid(double x)
{
    double e = exp(-fabs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}

/* x - y * floor(x / y): the remainder with the sign of the divisor; a zero has the sign of x. */
static double floor_mod(double x, double y)
{
    double r = fmod(x, y);
    return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

enum { ONE_1 = 1, ONE_2 = 0, TWO_1 = 0, TWO_2 = 1 };

double rt_math1(int64_t op, double x)
{
    double y = x; /* rows with two operands are not reached here */
    switch (op) {
#define MATH(name, number, in, value) \
    case number: \
        return ONE_##in ? (value) : NAN;
#include "math.def"
#undef MATH
    default:
        (void)y;
        return NAN;
    }
}

double rt_math2(int64_t op, double x, double y)
{
    switch (op) {
#define MATH(name, number, in, value) \
    case number: \
        return TWO_##in ? (value) : NAN;
#include "math.def"
#undef MATH
    default:
        return NAN;
    }
}
