/* runtime_files_api.c - files and tokenizers through the public interface: handles, views, wrong arguments. */
#include "runtime/mlcrt.h"
#include "runtime_test.h"

static TestAlloc counter;
static MlcrtAlloc hook;
static MlcrtContext *context;

static void setup(void)
{
    test_dir_make();
    counter = (TestAlloc){ 0 };
    hook = test_hook(&counter);
    MlcrtOptions options = { .size = sizeof options, .alloc = &hook, .threads = 1 };
    ck_assert_int_eq(mlcrt_context_new(&options, &context), MLCRT_OK);
}

static void teardown(void)
{
    ck_assert_int_eq(mlcrt_context_free(context), MLCRT_OK);
    ck_assert_uint_eq(counter.live, 0);
    test_dir_drop();
}

static float numbers[] = { 1, 2, 3, 4, 5, 6 };
static int64_t shape[] = { 2, 3 };
static const MlcrtNamedTensor pair[] = { { "layers.1.w", { numbers, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, shape, NULL, 0 } },
                                         { "bias", { numbers, MLCRT_CPU, 0, 1, MLCRT_FLOAT, 32, 1, shape, NULL, 8 } } };

START_TEST(saved_tensors_are_found)
{
    MlcrtFile *f;
    MlcrtTensor t;
    const char *name;
    size_t n;
    int64_t value;
    ck_assert_int_eq(mlcrt_file_save(context, test_path("x"), pair, 2), MLCRT_OK);
    ck_assert_int_eq(mlcrt_file_open(context, test_path("x"), &f), MLCRT_OK);
    ck_assert_int_eq(mlcrt_file_count(f, &n), MLCRT_OK);
    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(mlcrt_file_get(f, 0, &name, &t), MLCRT_OK);
    ck_assert_str_eq(name, "bias");
    ck_assert(t.rank == 1 && t.shape[0] == 2 && t.code == MLCRT_FLOAT && t.bits == 32 && t.lanes == 1 && t.device == MLCRT_CPU);
    ck_assert_mem_eq(t.data, numbers + 2, 8);
    ck_assert_int_eq(mlcrt_file_find(f, "layers.1.w", &t), MLCRT_OK);
    ck_assert_mem_eq(t.data, numbers, sizeof numbers);
    ck_assert_int_eq(mlcrt_file_get(f, 2, &name, &t), MLCRT_EINDEX);
    ck_assert_int_eq(mlcrt_file_find(f, "layers.2.w", &t), MLCRT_EINDEX);
    ck_assert_int_eq(mlcrt_file_number(f, "H", &value), MLCRT_EINDEX);
    char text[256];
    ck_assert_int_eq(mlcrt_context_error(context, text, sizeof text), MLCRT_EINDEX);
    ck_assert_ptr_nonnull(strstr(text, "'H'"));
    ck_assert_int_eq(mlcrt_file_close(f), MLCRT_OK);
    ck_assert_int_eq(mlcrt_file_close(f), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_count(f, &n), MLCRT_EARG);
}
END_TEST

START_TEST(wrong_arguments_are_a_status)
{
    MlcrtFile *f = NULL, *g = (MlcrtFile *)&f;
    MlcrtTokenizer *t = NULL;
    MlcrtTensor view;
    size_t n;
    int32_t size;
    int64_t value;
    const char *text;
    ck_assert_int_eq(mlcrt_file_save(NULL, test_path("x"), pair, 2), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_save(context, NULL, pair, 2), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_save(context, test_path("x"), NULL, 2), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_save(context, test_path("x"), NULL, 0), MLCRT_OK);
    ck_assert_int_eq(mlcrt_file_open(NULL, test_path("x"), &g), MLCRT_EARG);
    ck_assert_ptr_null(g);
    ck_assert_int_eq(mlcrt_file_open(context, NULL, &f), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_open(context, test_path("x"), NULL), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_open(context, test_path("none"), &f), MLCRT_EIO);
    ck_assert_ptr_null(f);
    ck_assert_int_eq(mlcrt_file_open(context, test_path("x"), &f), MLCRT_OK);
    ck_assert_int_eq(mlcrt_file_count(NULL, &n), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_count(f, NULL), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_get(f, 0, NULL, NULL), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_find(f, NULL, &view), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_find(f, "a", NULL), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_number(f, NULL, &value), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_file_close(NULL), MLCRT_OK);
    ck_assert_int_eq(mlcrt_tokenizer_size((MlcrtTokenizer *)f, &size), MLCRT_EARG); /* a handle of another kind */
    ck_assert_int_eq(mlcrt_tokenizer_free((MlcrtTokenizer *)f), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_tokenizer_load(context, test_path("x"), &t), MLCRT_EFORMAT);
    ck_assert_int_eq(mlcrt_tokenizer_load(context, NULL, &t), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_tokenizer_load(context, test_path("x"), NULL), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_tokenizer_encode(NULL, "a", 1, 1, NULL, 0, &n), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_tokenizer_decode(NULL, 1, 2, &text, &n), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_tokenizer_free(NULL), MLCRT_OK);
    /* f is left to the context */
}
END_TEST

START_TEST(a_tokenizer_reads_and_writes)
{
    const char *path = test_data("stories260K/tok512.bin");
    MlcrtTokenizer *t;
    int32_t ids[8], size;
    size_t n;
    const char *text;
    if (!path)
        return;
    ck_assert_int_eq(mlcrt_tokenizer_load(context, path, &t), MLCRT_OK);
    ck_assert_int_eq(mlcrt_tokenizer_size(t, &size), MLCRT_OK);
    ck_assert_int_eq(size, 512);
    ck_assert_int_eq(mlcrt_tokenizer_encode(t, "Once upon a time", 16, 1, NULL, 0, &n), MLCRT_OK);
    ck_assert_uint_eq(n, 5);
    ck_assert_int_eq(mlcrt_tokenizer_encode(t, "Once upon a time", 16, 1, ids, 8, &n), MLCRT_OK);
    ck_assert_int_eq(ids[1], 403);
    ck_assert_int_eq(mlcrt_tokenizer_encode(t, "Once upon a time", 16, 1, ids, 4, &n), MLCRT_ELIMIT);
    ck_assert_int_eq(mlcrt_tokenizer_decode(t, 1, 403, &text, &n), MLCRT_OK);
    ck_assert(n == 4 && memcmp(text, "Once", 4) == 0);
    ck_assert_int_eq(mlcrt_tokenizer_decode(t, 1, 512, &text, &n), MLCRT_EINDEX);
    ck_assert_int_eq(mlcrt_tokenizer_decode(t, 1, 403, NULL, &n), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_tokenizer_free(t), MLCRT_OK);
    ck_assert_int_eq(mlcrt_tokenizer_encode(t, "a", 1, 1, ids, 8, &n), MLCRT_EARG);
}
END_TEST

/* The k-th allocation after the context was made fails. */
START_TEST(failing_allocations_are_a_status)
{
    ck_assert_int_eq(mlcrt_file_save(context, test_path("x"), pair, 2), MLCRT_OK);
    for (size_t k = 1;; k++) {
        MlcrtFile *f;
        size_t live = counter.live;
        counter.fail_at = counter.calls + k;
        MlcrtStatus status = mlcrt_file_open(context, test_path("x"), &f);
        bool reached = counter.calls >= counter.fail_at;
        counter.fail_at = 0;
        ck_assert_int_eq(status, reached ? MLCRT_EMEMORY : MLCRT_OK);
        ck_assert(!reached || counter.live == live);
        if (!reached) {
            ck_assert_uint_gt(k, 5);
            ck_assert_int_eq(mlcrt_file_close(f), MLCRT_OK);
            break;
        }
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("runtime files api");
    TCase *t = tcase_create("files api");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, saved_tensors_are_found);
    tcase_add_test(t, wrong_arguments_are_a_status);
    tcase_add_test(t, a_tokenizer_reads_and_writes);
    tcase_add_test(t, failing_allocations_are_a_status);
    suite_add_tcase(s, t);
    return test_main(s);
}
