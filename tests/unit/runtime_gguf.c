/* runtime_gguf.c - GGUF files: every packed type bit for bit, numbers and texts, and files that lie. */
#include "runtime_test.h"

/* ---- a writer of small files ---- */

typedef struct Out {
    uint8_t b[1024];
    size_t n;
} Out;

static void put(Out *o, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        o->b[o->n++] = (uint8_t)(v >> 8 * i);
}

static void put_text(Out *o, const char *s)
{
    put(o, strlen(s), 8);
    memcpy(o->b + o->n, s, strlen(s));
    o->n += strlen(s);
}

/* Everything that a case may set otherwise. */
typedef struct Bad {
    const char *what, *magic;
    uint64_t version, pairs, tensors, key_size, align_type, align, array_type, array_n, text_size, flag;
    const char *second_key, *second_name;
    uint64_t rank, dim0, dim1, type, offset, offset2, cut, extra;
} Bad;

/* A case is the good file with one field set otherwise. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define GOOD                                                                                                               \
    .magic = "GGUF", .version = 3, .pairs = 6, .tensors = 2, .key_size = 17, .align_type = 4, .align = 64, .array_type = 4, \
    .array_n = 2, .text_size = 5, .flag = 1, .second_key = "n.heads", .second_name = "b", .rank = 2, .dim0 = 32, .dim1 = 2,  \
    .type = 8, .offset = 0, .offset2 = 128

/* Pairs: alignment, n.heads 8, an array, a text, a bool, a fraction. Tensors: a Q8_0 [2, 32], b F32 [3]. */
static void make(Out *o, const Bad *c)
{
    memcpy(o->b, c->magic, 4);
    o->n = 4;
    put(o, c->version, 4);
    put(o, c->tensors, 8);
    put(o, c->pairs, 8);
    put(o, c->key_size, 8);
    memcpy(o->b + o->n, "general.alignment", 17);
    o->n += 17;
    put(o, c->align_type, 4);
    put(o, c->align, 4);
    put_text(o, c->second_key);
    put(o, 11, 4);
    put(o, 8, 8);
    put_text(o, "list");
    put(o, 9, 4);
    put(o, c->array_type, 4);
    put(o, c->array_n, 8);
    put(o, 0x0000000200000001, 8);
    put_text(o, "name");
    put(o, 8, 4);
    put(o, c->text_size, 8);
    memcpy(o->b + o->n, "hello", 5);
    o->n += 5;
    put_text(o, "flag");
    put(o, 7, 4);
    put(o, c->flag, 1);
    put_text(o, "eps");
    put(o, 6, 4);
    put(o, 0x3F800000, 4);
    put_text(o, "a");
    put(o, c->rank, 4);
    put(o, c->dim0, 8);
    put(o, c->dim1, 8);
    put(o, c->type, 4);
    put(o, c->offset, 8);
    put_text(o, c->second_name);
    put(o, 1, 4);
    put(o, 3, 8);
    put(o, 0, 4);
    put(o, c->offset2, 8);
    while (o->n % 64)
        put(o, 0, 1);
    for (int row = 0; row < 2; row++) {
        put(o, row ? 0x3C00 : 0x3800, 2); /* 0.5 and 1 */
        for (int i = 0; i < 32; i++)
            put(o, (uint64_t)(i - 16), 1);
    }
    while (o->n % 64)
        put(o, 0, 1);
    put(o, 0x40000000, 4);
    put(o, 0x40400000, 4);
    put(o, 0x40800000, 4);
    o->n -= c->cut;
    for (uint64_t i = 0; i < c->extra; i++)
        put(o, 0, 1);
}

static MlcrtStatus open_out(const Out *o, RtWeights *w, RtError *err)
{
    MlcrtAlloc a = rt_libc_alloc();
    test_write(test_path("x.gguf"), o->b, o->n);
    return rt_weights_open(&a, test_path("x.gguf"), w, err);
}

START_TEST(a_file_has_numbers_texts_and_unpacked_tensors)
{
    Out o = { .n = 0 };
    RtWeights w;
    RtError err;
    int64_t n;
    make(&o, &(Bad){ GOOD });
    ck_assert_msg(open_out(&o, &w, &err) == MLCRT_OK, "%s", err.text);
    ck_assert(rt_weights_number(&w, "n.heads", &n) && n == 8);
    ck_assert(rt_weights_number(&w, "flag", &n) && n == 1);
    ck_assert(!rt_weights_number(&w, "eps", &n));
    ck_assert_uint_eq(w.nmeta, 1);
    ck_assert_str_eq(w.meta[0].value, "hello");
    const RtEntry *a = rt_weights_find(&w, "a"), *b = rt_weights_find(&w, "b");
    ck_assert(a && a->rank == 2 && a->shape[0] == 2 && a->shape[1] == 32 && a->bits == 32 && a->bytes == 256);
    ck_assert(b && b->rank == 1 && b->shape[0] == 3);
    const float *v = (const float *)(const void *)a->data;
    for (int i = 0; i < 64; i++)
        ck_assert(v[i] == (float)(i % 32 - 16) * (i < 32 ? 0.5F : 1.0F));
    ck_assert(((const float *)(const void *)b->data)[2] == 4.0F);
    rt_weights_close(&w);
}
END_TEST

static const Bad bad[] = {
    { GOOD, .what = "version", .version = 1 },
    { GOOD, .what = "version", .version = 0x03000000 },
    { GOOD, .what = "room for", .pairs = UINT64_MAX },
    { GOOD, .what = "room for", .tensors = UINT64_MAX },
    { GOOD, .what = "room for", .tensors = 40 },
    { GOOD, .what = "longer than the rest", .key_size = UINT64_MAX },
    { GOOD, .what = "longer than the rest", .key_size = 600 },
    { GOOD, .what = "no u32", .align_type = 5 },
    { GOOD, .what = "power of two", .align = 0 },
    { GOOD, .what = "power of two", .align = 48 },
    { GOOD, .what = "array of a type", .array_type = 9 },
    { GOOD, .what = "array of a type", .array_type = 13 },
    { GOOD, .what = "array is longer", .array_n = UINT64_MAX },
    { GOOD, .what = "array is longer", .array_n = UINT64_MAX / 4 + 2 },
    { GOOD, .what = "longer than the rest", .text_size = UINT64_MAX - 7 },
    { GOOD, .what = "neither 0 nor 1", .flag = 2 },
    { GOOD, .what = "twice", .second_key = "name" },
    { GOOD, .what = "twice", .second_name = "a" },
    { GOOD, .what = "not UTF-8", .second_key = "\xC0\x80" },
    { GOOD, .what = "more than 4", .rank = 5 },
    { GOOD, .what = "2^63 - 1", .dim1 = UINT64_MAX },
    { GOOD, .what = "2^62 elements", .dim0 = 1ULL << 32, .dim1 = 1ULL << 32 },
    { GOOD, .what = "larger than the file", .dim1 = 1ULL << 40 },
    { GOOD, .what = "whole blocks", .dim0 = 33 },
    { GOOD, .what = "does not exist", .type = 4 },
    { GOOD, .what = "does not exist", .type = UINT32_MAX },
    { GOOD, .what = "does not begin where", .offset = 64 },
    { GOOD, .what = "does not begin where", .offset2 = 0 },
    { GOOD, .what = "does not begin where", .offset2 = UINT64_MAX - 63 },
    { GOOD, .what = "ends after the file", .cut = 1 },
    { GOOD, .what = "ends before its data", .cut = 12 + 128 + 8 },
    { GOOD, .what = "bytes after", .extra = 64 },
};

START_TEST(a_file_that_lies_is_refused)
{
    Out o = { .n = 0 };
    RtWeights w;
    RtError err;
    make(&o, &bad[_i]);
    ck_assert_msg(open_out(&o, &w, &err) == MLCRT_EFORMAT, "case %d (%s) is read", _i, bad[_i].what);
    ck_assert_msg(strstr(err.text, bad[_i].what) != NULL, "case %d: '%s' instead of '%s'", _i, err.text, bad[_i].what);
}
END_TEST

START_TEST(a_type_that_is_not_known_has_a_name)
{
    Out o = { .n = 0 };
    RtWeights w;
    RtError err;
    make(&o, &(Bad){ GOOD, .type = 16 });
    ck_assert_int_eq(open_out(&o, &w, &err), MLCRT_EDTYPE);
    ck_assert_msg(strstr(err.text, "IQ2_XXS") != NULL, "%s", err.text);
}
END_TEST

START_TEST(every_prefix_is_refused)
{
    Out o = { .n = 0 };
    RtError err;
    RtWeights w;
    make(&o, &(Bad){ GOOD });
    for (size_t n = o.n; n-- > 8;) {
        Out cut = o;
        cut.n = n;
        ck_assert_msg(open_out(&cut, &w, &err) == MLCRT_EFORMAT, "%zu bytes are read", n);
    }
}
END_TEST

static MlcrtStatus open_with(const MlcrtAlloc *a, void *data)
{
    RtWeights w;
    RtError err;
    (void)data;
    MlcrtStatus status = rt_weights_open(a, test_path("x.gguf"), &w, &err);
    if (!status)
        rt_weights_close(&w);
    return status;
}

START_TEST(each_allocation_may_fail)
{
    Out o = { .n = 0 };
    make(&o, &(Bad){ GOOD });
    test_write(test_path("x.gguf"), o.b, o.n);
    test_each_failure(open_with, NULL);
}
END_TEST

/* ---- the zoo: one matrix in 15 types, and what ggml itself makes of each ---- */

START_TEST(every_type_is_unpacked_bit_for_bit)
{
    MlcrtAlloc a = rt_libc_alloc();
    RtWeights zoo, want;
    RtError err;
    ck_assert_msg(!rt_weights_open(&a, MLC_SOURCE_DIR "/tests/data/gguf/quant-zoo.gguf", &zoo, &err), "%s", err.text);
    ck_assert_msg(!rt_weights_open(&a, MLC_SOURCE_DIR "/tests/data/gguf/quant-zoo-dequantised.safetensors", &want, &err), "%s",
                  err.text);
    ck_assert_uint_eq(zoo.count, 15);
    for (size_t i = 0; i < want.count; i++) {
        RtNames names;
        RtSlice s;
        static float got[16 * 768];
        ck_assert(!rt_names_init(&a, &zoo, NULL, 0, &names, &err) && rt_names_find(&names, want.entries[i].name, &s));
        ck_assert(s.rank == 2 && s.shape[0] == 16 && s.shape[1] == 768);
        ck_assert_msg(!rt_slice_copy(got, MLCRT_FLOAT, 32, &s, &err), "%s", err.text);
        ck_assert_msg(memcmp(got, want.entries[i].data, sizeof got) == 0, "'%s' has other bits", want.entries[i].name);
        rt_names_drop(&names);
    }
    rt_weights_close(&zoo);
    rt_weights_close(&want);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gguf");
    TCase *c = tcase_create("gguf");
    suite_add_tcase(suite, c);
    tcase_add_checked_fixture(c, test_dir_make, test_dir_drop);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, a_file_has_numbers_texts_and_unpacked_tensors);
    tcase_add_loop_test(c, a_file_that_lies_is_refused, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(c, a_type_that_is_not_known_has_a_name);
    tcase_add_test(c, every_prefix_is_refused);
    tcase_add_test(c, each_allocation_may_fail);
    tcase_add_test(c, every_type_is_unpacked_bit_for_bit);
    return test_main(suite);
}
