/* driver_once.c - whatever else reads a weight that a product of the module packs reads it there: it is held once, and each result has the bits that it
 * has where the weight lies as it was given, and is what the interpreter says.
 */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/mlc.h"
#include "emulate_tiles.h"
#include "runtime/abi.h"

/* WT: the type of weights, TY: that of what is computed. */
#define HEAD "model Lin(N, M, K) {\n    param w: WT[N, M, K] = 0\n}\n"
#define PRODUCT "export fn there(net: Lin(N, M, K), x: TY[T, K]) -> TY[T, N, M] {\n    out[t, n, m] = sum[k](x[t, k] * net.w[n, m, k])\n}\n"
#define WIDENED "export fn there(net: Lin(N, M, K), x: TY[T, K]) -> TY[T, N, M] {\n    out[t, n, m] = sum[k](x[t, k] * TY(net.w[n, m, k]))\n}\n"
#define WORDS "export fn there(net: Lin(N, M, K), x: TY[T, K]) -> i32[T, N, M] {\n    out[t, n, m] = sum[k](i32(i8(90 * x[t, k])) * i32(net.w[n, m, k]))\n}\n"
#define TILES "export fn there(net: Lin(N, M, K), x: TY[T, K]) -> TY[T, N, M] {\n    out[t, n, m] = TY(sum[k](bf16(x[t, k]) * net.w[n, m, k]))\n}\n"
#define LAST "export fn there(net: Lin(N, M, K), x: TY[T, K]) -> TY[T, N, M] {\n    let a[t, m: M] = x[t, m]\n    let b[t, n, k] = sum[m](a[t, m] * TY(net.w[n, m, k]))\n" \
             "    out[t, n, m: M] = b[t, n, m]\n}\n" /* along the last axis */
#define ARGS "(net: Lin(N, M, K), x: TY[T, K], y: TY[T, N, M])"

enum { N = 5, M = 60, SHORT = 300, ODD = 303, LONG = 512, THREADS = 2, LARGEST = 64 * M * LONG };

typedef enum Shape { S_N_M, S_N_K, S_N_M_K, S_N_K_M, S_T_K, S_T_N_M, S_T_M_N, S_T_N, S_T_N_K, S_T_M_K, S_T, SHAPES } Shape;
static const struct { const char *type; int rank; } shapes[SHAPES] = {
    { "[N, M]", 2 }, { "[N, K]", 2 }, { "[N, M, K]", 3 }, { "[N, K, M]", 3 }, { "[T, K]", 2 }, { "[T, N, M]", 3 }, { "[T, M, N]", 3 },
    { "[T, N]", 2 }, { "[T, N, K]", 3 }, { "[T, M, K]", 3 }, { "[T]", 1 },
};

typedef struct Reader { const char *name, *body; Shape result; } Reader;

static const Reader readers[] = {
    { "sums of rows", "out[n, m] = sum[k](net.w[n, m, k] ^ 2)", S_N_M },
    { "sums of columns", "out[n, k] = sum[m](net.w[n, m, k] ^ 2)", S_N_K },
    { "largest of rows", "out[n, m] = max[k](abs(net.w[n, m, k]))", S_N_M },
    { "largest of columns", "out[n, k] = max[m](net.w[n, m, k])", S_N_K },
    { "places in rows", "out[n, m] = TY(argmax[k](net.w[n, m, k]))", S_N_M },
    { "places in columns", "out[n, k] = TY(argmin[m](net.w[n, m, k]))", S_N_K },
    { "elements", "out[n, m, k] = 3 * net.w[n, m, k]", S_N_M_K },
    { "elements of some rows", "out[n, m, k] = if m < 20 { net.w[n, m, k] } else { 0 }", S_N_M_K },
    { "rows of length 1", "let r[n, m] = rsqrt(sum[k](net.w[n, m, k] ^ 2))\n    out[n, m, k] = net.w[n, m, k] * r[n, m]", S_N_M_K },
    { "softmax of rows", "out[n, m, k] = softmax[k](net.w[n, m, k])", S_N_M_K },
    { "softmax of columns", "out[n, m, k] = softmax[m](net.w[n, m, k])", S_N_M_K },
    { "two of each row",
      "let r[n, m] = sum[k](net.w[n, m, k])\n    let q[n, m] = max[k](net.w[n, m, k])\n    out[n, m, k] = (net.w[n, m, k] - r[n, m]) / (q[n, m] + 1)", S_N_M_K },
    { "without the sum of its column", "let c[n, k] = sum[m](net.w[n, m, k])\n    out[n, m, k] = net.w[n, m, k] - c[n, k]", S_N_M_K },
    { "the next row", "out[n, m, k] = if m + 1 < M { net.w[n, m + 1, k] } else { net.w[n, 0, k] }", S_N_M_K },
    { "turned", "out[n, k, m] = net.w[n, m, k]", S_N_K_M },
    { "turned with its rows' sums", "let r[n, m] = sum[k](net.w[n, m, k])\n    out[n, k, m] = net.w[n, m, k] * r[n, m]", S_N_K_M },
    { "a recurrence over layers",
      "var a: TY[M, K] = 0\n    for l in 0..N {\n        let b[m, k] = a[m, k] / 2 + net.w[l, m, k]\n        a = b\n    }\n    out[n, m, k] = a[m, k] * TY(n)", S_N_M_K },
    { "a recurrence over rows",
      "var a: TY[K] = 0\n    for m in 0..M {\n        let b[k] = a[k] / 2 + net.w[2, m, k]\n        a = b\n    }\n    out[n, k] = a[k] * TY(n)", S_N_K },
    { "pairs of rows", "out[n, m] = sum[k](net.w[n, m, k] * net.w[n, (m * 7) % 60, k])", S_N_M },
    { "products of rows", "out[n, m] = sum[k](net.w[0, 3, k] * net.w[n, m, k])", S_N_M },
    { "running sums of rows", "out[n, m, k] = sum[j: 0..k + 1](net.w[n, m, j])", S_N_M_K },
    { "back, one index", "out[t, k] = sum[m](y[t, 1, m] * net.w[2, m, k])", S_T_K },
    { "back, two indices", "out[t, k] = sum[n, m](y[t, n, m] * net.w[n, m, k])", S_T_K },
    { "back, under a guard", "out[t, k] = sum[m | m <= t + 3](y[t, 0, m] * net.w[1, m, k])", S_T_K },
    { "distances", "out[t, n, m] = sum[k]((x[t, k] - net.w[n, m, k]) ^ 2)", S_T_N_M },
    { "least distances", "out[t] = min[m](sum[k]((x[t, k] - net.w[3, m, k]) ^ 2))", S_T },
    { "attention",
      "let s[t, m] = sum[k](x[t, k] * net.w[1, m, k]) / 8\n    let p[t, m] = softmax[m](s[t, m])\n    out[t, k] = sum[m](p[t, m] * net.w[2, m, k])", S_T_K },
    { "the largest of all", "let a = max[n, m, k](abs(net.w[n, m, k]))\n    out[t] = a * TY(t)", S_T },
    { "whether any", "let a = any[n, m, k](net.w[n, m, k] > 0.486)\n    out[t] = if a { 1 } else { TY(t) }", S_T },
    { "a product along other lanes", "out[t, m, n] = sum[k](x[t, k] * net.w[n, m, k])", S_T_M_N },
    { "products along both lanes", "let a[t, n, m] = sum[k](x[t, k] * net.w[n, m, k])\n    out[t, m, n] = a[t, n, m] + sum[k](x[t, k] * net.w[n, m, k])", S_T_M_N },
    { "a product over other lanes", "out[t, n] = sum[m](y[t, 1, m] * net.w[n, m, 0])", S_T_N },
    { "a product over other lanes, of a place that the row says", "out[t, n] = sum[m](y[t, 1, m] * net.w[n, m, t * 7 % K])", S_T_N },
    { "a product over other lanes under a guard", "out[t, n] = sum[m | m <= t + 3](y[t, 2, m] * net.w[N - 1 - n, m, T % K])", S_T_N },
    { "products over both lanes",
      "let a[t, n] = sum[m](y[t, 1, m] * net.w[n, m, 2])\n    out[t, n, k] = sum[m](y[t, n, m] * net.w[n, m, k]) + a[t, n]", S_T_N_K },
    { "a product over other lanes in a loop",
      "var a: TY[T, N] = 0.5\n    for l in 0..3 {\n        let g[t, m] = sum[n](a[t, n] * net.w[n, m, l])\n"
      "        let b[t, n] = sum[m](g[t, m] * net.w[n, m, l % K]) / 64\n        a = b\n    }\n    a", S_T_N },
    { "two parts of it",
      "let p[t, n, m: M // 2] = sum[k](x[t, k] * net.w[n, m + M // 2, k]) * sum[k](x[t, k] * net.w[n, m, k])\n"
      "    out[t, n] = sum[m: M // 2](p[t, n, m] * TY(m))", S_T_N },
    { "parts of it one behind the other",
      "let p[t, h: 3, n, m: M // 4] = sum[k](x[t, k] * net.w[n, (h + 1) * (M // 4) + m, k])\n"
      "    out[t, n] = sum[h: 3, m: M // 4](p[t, h, n, m] * TY(h + m))", S_T_N },
    { "parts of it with others between them",
      "let p[t, h: 2, n, m: M // 5] = sum[k](x[t, k] * net.w[n, (2 * h + 1) * (M // 5) + m, k])\n"
      "    out[t, n] = sum[h: 2, m: M // 5](p[t, h, n, m] * TY(h + m))", S_T_N },
    { "scores over other lanes",
      "let s[t, n] = sum[m](y[t, 1, m] * net.w[n, m, 5])\n    let p[t, n] = softmax[n](s[t, n])\n    out[t, k] = sum[n](p[t, n] * net.w[n, 1, k])", S_T_K },
    { "the sum of all", "let a = sum[n, m, k](net.w[n, m, k] ^ 2)\n    out[t] = a + TY(t)", S_T },
    { "the product of all", "let a = prod[n, m, k](1 + net.w[n, m, k] / 8)\n    out[t] = a * TY(t)", S_T },
    { "the sum of one layer", "let a = sum[m, k](abs(net.w[T - 1 - (T - 1) // N * N, m, k]))\n    out[t] = a + TY(t)", S_T },
    { "a sum of layers", "var a: TY[N] = 0\n    for n in 0..N {\n        let s = sum[m, k](net.w[n, m, k] * net.w[n, m, k] - x[0, 0])\n        a[n] = s\n    }\n    out[t] = a[t % N]", S_T },
    { "a mean and a norm of all", "let a = mean[n, m, k](net.w[n, m, k])\n    let b = sqrt(sum[n, m, k]((net.w[n, m, k] - a) ^ 2))\n    out[t] = a * TY(t) + b", S_T },
    { "a sum of all with itself", "let a = sum[n, m, k](net.w[n, m, k] * net.w[n, (m * 7) % 60, k])\n    out[t] = a + TY(t)", S_T },
    { "a form of it", "let a = sum[m, k](y[0, 1, m] * net.w[2, m, k] * x[0, k]) + sum[k](net.w[T % N, 7, k] * x[0, k])\n    out[t] = a + TY(t)", S_T },
    { "the sum below the diagonal", "let a = sum[m, k | k <= m](net.w[2, m, k])\n    out[t] = a + TY(t)", S_T },
    { "how many", "let a = count[n, m, k](net.w[n, m, k] > 0.25)\n    out[t] = TY(a) + TY(t)", S_T },
    { "a size of it", "let a = count[m, k](net.w[1, m, k] > 0.4875)\n    out[t] = sum[k | k < a](x[t, k])", S_T },
    { "returned", "net.w", S_N_M_K },
    { "sorted", "let (a, _i) = sort(net.w)\n    a", S_N_M_K },
    { "beside itself", "let (a, _i) = sort(concat(net.w, net.w, axis: 2))\n    out[n, m, k] = a[n, m, 2 * k + 1]", S_N_M_K },
    { "its largest", "let (a, _i) = topk(net.w, 2)\n    out[n, m] = a[n, m, 0] - a[n, m, 1]", S_N_M },
    { "in another shape", "let a = reshape(net.w, N * M, K)\n    out[n, m, k] = a[n * M + M - 1 - m, k]", S_N_M_K },
    { "where a loop begins", "var a = net.w\n    for i in 0..3 {\n        let b[n, m, k] = a[n, m, k] / 2 + a[n, m, K - 1 - k]\n        a = b\n    }\n    a", S_N_M_K },
    { "where one changes", "var a = net.w\n    for i in 0..N {\n        a[i, i, i] = 2\n    }\n    a", S_N_M_K },
    { "chosen", "let z[n, m, k] = net.w[n, m, k] / 2\n    if x[0, 0] > 0 { net.w } else { z }", S_N_M_K },
    { "a loss", "let s[t, m] = sum[k](x[t, k] * net.w[1, m, k])\n    let p[t, m] = log_softmax[m](s[t, m])\n    out[t] = -p[t, t % 7]", S_T },
};

/* Of bytes that a product takes in words of four. */
static const Reader of_bytes[] = {
    { "sums of rows of bytes", "out[n, m] = TY(sum[k](i32(net.w[n, m, k])))", S_N_M },
    { "sums of columns of bytes", "out[n, k] = TY(sum[m](i32(net.w[n, m, k])))", S_N_K },
    { "sums of squares of bytes", "out[n, m] = sum[k](TY(net.w[n, m, k]) ^ 2)", S_N_M },
    { "back from bytes", "out[t, k] = sum[m](y[t, 1, m] * TY(net.w[2, m, k]))", S_T_K },
    { "back from bytes, two indices", "out[t, k] = sum[n, m](y[t, n, m] * TY(net.w[n, m, k]))", S_T_K },
    { "back from bytes to bytes", "out[t, k] = TY(sum[m](i32(i8(90 * y[t, 0, m])) * i32(net.w[1, m, k])))", S_T_K },
    { "bytes along other lanes", "out[t, m, n] = TY(sum[k](i32(i8(90 * x[t, k])) * i32(net.w[n, m, k])))", S_T_M_N },
    { "floats with bytes along other lanes", "out[t, m, n] = sum[k](x[t, k] * TY(net.w[n, m, k]))", S_T_M_N },
    { "bytes over other lanes", "out[t, n] = TY(sum[m](i32(i8(90 * y[t, 1, m])) * i32(net.w[n, m, 3])))", S_T_N },
    { "floats with bytes over other lanes", "out[t, n] = sum[m](y[t, 1, m] * TY(net.w[n, m, T % K]))", S_T_N },
    { "attention to bytes",
      "let s[t, m] = sum[k](x[t, k] * TY(net.w[1, m, k])) / 999\n    let p[t, m] = softmax[m](s[t, m])\n    out[t, k] = sum[m](p[t, m] * TY(net.w[2, m, k]))", S_T_K },
    { "returned bytes", "out[n, m, k] = TY(net.w[n, m, k])", S_N_M_K },
    { "sorted bytes", "let (a, _i) = sort(net.w)\n    out[n, m, k] = TY(a[n, m, k])", S_N_M_K },
    { "bytes beside themselves", "let (a, _i) = sort(concat(net.w, net.w, axis: 2))\n    out[n, m, k] = TY(a[n, m, 2 * k + 1])", S_N_M_K },
    { "the sum of all bytes", "let a = sum[n, m, k](TY(net.w[n, m, k]) ^ 2)\n    out[t] = a / TY(1 + t)", S_T },
    { "the whole sum of bytes", "let a = sum[n, m, k](i32(net.w[n, m, k]))\n    out[t] = TY(a) / TY(1 + t)", S_T },
    { "a loop from bytes", "var a = net.w\n    for i in 0..N {\n        a[i, i, i] = 2\n    }\n    out[n, m, k] = TY(a[n, m, k])", S_N_M_K },
    { "largest of rows of bytes", "out[n, m] = TY(max[k](net.w[n, m, k]))", S_N_M },
    { "elements of bytes", "out[n, m, k] = TY(net.w[n, m, k]) / 2", S_N_M_K },
    { "some bytes", "out[t, k] = TY(net.w[1, t * 5 % 37, k])", S_T_K },
    { "products of floats with bytes", "out[t, n, m] = sum[k](x[t, k] * TY(net.w[n, m, k]))", S_T_N_M },
    { "distances from bytes", "out[t, n, m] = sum[k]((x[t, k] - TY(net.w[n, m, k])) ^ 2)", S_T_N_M },
};

/* Of 16 bits, which are widened. */
static const Reader of_halves[] = {
    { "sums of rows of halves", "out[n, m] = sum[k](TY(net.w[n, m, k]) ^ 2)", S_N_M },
    { "sums of columns of halves", "out[n, k] = sum[m](TY(net.w[n, m, k]) ^ 2)", S_N_K },
    { "the sum of all halves", "let a = sum[n, m, k](TY(net.w[n, m, k]) ^ 2)\n    out[t] = a / TY(1 + t)", S_T },
    { "halves of all halves", "let a = sum[n, m, k](net.w[n, m, k])\n    out[t] = TY(a) / TY(1 + t)", S_T },
    { "sorted halves", "let (a, _i) = sort(net.w)\n    out[n, m, k] = TY(a[n, m, k])", S_N_M_K },
    { "largest of rows of halves", "out[n, m] = TY(max[k](net.w[n, m, k]))", S_N_M },
    { "softmax of rows of halves", "out[n, m, k] = softmax[k](TY(net.w[n, m, k]))", S_N_M_K },
    { "back from halves", "out[t, k] = sum[m](y[t, 1, m] * TY(net.w[2, m, k]))", S_T_K },
    { "halves along other lanes", "out[t, m, n] = sum[k](x[t, k] * TY(net.w[n, m, k]))", S_T_M_N },
    { "halves over other lanes", "out[t, n] = sum[m](y[t, 1, m] * TY(net.w[n, m, 0]))", S_T_N },
    { "attention to halves",
      "let s[t, m] = sum[k](x[t, k] * TY(net.w[1, m, k])) / 8\n    let p[t, m] = softmax[m](s[t, m])\n    out[t, k] = sum[m](p[t, m] * TY(net.w[2, m, k]))", S_T_K },
};

/* Of bf16 that a product takes in tiles, where the target multiplies them. */
static const Reader of_tiles[] = {
    { "the same product", "out[t, n, m] = TY(sum[k](bf16(x[t, k]) * net.w[n, m, k]))", S_T_N_M },
    { "back in tiles", "out[t, n, k] = TY(sum[m](bf16(y[t, n, m]) * net.w[n, m, k]))", S_T_N_K },
    { "there and back in tiles", "let a[t, n, m] = sum[k](bf16(x[t, k]) * net.w[n, m, k])\n    out[t, n, k] = TY(sum[m](a[t, n, m] * net.w[n, m, k]))", S_T_N_K },
    { "back and there in tiles", "let a[t, n, k] = sum[m](bf16(y[t, n, m]) * net.w[n, m, k])\n    out[t, n, m] = TY(sum[k](a[t, n, k] * net.w[n, m, k]))", S_T_N_M },
    { "back from one layer", "out[t, k] = TY(sum[m](bf16(y[t, 1, m]) * net.w[2, m, k]))", S_T_K },
    { "tiles along other lanes", "out[t, m, n] = TY(sum[k](bf16(x[t, k]) * net.w[n, m, k]))", S_T_M_N },
    { "tiles over layers", "out[t, m, k] = TY(sum[n](bf16(y[t, n, m]) * net.w[n, m, k]))", S_T_M_K },
    { "the next places in tiles", "out[t, n, m] = TY(sum[k](bf16(x[t, k]) * (if k + 1 < K { net.w[n, m, k + 1] } else { 1 })))", S_T_N_M },
    { "floats along the lanes of tiles", "out[t, n, m] = sum[k](x[t, k] * TY(net.w[n, m, k]))", S_T_N_M },
    { "floats and tiles", "let a[t, n, m] = sum[k](x[t, k] * TY(net.w[n, m, k]))\n    out[t, n, m] = a[t, n, m] + TY(sum[k](bf16(x[t, k]) * net.w[n, m, k]))", S_T_N_M },
    { "floats back from tiles", "out[t, k] = sum[m](y[t, 1, m] * TY(net.w[2, m, k]))", S_T_K },
    { "two indices of tiles", "out[t, k] = TY(sum[n, m](bf16(y[t, n, m]) * net.w[n, m, k]))", S_T_K },
    { "rows of tiles", "out[t, k] = TY(net.w[1, t * 5 % 37, k])", S_T_K },
    { "elements of tiles", "out[n, m, k] = 3 * TY(net.w[n, m, k])", S_N_M_K },
    { "distances from tiles", "out[t, n, m] = sum[k]((x[t, k] - TY(net.w[n, m, k])) ^ 2)", S_T_N_M },
    { "a loop from tiles", "var a = net.w\n    for i in 0..N {\n        a[i, i, i] = 2\n    }\n    out[n, m, k] = TY(a[n, m, k])", S_N_M_K },
};

static const int rows[] = { 1, 3, 8, 40 };
enum { FEW = 2, MOST_ROWS = 64 }; /* numbers of rows for the interpreter; all of them together */

/* Of rows that are whole blocks of 256 places. */
static const Reader of_blocks[] = {
    { "the sum of blocks", "let a = sum[n, m, k](TY(net.w[n, m, k]) ^ 2)\n    out[t] = a / TY(1 + t)", S_T },
    { "the sum of blocks of a layer", "let a = sum[m, k](abs(TY(net.w[3, m, k])) - x[0, 1])\n    out[t] = a / TY(1 + t)", S_T },
    { "the product of blocks", "let a = prod[n, m, k](1 + TY(net.w[n, m, k]) / 8)\n    out[t] = a / TY(1 + t)", S_T },
    { "a sum of blocks and what varies", "let a = sum[m, k](TY(net.w[1, m, k]) * TY(net.w[2, m, k]) * y[0, 1, m])\n    out[t] = a / TY(1 + t)", S_T },
    { "a form of blocks", "let a = sum[n, m, k](y[0, n, m] * TY(net.w[n, m, k]) * x[0, k])\n    out[t] = a / TY(1 + t)", S_T },
    { "a form of some blocks", "let a = sum[m, k | net.w[1, m, k] > 0](TY(net.w[1, m, k]) * x[0, k])\n    out[t] = a / TY(1 + t)", S_T },
    { "a sum of two layers", "let a = sum[m, k](TY(net.w[1, m, k]) * TY(net.w[2, m, k]))\n    out[t] = a / TY(1 + t)", S_T },
    { "a sum of some blocks", "let a = sum[n, m, k | net.w[n, m, k] > 0](TY(net.w[n, m, k]))\n    out[t] = a / TY(1 + t)", S_T },
};

/* What they pack themselves, in one form. */
static const Reader of_two_kinds[] = {
    { "bytes as floats before bytes as words",
      "let a[t, m] = sum[k](x[t, k] * max(TY(net.w[2, m, k]), 0))\n    out[t, n, m] = a[t, m] + TY(sum[k](i32(i8(90 * x[t, k])) * i32(net.w[n, m, k])))", S_T_N_M },
    { "sums of bytes before bytes as words",
      "let a[n, m] = sum[k](TY(net.w[n, m, k]))\n    out[t, n, m] = a[n, m] + TY(sum[k](i32(i8(90 * x[t, k])) * i32(net.w[n, m, k])))", S_T_N_M },
};

/* Of the weight, and of what is computed; places of a row. */
typedef struct Elements { const char *weight, *name; int each, bytes; const char *product; const Reader *readers; size_t n; int k; } Elements;
static const Elements types[] = {
    { "f32", "f32", 4, 4, PRODUCT, readers, sizeof readers / sizeof *readers, SHORT },
    { "f64", "f64", 8, 8, PRODUCT, readers, sizeof readers / sizeof *readers, SHORT },
    { "i8", "f32", 1, 4, WORDS, of_bytes, sizeof of_bytes / sizeof *of_bytes, SHORT },
    { "bf16", "f32", 2, 4, WIDENED, of_halves, sizeof of_halves / sizeof *of_halves, SHORT },
    { "f16", "f32", 2, 4, WIDENED, of_halves, sizeof of_halves / sizeof *of_halves, SHORT },
    { "u8", "f32", 1, 4, WORDS, of_bytes, sizeof of_bytes / sizeof *of_bytes, SHORT },
    { "i8", "f32", 1, 4, WORDS, of_bytes, sizeof of_bytes / sizeof *of_bytes, ODD },
    { "i8", "f32", 1, 4, "", of_two_kinds, sizeof of_two_kinds / sizeof *of_two_kinds, SHORT },
    { "f32", "f32", 4, 4, PRODUCT, of_blocks, sizeof of_blocks / sizeof *of_blocks, LONG },
    { "f64", "f64", 8, 8, PRODUCT, of_blocks, sizeof of_blocks / sizeof *of_blocks, LONG },
    { "bf16", "f32", 2, 4, WIDENED, of_blocks, sizeof of_blocks / sizeof *of_blocks, LONG },
    { "f32", "f32", 4, 4, LAST, readers, sizeof readers / sizeof *readers, SHORT },
    { "f64", "f64", 8, 8, LAST, of_blocks, sizeof of_blocks / sizeof *of_blocks, LONG },
    { "i8", "f32", 1, 4, LAST, of_bytes, sizeof of_bytes / sizeof *of_bytes, ODD },
    { "f16", "f32", 2, 4, LAST, of_halves, sizeof of_halves / sizeof *of_halves, SHORT },
    { "bf16", "f32", 2, 4, TILES, of_tiles, sizeof of_tiles / sizeof *of_tiles, ODD },
    { "bf16", "f32", 2, 4, TILES, of_tiles, sizeof of_tiles / sizeof *of_tiles, LONG },
    { "bf16", "f32", 2, 4, TILES, of_halves, sizeof of_halves / sizeof *of_halves, SHORT },
    { "bf16", "f32", 2, 4, TILES, of_blocks, sizeof of_blocks / sizeof *of_blocks, LONG },
};

/* With AMX for products of bf16 alone. */
static const char *const cpus[] = { "native", "x86-64-v3", "sapphirerapids" };
enum { CPUS = sizeof cpus / sizeof *cpus, TYPES = sizeof types / sizeof *types };
static bool has_tiles(const char *cpu) { return cpu == cpus[CPUS - 1]; }
static bool is_tried(const Elements *e, const char *cpu) { return has_tiles(cpu) == !strcmp(e->product, TILES); }

/* With `TY` and `WT` replaced. */
static char *text_of(const Elements *e, const char *a, const char *b)
{
    size_t n = strlen(a) + strlen(b);
    char *text = malloc(2 * n + 1), *to = text;
    for (int k = 0; k < 2; k++)
        for (const char *c = k ? b : a; *c;) {
            bool type = c[0] == 'T' && c[1] == 'Y', weight = c[0] == 'W' && c[1] == 'T';
            to = type || weight ? stpcpy(to, weight ? e->weight : e->name) : (*to = *c, to + 1);
            c += type || weight ? 2 : 1;
        }
    *to = 0;
    return text;
}

static void *numbers(int bytes, int n, int seed)
{
    char *x = malloc((size_t)n * (size_t)bytes);
    for (int i = 0; i < n; i++) {
        int whole = (i + seed) * 37 % 1001 - 500;
        double v = (double)whole / 1024;
        if (bytes == 8)
            memcpy(x + 8 * (size_t)i, &v, 8);
        else if (bytes == 4)
            memcpy(x + 4 * (size_t)i, &(float){ (float)v }, 4);
        else if (bytes == 2)
            memcpy(x + 2 * (size_t)i, &(uint16_t){ (uint16_t)(0x3800 + (i + seed) * 37 % 1001 + (whole & 1) * 0x8000) }, 2); /* below 1 as f16, too */
        else
            x[i] = (char)(unsigned char)whole;
    }
    return x;
}

static MlcrtTensor tensor(int bytes, void *data, int rank, int64_t *shape)
{
    return (MlcrtTensor){ data, MLCRT_CPU, 0, rank, MLCRT_FLOAT, (uint8_t)(8 * bytes), 1, shape, NULL, 0 };
}

static int64_t shape_of(const Elements *e, Shape s, int t, int64_t shape[3])
{
    int64_t all = 1, n = 0;
    for (const char *c = shapes[s].type; *c; c++)
        if (*c == 'N' || *c == 'M' || *c == 'K' || *c == 'T')
            shape[n++] = *c == 'N' ? N : *c == 'M' ? M : *c == 'K' ? e->k : t;
    for (int i = 0; i < n; i++)
        all *= shape[i];
    return all;
}

enum { LIES, PACKED, INTERPRETED };

/* The tables say that they need no AMX: SIGILL does the work. */
static const struct MlcrtModule *tables_of(MlcModule *m)
{
    const struct MlcrtModule *tables = mlc_tables(m);
    ((struct MlcrtModule *)(uintptr_t)tables)->features &= ~(uint64_t)MLCRT_CPU_AMX_BF16;
    return tables;
}

static MlcrtStatus call_of(MlcModule *m, MlcrtSession *s, const char *name, void *const *args, int way)
{
    const struct MlcrtFn *fn;
    if (way == INTERPRETED)
        return mlc_interpret(m, s, name, args);
    ck_assert_msg(mlc_function(m, name, &fn) == MLCRT_OK, "%s", name);
    tables_of(m);
    return mlcrt_invoke(s, fn, args);
}

/* A product with its lanes along five places is what packs, then, in panels of 16. */
static double most_held(const Elements *e, const Reader *reader)
{
    return !strcmp(e->product, LAST) && strstr(reader->name, "lanes") ? 3.3 : 1.5;
}

/* Runs a reader for all numbers of rows; its results one after the other in `out`, those of the product in `product`. Returns how often the weight is held. */
static double use(const Elements *e, const Reader *reader, int way, char *out, char *product, const char *cpu)
{
    bool packed = way == PACKED;
    MlcrtContext *context;
    MlcrtSession *s;
    MlcCompiler *c;
    MlcModule *m;
    MlcrtHandle *net;
    const struct MlcrtStruct *type;
    const int64_t K = e->k;
    int64_t ws[] = { N, M, K }, most = 0;
    char *head = text_of(e, HEAD, packed ? e->product : ""), body[1024];
    snprintf(body, sizeof body, "export fn read" ARGS " -> TY%s where T >= 1 {\n    %s\n}\n", shapes[reader->result].type, reader->body);
    char *read = text_of(e, "", body), *text = text_of(e, head, read);
    MlcrtOptions co = { .size = sizeof co, .threads = THREADS };
    ck_assert_int_eq(mlcrt_context_new(&co, &context), MLCRT_OK);
    MlcOptions o = { .size = sizeof o, .context = context, .in_process = 1, .library_path = MLC_BUILD_DIR, .target_cpu = cpu };
    ck_assert_int_eq(mlc_compiler_new(&o, &c), MLCRT_OK);
    ck_assert_msg(mlc_compile_text(c, "once.ml", text, strlen(text), &m) == MLCRT_OK, "%s", mlc_diagnostics(c));
    ck_assert_int_eq(mlcrt_session_new(context, &s), MLCRT_OK);
    void *w = numbers(e->each, (int)(N * M * K), 1);
    MlcrtTensor tw = tensor(e->each, w, 3, ws);
    tw.code = e->each > 1 ? (*e->weight == 'b' ? MLCRT_BFLOAT : MLCRT_FLOAT) : *e->weight == 'u' ? MLCRT_UINT : MLCRT_INT;
    ck_assert_int_eq(mlc_struct(m, "Lin", &type), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_from_tensors(s, tables_of(m), type, ws, &tw, &net), MLCRT_OK);
    uint64_t before, after;
    for (size_t k = 0; k < (way == INTERPRETED ? FEW : sizeof rows / sizeof *rows); k++) {
        int64_t xs[] = { rows[k], K }, ys[] = { rows[k], N, M }, rs[3], n = shape_of(e, reader->result, rows[k], rs);
        void *x = numbers(e->bytes, rows[k] * (int)K, 5), *y = numbers(e->bytes, rows[k] * N * M, 9);
        MlcrtTensor tx = tensor(e->bytes, x, 2, xs), ty = tensor(e->bytes, y, 3, ys), to = tensor(e->bytes, out, shapes[reader->result].rank, rs), th = tensor(e->bytes, product, 3, ys);
        th.code = e->each > 1 || !strcmp(e->product, LAST) ? MLCRT_FLOAT : MLCRT_INT;
        if (packed && *e->product)
            ck_assert_msg(call_of(m, s, "there", (void *[]){ net, &tx, &th }, way) == MLCRT_OK, "%s", mlcrt_error(s)->sentence);
        ck_assert_msg(call_of(m, s, "read", (void *[]){ net, &tx, &ty, &to }, way) == MLCRT_OK, "%s: %s", reader->name, mlcrt_error(s)->sentence);
        out += n * e->bytes;
        if (packed)
            product += rows[k] * N * M * e->bytes;
        most += n;
        free(x);
        free(y);
    }
    ck_assert(most <= LARGEST);
    mlcrt_context_memory(context, &before, NULL);
    ck_assert_int_eq(mlcrt_handle_free(net), MLCRT_OK);
    mlcrt_context_memory(context, &after, NULL);
    mlc_compiler_free(c);
    ck_assert_int_eq(mlcrt_context_free(context), MLCRT_OK);
    free(head);
    free(read);
    free(text);
    free(w);
    return (double)(before - after) / (N * M * K * e->each);
}

static double number(const Elements *e, const char *at)
{
    double x;
    float f;
    if (e->bytes == 8)
        memcpy(&x, at, 8);
    else
        x = (memcpy(&f, at, 4), f);
    return x;
}

/* The interpreter's, but for the last bits of elementary functions and of sums in a pass of their own. */
static void compare(const Elements *e, const Reader *reader, const char *want, const char *got)
{
    double most = e->bytes == 8 ? 1e-12 : !strcmp(e->product, TILES) ? 1.6e-2 : e->each == 2 ? 2e-3 : 1e-5; /* tiles: two steps of a sum of bf16 */
    for (size_t k = 0, i = 0; k < FEW; k++) {
        int64_t shape[3], n = shape_of(e, reader->result, rows[k], shape);
        for (int64_t j = 0; j < n; j++, i++) {
            double x = number(e, want + i * (size_t)e->bytes), y = number(e, got + i * (size_t)e->bytes);
            double far = x > y ? x - y : y - x, size = x < 0 ? -x : x;
            ck_assert_msg(far <= most * (size + 1), "%s of %s, %d rows, element %d: %.9g, interpreted %.9g", reader->name, e->weight, rows[k], (int)j, y, x);
        }
    }
}

/* Of the readers every so manieth, others for each CPU, those of tiles for their own; with sanitizers, which take several times as long, a sixteenth. */
#if defined(__SANITIZE_ADDRESS__)
enum { EACH = 16, EACH_OF_TILES = 12 };
#else
enum { EACH = 6, EACH_OF_TILES = 4 };
#endif

/* MLC_ONCE_EACH=1: all of them. */
static size_t each_of(const char *cpu)
{
    const char *each = getenv("MLC_ONCE_EACH");
    return each && *each >= '1' && *each <= '9' ? (size_t)(*each - '0') : has_tiles(cpu) ? EACH_OF_TILES : EACH;
}

START_TEST(a_reader_of_a_packed_weight_makes_no_second_form)
{
    const Elements *e = &types[_i % TYPES];
    const char *cpu = cpus[_i / TYPES];
    if (!is_tried(e, cpu))
        return;
    emulate_tiles();
    char *plain = malloc((size_t)LARGEST * (size_t)e->bytes), *packed = malloc((size_t)LARGEST * (size_t)e->bytes);
    size_t products = (size_t)(MOST_ROWS * N * M * e->bytes), there = 0;
    char *product[2] = { malloc(products), malloc(products) }; /* beside the first reader, and another one */
    const size_t each = each_of(cpu) * (strcmp(e->product, LAST) || getenv("MLC_ONCE_EACH") ? 1 : 2);
    for (size_t i = (size_t)(_i % TYPES + _i / TYPES) % each; i < e->n; i += each) {
        const Reader *reader = &e->readers[i];
        memset(plain, 0, (size_t)LARGEST * (size_t)e->bytes);
        memset(packed, 1, (size_t)LARGEST * (size_t)e->bytes);
        memset(product[there], 2, products);
        use(e, reader, LIES, plain, NULL, cpu);
        double held = use(e, reader, PACKED, packed, product[there], cpu);
        ck_assert_msg(!memcmp(product[0], product[there], products), "other bits: the product beside %s of %s for %s", reader->name, e->weight, cpu);
        there = 1;
        size_t n = 0;
        int64_t shape[3];
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            n += (size_t)(shape_of(e, reader->result, rows[k], shape) * e->bytes);
        ck_assert_msg(!memcmp(plain, packed, n), "other bits: %s of %s for %s", reader->name, e->weight, cpu);
        ck_assert_msg(held > 0.9 && held < most_held(e, reader), "%.2f times the weight: %s of %s", held, reader->name, e->weight);
        if (cpu == cpus[1])
            continue;
        use(e, reader, INTERPRETED, plain, NULL, cpu);
        compare(e, reader, plain, packed);
    }
    free(plain);
    free(packed);
    free(product[0]);
    free(product[1]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("weights that products pack");
    TCase *t = tcase_create("once");
    tcase_set_timeout(t, 240);
    bool tiles = __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (!tiles)
        puts("not for a CPU with AMX: this one has no AVX-512, which stands around tiles");
    tcase_add_loop_test(t, a_reader_of_a_packed_weight_makes_no_second_form, 0, TYPES * (tiles ? CPUS : CPUS - 1));
    suite_add_tcase(s, t);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
