/* runtime_tokenizer.c - tokenizer.json files: tokens and texts as another implementation has them, and files that ask for what is
 * not there.
 */
#include "runtime_test.h"

#include "runtime/words.h"

static RtBpe *load(const char *path)
{
    MlcrtAlloc a = rt_libc_alloc();
    RtBpe *p;
    RtError err;
    ck_assert_msg(!rt_bpe_load(&a, path, &p, &err), "%s", err.text);
    return p;
}

/* ---- recorded cases: {"cases": [{"text": ..., "ids": [...], "decoded": ...}, ...]} ---- */

typedef struct Case {
    char text[16384], decoded[16384];
    int32_t ids[4096];
    size_t ntext, ndecoded, nids;
} Case;

static void read_case(RtJson *j, Case *c)
{
    *c = (Case){ .nids = 0 };
    while (rt_json_next(j) == RT_JSON_KEY) {
        if (rt_json_is(j, "ids")) {
            rt_json_next(j);
            while (rt_json_next(j) == RT_JSON_INT)
                c->ids[c->nids++] = (int32_t)j->integer;
            continue;
        }
        bool text = rt_json_is(j, "text");
        ck_assert(rt_json_next(j) == RT_JSON_STRING && j->raw_length < sizeof c->text);
        *(text ? &c->ntext : &c->ndecoded) = rt_json_unescape(j, text ? c->text : c->decoded);
    }
}

static void check_case(const RtBpe *p, const Case *c)
{
    static int32_t ids[4096];
    static char back[16384];
    RtError err;
    size_t n, m = 0, length;
    const char *piece;
    ck_assert_msg(!rt_bpe_encode(p, c->text, c->ntext, true, ids, 4096, &n, &err), "%s", err.text);
    for (size_t i = 0; i < n && i < c->nids; i++)
        ck_assert_msg(ids[i] == c->ids[i], "token %zu of '%.60s' is %d, not %d", i, c->text, ids[i], c->ids[i]);
    ck_assert_msg(n == c->nids, "'%.60s' has %zu tokens, not %zu", c->text, n, c->nids);
    for (size_t i = 0; i < n; i++) {
        ck_assert(!rt_bpe_decode(p, i ? ids[i - 1] : -1, ids[i], &piece, &length, &err));
        memcpy(back + m, piece, length);
        m += length;
    }
    ck_assert_msg(m == c->ndecoded && memcmp(back, c->decoded, m) == 0, "'%.60s' is decoded to '%.*s'", c->text, (int)m, back);
}

static void check_cases(const char *tokenizer, const char *cases)
{
    static Case c;
    MlcrtAlloc a = rt_libc_alloc();
    RtBpe *p = load(tokenizer);
    RtFile f;
    RtJson j;
    RtError err;
    int n = 0;
    ck_assert(!rt_file_open(&a, cases, RT_FILE_READ, &f, &err));
    rt_json_init(&j, &a, (const char *)f.data, f.size, &err);
    ck_assert(rt_json_next(&j) == RT_JSON_OBJECT && rt_json_next(&j) == RT_JSON_KEY && rt_json_next(&j) == RT_JSON_ARRAY);
    for (; rt_json_next(&j) == RT_JSON_OBJECT; n++) {
        read_case(&j, &c);
        check_case(p, &c);
    }
    ck_assert_int_gt(n, 15);
    rt_json_drop(&j);
    rt_file_close(&f);
    rt_bpe_free(p);
}

#define DATA MLC_SOURCE_DIR "/tests/data/tokenizer/"

static const char *const kinds[] = { "gpt2", "llama3", "qwen2", "metaspace", "unigram", "unigram_bytes" };

START_TEST(tokens_and_texts_are_those_of_the_library_that_made_the_file)
{
    char tokenizer[PATH_MAX], cases[PATH_MAX];
    snprintf(tokenizer, sizeof tokenizer, "%s%s.json", DATA, kinds[_i]);
    snprintf(cases, sizeof cases, "%s%s.cases.json", DATA, kinds[_i]);
    check_cases(tokenizer, cases);
}
END_TEST

START_TEST(a_real_tokenizer_agrees)
{
    const char *path = test_data("tinystories-656k/tokenizer.json");
    if (path)
        check_cases(path, DATA "tinystories-656k.cases.json");
}
END_TEST

/* ---- real texts, there and back ---- */

#if defined(__SANITIZE_ADDRESS__) /* takes several times as long: the shortest text */
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
static const char *const texts[] = { "tinyshakespeare/input.txt", "tinystories/tinystories-sample.txt", "names/names.txt", "gsm8k/test-200.jsonl" };

static void there_and_back(const RtBpe *p, const char *text, size_t n, const char *name)
{
    RtError err;
    size_t count, m = 0, length;
    const char *piece;
    ck_assert(!rt_bpe_encode(p, text, n, true, NULL, 0, &count, &err));
    int32_t *ids = malloc(count * sizeof *ids + 1);
    ck_assert(!rt_bpe_encode(p, text, n, true, ids, count, &count, &err));
    for (size_t i = 0; i < count; i++) {
        ck_assert(!rt_bpe_decode(p, i ? ids[i - 1] : -1, ids[i], &piece, &length, &err));
        ck_assert_msg(m + length <= n && memcmp(text + m, piece, length) == 0, "%s: byte %zu comes back otherwise", name, m);
        m += length;
    }
    ck_assert_uint_eq(m, n);
    free(ids);
}

START_TEST(sample_texts_come_back)
{
    char path[PATH_MAX];
    const char *shared = getenv("MLC_SHARED"), *real = test_data("tinystories-656k/tokenizer.json");
    const char *files[] = { DATA "gpt2.json", DATA "llama3.json", DATA "metaspace.json", DATA "unigram_bytes.json", real };
    for (size_t k = 0; shared && k < 5 && files[k]; k++) {
        RtBpe *p = load(files[k]);
        bool names = k == 4 || SANITIZED; /* the real one has no token for many characters, and none for bytes */
        for (size_t i = names ? 2 : 0; i < (names ? 3 : sizeof texts / sizeof texts[0]); i++) {
            size_t n;
            snprintf(path, sizeof path, "%s/data/%s", shared, texts[i]);
            uint8_t *bytes = test_read(path, &n);
            if (bytes)
                there_and_back(p, (const char *)bytes, n, texts[i]);
            free(bytes);
        }
        rt_bpe_free(p);
    }
}
END_TEST

/* ---- files that are refused ---- */

#define MODEL "\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2}, \"merges\": [\"a b\"]}"
#define DECODER "\"decoder\": {\"type\": \"Fuse\"}"

static const struct { const char *file, *says; } bad[] = {
    { "[" , "byte" },
    { "{}", "no model" },
    { "{" MODEL "}", "without a decoder" },
    { "{" DECODER ", \"model\": {\"type\": \"WordLevel\"}}", "neither BPE nor Unigram" },
    { "{" DECODER ", \"model\": {\"type\": \"Unigram\"}}", "a list of tokens with scores" },
    { "{" DECODER ", \"model\": {\"type\": \"Unigram\", \"vocab\": {\"a\": 0}}}", "a list of tokens with scores" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"vocab\": [[\"a\", 0]], \"merges\": []}}", "a list of tokens with scores" },
    { "{" DECODER ", \"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\"]]}}", "a score must be a number" },
    { "{" DECODER ", \"model\": {\"type\": \"Unigram\", \"vocab\": [\"a\"]}}", "a text and a score" },
    { "{" DECODER ", \"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", -1, 2]]}}", "a text and a score" },
    { "{" DECODER ", \"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", 1e999]]}}", "not finite" },
    { "{" DECODER ", \"model\": {\"type\": \"Unigram\", \"unk_id\": 1, \"vocab\": [[\"a\", -1]]}}", "unk_id" },
    { "{" DECODER ", \"normalizer\": {\"type\": \"Precompiled\"}, " MODEL "}", "'Precompiled' is not supported" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"vocab\": {}}}", "vocab and merges" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}}", "2^20" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 1048576}, \"merges\": []}}", "2^20" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 0}, \"merges\": []}}", "one number" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a a\"]}}", "no token" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"aa\"]}}", "a space between" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [[\"a\"]]}}", "two texts" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"unk_token\": \"u\", \"vocab\": {\"a\": 0}, \"merges\": []}}", "no token 'u'" },
    { "{" DECODER ", \"model\": {\"type\": \"BPE\", \"new_option\": true, \"vocab\": {\"a\": 0}, \"merges\": []}}", "unknown option" },
    { "{" DECODER ", \"normalizer\": {\"type\": \"NFC\"}, " MODEL "}", "'NFC' is not supported" },
    { "{" DECODER ", \"pre_tokenizer\": {\"type\": \"Digits\"}, " MODEL "}", "'Digits' is not supported" },
    { "{" DECODER ", \"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"x+\"}, \"behavior\": \"Isolated\", \"invert\": false}, " MODEL "}", "regular expression" },
    { "{" DECODER ", \"post_processor\": {\"type\": \"RobertaProcessing\"}, " MODEL "}", "'RobertaProcessing' is not supported" },
    { "{\"decoder\": {\"type\": \"WordPiece\"}, " MODEL "}", "'WordPiece' is not supported" },
    { "{" DECODER ", \"added_tokens\": [{\"id\": 0, \"content\": \"z\"}], " MODEL "}", "one number" },
    { "{" DECODER ", \"added_tokens\": [{\"id\": 9}], " MODEL "}", "without content" },
};

START_TEST(a_file_that_asks_for_more_is_refused)
{
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    RtBpe *p;
    RtError err;
    MlcrtStatus status = rt_bpe_read(&a, (const uint8_t *)bad[_i].file, strlen(bad[_i].file), &p, &err);
    ck_assert_msg(status == MLCRT_EFORMAT, "%s is read", bad[_i].file);
    ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "%s: '%s' instead of '%s'", bad[_i].file, err.text, bad[_i].says);
    ck_assert_uint_eq(t.live, 0);
}
END_TEST

static const char small[] = "{" DECODER ", \"added_tokens\": [{\"id\": 7, \"content\": \"<x>\", \"special\": true}], " MODEL "}";

START_TEST(numbers_may_have_gaps)
{
    MlcrtAlloc a = rt_libc_alloc();
    RtBpe *p;
    RtError err;
    int32_t ids[8];
    size_t n;
    ck_assert_msg(!rt_bpe_read(&a, (const uint8_t *)small, sizeof small - 1, &p, &err), "%s", err.text);
    ck_assert_int_eq(rt_bpe_size(p), 8);
    ck_assert(!rt_bpe_encode(p, "ab<x>zb", 7, true, ids, 8, &n, &err));
    ck_assert(n == 3 && ids[0] == 2 && ids[1] == 7 && ids[2] == 1); /* z has no token, and there is no unknown one */
    rt_bpe_free(p);
}
END_TEST

#define ADDED(id, text, flag) "{\"id\": " id ", \"content\": \"" text "\", \"special\": true, \"" flag "\": true}"
static const char flagged[] = "{" DECODER ", \"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Prepend\", \"prepend\": \"_\"}, "
    "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"_\"}]}, \"added_tokens\": [" ADDED("5", "<n>", "normalized") ", "
    ADDED("6", "<l>", "lstrip") ", " ADDED("7", "<r>", "rstrip") ", " ADDED("8", "<w>", "single_word") "], "
    "\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2, \"_\": 3, \"<\": 4}, \"merges\": [\"a b\"]}}";

/* The numbers are those that the package tokenizers 0.23.3 gives. */
START_TEST(added_tokens_have_flags)
{
    static const struct { const char *text; int32_t ids[8]; size_t n; } cases[] = {
        { "<n>a", { 5, 0 }, 2 }, { "a<n>b", { 3, 0, 4, 1 }, 4 }, { "a <n> b", { 3, 0, 5, 3, 1 }, 5 }, { "a  <l>", { 3, 0, 6 }, 3 },
        { "a <l> b", { 3, 0, 6, 3, 3, 1 }, 6 }, { "a <r> b", { 3, 0, 3, 7, 3, 1 }, 6 }, { "<r>  <l>b", { 7, 6, 3, 1 }, 4 },
        { "a<w>b", { 3, 0, 4, 1 }, 4 }, { "a <w> b", { 3, 0, 3, 8, 3, 3, 1 }, 7 }, { "<w>", { 8 }, 1 }, { "_<w>", { 3, 3, 4 }, 3 },
        { "<w>b<w>", { 3, 4, 1, 4 }, 4 }, { " <l><n>a", { 6, 5, 0 }, 3 }, { "", { 0 }, 0 },
        { "a\xC2\xA0<l>\xE2\x80\x83<r>\xE3\x80\x80" "b", { 3, 0, 6, 3, 7, 3, 1 }, 7 },
    };
    MlcrtAlloc a = rt_libc_alloc();
    RtBpe *p;
    RtError err;
    int32_t ids[16];
    size_t n;
    ck_assert_msg(!rt_bpe_read(&a, (const uint8_t *)flagged, sizeof flagged - 1, &p, &err), "%s", err.text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert(!rt_bpe_encode(p, cases[i].text, strlen(cases[i].text), true, ids, 16, &n, &err));
        ck_assert_msg(n == cases[i].n && !memcmp(ids, cases[i].ids, n * sizeof *ids), "'%s' has %zu tokens, the first %d", cases[i].text, n, ids[0]);
    }
    rt_bpe_free(p);
}
END_TEST

static const char likely[] = "{" DECODER ", \"model\": {\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"<unk>\", 0], [\"a\", -1], "
                             "[\"b\", -2.5e0], [\"ab\", -3.5], [\"ba\", -2]]}}";

/* ab and a b have one sum, ab was found first; a ba has -3, ab a -4.5; unknown neighbours are one piece. */
START_TEST(the_likeliest_cut_is_taken)
{
    static const struct { const char *text; int32_t ids[6]; size_t n; } cut[] = {
        { "ab", { 3 }, 1 }, { "aba", { 1, 4 }, 2 }, { "xyb", { 0, 2 }, 2 }, { "xaby", { 0, 3, 0 }, 3 }, { "bab", { 4, 2 }, 2 }, { "", { 0 }, 0 },
        { "<unk>", { 0 }, 1 }, { "x<unk>y", { 0 }, 1 },
    };
    MlcrtAlloc a = rt_libc_alloc();
    RtBpe *p;
    RtError err;
    int32_t ids[8];
    size_t n;
    ck_assert_msg(!rt_bpe_read(&a, (const uint8_t *)likely, sizeof likely - 1, &p, &err), "%s", err.text);
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        ck_assert(!rt_bpe_encode(p, cut[i].text, strlen(cut[i].text), true, ids, 8, &n, &err));
        ck_assert_msg(n == cut[i].n, "'%s' has %zu tokens, not %zu", cut[i].text, n, cut[i].n);
        for (size_t k = 0; k < n; k++)
            ck_assert_msg(ids[k] == cut[i].ids[k], "token %zu of '%s' is %d", k, cut[i].text, ids[k]);
    }
    rt_bpe_free(p);
}
END_TEST

static MlcrtStatus use_likely(const MlcrtAlloc *a, void *data)
{
    RtBpe *p;
    RtError err;
    int32_t ids[8];
    size_t n;
    (void)data;
    MlcrtStatus status = rt_bpe_read(a, (const uint8_t *)likely, sizeof likely - 1, &p, &err);
    if (status)
        return status;
    status = rt_bpe_encode(p, "abxba", 5, true, ids, 8, &n, &err);
    rt_bpe_free(p);
    return status;
}

static MlcrtStatus use(const MlcrtAlloc *a, void *data)
{
    RtBpe *p;
    RtError err;
    int32_t ids[8];
    size_t n;
    (void)data;
    MlcrtStatus status = rt_bpe_read(a, (const uint8_t *)small, sizeof small - 1, &p, &err);
    if (status)
        return status;
    status = rt_bpe_encode(p, "ab<x>ab", 7, true, ids, 8, &n, &err);
    rt_bpe_free(p);
    return status;
}

START_TEST(each_allocation_may_fail)
{
    test_each_failure(use, NULL);
    test_each_failure(use_likely, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime tokenizer.json");
    TCase *c = tcase_create("tokenizer");
    suite_add_tcase(suite, c);
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, tokens_and_texts_are_those_of_the_library_that_made_the_file, 0, (int)(sizeof kinds / sizeof kinds[0]));
    tcase_add_test(c, a_real_tokenizer_agrees);
    tcase_add_test(c, sample_texts_come_back);
    tcase_add_loop_test(c, a_file_that_asks_for_more_is_refused, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(c, numbers_may_have_gaps);
    tcase_add_test(c, added_tokens_have_flags);
    tcase_add_test(c, the_likeliest_cut_is_taken);
    tcase_add_test(c, each_allocation_may_fail);
    return test_main(suite);
}
