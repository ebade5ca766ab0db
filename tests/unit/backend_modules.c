/* backend_modules.c - code is generated from several modules at once: one object, the same for any number of threads. */
#include <elf.h>

#include "backend_test.h"

enum { KERNELS = 12, N = 37 };

/* Kernel k multiplies tanh(x) by k + 1 and adds it to what is there. */
static char *many_kernels(Arena *a)
{
    Buf b = buf_new(a);
    buf_puts(&b, "tile fn @many[N](%x: f32[N]) -> (f32[N]) {\n  %0 = buffer param 0 : f32[N]\n  %1 = buffer result 0 : f32[N]\n");
    for (int k = 0; k < KERNELS; k++)
        buf_printf(&b, "  kernel [z%d: 1] {\n    tfor lanes 2 [i%d: N] {\n      %%a%d = load %%0[i%d] : f32\n      %%b%d = tanh %%a%d : f32\n"
                       "      %%c%d = const %d.0 : f32\n      %%d%d = mul %%b%d, %%c%d : f32\n      %%e%d = load %%1[i%d] : f32\n"
                       "      %%f%d = add %%d%d, %%e%d : f32\n      store %%1[i%d], %%f%d\n    }\n  }\n",
                   k, k, k, k, k, k, k, k + 1, k, k, k, k, k, k, k, k, k, k);
    buf_puts(&b, "}\n");
    return buf_text(&b);
}

static int sections_of_code(const BeResult *r)
{
    Elf64_Ehdr head;
    Elf64_Shdr s;
    int n = 0;
    memcpy(&head, r->object, sizeof head);
    for (int i = 0; i < head.e_shnum; i++) {
        memcpy(&s, r->object + head.e_shoff + (size_t)i * sizeof s, sizeof s);
        n += s.sh_type == SHT_PROGBITS && (s.sh_flags & SHF_EXECINSTR) && s.sh_size;
    }
    return n;
}

static void compile_with(BeTest *t, int threads)
{
    be_test_init(t);
    if (!be_test_compile(t, many_kernels(t->arena), (BeOptions){ .opt = 2, .threads = threads }))
        ck_abort_msg("%s", t->errors);
}

START_TEST(bytes_are_the_same_for_any_number_of_threads)
{
    BeTest one, t;
    compile_with(&one, 1);
    ck_assert_int_gt(sections_of_code(&one.result), 1);
    for (int threads = 0; threads < 6; threads++) {
        compile_with(&t, threads);
        ck_assert_uint_eq(t.result.size, one.result.size);
        ck_assert_int_eq(memcmp(t.result.object, one.result.object, one.result.size), 0);
        be_test_drop(&t);
    }
    be_test_drop(&one);
}
END_TEST

START_TEST(modules_call_one_another)
{
    float x[N], y[N] = { 0 };
    int64_t dims[] = { N };
    void *leaves[] = { x, y };
    Mem mem;
    mem_init(&mem, mem_malloc_hooks(), 0);
    for (int i = 0; i < N; i++)
        x[i] = (float)(i - 18) / 8;
    be_test_run(many_kernels(arena_new(&mem)), (BeOptions){ .opt = 2 }, "many", leaves, dims, NULL);
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol((double)y[i], tanh((double)x[i]) * KERNELS * (KERNELS + 1) / 2, 1e-4);
    mem_drop(&mem);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("backend modules");
    TCase *c = tcase_create("modules");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, bytes_are_the_same_for_any_number_of_threads);
    tcase_add_test(c, modules_call_one_another);
    suite_add_tcase(s, c);
    return test_main(s);
}
