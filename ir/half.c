/* half.c - numbers of two bytes: f16 (IEEE binary16) and bf16 (the upper half of an f32). */
#include <math.h>
#include <string.h>

#include "ir/type.h"

double half_value(uint16_t bits)
{
    int e = (bits >> 10) & 31;
    double m = bits & 1023, s = bits & 0x8000 ? -1 : 1;
    if (e == 31)
        return m != 0 ? (double)NAN : s * (double)INFINITY;
    return s * (e ? ldexp(m + 1024, e - 25) : ldexp(m, -24));
}

uint16_t half_bits(double x)
{
    uint16_t s = signbit(x) ? 0x8000 : 0;
    int e;
    x = fabs(x);
    if (isnan(x))
        return (uint16_t)(s | 0x7e00);
    if (x >= 65520.0)
        return (uint16_t)(s | 0x7c00);
    frexp(x, &e);
    if (x == 0)
        return s;
    if (e - 1 < -14)
        return (uint16_t)(s | (int)nearbyint(ldexp(x, 24)));
    return (uint16_t)(s + ((e + 14) << 10) + (int)nearbyint(ldexp(x, 11 - e)) - 1024);
}

double brain_value(uint16_t bits)
{
    uint32_t u = (uint32_t)bits << 16;
    float f;
    memcpy(&f, &u, 4);
    return (double)f;
}

uint16_t brain_bits(double x)
{
    float f = (float)x;
    uint32_t u;
    memcpy(&u, &f, 4);
    return isnan(f) ? (uint16_t)((u >> 16) | 0x40) : (uint16_t)((u + 0x7fff + ((u >> 16) & 1)) >> 16);
}
