/* runtime_safetensors.c - the safetensors reader believes nothing, and reads what the writer wrote. */
#include "runtime_test.h"

/* ---- files made by hand ---- */

/* A file of a header text and `data_size` bytes of data (0, 1, 2, ...). Returns its size. */
static size_t make_file(uint8_t *to, const char *header, size_t data_size)
{
    size_t n = strlen(header);
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)((uint64_t)n >> (8 * i));
    memcpy(to + 8, header, n);
    for (size_t i = 0; i < data_size; i++)
        to[8 + n + i] = (uint8_t)i;
    return 8 + n + data_size;
}

static const struct {
    const char *header;
    size_t data;
    MlcrtStatus status;
} made[] = {
    { "{}", 0, MLCRT_OK },
    { "{}", 1, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", 24, MLCRT_OK },
    { "{\"a\":{\"data_offsets\":[0,24],\"shape\":[2,3],\"dtype\":\"F32\"}}", 24, MLCRT_OK },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}} ", 23, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}} x", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,20]}}", 20, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24,24]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[24]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,1e1]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":6,\"data_offsets\":[0,24]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2,-3],\"data_offsets\":[0,24]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"6\"],\"data_offsets\":[0,24]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"f32\",\"shape\":[6],\"data_offsets\":[0,24]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":32,\"shape\":[6],\"data_offsets\":[0,24]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[6],\"data_offsets\":[0,6]}}", 6, MLCRT_EDTYPE },
    { "{\"a\":{\"dtype\":\"F8_E5M2\",\"shape\":[6],\"data_offsets\":[0,6]}}", 6, MLCRT_EDTYPE },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[6]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,24]}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,24],\"x\":1}}", 24, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, MLCRT_EFORMAT }, /* no shape is not the shape [] */
    { "{\"a\":[]}", 0, MLCRT_EFORMAT },
    { "[]", 0, MLCRT_EFORMAT },
    { "{\"a\\u0000b\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,24]}}", 24, MLCRT_EFORMAT },
    { "{\"\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1, MLCRT_OK },
    { "{\"b\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, MLCRT_OK },
    { "{\"b\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[0,3]}}", 3, MLCRT_EFORMAT }, /* the value 2 */
    { "{\"__metadata__\":{\"k\":\"v\",\"n\":\"12\"}}", 0, MLCRT_OK },
    { "{\"__metadata__\":{\"k\":1}}", 0, MLCRT_EFORMAT },
    { "{\"__metadata__\":[]}", 0, MLCRT_EFORMAT },
    { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1, MLCRT_OK },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[0,4611686018427387904],\"data_offsets\":[0,0]}}", 0, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807],\"data_offsets\":[0,9223372036854775807]}}", 8, MLCRT_EFORMAT },
    /* two tensors: side by side in either order, overlapping, apart, one empty between them */
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", 4,
      MLCRT_OK },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 4,
      MLCRT_OK },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3,
      MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2,
      MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]}}", 5,
      MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, MLCRT_EFORMAT },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"e\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[2,2]}}", 2,
      MLCRT_OK },
    { "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"e\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[1,1]}}", 2,
      MLCRT_EFORMAT },
};

START_TEST(files_made_by_hand_get_their_verdict)
{
    uint8_t bytes[512];
    RtError err;
    MlcrtStatus status = test_open_weights(bytes, make_file(bytes, made[_i].header, made[_i].data), &err);
    ck_assert_msg(status == made[_i].status, "%s + %zu: %s %s", made[_i].header, made[_i].data, rt_status_name(status),
                  status ? err.text : "");
    ck_assert(!status || strlen(err.text) > 10);
}
END_TEST

START_TEST(lengths_that_lie_are_refused)
{
    static const uint64_t lengths[] = { 3, 100000000, 100000001, (uint64_t)1 << 32, (uint64_t)1 << 63, UINT64_MAX, UINT64_MAX - 7 };
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t n = make_file(bytes, "{}", 0);
        for (int k = 0; k < 8; k++)
            bytes[k] = (uint8_t)(lengths[i] >> (8 * k));
        ck_assert_int_eq(test_open_weights(bytes, n, NULL), MLCRT_EFORMAT);
    }
    for (size_t n = 0; n < 8; n++)
        ck_assert_int_eq(test_open_weights(bytes, n, NULL), MLCRT_EFORMAT);
}
END_TEST

START_TEST(limits_are_limits)
{
    enum { TOO_MANY = RT_MAX_TENSORS + 1 };
    char *header = malloc(TOO_MANY * 12);
    uint8_t *bytes = malloc(TOO_MANY * 12 + 8);
    RtError err;
    for (int over = 0; over < 2; over++) {
        size_t n = (size_t)sprintf(header, "{\"");
        memset(header + n, 'n', RT_MAX_NAME + (size_t)over);
        strcpy(header + n + RT_MAX_NAME + over, "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}");
        ck_assert_int_eq(test_open_weights(bytes, make_file(bytes, header, 1), &err), over ? MLCRT_ELIMIT : MLCRT_OK);
    }
    for (int meta = 0; meta < 2; meta++) {
        size_t n = (size_t)sprintf(header, meta ? "{\"__metadata__\":{" : "{");
        for (int i = 0; i < TOO_MANY; i++)
            n += (size_t)sprintf(header + n, "%s\"%x\":0", i ? "," : "", i);
        strcpy(header + n, meta ? "}}" : "}");
        ck_assert_int_eq(test_open_weights(bytes, make_file(bytes, header, 0), &err), MLCRT_ELIMIT);
    }
    free(header);
    free(bytes);
}
END_TEST

START_TEST(other_formats_are_named)
{
    static const struct {
        const char *bytes, *word;
    } files[] = { { "GGUF\3\0\0\0\0\0\0\0", "GGUF" }, { "PK\3\4\0\0\x08\x08\0\0\0\0", "pickle" }, { "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\x92\x20\x6A\xA8", "pickle" },
                  { "24ka\1\0\0\0\0\0\0\0", "version 1" } };
    RtError err;
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(test_open_weights((const uint8_t *)files[i].bytes, 12, &err), MLCRT_EFORMAT);
        ck_assert_msg(strstr(err.text, files[i].word) != NULL, "%s", err.text);
    }
}
END_TEST

/* ---- the archive ---- */

/* One case of manifest.json: file name and verdict, through our own JSON reader. */
static int run_manifest(RtJson *j, char *dir, int *accepted)
{
    char file[256] = "", path[PATH_MAX + 300];
    int cases = 0, accept = -1;
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    for (RtJsonKind k; (k = rt_json_next(j)) != RT_JSON_END;) {
        ck_assert_int_ne(k, RT_JSON_ERROR);
        if (k == RT_JSON_KEY && rt_json_is(j, "file")) {
            ck_assert_int_eq(rt_json_next(j), RT_JSON_STRING);
            file[rt_json_unescape(j, file)] = 0;
        } else if (k == RT_JSON_KEY && rt_json_is(j, "accept")) {
            accept = rt_json_next(j) == RT_JSON_TRUE;
        } else if (k == RT_JSON_OBJECT_END && file[0]) {
            RtWeights w;
            RtError err;
            snprintf(path, sizeof path, "%s/%s", dir, file);
            MlcrtStatus status = rt_weights_open(&a, path, &w, &err);
            ck_assert_msg((status == MLCRT_OK) == accept, "%s: %s", file, status ? err.text : "accepted");
            ck_assert_msg(status != MLCRT_EIO, "%s", err.text);
            if (!status)
                rt_weights_close(&w);
            ck_assert_uint_eq(t.live, 0);
            *accepted += accept;
            cases++;
            file[0] = 0;
        }
    }
    return cases;
}

START_TEST(the_archive_gets_its_verdicts)
{
    size_t n = 0;
    const char *path = test_data("safetensors/manifest.json");
    if (!path)
        return;
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    uint8_t *text = test_read(path, &n);
    MlcrtAlloc a = rt_libc_alloc();
    RtJson j;
    int accepted = 0;
    rt_json_init(&j, &a, (char *)text, n, NULL);
    ck_assert_int_ge(run_manifest(&j, dir, &accepted), 25);
    ck_assert_int_ge(accepted, 5);
    rt_json_drop(&j);
    free(text);
}
END_TEST

/* ---- hostile changes of a good file ---- */

static const char good_header[] = "{\"__metadata__\":{\"format\":\"pt\",\"H\":\"8\"},\"layers.0.w\":{\"dtype\":\"F32\",\"shape\":[2,2],"
                                  "\"data_offsets\":[0,16]},\"b\\u00e9\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[20,22]},"
                                  "\"h\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[16,20]}}";

static size_t make_good(uint8_t *bytes)
{
    size_t n = make_file(bytes, good_header, 22);
    memset(bytes + n - 2, 1, 2); /* the bools */
    return n;
}

START_TEST(every_cut_is_refused)
{
    uint8_t bytes[512];
    size_t n = make_good(bytes);
    ck_assert_int_eq(test_open_weights(bytes, n, NULL), MLCRT_OK);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(test_open_weights(bytes, i, NULL) == MLCRT_EFORMAT, "cut at %zu", i);
    bytes[n] = 0;
    ck_assert_int_eq(test_open_weights(bytes, n + 1, NULL), MLCRT_EFORMAT);
}
END_TEST

START_TEST(changed_bytes_do_no_harm)
{
    uint8_t bytes[512];
    uint64_t state = 7;
    for (int i = 0; i < 4000; i++) {
        size_t n = make_good(bytes);
        for (uint64_t k = 1 + test_random(&state) % 3; k > 0; k--) {
            uint64_t r = test_random(&state);
            if (r & 1)
                bytes[(r >> 8) % n] ^= (uint8_t)(1 << (r >> 60) % 8);
            else
                bytes[8 + (r >> 8) % (n - 8)] = (uint8_t)"0123456789[]{},:\"F"[(r >> 50) % 18];
        }
        test_open_weights(bytes, n, NULL);
    }
}
END_TEST

static MlcrtStatus open_and_close(const MlcrtAlloc *a, void *path)
{
    RtWeights w;
    RtError err;
    MlcrtStatus status = rt_weights_open(a, path, &w, &err);
    if (!status)
        rt_weights_close(&w);
    return status;
}

START_TEST(failing_allocations_of_a_reader_are_a_status)
{
    uint8_t bytes[512];
    char path[PATH_MAX];
    strcpy(path, test_path("good"));
    test_write(path, bytes, make_good(bytes));
    test_each_failure(open_and_close, path);
}
END_TEST

START_TEST(entries_are_named_sorted_and_aligned)
{
    uint8_t bytes[512];
    MlcrtAlloc a = rt_libc_alloc();
    RtWeights w;
    size_t n = make_good(bytes);
    ck_assert_uint_ne((n - 22) % 4, 0); /* the f32 lies at an odd place in this file */
    test_write(test_path("good"), bytes, n);
    ck_assert_int_eq(rt_weights_open(&a, test_path("good"), &w, NULL), MLCRT_OK);
    ck_assert_uint_eq(w.count, 3);
    ck_assert_str_eq(w.entries[0].name, "b\xC3\xA9");
    ck_assert_str_eq(w.entries[1].name, "h");
    const RtEntry *e = rt_weights_find(&w, "layers.0.w");
    ck_assert_ptr_eq(e, &w.entries[2]);
    ck_assert(e->code == MLCRT_FLOAT && e->bits == 32 && e->rank == 2 && e->shape[0] == 2 && e->shape[1] == 2 && e->bytes == 16);
    ck_assert_uint_eq((uintptr_t)e->data % 4, 0);
    ck_assert_mem_eq(e->data, bytes + n - 22, 16);
    ck_assert_ptr_null(rt_weights_find(&w, "layers.0"));
    int64_t number = 0;
    ck_assert(rt_weights_number(&w, "H", &number) && number == 8);
    ck_assert(!rt_weights_number(&w, "format", &number));
    ck_assert_uint_eq(w.nmeta, 2);
    rt_weights_close(&w);
}
END_TEST

/* ---- the writer ---- */

enum { KINDS = 13 };

static MlcrtNamedTensor all_kinds[KINDS];
static int64_t kind_shape[2] = { 3, 1 }, kind_strides[2] = { 1, 77 }; /* the stride of a dim of size 1 does not count */
static double kind_data[3];
static char kind_names[KINDS][24];

static void make_all_kinds(void)
{
    static const uint8_t codes[KINDS][2] = {
#define DTYPE(name, file_name, code, bits) { MLCRT_##code, bits },
#include "runtime/dtype.def"
#undef DTYPE
    };
    memset(kind_data, 1, sizeof kind_data);
    for (int i = 0; i < KINDS; i++) {
        sprintf(kind_names[i], "\"kind\\ %d\t\xC3\xA9", i);
        all_kinds[i].name = kind_names[i];
        all_kinds[i].tensor = (MlcrtTensor){ kind_data, MLCRT_CPU, 0, i % 3, codes[i][0], codes[i][1], 1, kind_shape,
                                             i % 2 ? kind_strides : NULL, 0 };
    }
}

START_TEST(what_is_saved_is_read)
{
    make_all_kinds();
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    RtMeta meta[] = { { "n_heads", "8" }, { "a\"", "\n" } };
    RtError err;
    ck_assert_msg(rt_safetensors_save(&a, test_path("x"), all_kinds, KINDS, meta, 2, &err) == MLCRT_OK, "%s", err.text);
    RtWeights w;
    ck_assert_msg(rt_weights_open(&a, test_path("x"), &w, &err) == MLCRT_OK, "%s", err.text);
    ck_assert_uint_eq(w.count, KINDS);
    for (int i = 0; i < KINDS; i++) {
        const MlcrtTensor *k = &all_kinds[i].tensor;
        const RtEntry *e = rt_weights_find(&w, all_kinds[i].name);
        ck_assert_msg(e && e->code == k->code && e->bits == k->bits && e->rank == k->rank, "kind %d", i);
        ck_assert_int_eq(memcmp(e->shape, kind_shape, (size_t)e->rank * sizeof *e->shape), 0);
        ck_assert_mem_eq(e->data, kind_data, e->bytes);
        ck_assert_msg(e->data >= w.file.data && e->data < w.file.data + w.file.size, "kind %d was not aligned in the file", i);
    }
    int64_t heads;
    ck_assert(rt_weights_number(&w, "n_heads", &heads) && heads == 8);
    ck_assert_str_eq(w.meta[0].key, "a\"");
    rt_weights_close(&w);
    ck_assert_uint_eq(t.live, 0);
}
END_TEST

START_TEST(the_bytes_do_not_depend_on_the_order)
{
    make_all_kinds();
    MlcrtAlloc a = rt_libc_alloc();
    MlcrtNamedTensor turned[KINDS];
    for (int i = 0; i < KINDS; i++)
        turned[i] = all_kinds[(i + 5) % KINDS];
    RtMeta meta[] = { { "a", "1" }, { "b", "2" } }, other[] = { { "b", "2" }, { "a", "1" } };
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("x"), all_kinds, KINDS, meta, 2, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("y"), turned, KINDS, other, 2, NULL), MLCRT_OK);
    size_t n, m;
    uint8_t *x = test_read(test_path("x"), &n), *y = test_read(test_path("y"), &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(x, y, n);
    ck_assert_uint_eq(x[0] % 8, 0);
    free(x);
    free(y);
}
END_TEST

START_TEST(nothing_and_empty_tensors_can_be_saved)
{
    MlcrtAlloc a = rt_libc_alloc();
    int64_t shape[] = { 0, 5 };
    MlcrtNamedTensor empty = { "e", { NULL, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, shape, NULL, 0 } };
    RtWeights w;
    for (size_t n = 0; n < 2; n++) {
        ck_assert_int_eq(rt_safetensors_save(&a, test_path("x"), &empty, n, NULL, 0, NULL), MLCRT_OK);
        ck_assert_int_eq(rt_weights_open(&a, test_path("x"), &w, NULL), MLCRT_OK);
        ck_assert_uint_eq(w.count, n);
        rt_weights_close(&w);
    }
}
END_TEST

static float wrong_data[8];
static int64_t wrong_shape[] = { 2, 3 }, negative_shape[] = { -1, 3 }, huge_shape[] = { (int64_t)1 << 40, (int64_t)1 << 40 },
               wrong_strides[] = { 1, 2 };
#define WRONG(...) { "x", { __VA_ARGS__ } }
static const struct {
    MlcrtNamedTensor t;
    MlcrtStatus status;
} wrong[] = {
    { WRONG(wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, wrong_shape, NULL, 0), MLCRT_OK },
    { WRONG(NULL, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, wrong_shape, NULL, 0), MLCRT_EARG },
    { WRONG(wrong_data, 2, 0, 2, MLCRT_FLOAT, 32, 1, wrong_shape, NULL, 0), MLCRT_EDEVICE },
    { WRONG(wrong_data, MLCRT_CPU, 0, -1, MLCRT_FLOAT, 32, 1, wrong_shape, NULL, 0), MLCRT_ERANK },
    { WRONG(wrong_data, MLCRT_CPU, 0, 17, MLCRT_FLOAT, 32, 1, wrong_shape, NULL, 0), MLCRT_ERANK },
    { WRONG(wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 31, 1, wrong_shape, NULL, 0), MLCRT_EDTYPE },
    { WRONG(wrong_data, MLCRT_CPU, 0, 2, 3, 32, 1, wrong_shape, NULL, 0), MLCRT_EDTYPE },
    { WRONG(wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 4, wrong_shape, NULL, 0), MLCRT_EDTYPE },
    { WRONG(wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, NULL, NULL, 0), MLCRT_EARG },
    { WRONG(wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, negative_shape, NULL, 0), MLCRT_ESHAPE },
    { WRONG(wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, huge_shape, NULL, 0), MLCRT_ELIMIT },
    { WRONG(wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, wrong_shape, wrong_strides, 0), MLCRT_ESTRIDE },
    { WRONG(wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, wrong_shape, NULL, 2), MLCRT_EALIGN },
    { { NULL, { wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, wrong_shape, NULL, 0 } }, MLCRT_EARG },
    { { "\xFF", { wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, wrong_shape, NULL, 0 } }, MLCRT_EARG },
    { { "__metadata__", { wrong_data, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, wrong_shape, NULL, 0 } }, MLCRT_EARG },
};

START_TEST(tensors_that_cannot_be_saved_leave_no_file)
{
    MlcrtAlloc a = rt_libc_alloc();
    RtError err = { 0 };
    MlcrtStatus status = rt_safetensors_save(&a, test_path("x"), &wrong[_i].t, 1, NULL, 0, &err);
    ck_assert_msg(status == wrong[_i].status, "%d: %s %s", _i, rt_status_name(status), err.text);
    ck_assert_int_eq(test_dir_count(), status == MLCRT_OK);
    MlcrtNamedTensor twice[] = { wrong[0].t, wrong[0].t };
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("y"), twice, 2, NULL, 0, &err), MLCRT_EARG);
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("y"), NULL, 1, NULL, 0, &err), MLCRT_EARG);
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("y"), NULL, 0, NULL, 1, &err), MLCRT_EARG);
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("y"), NULL, 0, &(RtMeta){ "k", NULL }, 1, &err), MLCRT_EARG);
    RtMeta same[] = { { "k", "1" }, { "k", "2" } };
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("y"), NULL, 0, same, 2, &err), MLCRT_EARG);
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("y"), &wrong[0].t, RT_MAX_TENSORS + 1, NULL, 0, &err), MLCRT_ELIMIT);
    ck_assert_ptr_null(test_read(test_path("y"), &(size_t){ 0 }));
}
END_TEST

static MlcrtStatus save_kinds(const MlcrtAlloc *a, void *path)
{
    RtMeta meta = { "k", "v" };
    return rt_safetensors_save(a, path, all_kinds, KINDS, &meta, 1, NULL);
}

START_TEST(failing_allocations_of_the_writer_are_a_status)
{
    char path[PATH_MAX];
    strcpy(path, test_path("x"));
    make_all_kinds();
    test_each_failure(save_kinds, path);
    ck_assert_int_eq(test_dir_count(), 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("runtime safetensors");
    TCase *t = tcase_create("safetensors");
    tcase_add_checked_fixture(t, test_dir_make, test_dir_drop);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, files_made_by_hand_get_their_verdict, 0, sizeof made / sizeof made[0]);
    tcase_add_test(t, lengths_that_lie_are_refused);
    tcase_add_test(t, limits_are_limits);
    tcase_add_test(t, other_formats_are_named);
    tcase_add_test(t, the_archive_gets_its_verdicts);
    tcase_add_test(t, every_cut_is_refused);
    tcase_add_test(t, changed_bytes_do_no_harm);
    tcase_add_test(t, failing_allocations_of_a_reader_are_a_status);
    tcase_add_test(t, entries_are_named_sorted_and_aligned);
    tcase_add_test(t, what_is_saved_is_read);
    tcase_add_test(t, the_bytes_do_not_depend_on_the_order);
    tcase_add_test(t, nothing_and_empty_tensors_can_be_saved);
    tcase_add_loop_test(t, tensors_that_cannot_be_saved_leave_no_file, 0, sizeof wrong / sizeof wrong[0]);
    tcase_add_test(t, failing_allocations_of_the_writer_are_a_status);
    suite_add_tcase(s, t);
    return test_main(s);
}
