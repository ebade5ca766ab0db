/* backend_orders.c - reductions have the bits that IR.md says, for every width of vectors, every tail, every target with FMA.
 *
 * Tensors end at a page that may not be touched, so a read past the end is a signal.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "backend_test.h"

/* ---- memory that ends at a forbidden page ------------------------------------------------------------------------ */

typedef struct Fence { char *map; size_t size; } Fence;
static Fence fences[16];
static int nfences;

static void *fenced(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = (bytes + page - 1) / page * page;
    char *p = mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(p, MAP_FAILED);
    ck_assert_int_eq(mprotect(p + body, page, PROT_NONE), 0);
    fences[nfences++] = (Fence){ p, body + page };
    return p + body - bytes;
}

static void release(void)
{
    while (nfences) {
        nfences--;
        munmap(fences[nfences].map, fences[nfences].size);
    }
}

static uint32_t seed = 1;

static float draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)((int32_t)seed >> 8) / (float)(1 << 21);
}

static float *floats(int64_t n)
{
    float *x = fenced((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = draw();
    return x;
}

/* ---- the orders, written down once more --------------------------------------------------------------------------- */

typedef struct Term { float a, b; bool on; } Term;
typedef Term TermAt(void *user, int64_t p);

static float contract(int64_t n, TermAt *at, void *user)
{
    float total = 0;
    for (int64_t b = 0; b < n; b += 256) {
        float acc = 0;
        for (int64_t p = b; p < n && p < b + 256; p++) {
            Term t = at(user, p);
            if (t.on)
                acc = fmaf(t.a, t.b, acc);
        }
        total += acc;
    }
    return total;
}

static float lanes16(int64_t n, TermAt *at, void *user)
{
    float total = 0;
    for (int64_t b = 0; b < n; b += 256) {
        float l[16] = { 0 };
        for (int64_t p = b; p < n && p < b + 256; p++) {
            Term t = at(user, p);
            if (t.on)
                l[p % 16] += t.a * t.b;
        }
        for (int h = 8; h; h /= 2)
            for (int i = 0; i < h; i++)
                l[i] += l[i + h];
        total += l[0];
    }
    return total;
}

/* ---- ways to compile ------------------------------------------------------------------------------------------------ */

static const BeOptions ways[] = {
    { .opt = 2, .cpu = "x86-64-v3" }, { .opt = 2, .cpu = "x86-64-v4" }, { .opt = 0, .cpu = "x86-64-v3" },
    { .opt = 2, .max_lanes = 1, .cpu = "x86-64-v3" }, { .opt = 1, .max_lanes = 4, .cpu = "x86-64-v3", .no_parallel = true },
};
enum { NWAYS = sizeof ways / sizeof ways[0] };

static BeTest compiled;
static MlcrtBody *body;

static bool use(const char *text, int way)
{
    if (!be_test_can_run(ways[way].cpu))
        return false;
    be_test_init(&compiled);
    if (!be_test_compile(&compiled, text, ways[way]))
        ck_abort_msg("%s", compiled.errors);
    body = be_test_body(&compiled, "f");
    return true;
}

static void call(void **leaves, int64_t *dims)
{
    _Alignas(64) static char arena[1 << 20];
    BeRun run = { .call = { .leaf = leaves, .dims = dims, .arena = arena, .rt = &be_test_rt } };
    run.call.state = &run;
    run.call.stop = &run.stop;
    body(&run.call);
    ck_assert_int_eq(run.fault.count, 0);
}

static void same(const float *got, const float *want, int64_t n, const char *what, int64_t size)
{
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(memcmp(&got[i], &want[i], 4) == 0, "%s, size %lld, element %lld: %a is not %a", what, (long long)size,
                      (long long)i, got[i], want[i]);
}

/* ---- x w: rows, lanes, blocks ------------------------------------------------------------------------------------------ */

static const char matmul[] =
    "tile fn @f[T, K, N](%x: f32[T, K], %w: f32[K, N]) -> (f32[T, N]) {\n"
    "  %bx = buffer param 0 : f32[T, K]\n"
    "  %bw = buffer param 1 : f32[K, N]\n"
    "  %by = buffer result 0 : f32[T, N]\n"
    "  kernel [c: (N + 63) // 64] {\n"
    "    tfor rows 4 [t: T] {\n"
    "      tfor lanes 2 [n: 64 * c..min(N, 64 * c + 64)] {\n"
    "        %s = reduce sum contract [k: K] {\n"
    "          %a = load %bx[t, k] : f32\n"
    "          %b = load %bw[k, n] : f32\n"
    "          %p = mul %a, %b : f32\n"
    "          yield %p\n"
    "        } : f32\n"
    "        store %by[t, n], %s\n"
    "      }\n"
    "    }\n"
    "  }\n"
    "}\n";

typedef struct Mat { const float *x, *w; int64_t t, n, k, cols; } Mat;

static Term product(void *user, int64_t p)
{
    Mat *m = user;
    return (Term){ m->x[m->t * m->k + p], m->w[p * m->cols + m->n], true };
}

static const int64_t shapes[][3] = { { 1, 1, 1 }, { 3, 7, 5 }, { 4, 256, 16 }, { 9, 257, 33 }, { 5, 300, 100 }, { 8, 1000, 17 }, { 2, 0, 3 }, { 0, 4, 4 } };

/* Of each [T, K, N] the compiled product of x and w, whose columns are padded to a multiple, and the one whose terms are these. */
static void same_products(const int64_t (*sizes)[3], size_t count, int64_t multiple, Term (*term)(void *, int64_t), const char *what)
{
    for (size_t s = 0; s < count; s++) {
        int64_t T = sizes[s][0], K = sizes[s][1], N = sizes[s][2], dims[] = { T, K, N };
        float *x = floats(T * K), *w = floats((N + multiple - 1) / multiple * multiple * K), *y = floats(T * N), *want = floats(T * N);
        void *leaves[] = { x, w, y };
        call(leaves, dims);
        for (int64_t t = 0; t < T; t++)
            for (int64_t n = 0; n < N; n++)
                want[t * N + n] = contract(K, term, &(Mat){ x, w, t, n, K, N });
        same(y, want, T * N, what, K);
        release();
    }
}

START_TEST(a_contraction_is_a_chain_of_fma_in_blocks)
{
    if (!use(matmul, _i))
        return;
    same_products(shapes, sizeof shapes / sizeof shapes[0], 1, product, "x w");
    be_test_drop(&compiled);
}
END_TEST

/* ---- packed panels ------------------------------------------------------------------------------------------------------- */

static const char panels[] =
    "tile fn @f[T, K, N](%x: f32[T, K], %w: f32[(N + 15) // 16, K, 16]) -> (f32[T, N]) {\n"
    "  %bx = buffer param 0 : f32[T, K]\n"
    "  %bw = buffer param 1 : f32[(N + 15) // 16, K, 16]\n"
    "  %by = buffer result 0 : f32[T, N]\n"
    "  kernel [c: (N + 63) // 64] {\n"
    "    tfor rows 4 [t: T] {\n"
    "      tfor lanes 2 [n: 64 * c..min(N, 64 * c + 64)] {\n"
    "        %s = reduce sum contract [k: K] {\n"
    "          %a = load %bx[t, k] : f32\n"
    "          %q = dim n // 16 : i64\n"
    "          %r = dim n % 16 : i64\n"
    "          %b = load %bw[%q, k, %r] : f32\n"
    "          %p = mul %a, %b : f32\n"
    "          yield %p\n"
    "        } : f32\n"
    "        store %by[t, n], %s\n"
    "      }\n"
    "    }\n"
    "  }\n"
    "}\n";

static Term packed_product(void *user, int64_t p)
{
    Mat *m = user;
    return (Term){ m->x[m->t * m->k + p], m->w[(m->n / 16 * m->k + p) * 16 + m->n % 16], true };
}

START_TEST(packed_panels_give_the_same_bits)
{
    if (!use(panels, _i))
        return;
    same_products(shapes, sizeof shapes / sizeof shapes[0], 16, packed_product, "panels");
    be_test_drop(&compiled);
}
END_TEST

/* ---- the other operand's rows: lanes a stride apart ------------------------------------------------------------------------ */

static const char strided[] =
    "tile fn @f[T, K, N](%x: f32[T, K], %w: f32[N, K]) -> (f32[T, N]) {\n"
    "  %bx = buffer param 0 : f32[T, K]\n"
    "  %bw = buffer param 1 : f32[N, K]\n"
    "  %by = buffer result 0 : f32[T, N]\n"
    "  kernel [c: (N + 99) // 100] {\n"
    "    tfor rows 4 [t: T] {\n"
    "      tfor lanes 2 [n: 100 * c..min(N, 100 * c + 100)] {\n"
    "        %s = reduce sum contract [k: K] {\n"
    "          %a = load %bx[t, k] : f32\n"
    "          %b = load %bw[n, k] : f32\n"
    "          %p = mul %a, %b : f32\n"
    "          yield %p\n"
    "        } : f32\n"
    "        store %by[t, n], %s\n"
    "      }\n"
    "    }\n"
    "  }\n"
    "}\n";

static Term row_product(void *user, int64_t p)
{
    Mat *m = user;
    return (Term){ m->x[m->t * m->k + p], m->w[m->n * m->k + p], true };
}

START_TEST(strided_rows_give_the_same_bits_and_are_not_read_past_their_end)
{
    if (!use(strided, _i))
        return;
    static const int64_t more[][3] = { { 1, 8, 200 }, { 1, 3, 70 }, { 5, 261, 41 }, { 1, 64, 1 }, { 6, 4, 100 } };
    same_products(more, sizeof more / sizeof more[0], 1, row_product, "x w^T");
    be_test_drop(&compiled);
}
END_TEST

/* ---- sums of squares in 16 lanes: alone, over rows, beside lanes ------------------------------------------------------------ */

static const char squares_rows[] =
    "tile fn @f[T, K](%x: f32[T, K]) -> (f32[T]) {\n"
    "  %bx = buffer param 0 : f32[T, K]\n"
    "  %by = buffer result 0 : f32[T]\n"
    "  kernel {\n"
    "    tfor rows 3 [t: T] {\n"
    "      %s = reduce sum lanes16 [k: K] {\n"
    "        %a = load %bx[t, k] : f32\n"
    "        %p = mul %a, %a : f32\n"
    "        yield %p\n"
    "      } : f32\n"
    "      store %by[t], %s\n"
    "    }\n"
    "  }\n"
    "}\n";
static const char squares_lanes[] =
    "tile fn @f[T, K](%x: f32[T, K]) -> (f32[T]) {\n"
    "  %bx = buffer param 0 : f32[T, K]\n"
    "  %by = buffer result 0 : f32[T]\n"
    "  kernel {\n"
    "    tfor lanes 1 [t: T] {\n"
    "      %s = reduce sum lanes16 [k: K] {\n"
    "        %a = load %bx[t, k] : f32\n"
    "        %p = mul %a, %a : f32\n"
    "        yield %p\n"
    "      } : f32\n"
    "      store %by[t], %s\n"
    "    }\n"
    "  }\n"
    "}\n";

static Term square(void *user, int64_t p)
{
    Mat *m = user;
    float a = m->x[m->t * m->k + p];
    return (Term){ a, a, true };
}

static const int64_t lengths[] = { 0, 1, 15, 16, 17, 31, 64, 255, 256, 257, 271, 272, 512, 1000 };

START_TEST(other_sums_have_16_lanes_in_blocks)
{
    if (!use(_i % 2 ? squares_rows : squares_lanes, _i / 2))
        return;
    for (size_t s = 0; s < sizeof lengths / sizeof lengths[0]; s++) {
        int64_t T = 7, K = lengths[s], dims[] = { T, K };
        float *x = floats(T * K), *y = floats(T), want[7];
        void *leaves[] = { x, y };
        call(leaves, dims);
        for (int64_t t = 0; t < T; t++)
            want[t] = lanes16(K, square, &(Mat){ x, x, t, 0, K, 0 });
        same(y, want, T, "squares", K);
        release();
    }
    be_test_drop(&compiled);
}
END_TEST

/* ---- two indices: conv and a sum over two axes -------------------------------------------------------------------------------- */

static const char conv[] =
    "tile fn @f[N, C, K](%x: f32[C, N + K - 1], %w: f32[C, K]) -> (f32[N], f32[N]) {\n"
    "  %bx = buffer param 0 : f32[C, N + K - 1]\n"
    "  %bw = buffer param 1 : f32[C, K]\n"
    "  %by = buffer result 0 : f32[N]\n"
    "  %bz = buffer result 1 : f32[N]\n"
    "  kernel {\n"
    "    tfor lanes 2 [n: N] {\n"
    "      %s = reduce sum contract [c: C, k: K] {\n"
    "        %i = dim n + k : i64\n"
    "        %a = load %bx[c, %i] : f32\n"
    "        %b = load %bw[c, k] : f32\n"
    "        %p = mul %a, %b : f32\n"
    "        yield %p\n"
    "      } : f32\n"
    "      store %by[n], %s\n"
    "    }\n"
    "  }\n"
    "  kernel [m: N] {\n"
    "    %s2 = reduce sum lanes16 [c2: C, k2: K] {\n"
    "      %i2 = dim m + k2 : i64\n"
    "      %a2 = load %bx[c2, %i2] : f32\n"
    "      %b2 = load %bw[c2, k2] : f32\n"
    "      %p2 = mul %a2, %b2 : f32\n"
    "      yield %p2\n"
    "    } : f32\n"
    "    store %bz[m], %s2\n"
    "  }\n"
    "}\n";

static Term window(void *user, int64_t p)
{
    Mat *m = user;
    int64_t c = p / m->k, k = p % m->k;
    return (Term){ m->x[c * (m->cols + m->k - 1) + m->n + k], m->w[c * m->k + k], true };
}

static const int64_t convs[][3] = { { 5, 1, 3 }, { 20, 7, 5 }, { 33, 100, 3 }, { 3, 3, 256 }, { 4, 2, 300 }, { 2, 5, 512 } };

START_TEST(positions_run_over_all_indices_of_a_reduction)
{
    if (!use(conv, _i))
        return;
    for (size_t s = 0; s < sizeof convs / sizeof convs[0]; s++) {
        int64_t N = convs[s][0], C = convs[s][1], K = convs[s][2], dims[] = { N, C, K };
        float *x = floats(C * (N + K - 1)), *w = floats(C * K), *y = floats(N), *z = floats(N), want[40], want16[40];
        void *leaves[] = { x, w, y, z };
        call(leaves, dims);
        for (int64_t n = 0; n < N; n++) {
            Mat m = { x, w, 0, n, K, N };
            want[n] = contract(C * K, window, &m);
            want16[n] = lanes16(C * K, window, &m);
        }
        same(y, want, N, "conv", C * K);
        same(z, want16, N, "sum over two axes", C * K);
        release();
    }
    be_test_drop(&compiled);
}
END_TEST

/* ---- guards: causal rows, and a range that starts late ----------------------------------------------------------------------- */

static const char causal[] =
    "tile fn @f[T, S, D, W](%p: f32[T, S], %v: f32[S, D]) -> (f32[T, D], f32[T], f32[T]) {\n"
    "  %bp = buffer param 0 : f32[T, S]\n"
    "  %bv = buffer param 1 : f32[S, D]\n"
    "  %by = buffer result 0 : f32[T, D]\n"
    "  %bs = buffer result 1 : f32[T]\n"
    "  %bm = buffer result 2 : f32[T]\n"
    "  kernel {\n"
    "    tfor rows 4 [t: T] {\n"
    "      tfor lanes 2 [d: D] {\n"
    "        %s = reduce sum contract [j: S in t - W..t + 1] {\n"
    "          %a = load %bp[t, j] : f32\n"
    "          %b = load %bv[j, d] : f32\n"
    "          %x = mul %a, %b : f32\n"
    "          %c = le j, t : bool\n"
    "          %e = dim t - W : i64\n"
    "          %g = le %e, j : bool\n"
    "          %h = and %c, %g : bool\n"
    "          yield %x, %h\n"
    "        } : f32\n"
    "        store %by[t, d], %s\n"
    "      }\n"
    "    }\n"
    "    tfor rows 2 [u: T] {\n"
    "      %s2 = reduce sum lanes16 [j2: S in u - W..u + 1] {\n"
    "        %a2 = load %bp[u, j2] : f32\n"
    "        %x2 = mul %a2, %a2 : f32\n"
    "        %c2 = le j2, u : bool\n"
    "        %e2 = dim u - W : i64\n"
    "        %g2 = le %e2, j2 : bool\n"
    "        %h2 = and %c2, %g2 : bool\n"
    "        yield %x2, %h2\n"
    "      } : f32\n"
    "      %m3 = reduce max lanes16 [j3: S in u - W..u + 1] {\n"
    "        %a3 = load %bp[u, j3] : f32\n"
    "        %c3 = le j3, u : bool\n"
    "        %e3 = dim u - W : i64\n"
    "        %g3 = le %e3, j3 : bool\n"
    "        %h3 = and %c3, %g3 : bool\n"
    "        yield %a3, %h3\n"
    "      } : f32\n"
    "      store %bs[u], %s2\n"
    "      store %bm[u], %m3\n"
    "    }\n"
    "  }\n"
    "}\n";

typedef struct Att { const float *p, *v; int64_t t, d, s, dd, w; } Att;

static Term weighted(void *user, int64_t j)
{
    Att *a = user;
    return (Term){ a->p[a->t * a->s + j], a->v ? a->v[j * a->dd + a->d] : a->p[a->t * a->s + j], j <= a->t && j >= a->t - a->w };
}

static const int64_t atts[][4] = { { 5, 5, 7, 100 }, { 7, 300, 16, 3 }, { 600, 600, 4, 280 }, { 300, 20, 33, 5 }, { 17, 17, 48, 0 } };

START_TEST(guards_leave_out_elements_and_move_nothing)
{
    if (!use(causal, _i))
        return;
    for (size_t s = 0; s < sizeof atts / sizeof atts[0]; s++) {
        int64_t T = atts[s][0], S = atts[s][1], D = atts[s][2], W = atts[s][3], dims[] = { T, S, D, W };
        float *p = floats(T * S), *v = floats(S * D), *y = floats(T * D), *sum = floats(T), *max = floats(T);
        float *want = floats(T * D), *wsum = floats(T), *wmax = floats(T);
        for (int64_t t = 0; t < T; t++) /* what is outside of the guard is poison */
            for (int64_t j = 0; j < S; j++)
                if (j > t || j < t - W)
                    p[t * S + j] = NAN;
        void *leaves[] = { p, v, y, sum, max };
        call(leaves, dims);
        for (int64_t t = 0; t < T; t++) {
            Att a = { p, v, t, 0, S, D, W };
            for (a.d = 0; a.d < D; a.d++)
                want[t * D + a.d] = contract(S, weighted, &a);
            a.v = NULL;
            wsum[t] = lanes16(S, weighted, &a);
            wmax[t] = -INFINITY;
            for (int64_t j = 0; j < S; j++)
                if (j <= t && j >= t - W && p[t * S + j] > wmax[t])
                    wmax[t] = p[t * S + j];
        }
        same(y, want, T * D, "weighted", T);
        same(sum, wsum, T, "guarded squares", T);
        same(max, wmax, T, "guarded max", T);
        release();
    }
    be_test_drop(&compiled);
}
END_TEST

/* ---- operators whose order does not show ------------------------------------------------------------------------------------------ */

static const char others[] =
    "tile fn @f[T, N](%x: f32[T, N], %k: i32[T, N]) -> (f32[T], f32[T], i64[T], i64[T], i32[T], bool[T], bool[T], i64[T]) {\n"
    "  %bx = buffer param 0 : f32[T, N]\n"
    "  %bk = buffer param 1 : i32[T, N]\n"
    "  %b0 = buffer result 0 : f32[T]\n"
    "  %b1 = buffer result 1 : f32[T]\n"
    "  %b2 = buffer result 2 : i64[T]\n"
    "  %b3 = buffer result 3 : i64[T]\n"
    "  %b4 = buffer result 4 : i32[T]\n"
    "  %b5 = buffer result 5 : bool[T]\n"
    "  %b6 = buffer result 6 : bool[T]\n"
    "  %b7 = buffer result 7 : i64[T]\n"
    "  %zero = const 0 : f32\n"
    "  kernel {\n"
    "    tfor HOW [t: T] {\n"
    "      %r0 = reduce max lanes16 [n0: N] {\n        %v0 = load %bx[t, n0] : f32\n        yield %v0\n      } : f32\n"
    "      %r1 = reduce min lanes16 [n1: N] {\n        %v1 = load %bx[t, n1] : f32\n        yield %v1\n      } : f32\n"
    "      %r2 = reduce argmax lanes16 [n2: N] {\n        %v2 = load %bx[t, n2] : f32\n        yield %v2\n      } : i64\n"
    "      %r3 = reduce argmin lanes16 [n3: N] {\n        %v3 = load %bk[t, n3] : i32\n        yield %v3\n      } : i64\n"
    "      %r4 = reduce sum lanes16 [n4: N] {\n        %v4 = load %bk[t, n4] : i32\n        yield %v4\n      } : i32\n"
    "      %r5 = reduce all lanes16 [n5: N] {\n        %v5 = load %bx[t, n5] : f32\n        %c5 = lt %zero, %v5 : bool\n        yield %c5\n      } : bool\n"
    "      %r6 = reduce any lanes16 [n6: N] {\n        %v6 = load %bx[t, n6] : f32\n        %c6 = lt %zero, %v6 : bool\n        yield %c6\n      } : bool\n"
    "      %r7 = reduce count lanes16 [n7: N] {\n        %v7 = load %bx[t, n7] : f32\n        %c7 = lt %zero, %v7 : bool\n        yield %c7\n      } : i64\n"
    "      store %b0[t], %r0\n      store %b1[t], %r1\n      store %b2[t], %r2\n      store %b3[t], %r3\n"
    "      store %b4[t], %r4\n      store %b5[t], %r5\n      store %b6[t], %r6\n      store %b7[t], %r7\n"
    "    }\n"
    "  }\n"
    "}\n";
static const char *const hows[] = { "seq", "rows 2", "lanes 1", "lanes 2" };

static const char *with_how(const char *text, const char *how)
{
    static char out[8192];
    const char *at = strstr(text, "HOW");
    snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, how, at + 3);
    return out;
}

static void check_others(const float *x, const int32_t *k, int64_t N, int64_t t, void **leaves)
{
    float max = -INFINITY, min = INFINITY, best = 0;
    int64_t at = -1, least = -1, count = 0;
    int32_t sum = 0;
    for (int64_t n = 0; n < N; n++) {
        float v = x[t * N + n];
        max = isnan(max) || isnan(v) ? NAN : v > max ? v : max;
        min = isnan(min) || isnan(v) ? NAN : v < min ? v : min;
        if (at < 0 || (!isnan(best) && (isnan(v) || v > best))) {
            best = v;
            at = n;
        }
        if (least < 0 || k[t * N + n] < k[t * N + least])
            least = n;
        sum = (int32_t)((uint32_t)sum + (uint32_t)k[t * N + n]);
        count += v > 0;
    }
    float got = ((float *)leaves[2])[t];
    ck_assert(isnan(max) ? isnan(got) : got == max);
    got = ((float *)leaves[3])[t];
    ck_assert(isnan(min) ? isnan(got) : got == min);
    ck_assert_int_eq(((int64_t *)leaves[4])[t], at);
    ck_assert_int_eq(((int64_t *)leaves[5])[t], least);
    ck_assert_int_eq(((int32_t *)leaves[6])[t], sum);
    ck_assert_int_eq(((uint8_t *)leaves[7])[t], count == N);
    ck_assert_int_eq(((uint8_t *)leaves[8])[t], count > 0);
    ck_assert_int_eq(((int64_t *)leaves[9])[t], count);
}

START_TEST(max_argmax_and_the_like_agree_in_any_shape_of_loop)
{
    if (!use(with_how(others, hows[_i % 4]), _i / 4))
        return;
    for (size_t s = 0; s < sizeof lengths / sizeof lengths[0]; s++) {
        int64_t T = 5, N = lengths[s], dims[] = { T, N };
        float *x = floats(T * N);
        int32_t *k = fenced((size_t)(T * N) * 4);
        for (int64_t i = 0; i < T * N; i++)
            k[i] = (int32_t)(draw() * 1e6f);
        for (int64_t n = 0; n < N; n++) {
            x[n] = (float)(n % 7);         /* ties */
            if (N > 20 && n > 17)
                x[2 * N + n] = NAN;
            x[3 * N + n] = fabsf(x[3 * N + n]) + 1;
        }
        void *leaves[] = { x, k, floats(T), floats(T), fenced(40), fenced(40), fenced(20), fenced(5), fenced(5), fenced(40) };
        call(leaves, dims);
        for (int64_t t = 0; t < T; t++)
            check_others(x, k, N, t, leaves);
        release();
    }
    be_test_drop(&compiled);
}
END_TEST

/* No element depends on the row, but which of them there are does. */
static const char bounded[] =
    "tile fn @f[T, N](%x: f32[N]) -> (f32[T], i64[T]) {\n"
    "  %bx = buffer param 0 : f32[N]\n"
    "  %b0 = buffer result 0 : f32[T]\n"
    "  %b1 = buffer result 1 : i64[T]\n"
    "  %zero = const 0 : f32\n"
    "  kernel {\n"
    "    tfor HOW [t: T] {\n"
    "      %r0 = reduce max lanes16 [n0: N in t - 2..t + 1] {\n        %v0 = load %bx[n0] : f32\n        yield %v0\n      } : f32\n"
    "      %r1 = reduce count lanes16 [n1: N in ..t + 1] {\n        %v1 = load %bx[n1] : f32\n        %c1 = lt %zero, %v1 : bool\n        yield %c1\n      } : i64\n"
    "      store %b0[t], %r0\n      store %b1[t], %r1\n"
    "    }\n"
    "  }\n"
    "}\n";

START_TEST(rows_that_differ_in_their_bounds_alone_are_reduced_apart)
{
    if (!use(with_how(bounded, hows[_i % 2]), _i / 2))
        return;
    int64_t T = 21, N = 19, dims[] = { T, N };
    float *x = floats(N), *max = floats(T);
    int64_t *count = fenced((size_t)T * 8);
    void *leaves[] = { x, max, count };
    call(leaves, dims);
    for (int64_t t = 0; t < T; t++) {
        float most = -INFINITY;
        int64_t above = 0;
        for (int64_t n = 0; n <= t && n < N; n++) {
            most = n >= t - 2 && x[n] > most ? x[n] : most;
            above += x[n] > 0;
        }
        ck_assert_msg(max[t] == most && count[t] == above, "row %lld", (long long)t);
    }
    release();
    be_test_drop(&compiled);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("backend orders");
    TCase *c = tcase_create("orders");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, a_contraction_is_a_chain_of_fma_in_blocks, 0, NWAYS);
    tcase_add_loop_test(c, packed_panels_give_the_same_bits, 0, NWAYS);
    tcase_add_loop_test(c, strided_rows_give_the_same_bits_and_are_not_read_past_their_end, 0, NWAYS);
    tcase_add_loop_test(c, other_sums_have_16_lanes_in_blocks, 0, 2 * NWAYS);
    tcase_add_loop_test(c, positions_run_over_all_indices_of_a_reduction, 0, NWAYS);
    tcase_add_loop_test(c, guards_leave_out_elements_and_move_nothing, 0, NWAYS);
    tcase_add_loop_test(c, max_argmax_and_the_like_agree_in_any_shape_of_loop, 0, 4 * NWAYS);
    tcase_add_loop_test(c, rows_that_differ_in_their_bounds_alone_are_reduced_apart, 0, 2 * NWAYS);
    suite_add_tcase(s, c);
    return test_main(s);
}
