/* runtime_json.c - the JSON reader: what it takes, what it refuses, and that hostile text does no harm. */
#include "runtime_test.h"

/* Reads to the end; the status of the first error, or MLCRT_OK. `out` gets a letter for each token. */
static MlcrtStatus read_all(const MlcrtAlloc *a, const char *text, size_t n, char *out, size_t room)
{
    static const char letters[] = ".{}[]KSINtf0!";
    RtJson j;
    RtError err;
    size_t used = 0;
    rt_json_init(&j, a, text, n, &err);
    RtJsonKind k;
    do {
        k = rt_json_next(&j);
        if (used + 1 < room)
            out[used++] = letters[k];
    } while (k != RT_JSON_END && k != RT_JSON_ERROR);
    if (room)
        out[used] = 0;
    MlcrtStatus status = k == RT_JSON_ERROR ? j.status : MLCRT_OK;
    ck_assert(k == RT_JSON_END || err.status == status);
    ck_assert_int_eq(rt_json_next(&j), k); /* END and ERROR stay */
    rt_json_drop(&j);
    return status;
}

static MlcrtStatus status_of(const char *text, size_t n)
{
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    MlcrtStatus status = read_all(&a, text, n, NULL, 0);
    ck_assert_uint_eq(t.live, 0);
    return status;
}

static const struct {
    const char *text, *tokens;
} good[] = {
    { "null", "0." },
    { " \t\r\n true ", "t." },
    { "[]", "[]." },
    { "{}", "{}." },
    { "[[],{}]", "[[]{}]." },
    { "{\"a\":[1,-2,3.5,1e5],\"b\":{\"a\":false}}", "{K[IINN]K{Kf}}." },
    { "\"\\u00e9\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "S." },
    { "9223372036854775807", "I." },
    { "-9223372036854775808", "I." },
    { "9223372036854775808", "N." },
    { "-0", "N." },
    { "0", "I." },
    { "0.0e-0", "N." },
    { "\"\xC3\xA9\xF0\x9F\x98\x80\"", "S." },
    { "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]." }, /* 16 levels */
    { "{\"\":1,\"a\":1,\"ab\":1,\"b\":1}", "{KIKIKIKI}." },
};

START_TEST(takes_valid_text)
{
    MlcrtAlloc a = rt_libc_alloc();
    char tokens[64];
    ck_assert_msg(read_all(&a, good[_i].text, strlen(good[_i].text), tokens, sizeof tokens) == MLCRT_OK, "%s", good[_i].text);
    ck_assert_msg(strcmp(tokens, good[_i].tokens) == 0, "%s: %s, not %s", good[_i].text, tokens, good[_i].tokens);
}
END_TEST

static const struct {
    const char *text;
    MlcrtStatus status;
} bad[] = {
    { "", MLCRT_EFORMAT },
    { " ", MLCRT_EFORMAT },
    { "\xEF\xBB\xBF{}", MLCRT_EFORMAT },
    { "[1,]", MLCRT_EFORMAT },
    { "[,1]", MLCRT_EFORMAT },
    { "[1 2]", MLCRT_EFORMAT },
    { "[1}", MLCRT_EFORMAT },
    { "{\"a\":1]", MLCRT_EFORMAT },
    { "{\"a\" 1}", MLCRT_EFORMAT },
    { "{\"a\":1,}", MLCRT_EFORMAT },
    { "{a:1}", MLCRT_EFORMAT },
    { "{1:1}", MLCRT_EFORMAT },
    { "{}{}", MLCRT_EFORMAT },
    { "{} x", MLCRT_EFORMAT },
    { "]", MLCRT_EFORMAT },
    { "nul", MLCRT_EFORMAT },
    { "True", MLCRT_EFORMAT },
    { "NaN", MLCRT_EFORMAT },
    { "01", MLCRT_EFORMAT },
    { "+1", MLCRT_EFORMAT },
    { "-", MLCRT_EFORMAT },
    { "1.", MLCRT_EFORMAT },
    { ".5", MLCRT_EFORMAT },
    { "1e", MLCRT_EFORMAT },
    { "1e+", MLCRT_EFORMAT },
    { "0x10", MLCRT_EFORMAT },
    { "\"a", MLCRT_EFORMAT },
    { "\"\\", MLCRT_EFORMAT },
    { "\"\\x\"", MLCRT_EFORMAT },
    { "\"\\u12\"", MLCRT_EFORMAT },
    { "\"\\u12g4\"", MLCRT_EFORMAT },
    { "\"\\ud800\"", MLCRT_EFORMAT },
    { "\"\\ud800\\u0041\"", MLCRT_EFORMAT },
    { "\"\\udc00\"", MLCRT_EFORMAT },
    { "\"\n\"", MLCRT_EFORMAT },
    { "\"\xC0\x80\"", MLCRT_EFORMAT },         /* overlong */
    { "\"\xED\xA0\x80\"", MLCRT_EFORMAT },     /* surrogate */
    { "\"\xF4\x90\x80\x80\"", MLCRT_EFORMAT }, /* above U+10FFFF */
    { "\"\xE2\x82\"", MLCRT_EFORMAT },         /* cut */
    { "{\"a\":1,\"a\":2}", MLCRT_EFORMAT },
    { "{\"a\":1,\"\\u0061\":2}", MLCRT_EFORMAT },
    { "{\"x\":{},\"\\/\":1,\"/\":2}", MLCRT_EFORMAT },
    { "{\"\xF0\x9F\x98\x80\":1,\"\\ud83d\\ude00\":2}", MLCRT_EFORMAT },
    { "{\"o\":{\"k\":1,\"b\":2,\"k\":3}}", MLCRT_EFORMAT },
    { "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", MLCRT_ELIMIT }, /* 17 levels */
};

START_TEST(refuses_invalid_text)
{
    MlcrtStatus status = status_of(bad[_i].text, strlen(bad[_i].text));
    ck_assert_msg(status == bad[_i].status, "%s: %s", bad[_i].text, rt_status_name(status));
}
END_TEST

START_TEST(nul_is_no_end_of_text)
{
    ck_assert_int_eq(status_of("{}\0", 3), MLCRT_EFORMAT);
    ck_assert_int_eq(status_of("\"a\0b\"", 5), MLCRT_EFORMAT);
    ck_assert_int_eq(status_of("\"\\\0\"", 4), MLCRT_EFORMAT);
}
END_TEST

START_TEST(a_million_brackets_are_a_limit)
{
    size_t n = 1000000;
    char *text = malloc(n);
    for (int i = 0; i < 2; i++) {
        memset(text, "[{"[i], n);
        ck_assert_int_eq(status_of(text, n), i ? MLCRT_EFORMAT : MLCRT_ELIMIT);
    }
    free(text);
}
END_TEST

START_TEST(four_gigabytes_are_a_limit)
{
    ck_assert_int_eq(status_of("", (size_t)1 << 32), MLCRT_ELIMIT); /* nothing is read */
}
END_TEST

START_TEST(strings_are_unescaped)
{
    static const char text[] = "\"a\\u0000\\n\\u20ac\\ud83d\\ude00z\"";
    static const char meaning[] = "a\0\n\xE2\x82\xAC\xF0\x9F\x98\x80z";
    MlcrtAlloc a = rt_libc_alloc();
    RtJson j;
    char out[64];
    rt_json_init(&j, &a, text, sizeof text - 1, NULL);
    ck_assert_int_eq(rt_json_next(&j), RT_JSON_STRING);
    ck_assert_uint_eq(rt_json_unescape(&j, out), sizeof meaning - 1);
    ck_assert_mem_eq(out, meaning, sizeof meaning - 1);
    ck_assert(!rt_json_is(&j, "a"));
    rt_json_drop(&j);
    rt_json_init(&j, &a, "\"\\u0061b\"", 9, NULL);
    ck_assert_int_eq(rt_json_next(&j), RT_JSON_STRING);
    ck_assert(rt_json_is(&j, "ab") && !rt_json_is(&j, "abc") && !rt_json_is(&j, "a") && !rt_json_is(&j, ""));
    rt_json_drop(&j);
}
END_TEST

START_TEST(integers_are_exact_and_values_can_be_skipped)
{
    static const char text[] = "{\"skip\":[1,{\"x\":[]}],\"n\":-9223372036854775808}";
    MlcrtAlloc a = rt_libc_alloc();
    RtJson j;
    rt_json_init(&j, &a, text, sizeof text - 1, NULL);
    ck_assert_int_eq(rt_json_next(&j), RT_JSON_OBJECT);
    ck_assert_int_eq(rt_json_next(&j), RT_JSON_KEY);
    ck_assert(rt_json_skip(&j));
    ck_assert_int_eq(rt_json_next(&j), RT_JSON_KEY);
    ck_assert(rt_json_is(&j, "n"));
    ck_assert_int_eq(rt_json_next(&j), RT_JSON_INT);
    ck_assert(j.integer == INT64_MIN);
    ck_assert_int_eq(rt_json_next(&j), RT_JSON_OBJECT_END);
    ck_assert_int_eq(rt_json_next(&j), RT_JSON_END);
    rt_json_drop(&j);
}
END_TEST

static const char sample[] = "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,30],\"o\":[-1.5e3,true,null]},\"\\u00e9\":\"\\ud83d\\ude00\"}";

START_TEST(every_cut_is_an_error)
{
    for (size_t n = 0; n < sizeof sample - 1; n++) {
        char *exact = malloc(n + 1); /* so that a byte too far is seen by the sanitizer */
        memcpy(exact, sample, n);
        char *tight = realloc(exact, n ? n : 1);
        ck_assert_msg(status_of(tight, n) == MLCRT_EFORMAT, "cut at %zu", n);
        free(tight);
    }
    ck_assert_int_eq(status_of(sample, sizeof sample - 1), MLCRT_OK);
}
END_TEST

START_TEST(flipped_bits_do_no_harm)
{
    uint64_t state = 1;
    char text[sizeof sample];
    for (int i = 0; i < 20000; i++) {
        memcpy(text, sample, sizeof sample);
        for (uint64_t k = 1 + test_random(&state) % 3; k > 0; k--) {
            uint64_t r = test_random(&state);
            text[r % (sizeof sample - 1)] ^= (char)(1 << (r >> 32) % 8);
        }
        status_of(text, sizeof sample - 1);
    }
}
END_TEST

static MlcrtStatus read_many_keys(const MlcrtAlloc *a, void *data)
{
    return read_all(a, data, strlen(data), NULL, 0);
}

START_TEST(failing_allocations_are_a_status)
{
    char text[4096];
    size_t n = 0;
    for (int i = 0; i < 200; i++)
        n += (size_t)sprintf(text + n, "%s\"k%d\":{\"x\":%d}", i ? "," : "{", i * 7919 % 200, i);
    strcpy(text + n, "}");
    test_each_failure(read_many_keys, text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("runtime json");
    TCase *t = tcase_create("json");
    tcase_add_loop_test(t, takes_valid_text, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(t, refuses_invalid_text, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(t, nul_is_no_end_of_text);
    tcase_add_test(t, a_million_brackets_are_a_limit);
    tcase_add_test(t, four_gigabytes_are_a_limit);
    tcase_add_test(t, strings_are_unescaped);
    tcase_add_test(t, integers_are_exact_and_values_can_be_skipped);
    tcase_add_test(t, every_cut_is_an_error);
    tcase_add_test(t, flipped_bits_do_no_harm);
    tcase_add_test(t, failing_allocations_are_a_status);
    suite_add_tcase(s, t);
    return test_main(s);
}
