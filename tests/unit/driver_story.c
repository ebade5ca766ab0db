/* driver_story.c - the main job through libmlc: the story model says what its golden file says, and its logits have the same bits for
 * any number of threads, for a prompt fed at once or token by token, and for AVX2 and AVX-512; the interpreter agrees. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/mlc.h"
#include "test_main.h"

#define STORIES MLC_SOURCE_DIR "/examples/stories/"
enum { MOST = 512, VOCABULARY = 512, PROMPT = 40 };

typedef struct Story {
    MlcCompiler *c;
    MlcModule *m;
    MlcrtContext *context;
    MlcrtSession *s;
    MlcrtHandle *net;
} Story;

static int golden(int32_t *ids)
{
    static char text[1 << 16];
    FILE *f = fopen(STORIES "golden.json", "rb");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    int count = 0;
    if (f)
        fclose(f);
    text[n] = 0;
    char *at = strstr(text, "\"greedy_token_ids\"");
    at = at ? strchr(at, '[') + 1 : text + n;
    for (char *end; count < MOST && *at; at = end + strspn(end, ", \n\r\t")) {
        long v = strtol(at, &end, 10);
        if (end == at)
            break;
        ids[count++] = (int32_t)v;
    }
    return count;
}

static void start_with(Story *y, const char *cpu, int threads, const MlcrtAlloc *alloc)
{
    MlcrtOptions co = { .size = sizeof co, .threads = threads, .alloc = alloc };
    int64_t numbers[] = { -1, -1, -1, 8, 4, -1 };
    const struct MlcrtStruct *type = NULL;
    ck_assert_int_eq(mlcrt_context_new(&co, &y->context), 0);
    MlcOptions o = { .size = sizeof o, .context = y->context, .in_process = 1, .optimise = 2, .target_cpu = cpu, .library_path = MLC_BUILD_DIR };
    ck_assert_int_eq(mlc_compiler_new(&o, &y->c), 0);
    ck_assert_msg(mlc_compile_file(y->c, STORIES "stories.ml", &y->m) == 0, "%s", mlc_diagnostics(y->c));
    ck_assert_int_eq(mlcrt_session_new(y->context, &y->s), 0);
    ck_assert_int_eq(mlc_struct(y->m, "Llama", &type), 0);
    MlcrtStatus status = mlcrt_handle_load(y->s, mlc_tables(y->m), type, STORIES "stories260K.bin", NULL, numbers, &y->net);
    ck_assert_msg(status == 0, "%s", mlcrt_error(y->s)->sentence);
}

static void start(Story *y, const char *cpu, int threads)
{
    start_with(y, cpu, threads, NULL);
}

static void stop(Story *y)
{
    mlc_compiler_free(y->c);
    mlcrt_context_free(y->context);
}

static MlcrtHandle *new_cache(Story *y)
{
    const struct MlcrtStruct *type = NULL;
    MlcrtHandle *cache = NULL;
    int64_t numbers[] = { 5, 1, 4, MOST, 8 };
    ck_assert_int_eq(mlc_struct(y->m, "Cache", &type), 0);
    ck_assert_int_eq(mlcrt_handle_new(y->s, mlc_tables(y->m), type, numbers, NULL, &cache), 0);
    return cache;
}

typedef MlcrtStatus Way(MlcModule *m, MlcrtSession *s, const char *name, void *const *args);

static void step(Story *y, Way *way, MlcrtHandle *cache, const int32_t *ids, int n, float *logits)
{
    int64_t shape[] = { 1, n }, out[] = { 1, VOCABULARY };
    MlcrtTensor t = { .data = (void *)(uintptr_t)ids, .device = 1, .rank = 2, .code = 0, .bits = 32, .lanes = 1, .shape = shape };
    MlcrtTensor r = { .data = logits, .device = 1, .rank = 2, .code = 2, .bits = 32, .lanes = 1, .shape = out };
    void *args[] = { y->net, &t, cache, &r };
    MlcrtStatus status = way(y->m, y->s, "step", args);
    ck_assert_msg(status == 0, "%s", mlcrt_error(y->s)->sentence);
}

static int best_of(const float *logits)
{
    int best = 0;
    for (int i = 1; i < VOCABULARY; i++)
        if (logits[i] > logits[best])
            best = i;
    return best;
}

static void one_by_one(Story *y, Way *way, const int32_t *ids, int n, float *logits)
{
    MlcrtHandle *cache = new_cache(y);
    for (int i = 0; i < n; i++)
        step(y, way, cache, ids + i, 1, logits);
    mlcrt_handle_free(cache);
}

START_TEST(greedy_decoding_is_the_golden_text)
{
    Story y = { 0 };
    int32_t ids[MOST];
    float logits[VOCABULARY];
    int n = golden(ids);
    ck_assert_int_gt(n, 100);
    start(&y, "native", 2);
    MlcrtHandle *cache = new_cache(&y);
    for (int i = 0; i + 1 < n; i++) {
        step(&y, mlc_call, cache, ids + i, 1, logits);
        ck_assert_msg(i < 4 || best_of(logits) == ids[i + 1], "token %d is %d, not %d", i + 1, best_of(logits), ids[i + 1]);
    }
    stop(&y);
}
END_TEST

static const struct { const char *cpu; int threads; } machines[] = { { "native", 2 }, { "x86-64-v3", 1 }, { "x86-64-v3", 2 } };

START_TEST(logits_have_the_same_bits_everywhere)
{
    Story a = { 0 }, b = { 0 };
    int32_t ids[MOST];
    float want[VOCABULARY], got[VOCABULARY];
    golden(ids);
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return; /* without fused multiply-add the bits are others: said in the reference */
    start(&a, "native", 1);
    start(&b, machines[_i].cpu, machines[_i].threads);
    one_by_one(&a, mlc_call, ids, PROMPT, want);
    MlcrtHandle *cache = new_cache(&b);
    step(&b, mlc_call, cache, ids, PROMPT, got);
    ck_assert_msg(!memcmp(want, got, sizeof want), "at once on %s with %d threads", machines[_i].cpu, machines[_i].threads);
    one_by_one(&b, mlc_call, ids, PROMPT, got);
    ck_assert_msg(!memcmp(want, got, sizeof want), "token by token on %s with %d threads", machines[_i].cpu, machines[_i].threads);
    stop(&a);
    stop(&b);
}
END_TEST

static void *counting_alloc(void *user, size_t size, size_t align)
{
    ++*(long *)user;
    return aligned_alloc(align < sizeof(void *) ? sizeof(void *) : align, (size + align - 1) / align * align);
}

static void counting_free(void *user, void *p, size_t size)
{
    (void)size;
    ++*(long *)user;
    free(p);
}

START_TEST(a_decode_step_allocates_nothing)
{
    Story y = { 0 };
    int32_t ids[MOST];
    float logits[VOCABULARY];
    long calls = 0, before = 0;
    MlcrtAlloc hook = { &calls, counting_alloc, counting_free };
    golden(ids);
    start_with(&y, "native", 2, &hook);
    MlcrtHandle *cache = new_cache(&y);
    for (int i = 0; i < 40; i++) {
        step(&y, mlc_call, cache, ids + i, 1, logits);
        if (i == 1)
            before = calls;
    }
    ck_assert_int_gt(before, 0);
    ck_assert_int_eq(calls, before);
    stop(&y);
}
END_TEST

START_TEST(the_interpreter_says_the_same)
{
    Story y = { 0 };
    int32_t ids[MOST];
    float want[VOCABULARY], got[VOCABULARY];
    golden(ids);
    start(&y, "native", 1);
    MlcrtHandle *c1 = new_cache(&y), *c2 = new_cache(&y);
    step(&y, mlc_interpret, c1, ids, 16, want);
    step(&y, mlc_call, c2, ids, 16, got);
    ck_assert_int_eq(best_of(want), best_of(got));
    for (int i = 0; i < VOCABULARY; i++) /* logits are about 10; 16 tokens through 5 layers in f32 */
        ck_assert_msg(want[i] - got[i] < 1e-4f && got[i] - want[i] < 1e-4f, "logit %d: %g and %g", i, (double)want[i], (double)got[i]);
    stop(&y);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: the story");
    TCase *t = tcase_create("story");
    tcase_set_timeout(t, 240);
    tcase_add_test(t, greedy_decoding_is_the_golden_text);
    tcase_add_loop_test(t, logits_have_the_same_bits_everywhere, 0, 3);
    tcase_add_test(t, a_decode_step_allocates_nothing);
    tcase_add_test(t, the_interpreter_says_the_same);
    suite_add_tcase(s, t);
    return test_main(s);
}
