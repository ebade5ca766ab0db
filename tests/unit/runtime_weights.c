/* runtime_weights.c - llama2.c files, names and renamings, and matching a file with what a program wants. */
#include <math.h>

#include "runtime/pattern.h"
#include "runtime_test.h"

/* ---- a small llama2.c file ---- */

enum { DIM = 8, HIDDEN = 6, LAYERS = 3, HEADS = 2, KV = 1, VOCAB = 5, SEQ = 4, HEADER = 28 };
enum { KDIM = DIM / HEADS * KV };

/* Value k of the file is the float k. Returns the size. */
static size_t make_llama(uint8_t *bytes, bool separate)
{
    int32_t header[] = { DIM, HIDDEN, LAYERS, HEADS, KV, separate ? -VOCAB : VOCAB, SEQ };
    size_t floats = VOCAB * DIM + LAYERS * (2 * DIM + 2 * DIM * DIM + 2 * DIM * KDIM + 3 * DIM * HIDDEN) + DIM +
                    2 * SEQ * (DIM / HEADS / 2) + (separate ? VOCAB * DIM : 0);
    memcpy(bytes, header, HEADER);
    for (size_t i = 0; i < floats; i++) {
        float f = (float)i;
        memcpy(bytes + HEADER + 4 * i, &f, 4);
    }
    return HEADER + 4 * floats;
}

static RtWeights w;
static RtNames names;

static void open_llama(bool separate, const RtRename *rules, size_t n)
{
    static uint8_t bytes[8192];
    MlcrtAlloc a = rt_libc_alloc();
    RtError err;
    test_write(test_path("llama"), bytes, make_llama(bytes, separate));
    ck_assert_msg(rt_weights_open(&a, test_path("llama"), &w, &err) == MLCRT_OK, "%s", err.text);
    ck_assert_msg(rt_names_init(&a, &w, rules, n, &names, &err) == MLCRT_OK, "%s", err.text);
}

static void close_all(void)
{
    rt_names_drop(&names);
    rt_weights_close(&w);
}

static float first_value(const RtSlice *s)
{
    float f;
    memcpy(&f, s->data, 4);
    return f;
}

START_TEST(a_llama2c_file_has_names_and_numbers)
{
    for (int separate = 0; separate < 2; separate++) {
        open_llama(separate, NULL, 0);
        ck_assert_uint_eq(w.count, separate ? 12 : 11);
        int64_t n;
        ck_assert(rt_weights_number(&w, "n_heads", &n) && n == HEADS);
        ck_assert(rt_weights_number(&w, "n_kv_heads", &n) && n == KV);
        ck_assert(rt_weights_number(&w, "vocab_size", &n) && n == VOCAB);
        const RtEntry *e = rt_weights_find(&w, "layers.attention.wk.weight");
        ck_assert(e && e->stacked && e->rank == 3 && e->shape[0] == LAYERS && e->shape[1] == KDIM && e->shape[2] == DIM);
        ck_assert_ptr_eq(e, rt_weights_find(&w, "layers.*.attention.wk.weight"));
        e = rt_weights_find(&w, "head.weight");
        ck_assert_int_eq(e != NULL, separate);
        if (e)
            ck_assert_ptr_eq(e->data + e->bytes, w.file.data + w.file.size);
        close_all();
    }
}
END_TEST

START_TEST(stacked_tensors_appear_layer_by_layer)
{
    RtSlice s;
    open_llama(false, NULL, 0);
    ck_assert(rt_names_find(&names, "embed", &s) && s.layer == -1 && first_value(&s) == 0);
    for (int i = 0; i < LAYERS; i++) {
        char path[64];
        sprintf(path, "layers.%d.norm1.weight", i);
        ck_assert(rt_names_find(&names, path, &s));
        ck_assert(s.layer == i && s.rank == 1 && s.shape[0] == DIM && s.bytes == 4 * DIM);
        ck_assert(first_value(&s) == (float)(VOCAB * DIM + i * DIM));
        sprintf(path, "layers.%d.attention.wq.weight", i);
        ck_assert(rt_names_find(&names, path, &s) && s.rank == 2);
        ck_assert(first_value(&s) == (float)(VOCAB * DIM + LAYERS * DIM + i * DIM * DIM));
    }
    static const char *const none[] = { "layers.3.norm1.weight", "layers.-1.norm1.weight", "layers.01.norm1.weight", "layers",
                                        "layers.x.norm1.weight", "layers.0.norm1", "", "head.weight" };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert_msg(!rt_names_find(&names, none[i], &s), "%s", none[i]);
    ck_assert_int_eq(rt_names_length(&names, "layers.*", 0), LAYERS);
    ck_assert_int_eq(rt_names_length(&names, "layers.*.norm1.weight", 0), LAYERS);
    ck_assert_int_eq(rt_names_length(&names, "blocks.*", 0), 0);
    ck_assert_int_eq(rt_names_length(&names, "layers.*", 1), 0);
    close_all();
}
END_TEST

START_TEST(llama2c_headers_that_lie_are_refused)
{
    static uint8_t bytes[8192];
    static const int32_t values[] = { 0, -1, 3, 1 << 20, INT32_MAX, INT32_MIN };
    size_t n = make_llama(bytes, false);
    for (int field = 0; field < 7; field++)
        for (size_t i = 0; i < 6; i++) {
            make_llama(bytes, false);
            int32_t old;
            memcpy(&old, bytes + 4 * field, 4);
            memcpy(bytes + 4 * field, &values[i], 4);
            if (old != values[i])
                ck_assert_msg(test_open_weights(bytes, n, NULL) == MLCRT_EFORMAT, "field %d = %d", field, values[i]);
        }
    for (int field = 0; field < 7; field++) /* one head, all else at its largest: 2^72 elements */
        memcpy(bytes + 4 * field, &(int32_t){ field == 3 || field == 4 ? 1 : 1 << 24 }, 4);
    RtError err;
    ck_assert_int_eq(test_open_weights(bytes, n, &err), MLCRT_ELIMIT);
    make_llama(bytes, false);
    bytes[n] = 0;
    ck_assert_int_eq(test_open_weights(bytes, n + 1, &err), MLCRT_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.text, "llama2.c"));
    for (size_t i = 0; i < n; i += i < 64 ? 1 : 13)
        ck_assert_int_eq(test_open_weights(bytes, i, NULL), MLCRT_EFORMAT);
    uint64_t state = 3;
    for (int i = 0; i < 500; i++) {
        make_llama(bytes, false);
        uint64_t r = test_random(&state);
        bytes[(r >> 8) % HEADER] ^= (uint8_t)(1 << r % 8);
        test_open_weights(bytes, n, NULL);
    }
}
END_TEST

START_TEST(the_story_model_opens)
{
    const char *path = test_data("stories260K/stories260K.bin");
    if (!path)
        return;
    MlcrtAlloc a = rt_libc_alloc();
    RtError err;
    RtSlice s;
    int64_t n;
    ck_assert_msg(rt_weights_open(&a, path, &w, &err) == MLCRT_OK, "%s", err.text);
    ck_assert_int_eq(rt_names_init(&a, &w, NULL, 0, &names, NULL), MLCRT_OK);
    ck_assert(rt_weights_number(&w, "n_kv_heads", &n) && n == 4);
    ck_assert(rt_names_find(&names, "layers.4.down.weight", &s) && s.shape[0] == 64 && s.shape[1] == 172);
    ck_assert(!rt_names_find(&names, "head.weight", &s));
    size_t elements = 0;
    for (size_t i = 0; i < w.count; i++)
        elements += w.entries[i].bytes / 4;
    ck_assert_uint_eq(elements, 260032);
    close_all();
}
END_TEST

/* ---- patterns ---- */

static const struct {
    const char *from, *to, *name, *result; /* result NULL: no match */
} patterns[] = {
    { "a.b", "c", "a.b", "c" },
    { "a.b", "c", "a.b.c", NULL },
    { "a.b.c", "c", "a.b", NULL },
    { "a.*.c", "x.*", "a.7.c", "x.7" },
    { "*.*", "*.y.*", "p.q", "p.y.q" },
    { "model.**", "**", "model.layers.0.w", "layers.0.w" },
    { "model.**", "**", "model", "" },
    { "model.**.w", "top.**.weight", "model.w", "top.weight" },
    { "model.**.w", "top.**.weight", "model.a.b.w", "top.a.b.weight" },
    { "**.b", "**", "b.b.b", "b.b" },
    { "h.*.**", "layers.*.**", "h.3.attn.c.w", "layers.3.attn.c.w" },
    { "a.**.b", "x", "a", NULL },
    { "***", "x", "***", "x" },
    { "***", "x", "abc", NULL },
    { "", "x", "", "x" },
};

START_TEST(patterns_match_and_fill)
{
    RtParts from, to, name;
    RtCaptures c;
    char out[64];
    ck_assert(rt_parts_cut(patterns[_i].from, &from) && rt_parts_cut(patterns[_i].to, &to) && rt_parts_cut(patterns[_i].name, &name));
    bool matches = rt_pattern_match(&from, &name, &c);
    ck_assert_msg(matches == (patterns[_i].result != NULL), "%s against %s", patterns[_i].from, patterns[_i].name);
    if (!matches)
        return;
    size_t n = rt_pattern_fill(&to, &name, &c, out, sizeof out);
    ck_assert_str_eq(out, patterns[_i].result);
    ck_assert_uint_eq(n, strlen(out));
    ck_assert_uint_eq(rt_pattern_fill(&to, &name, &c, out, n), n); /* too little room: only the length */
}
END_TEST

START_TEST(renamings_change_what_is_found)
{
    static const RtRename rules[] = { { "embed", "tok.embeddings" },
                                      { "layers.*.attention.**", "blocks.*.attn.**" },
                                      { "norm.weight", "" },
                                      { "layers.*.norm1.weight", "norms" } };
    RtSlice s;
    open_llama(false, rules, 4);
    ck_assert_uint_eq(names.count, 10);
    ck_assert(rt_names_find(&names, "tok.embeddings", &s) && !rt_names_find(&names, "embed", &s));
    ck_assert(rt_names_find(&names, "blocks.2.attn.wq.weight", &s) && s.layer == 2);
    ck_assert(!rt_names_find(&names, "norm.weight", &s));
    ck_assert(rt_names_find(&names, "norms", &s) && s.layer == -1 && s.rank == 2); /* without its `*` it is one tensor */
    ck_assert_int_eq(rt_names_length(&names, "blocks.*", 0), LAYERS);
    close_all();
}
END_TEST

START_TEST(bad_renamings_are_a_status)
{
    char longest[RT_MAX_NAME + 10];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    char dots[80];
    memset(dots, '.', sizeof dots);
    dots[sizeof dots - 1] = 0;
    const struct {
        RtRename rule;
        MlcrtStatus status;
    } rows[] = { { { dots, "x" }, MLCRT_EARG },       { { "x", dots }, MLCRT_EARG },
                 { { NULL, "x" }, MLCRT_EARG },       { { "a.*", "b.*.*" }, MLCRT_EARG },
                 { { "**.a.**", "**" }, MLCRT_EARG }, { { "embed", "norm.weight" }, MLCRT_EFORMAT },
                 { { "embed", longest }, MLCRT_ELIMIT }, { { "embed", NULL }, MLCRT_OK } };
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    open_llama(false, NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RtNames n;
        RtError err = { 0 };
        MlcrtStatus status = rt_names_init(&a, &w, &rows[i].rule, 1, &n, &err);
        ck_assert_msg(status == rows[i].status, "row %zu: %s", i, err.text);
        if (!status)
            rt_names_drop(&n);
        ck_assert_uint_eq(t.live, 0);
    }
    close_all();
}
END_TEST

/* ---- matching ---- */

static int64_t layer_count[] = { LAYERS };
static int64_t embed_shape[] = { VOCAB, DIM }, dim_shape[] = { DIM }, dd[] = { DIM, DIM }, kd[] = { KDIM, DIM },
               fd[] = { HIDDEN, DIM }, df[] = { DIM, -1 };

static const RtWanted everything[] = {
    { "embed", NULL, embed_shape, 2, MLCRT_FLOAT, 32 },
    { "layers.*.norm1.weight", layer_count, dim_shape, 1, MLCRT_FLOAT, 32 },
    { "layers.*.attention.wq.weight", layer_count, dd, 2, MLCRT_FLOAT, 32 },
    { "layers.*.attention.wk.weight", layer_count, kd, 2, MLCRT_FLOAT, 32 },
    { "layers.*.attention.wv.weight", layer_count, kd, 2, MLCRT_FLOAT, 32 },
    { "layers.*.attention.wo.weight", layer_count, dd, 2, MLCRT_FLOAT, 32 },
    { "layers.*.norm2.weight", layer_count, dim_shape, 1, MLCRT_FLOAT, 32 },
    { "layers.*.gate.weight", layer_count, fd, 2, MLCRT_FLOAT, 32 },
    { "layers.*.down.weight", layer_count, df, 2, MLCRT_FLOAT, 32 },
    { "layers.*.up.weight", layer_count, fd, 2, MLCRT_FLOAT, 32 },
    { "norm.weight", NULL, dim_shape, 1, MLCRT_FLOAT, 32 },
};
enum { ALL = sizeof everything / sizeof everything[0] };

START_TEST(what_is_wanted_is_found_and_copied)
{
    RtMatch m;
    RtError err;
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    open_llama(false, NULL, 0);
    ck_assert_msg(rt_match(&a, &names, everything, ALL, 0, &m, &err) == MLCRT_OK, "%s", err.text);
    ck_assert_ptr_null(m.report);
    ck_assert_uint_eq(m.first[ALL], 2 + 9 * LAYERS);
    float copy[LAYERS * DIM * DIM];
    ck_assert_int_eq(rt_match_copy(&m, 2, copy, MLCRT_FLOAT, 32, &err), MLCRT_OK);
    for (int i = 0; i < LAYERS * DIM * DIM; i++)
        ck_assert(copy[i] == (float)(VOCAB * DIM + LAYERS * DIM + i));
    ck_assert_int_eq(rt_match_copy(&m, 0, copy, MLCRT_FLOAT, 16, &err), MLCRT_EDTYPE);
    rt_match_drop(&m);
    ck_assert_uint_eq(t.live, 0);
    close_all();
}
END_TEST

START_TEST(all_that_is_wrong_is_said_at_once)
{
    int64_t four[] = { 4 }, seven[] = { 7 };
    RtWanted wanted[ALL + 1];
    memcpy(wanted, everything, sizeof everything);
    wanted[1].counts = four;                                                          /* a layer too many */
    wanted[10] = (RtWanted){ "norm.weight", NULL, seven, 1, MLCRT_FLOAT, 32 };         /* another shape */
    wanted[0] = (RtWanted){ "embed", NULL, embed_shape, 2, MLCRT_BFLOAT, 16 };         /* another type */
    wanted[6] = (RtWanted){ "head.bias", NULL, dim_shape, 1, MLCRT_FLOAT, 32 };        /* missing; norm2 is surplus */
    wanted[ALL] = (RtWanted){ "layers.*.up.weight", (int64_t[]){ 1 }, dd, 2, MLCRT_FLOAT, 32 };
    RtMatch m;
    RtError err;
    MlcrtAlloc a = rt_libc_alloc();
    open_llama(false, NULL, 0);
    ck_assert_int_eq(rt_match(&a, &names, wanted, ALL + 1, 0, &m, &err), MLCRT_EFORMAT);
    static const char *const parts[] = { "missing 'layers.3.norm1.weight': f32[8]\n",
                                         "missing 'head.bias': f32[8]\n",
                                         "surplus 'layers.*.norm2.weight': f32[3, 8]\n",
                                         "'norm.weight' is f32[8], wanted f32[7]\n",
                                         "'embed' is f32[5, 8], wanted bf16[5, 8]\n",
                                         "'layers.0.up.weight' is f32[6, 8], wanted f32[8, 8]\n" };
    for (size_t i = 0; i < 6; i++)
        ck_assert_msg(strstr(m.report, parts[i]) != NULL, "'%s' is not in\n%s", parts[i], m.report);
    ck_assert_ptr_nonnull(strstr(err.text, "2 missing, 1 surplus, 2 of another shape, 1 of another type"));
    rt_match_drop(&m);
    ck_assert_int_eq(rt_match(&a, &names, wanted, ALL + 1, RT_MATCH_SURPLUS, &m, &err), MLCRT_EFORMAT);
    ck_assert_ptr_null(strstr(m.report, "surplus"));
    rt_match_drop(&m);
    ck_assert_int_eq(rt_match(&a, &names, &wanted[10], 1, RT_MATCH_SURPLUS, &m, &err), MLCRT_ESHAPE);
    rt_match_drop(&m);
    ck_assert_int_eq(rt_match(&a, &names, &wanted[0], 1, RT_MATCH_SURPLUS, &m, &err), MLCRT_EDTYPE);
    rt_match_drop(&m);
    close_all();
}
END_TEST

START_TEST(layers_that_nobody_wants_are_surplus)
{
    int64_t two[] = { 2 };
    RtWanted wanted[ALL];
    memcpy(wanted, everything, sizeof everything);
    wanted[2].counts = two;
    RtMatch m;
    MlcrtAlloc a = rt_libc_alloc();
    open_llama(false, NULL, 0);
    ck_assert_int_eq(rt_match(&a, &names, wanted, ALL, 0, &m, NULL), MLCRT_EFORMAT);
    ck_assert_str_eq(m.report, "surplus 'layers.*.attention.wq.weight': f32[3, 8, 8] (2 of 3 layers are wanted)\n");
    rt_match_drop(&m);
    close_all();
}
END_TEST

START_TEST(senseless_wants_are_a_status)
{
    char longest[RT_MAX_NAME];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    int64_t minus[] = { -1 }, huge[] = { INT64_MAX }, most[] = { RT_MAX_TENSORS + 1 };
    const struct {
        RtWanted w;
        MlcrtStatus status;
    } rows[] = { { { NULL, NULL, dim_shape, 1, MLCRT_FLOAT, 32 }, MLCRT_EARG },
                 { { "x", NULL, NULL, 1, MLCRT_FLOAT, 32 }, MLCRT_EARG },
                 { { "x", NULL, dim_shape, 17, MLCRT_FLOAT, 32 }, MLCRT_EARG },
                 { { "x", NULL, dim_shape, 1, MLCRT_FLOAT, 31 }, MLCRT_EARG },
                 { { "x.*", NULL, dim_shape, 1, MLCRT_FLOAT, 32 }, MLCRT_EARG },
                 { { "x.*", minus, dim_shape, 1, MLCRT_FLOAT, 32 }, MLCRT_EARG },
                 { { "x.*", huge, dim_shape, 1, MLCRT_FLOAT, 32 }, MLCRT_ELIMIT },
                 { { longest, NULL, dim_shape, 1, MLCRT_FLOAT, 32 }, MLCRT_ELIMIT },
                 { { "x.*", most, dim_shape, 1, MLCRT_FLOAT, 32 }, MLCRT_ELIMIT } };
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    open_llama(false, NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RtMatch m;
        ck_assert_msg(rt_match(&a, &names, &rows[i].w, 1, 0, &m, NULL) == rows[i].status, "row %zu", i);
        rt_match_drop(&m);
        ck_assert_uint_eq(t.live, 0);
    }
    close_all();
}
END_TEST

START_TEST(a_long_report_is_bounded)
{
    int64_t many[] = { 20000 };
    RtWanted wanted = { "blocks.*.weight", many, dim_shape, 1, MLCRT_FLOAT, 32 };
    RtMatch m;
    RtError err;
    MlcrtAlloc a = rt_libc_alloc();
    open_llama(false, NULL, 0);
    ck_assert_int_eq(rt_match(&a, &names, &wanted, 1, 0, &m, &err), MLCRT_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.text, "20000 missing, 11 surplus"));
    ck_assert_uint_lt(strlen(m.report), 70000);
    ck_assert_ptr_nonnull(strstr(m.report, " more\n"));
    rt_match_drop(&m);
    close_all();
}
END_TEST

/* A file with f16 and bf16 tensors, two layers of different shape, and names with two numbers. */
static void save_mixed(void)
{
    static uint16_t half[] = { 0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00, 0x8000 }, brain[] = { 0x3F80, 0xC000, 0x0001, 0x7F7F, 0xFF80, 0 };
    static int64_t six[] = { 6 }, two_three[] = { 2, 3 };
    MlcrtNamedTensor t[] = { { "a.0.x.0", { half, MLCRT_CPU, 0, 1, MLCRT_FLOAT, 16, 1, six, NULL, 0 } },
                             { "a.0.x.1", { brain, MLCRT_CPU, 0, 1, MLCRT_BFLOAT, 16, 1, six, NULL, 0 } },
                             { "a.1.x.0", { half, MLCRT_CPU, 0, 1, MLCRT_FLOAT, 16, 1, six, NULL, 0 } },
                             { "a.1.x.1", { brain, MLCRT_CPU, 0, 2, MLCRT_BFLOAT, 16, 1, two_three, NULL, 0 } } };
    MlcrtAlloc a = rt_libc_alloc();
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("mixed"), t, 4, NULL, 0, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_weights_open(&a, test_path("mixed"), &w, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_names_init(&a, &w, NULL, 0, &names, NULL), MLCRT_OK);
}

START_TEST(sixteen_bits_widen_exactly_when_asked)
{
    static const float values[] = { 1, -2, 0x1p-24f, 65504, INFINITY, -0.0f, 1, -2, 0x1p-133f, 0x1.fep127f, -INFINITY, 0 };
    int64_t counts[] = { 1, 2 }, six[] = { 6 };
    RtWanted wanted = { "a.*.x.*", counts, six, 1, MLCRT_FLOAT, 32 };
    RtMatch m;
    float copy[12];
    MlcrtAlloc a = rt_libc_alloc();
    save_mixed();
    ck_assert_int_eq(rt_match(&a, &names, &wanted, 1, RT_MATCH_SURPLUS, &m, NULL), MLCRT_EDTYPE);
    rt_match_drop(&m);
    ck_assert_int_eq(rt_match(&a, &names, &wanted, 1, RT_MATCH_SURPLUS | RT_MATCH_WIDEN, &m, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_match_copy(&m, 0, copy, MLCRT_FLOAT, 32, NULL), MLCRT_OK);
    ck_assert_mem_eq(copy, values, sizeof values);
    rt_match_drop(&m);
    close_all();
}
END_TEST

START_TEST(lists_of_lists_have_lengths_and_one_shape)
{
    int64_t counts[] = { 2, 2 }, open[] = { -1 };
    RtWanted wanted = { "a.*.x.*", counts, open, 1, MLCRT_FLOAT, 32 };
    RtMatch m;
    MlcrtAlloc a = rt_libc_alloc();
    save_mixed();
    ck_assert_int_eq(rt_names_length(&names, wanted.path, 0), 2);
    ck_assert_int_eq(rt_names_length(&names, wanted.path, 1), 2);
    ck_assert_int_eq(rt_match(&a, &names, &wanted, 1, RT_MATCH_WIDEN, &m, NULL), MLCRT_ESHAPE);
    ck_assert_str_eq(m.report, "'a.1.x.1' is bf16[2, 3], wanted f32[_]\n");
    rt_match_drop(&m);
    close_all();
}
END_TEST

START_TEST(open_dims_are_equal_along_a_list)
{
    static float data[6];
    static int64_t two[] = { 2 }, three[] = { 3 };
    int64_t counts[] = { 2 }, open[] = { -1 };
    MlcrtNamedTensor t[] = { { "l.0.w", { data, MLCRT_CPU, 0, 1, MLCRT_FLOAT, 32, 1, two, NULL, 0 } },
                             { "l.1.w", { data, MLCRT_CPU, 0, 1, MLCRT_FLOAT, 32, 1, three, NULL, 0 } } };
    RtWanted wanted = { "l.*.w", counts, open, 1, MLCRT_FLOAT, 32 };
    RtMatch m;
    MlcrtAlloc a = rt_libc_alloc();
    ck_assert_int_eq(rt_safetensors_save(&a, test_path("l"), t, 2, NULL, 0, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_weights_open(&a, test_path("l"), &w, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_names_init(&a, &w, NULL, 0, &names, NULL), MLCRT_OK);
    ck_assert_int_eq(rt_match(&a, &names, &wanted, 1, 0, &m, NULL), MLCRT_ESHAPE);
    ck_assert_str_eq(m.report, "'l.1.w' is f32[3], but the first of its list is f32[2]\n");
    rt_match_drop(&m);
    close_all();
}
END_TEST

/* Loads as a model is loaded, with two things missing. */
static MlcrtStatus load_all(const MlcrtAlloc *a, void *path)
{
    static const RtRename rules[] = { { "layers.**", "blocks.**" }, { "blocks.**", "layers.**" } };
    RtWeights weights;
    RtNames n;
    RtMatch m;
    MlcrtStatus status = rt_weights_open(a, path, &weights, NULL);
    if (status)
        return status;
    status = rt_names_init(a, &weights, rules, 2, &n, NULL);
    if (!status) {
        status = rt_match(a, &n, everything, ALL, 0, &m, NULL);
        rt_match_drop(&m);
        rt_names_drop(&n);
    }
    rt_weights_close(&weights);
    return status == MLCRT_EFORMAT ? MLCRT_OK : status; /* the report was made, nothing failed */
}

START_TEST(failing_allocations_are_a_status)
{
    char path[PATH_MAX];
    open_llama(true, NULL, 0);
    close_all();
    strcpy(path, test_path("llama"));
    test_each_failure(load_all, path);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("runtime weights");
    TCase *t = tcase_create("weights");
    tcase_add_checked_fixture(t, test_dir_make, test_dir_drop);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_llama2c_file_has_names_and_numbers);
    tcase_add_test(t, stacked_tensors_appear_layer_by_layer);
    tcase_add_test(t, llama2c_headers_that_lie_are_refused);
    tcase_add_test(t, the_story_model_opens);
    tcase_add_loop_test(t, patterns_match_and_fill, 0, sizeof patterns / sizeof patterns[0]);
    tcase_add_test(t, renamings_change_what_is_found);
    tcase_add_test(t, bad_renamings_are_a_status);
    tcase_add_test(t, what_is_wanted_is_found_and_copied);
    tcase_add_test(t, all_that_is_wrong_is_said_at_once);
    tcase_add_test(t, layers_that_nobody_wants_are_surplus);
    tcase_add_test(t, senseless_wants_are_a_status);
    tcase_add_test(t, a_long_report_is_bounded);
    tcase_add_test(t, sixteen_bits_widen_exactly_when_asked);
    tcase_add_test(t, lists_of_lists_have_lengths_and_one_shape);
    tcase_add_test(t, open_dims_are_equal_along_a_list);
    tcase_add_test(t, failing_allocations_are_a_status);
    suite_add_tcase(s, t);
    return test_main(s);
}
