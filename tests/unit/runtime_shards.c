/* runtime_shards.c - safetensors files in parts: the index finds all, and leads nowhere else. */
#include <sys/stat.h>

#include "runtime_test.h"

static void write_text(const char *name, const char *text)
{
    test_write(test_path(name), text, strlen(text));
}

/* A part with one tensor of `n` floats, all of this value. */
static void write_part(const char *name, const char *tensor, float value, int64_t n)
{
    MlcrtAlloc a = rt_libc_alloc();
    RtError err;
    float data[4] = { value, value, value, value };
    MlcrtNamedTensor t = { tensor, { .data = data, .device = MLCRT_CPU, .rank = 1, .code = MLCRT_FLOAT, .bits = 32, .lanes = 1, .shape = &n } };
    ck_assert_msg(!rt_safetensors_save(&a, test_path(name), &t, 1, NULL, 0, &err), "%s", err.text);
}

static MlcrtStatus open_index(const MlcrtAlloc *a, RtWeights *w, RtError *err)
{
    return rt_weights_open(a, test_path("index.json"), w, err);
}

START_TEST(an_index_opens_all_parts)
{
    MlcrtAlloc a = rt_libc_alloc();
    RtWeights w;
    RtError err;
    ck_assert_int_eq(mkdir(test_path("sub"), 0700), 0);
    write_part("one.safetensors", "x", 1, 3);
    write_part("sub/two.safetensors", "a.y", 2, 4);
    write_text("index.json", "{\"metadata\": {\"total_size\": 28}, \"weight_map\": {\"x\": \"one.safetensors\", \"a.y\": \"sub/two.safetensors\"}}");
    ck_assert_msg(!open_index(&a, &w, &err), "%s", err.text);
    ck_assert_uint_eq(w.count, 2);
    const RtEntry *x = rt_weights_find(&w, "x"), *y = rt_weights_find(&w, "a.y");
    ck_assert(x && y && x->shape[0] == 3 && y->shape[0] == 4);
    ck_assert(*(const float *)(const void *)x->data == 1 && *(const float *)(const void *)y->data == 2);
    rt_weights_close(&w);
    ck_assert_int_eq(unlink(test_path("sub/two.safetensors")), 0);
}
END_TEST

static const struct { const char *index, *says; } bad[] = {
    { "{\"weight_map\": {\"x\": \"../one.safetensors\"}}", "does not name a file in this folder" },
    { "{\"weight_map\": {\"x\": \"/etc/passwd\"}}", "does not name a file in this folder" },
    { "{\"weight_map\": {\"x\": \"./one.safetensors\"}}", "does not name a file in this folder" },
    { "{\"weight_map\": {\"x\": \"sub/../one.safetensors\"}}", "does not name a file in this folder" },
    { "{\"weight_map\": {\"x\": \"sub//one.safetensors\"}}", "does not name a file in this folder" },
    { "{\"weight_map\": {\"x\": \"one.safetensors/\"}}", "does not name a file in this folder" },
    { "{\"weight_map\": {\"x\": \"\"}}", "does not name a file in this folder" },
    { "{\"weight_map\": {\"x\": \"..\"}}", "does not name a file in this folder" },
    { "{\"weight_map\": {\"x\": \"link.safetensors\"}}", "cannot open" },
    { "{\"weight_map\": {\"x\": \"away/one.safetensors\"}}", "cannot open" },
    { "{\"weight_map\": {\"x\": \"none.safetensors\"}}", "cannot open" },
    { "{\"weight_map\": {\"x\": \"index.json\"}}", "part 'index.json'" },
    { "{\"weight_map\": {\"z\": \"one.safetensors\"}}", "no tensor 'z'" },
    { "{\"weight_map\": {\"x\": \"one.safetensors\", \"z\": \"one.safetensors\"}}", "no tensor 'z'" },
    { "{\"weight_map\": {\"x\": \"one.safetensors\", \"x\": \"one.safetensors\"}}", "already has this key" },
    { "{\"weight_map\": {\"x\": 1}}", "must be a string" },
    { "{\"weight_map\": []}", "must be an object" },
    { "{\"weight_map\": {\"x\": \"one.safetensors\"}} x", "byte" },
    { "{\"weight_map\": {\"x\\u0000y\": \"one.safetensors\"}}", "contains NUL" },
    { "{\"metadata\": {\"total\": 0}}", "no weight_map" },
};

START_TEST(an_index_that_lies_is_refused)
{
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    RtWeights w;
    RtError err;
    write_part("one.safetensors", "x", 1, 3);
    ck_assert_int_eq(symlink("one.safetensors", test_path("link.safetensors")), 0);
    ck_assert_int_eq(symlink(".", test_path("away")), 0);
    write_text("index.json", bad[_i].index);
    ck_assert_msg(open_index(&a, &w, &err) != MLCRT_OK, "%s is read", bad[_i].index);
    ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "%s: '%s' instead of '%s'", bad[_i].index, err.text, bad[_i].says);
    ck_assert_uint_eq(t.live, 0);
}
END_TEST

START_TEST(a_part_has_what_the_index_says)
{
    MlcrtAlloc a = rt_libc_alloc();
    RtWeights w;
    RtError err;
    float v = 1;
    int64_t n = 1;
    MlcrtTensor one = { .data = &v, .device = MLCRT_CPU, .rank = 1, .code = MLCRT_FLOAT, .bits = 32, .lanes = 1, .shape = &n };
    MlcrtNamedTensor two[] = { { "x", one }, { "hidden", one } };
    ck_assert(!rt_safetensors_save(&a, test_path("one.safetensors"), two, 2, NULL, 0, &err));
    write_text("index.json", "{\"weight_map\": {\"x\": \"one.safetensors\"}}");
    ck_assert_int_eq(open_index(&a, &w, &err), MLCRT_EFORMAT);
    ck_assert_msg(strstr(err.text, "has 2 tensors, but the index gives it 1") != NULL, "%s", err.text);
}
END_TEST

static MlcrtStatus open_with(const MlcrtAlloc *a, void *data)
{
    RtWeights w;
    RtError err;
    (void)data;
    MlcrtStatus status = open_index(a, &w, &err);
    if (!status)
        rt_weights_close(&w);
    return status;
}

START_TEST(each_allocation_may_fail)
{
    write_part("one.safetensors", "x", 1, 3);
    write_part("two.safetensors", "y", 1, 3);
    write_text("index.json", "{\"weight_map\": {\"x\": \"one.safetensors\", \"y\": \"two.safetensors\"}}");
    test_each_failure(open_with, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shards");
    TCase *c = tcase_create("shards");
    suite_add_tcase(suite, c);
    tcase_add_checked_fixture(c, test_dir_make, test_dir_drop);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, an_index_opens_all_parts);
    tcase_add_loop_test(c, an_index_that_lies_is_refused, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(c, a_part_has_what_the_index_says);
    tcase_add_test(c, each_allocation_may_fail);
    return test_main(suite);
}
