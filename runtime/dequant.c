/* dequant.c - blocks of packed numbers to f32, bit for bit as ggml unpacks them.
 *
 *     Q8_0     f16 d, 32 x i8 q                          y = d * q
 *     Q4_0     f16 d, 16 x 2 x u4 q                      y = d * (q - 8); the low halves are elements 0 to 15
 *     Q4_K     f16 d, f16 m, 8 x (u6 s, u6 t), 256 x u4  y = d * s * q - m * t
 *
 * Products and differences are rounded one by one, in the order of ggml's own functions: another order gives other bits.
 * Blocks may lie at any address; numbers are little-endian.
 * Source: github.com/ggml-org/ggml, src/ggml-common.h (layouts), src/ggml-quants.c (dequantize_row_*).
 */
#include "dequant.h"

#include "abi.h"
#include "weights_int.h"

enum { SUPER = 256 };

static float half_at(const uint8_t *p)
{
    return rt_f16_value((uint16_t)(p[0] | p[1] << 8));
}

/* ---- blocks of 32 ------------------------------------------------------------------------------------------- */

static void unpack_q8_0(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 34, y += 32) {
        float d = half_at(b);
        for (int i = 0; i < 32; i++)
            y[i] = (float)(int8_t)b[2 + i] * d;
    }
}

static void unpack_q4_0(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 18, y += 32) {
        float d = half_at(b);
        for (int i = 0; i < 16; i++) {
            y[i] = (float)((b[2 + i] & 15) - 8) * d;
            y[i + 16] = (float)((b[2 + i] >> 4) - 8) * d;
        }
    }
}

static void unpack_q4_1(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 20, y += 32) {
        float d = half_at(b), m = half_at(b + 2);
        for (int i = 0; i < 16; i++) {
            y[i] = (float)(b[4 + i] & 15) * d + m;
            y[i + 16] = (float)(b[4 + i] >> 4) * d + m;
        }
    }
}

/* Number i of 5 bits: four of `low`, the fifth is bit i of `high`. */
static int five(const uint8_t *low, const uint8_t *high, int i)
{
    return (i < 16 ? low[i] & 15 : low[i - 16] >> 4) | (int)(rt_get_u32(high) >> i & 1) << 4;
}

static void unpack_q5_0(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 22, y += 32) {
        float d = half_at(b);
        for (int i = 0; i < 32; i++)
            y[i] = (float)(five(b + 6, b + 2, i) - 16) * d;
    }
}

static void unpack_q5_1(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 24, y += 32) {
        float d = half_at(b), m = half_at(b + 2);
        for (int i = 0; i < 32; i++)
            y[i] = (float)five(b + 8, b + 4, i) * d + m;
    }
}

/* Sixteen levels that are denser near 0. */
static const int8_t levels[16] = { -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113 };

static void unpack_levels(float *y, const uint8_t *q, float d)
{
    for (int i = 0; i < 16; i++) {
        y[i] = d * (float)levels[q[i] & 15];
        y[i + 16] = d * (float)levels[q[i] >> 4];
    }
}

static void unpack_iq4_nl(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 18, y += 32)
        unpack_levels(y, b + 2, half_at(b));
}

/* ---- blocks of 256 ------------------------------------------------------------------------------------------ */

static void unpack_iq4_xs(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 136, y += SUPER) {
        float d = half_at(b);
        int high = b[2] | b[3] << 8;
        for (int i = 0; i < 8; i++) {
            int scale = (b[4 + i / 2] >> 4 * (i % 2) & 15) | (high >> 2 * i & 3) << 4;
            unpack_levels(y + 32 * i, b + 8 + 16 * i, d * (float)(scale - 32));
        }
    }
}

/* Scale and minimum are halves of a byte, one for each 16 elements; the 2 bits of 4 elements that are 32 apart share a byte. */
static void unpack_q2_k(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 84, y += SUPER) {
        float d = half_at(b + 80), min = half_at(b + 82);
        for (int i = 0; i < SUPER; i++) {
            int scale = b[i / 16], q = b[16 + i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3;
            y[i] = d * (float)(scale & 15) * (float)q - min * (float)(scale >> 4);
        }
    }
}

/* Scale i of 6 bits: four in the first 8 bytes, two in the last 4. */
static int q3_scale(const uint8_t *s, int i)
{
    return ((i < 8 ? s[i] & 15 : s[i - 8] >> 4) | (s[8 + i % 4] >> i / 4 * 2 & 3) << 4) - 32;
}

static void unpack_q3_k(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 110, y += SUPER) {
        float d = half_at(b + 108);
        for (int i = 0; i < SUPER; i++) {
            int q = b[32 + i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3, high = b[i % 32] >> i / 32 & 1;
            y[i] = d * (float)q3_scale(b + 96, i / 16) * (float)(q - (high ? 0 : 4));
        }
    }
}

/* Scale and minimum i of 6 bits each, of 8, in 12 bytes. */
static void k_scale(const uint8_t *s, int i, int *scale, int *min)
{
    *scale = i < 4 ? s[i] & 63 : (s[i + 4] & 15) | s[i - 4] >> 6 << 4;
    *min = i < 4 ? s[i + 4] & 63 : s[i + 4] >> 4 | s[i] >> 6 << 4;
}

/* Q4_K, and Q5_K whose fifth bits are at `high`: 32 elements of one scale, low halves, then 32 of the next, high halves. */
static void unpack_k(float *y, const uint8_t *b, const uint8_t *high, const uint8_t *q)
{
    float d = half_at(b), min = half_at(b + 2);
    for (int i = 0; i < 8; i++) {
        int scale, least;
        k_scale(b + 4, i, &scale, &least);
        float step = d * (float)scale, base = min * (float)least;
        for (int k = 0; k < 32; k++) {
            int v = q[i / 2 * 32 + k] >> i % 2 * 4 & 15;
            if (high)
                v |= (high[k] >> i & 1) << 4;
            y[32 * i + k] = step * (float)v - base;
        }
    }
}

static void unpack_q4_k(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 144, y += SUPER)
        unpack_k(y, b, NULL, b + 16);
}

static void unpack_q5_k(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 176, y += SUPER)
        unpack_k(y, b, b + 16, b + 48);
}

static void unpack_q6_k(float *y, const uint8_t *b, size_t n)
{
    for (; n--; b += 210, y += SUPER) {
        float d = half_at(b + 208);
        for (int i = 0; i < SUPER; i++) {
            int half = i / 128, quarter = i % 128 / 32, k = i % 32;
            int low = b[half * 64 + quarter % 2 * 32 + k] >> quarter / 2 * 4 & 15;
            int high = b[128 + half * 32 + k] >> quarter * 2 & 3;
            y[i] = d * (float)(int8_t)b[192 + i / 16] * (float)((low | high << 4) - 32);
        }
    }
}

/* ---- table --------------------------------------------------------------------------------------------------- */

static const RtPacking table[] = {
    { 0, "F32", 1, 4, NULL, MLCRT_FLOAT, 32, 0 },
    { 1, "F16", 1, 2, NULL, MLCRT_FLOAT, 16, 0 },
    { 2, "Q4_0", 32, 18, unpack_q4_0, MLCRT_FLOAT, 32, MLCRT_FORM_Q4_0 },
    { 3, "Q4_1", 32, 20, unpack_q4_1, MLCRT_FLOAT, 32, 0 },
    { 6, "Q5_0", 32, 22, unpack_q5_0, MLCRT_FLOAT, 32, 0 },
    { 7, "Q5_1", 32, 24, unpack_q5_1, MLCRT_FLOAT, 32, 0 },
    { 8, "Q8_0", 32, 34, unpack_q8_0, MLCRT_FLOAT, 32, MLCRT_FORM_Q8_0 },
    { 10, "Q2_K", SUPER, 84, unpack_q2_k, MLCRT_FLOAT, 32, 0 },
    { 11, "Q3_K", SUPER, 110, unpack_q3_k, MLCRT_FLOAT, 32, 0 },
    { 12, "Q4_K", SUPER, 144, unpack_q4_k, MLCRT_FLOAT, 32, 0 },
    { 13, "Q5_K", SUPER, 176, unpack_q5_k, MLCRT_FLOAT, 32, 0 },
    { 14, "Q6_K", SUPER, 210, unpack_q6_k, MLCRT_FLOAT, 32, 0 },
    { 20, "IQ4_NL", 32, 18, unpack_iq4_nl, MLCRT_FLOAT, 32, 0 },
    { 23, "IQ4_XS", SUPER, 136, unpack_iq4_xs, MLCRT_FLOAT, 32, 0 },
    { 24, "I8", 1, 1, NULL, MLCRT_INT, 8, 0 },
    { 25, "I16", 1, 2, NULL, MLCRT_INT, 16, 0 },
    { 26, "I32", 1, 4, NULL, MLCRT_INT, 32, 0 },
    { 27, "I64", 1, 8, NULL, MLCRT_INT, 64, 0 },
    { 28, "F64", 1, 8, NULL, MLCRT_FLOAT, 64, 0 },
    { 30, "BF16", 1, 2, NULL, MLCRT_BFLOAT, 16, 0 },
};

static const struct { uint32_t id; const char *name; } foreign[] = {
    { 9, "Q8_1" }, { 15, "Q8_K" }, { 16, "IQ2_XXS" }, { 17, "IQ2_XS" }, { 18, "IQ3_XXS" }, { 19, "IQ1_S" }, { 21, "IQ3_S" },
    { 22, "IQ2_S" }, { 29, "IQ1_M" }, { 34, "TQ1_0" }, { 35, "TQ2_0" }, { 39, "MXFP4" },
};

const RtPacking *rt_packing_find(uint32_t id)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].id == id)
            return &table[i];
    return NULL;
}

const RtPacking *rt_packing_of_form(int32_t form)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].form == form && table[i].unpack)
            return &table[i];
    return NULL;
}

const char *rt_packing_foreign(uint32_t id)
{
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (foreign[i].id == id)
            return foreign[i].name;
    return NULL;
}
