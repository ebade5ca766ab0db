/* frontend_check.c - what the checker makes of small programs: pieces of the printed checked tree, and what it says about wrong ones. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/frontend.h"
#include "test_main.h"


static const char *read_module(void *user, Arena *a, const char *path, const char *importer, const char **name, size_t *len)
{
    const char *root = MLC_SOURCE_DIR "/stdlib/";
    (void)user;
    (void)importer;
    char *file = arena_printf(a, "%s%s.ml", root, path);
    for (char *p = file + strlen(root); strchr(p, '.') && strcmp(p, ".ml") != 0; p++)
        if (*p == '.' && strcmp(p, ".ml") != 0)
            *p = '/';
    FILE *f = fopen(file, "rb");
    if (!f)
        return NULL;
    Buf b = buf_new(a);
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        buf_add(&b, part, n);
    fclose(f);
    *name = file;
    *len = b.n;
    return buf_text(&b);
}

typedef struct Checked { Arena *a; Frontend *fe; Diags *d; CoreModule *m; } Checked;

static Checked checked(Mem *mem, const char *text)
{
    Arena *a = arena_new(mem);
    Names *ns = names_new(a);
    Sources *ss = sources_new(a);
    Checked c = { .a = a, .d = diags_new(a, ss) };
    c.fe = frontend_new(a, ns, ss, c.d, (FrontendFiles){ NULL, read_module, NULL });
    Source *src = source_add(ss, "t.ml", text, strlen(text));
    Parse p = { .arena = a, .names = ns, .diags = c.d };
    Tree *t = parse_source(&p, src);
    c.m = frontend_check(c.fe, t, src);
    return c;
}

static CoreFn *function(const Checked *c, const char *name)
{
    for (int i = 0; i < c->m->fns.n; i++)
        if (strcmp(c->m->fns.p[i]->name, name) == 0)
            return c->m->fns.p[i];
    for (int i = 0; i < c->m->script.n; i++)
        if (strcmp(c->m->script.p[i].fn->name, name) == 0)
            return c->m->script.p[i].fn;
    return NULL;
}

/* The function's printed form holds this. */
static const struct { const char *source, *fn, *has; } holds[] = {
    /* entry plans */
    { "fn f(x: f32[2 * R + 1]) -> int = R", "f", "plan R = 2 * R + 1 - 1 / 2" },
    { "fn f(x: f32[B, N], y: f32[N]) -> int = B", "f", "plan axis 0 of y == N" },
    { "fn f(x: f32[N]) -> int where N % 4 == 0 = N // 4", "f", "plan N % 4 == 0" },
    { "fn f(x: f32[n], n: int) -> f32[n] = x", "f", "plan axis 0 of x == n" },
    { "fn f(n: int) -> f32[n] { out[i] = 1 }", "f", "plan 0 <= n" },
    { "fn f(x: f32[N], i: int) -> f32 = x[i]", "f", "plan i < N" },
    { "fn f(x: f32[N]) -> f32[N / 2] { out[i] = x[2 * i + 1] }", "f", "plan 2 divides N" },
    { "fn g(x: f32[N]) -> f32 where N >= 3 = x[2]\nfn f(y: f32[M]) -> f32 = g(y)", "f", "plan 3 <= M" },
    { "fn f(x: f32[N]) -> f32 = x[-2]", "f", "plan 0 <= N - 2" },
    { "fn f(x: f32[..]) -> f32[..] = x + 1", "f", "plan .. = axis 0 of x" },
    /* bounds */
    { "fn f(x: f32[N], i: i32[M]) -> f32[M] { out[m] = x[i[m]] }", "f", "x[clampi(cast.i64(i[m]), 0, <N>)]" },
    { "fn f(x: f32[N]) -> f32[N] { out[i] = if i > 0 { x[i - 1] } else { 0 } }", "f", "x[sub(i, 1)]" },
    { "fn f(x: f32[N]) -> f32[N] { out[i] = x[clip(i - 3, 0, N - 1)] }", "f", "x[min(max(sub(i, 3), 0), <N - 1>)]" },
    { "fn f(x: f32[N]) -> f32[N] { out[i] = x[i + 1] ?? 0 }", "f", "if(lt(add(i, 1), <N>), x[add(i, 1)], 0:f32)" },
    { "fn f(x: f32[H, N], h: f32[G]) -> f32[H] where H % G == 0, G >= 1 { out[i] = h[i // (H / G)] }", "f", "h[floordiv(i, <H / G>)]" },
    /* the order of a sum follows its form */
    { "fn f(x: f32[M, K], y: f32[K, N]) -> f32[M, N] = x @ y", "f", "sum.contract[" },
    { "fn f(x: f32[N]) -> f32 = sum[i](x[i] * x[i])", "f", "sum.lanes16[" },
    { "fn f(x: f32[B, N], y: f32[B, N]) -> f32[B] { out[b] = sum[i](x[b, i] * y[b, i]) }", "f", "sum.lanes16[" },
    { "fn f(x: f32[N], p: i32[N]) -> f32[N] { out[r] = sum[s | p[s] == r](x[s]) }", "f", "sum.chain[" },
    /* what does not need an index is computed once */
    { "fn f(x: f32[B, N]) -> f32[B, N] { out[b, i] = x[b, i] / sum[j](x[b, j]) }", "f", "f32[B] = map[b: B](sum.lanes16[j: N](x[b, j]))" },
    { "fn g(x: f32[N]) -> f32[N] = x * 2\nfn f(x: f32[N]) -> f32[N] { out[i] = g(x)[i] }", "f", "g'1 = call g[N = N](x)\n  return map[" },
    { "fn f(x: f32[N]) -> f32[N] { out[i] = softmax[i | i > 2](x[i]) }", "f", "guard(lt(2, i)" },
    /* weak numbers */
    { "fn f(x: f32) -> f32 = x * 2 + 1.5", "f", "add(mul(x, 2:f32), 1.5:f32)" },
    { "fn f(x: i32[N], r: int) -> i32[N] { out[i] = x[i] * r }", "f", "narrow.i32(r)" },
    { "fn f(a: int, b: int) -> f32 = a / b", "f", "cast.f32(div(cast.f64(<a>), cast.f64(<b>)))" },
    /* variables that dims mention are copied where they are read */
    { "struct C(S) { x: f32[S] = 0; n: int = 0 }\nfn f(var c: C(S), v: f32[T]) where c.n + T <= S { c.x[c.n : c.n + T] = v\n c.n += T }", "f",
      "c.x[<c.n> +: T] = v" },
    { "fn f(x: f32[N]) -> f32[N] { rec h[i] = 0.5 * (h[i - 1] ?? 0) + x[i]\n h }", "f", "h'1[i up] =" },
    { "fn f(x: f32[N]) -> f32[N] { rec h[i] = 0.5 * (h[i + 1] ?? 0) + x[i]\n h }", "f", "h'1[i down] =" },
    /* scripts */
    { "let n = len(read_bytes(\"x\"))\nprint(n)", "script.2", "effect print(n" },
    { "var x = zeros(3)\nx[1] = 2", "script.2", "x[1] = 2:f32" },
};

START_TEST(the_checked_tree_holds)
{
    Mem mem;
    mem_init(&mem, mem_malloc_hooks(), 0);
    Checked c = checked(&mem, holds[_i].source);
    Buf b = buf_new(c.a), report = buf_new(c.a);
    diags_render(c.d, &report, false);
    CoreFn *fn = function(&c, holds[_i].fn);
    ck_assert_msg(fn && c.d->errors == 0, "%s\n%s", holds[_i].source, buf_text(&report));
    core_print(fn, &b);
    ck_assert_msg(strstr(buf_text(&b), holds[_i].has), "%s\nshould hold: %s\nis: %s", holds[_i].source, holds[_i].has, buf_text(&b));
    mem_drop(&mem);
}
END_TEST

/* What is not there yet makes a function unusable, and says so where it is asked for; the others of its file are sound. */
static const struct { const char *source, *fn; DiagCode code; } later[] = {
    { "fn g(x: f32) -> f32 = x\nfn f(x: f32) -> f32 = grad[x](x * x)", "f", E0502 },
    { "fn g(x: f32) -> f32 = x\nfn f(x: f32[sparse.size]) -> f32 = x[0]\ntree sparse = { 0 }", "f", E0504 },
    { "extern \"m\" fn mean(x: f64[3]) -> f64\nfn g(x: f32) -> f32 = x\nfn f(x: f64[3]) -> f64 = mean(x)", "f", E0501 },
    { "fn g(x: f32) -> f32 = x\nfn h(x: f32) -> f32 = grad[x](x)\nfn f(x: f32) -> f32 = h(x)", "f", E0502 },
};

START_TEST(what_is_not_there_yet_is_said_when_it_is_asked_for)
{
    Mem mem;
    mem_init(&mem, mem_malloc_hooks(), 0);
    Checked c = checked(&mem, later[_i].source);
    ck_assert_msg(c.d->errors == 0, "%s", later[_i].source);
    ck_assert(frontend_function(c.fe, "g") != NULL);
    ck_assert(c.d->errors == 0);
    ck_assert(frontend_function(c.fe, later[_i].fn) == NULL);
    ck_assert_int_eq(c.d->errors, 1);
    ck_assert_str_eq(diag_code_name(c.d->list.p[0]->code), diag_code_name(later[_i].code));
    mem_drop(&mem);
}
END_TEST

/* An allocation that fails anywhere unwinds: nothing is lost, nothing crashes. */
typedef struct Failing { Mem mem; long left; } Failing;

static void *fail_after(void *user, size_t size)
{
    Failing *f = user;
    return f->left-- > 0 ? malloc(size) : NULL;
}

START_TEST(structs_are_nested_so_deep_only)
{
    enum { STRUCTS = 400 };
    Mem mem;
    mem_init(&mem, mem_malloc_hooks(), 0);
    Arena *a = arena_new(&mem);
    Buf b = buf_new(a);
    buf_printf(&b, "struct S0 { x: f32 = 0 }\n");
    for (int i = 1; i < STRUCTS; i++)
        buf_printf(&b, "struct S%d { a: S%d = S%d() }\n", i, i - 1, i - 1);
    buf_printf(&b, "print(S%d())\n", STRUCTS - 1);
    Checked c = checked(&mem, buf_text(&b));
    ck_assert_int_eq(c.d->errors, 1);
    ck_assert_int_eq(c.d->list.p[0]->code, E0003);
    mem_drop(&mem);
}
END_TEST

static void free_block(void *user, void *p, size_t size)
{
    (void)user;
    (void)size;
    free(p);
}

static void check_program(void *arg)
{
    Failing *f = arg;
    checked(&f->mem, "import std.nn: Linear\nmodel M(D) { a = [Linear(D, D) for _ in 0..2]\n fn call(x: f32[.., D]) -> f32[.., D] = a[0](x) }\n"
                     "fn f(x: f32[N]) -> f32[N] { rec h[i] = (h[i - 1] ?? 0) + x[i]\n softmax(h, axis: 0) }\nlet n = M(3)(zeros(2, 3))\nprint(n)");
}

START_TEST(an_allocation_that_fails_unwinds)
{
    bool done = false;
    for (long n = 0; !done && n < 10000; n++) {
        Failing f = { .left = n };
        mem_init(&f.mem, (MemHooks){ &f, fail_after, free_block }, 0);
        done = mem_try(&f.mem, check_program, &f);
        mem_drop(&f.mem);
    }
    ck_assert(done);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("frontend_check");
    TCase *t = tcase_create("programs");
    tcase_add_loop_test(t, the_checked_tree_holds, 0, (int)(sizeof holds / sizeof *holds));
    tcase_add_loop_test(t, what_is_not_there_yet_is_said_when_it_is_asked_for, 0, (int)(sizeof later / sizeof *later));
    tcase_add_test(t, structs_are_nested_so_deep_only);
    tcase_add_test(t, an_allocation_that_fails_unwinds);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return test_main(s);
}
