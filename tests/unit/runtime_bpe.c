/* runtime_bpe.c - the tokenizer: the encodings of llama2.c, an obvious slow encoder beside the fast one, and hostile files. */
#include <math.h>

#include "runtime_test.h"

/* ---- a small tokenizer file ---- */

static const struct {
    const char *text;
    float score;
} words[] = { { " ", -1 },  { "a", -2 },   { "b", -3 },    { "c", -4 },        { "ab", 5 },    { "bc", 5 },      { "abc", 6 },
              { "aa", 4 },  { "aaaa", 7 }, { " a", 1 },    { "\xC3\xA9", -5 }, { "a", 100 },   { "ca", -9 },     { "cab", 2.5f },
              { " ab", 0 }, { "bb", 5 },   { "abab", 5.5f } };
enum { WORDS = sizeof words / sizeof words[0], MADE = 3 + 256 + WORDS };

static uint8_t *put_token(uint8_t *to, const char *text, float score)
{
    uint32_t n = (uint32_t)strlen(text);
    memcpy(to, &score, 4);
    memcpy(to + 4, &n, 4);
    memcpy(to + 8, text, n);
    return to + 8 + n;
}

static size_t make_tokenizer(uint8_t *bytes)
{
    char text[8];
    uint8_t *to = bytes;
    memcpy(to, &(uint32_t){ 7 }, 4);
    to = put_token(to + 4, "<unk>", 0);
    to = put_token(to, "\n<s>\n", 0);
    to = put_token(to, "\n</s>\n", 0);
    for (int i = 0; i < 256; i++) {
        sprintf(text, "<0x%02X>", i);
        to = put_token(to, text, 0);
    }
    for (int i = 0; i < WORDS; i++)
        to = put_token(to, words[i].text, words[i].score);
    return (size_t)(to - bytes);
}

static RtBpe *made(void)
{
    static uint8_t bytes[8192];
    MlcrtAlloc a = rt_libc_alloc();
    RtBpe *p;
    RtError err;
    ck_assert_msg(rt_bpe_read(&a, bytes, make_tokenizer(bytes), &p, &err) == MLCRT_OK, "%s", err.text);
    return p;
}

/* The repository's tokenizer, or the small one. */
static RtBpe *best_there_is(void)
{
    const char *path = test_data("stories260K/tok512.bin");
    MlcrtAlloc a = rt_libc_alloc();
    RtBpe *p;
    if (!path)
        return made();
    ck_assert_int_eq(rt_bpe_load(&a, path, &p, NULL), MLCRT_OK);
    return p;
}

/* ---- encoding ---- */

static const struct {
    const char *text;
    int32_t ids[8], count;
} golden[] = { { "Once upon a time", { 1, 403, 407, 261, 378 }, 5 },
               { "Zoo", { 1, 410, 469, 347 }, 4 },
               { "Lily said, \"Hi!\"\n", { 1, 317, 336, 432, 313, 440, 417, 443 }, 8 }, /* and two more, below */
               { "caf\xC3\xA9", { 1, 280, 412, 431, 485 }, 5 },
               { "", { 1 }, 1 } };

/* Encodings that an independent implementation gave for tok512.bin. */
START_TEST(known_texts_have_their_tokens)
{
    const char *path = test_data("stories260K/tok512.bin");
    if (!path)
        return;
    MlcrtAlloc a = rt_libc_alloc();
    RtBpe *p;
    RtError err;
    int32_t ids[64];
    size_t n;
    ck_assert_msg(rt_bpe_load(&a, path, &p, &err) == MLCRT_OK, "%s", err.text);
    ck_assert_int_eq(rt_bpe_size(p), 512);
    for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
        ck_assert_int_eq(rt_bpe_encode(p, golden[i].text, strlen(golden[i].text), true, ids, 64, &n, &err), MLCRT_OK);
        ck_assert_uint_eq(n, i == 2 ? 10 : (size_t)golden[i].count);
        ck_assert_mem_eq(ids, golden[i].ids, (size_t)golden[i].count * sizeof ids[0]);
        ck_assert(i != 2 || (ids[8] == 436 && ids[9] == 13));
    }
    rt_bpe_free(p);
}
END_TEST

/* llama2.c's encoder, as plainly as it can be said. */
static size_t encode_slowly(const RtBpe *p, const char *text, size_t length, int32_t *ids)
{
    size_t count = 0;
    for (size_t at = 0, n; at < length || (at == 0 && length); at += n) {
        n = 1;
        while (n < 4 && at + n < length && ((unsigned char)text[at + n] & 0xC0) == 0x80)
            n++;
        const char *chars[] = { " ", text + at };
        for (int k = count > 0; k < 2; k++) {
            size_t m = k ? n : 1, piece_length;
            int32_t id = -1;
            for (int32_t i = 0; i < rt_bpe_size(p) && id < 0; i++) {
                const char *piece = rt_bpe_piece(p, i, &piece_length);
                if (piece_length == m && memcmp(piece, chars[k], m) == 0)
                    id = i;
            }
            for (size_t b = 0; b < (id < 0 ? m : 1); b++)
                ids[count++] = id < 0 ? 3 + (unsigned char)chars[k][b] : id;
        }
    }
    return count;
}

static float score_of(int32_t id)
{
    return id < 259 ? 0 : words[id - 259].score;
}

static size_t join_slowly(const RtBpe *p, int32_t *ids, size_t n)
{
    for (;;) {
        float best = -INFINITY;
        size_t place = n;
        int32_t best_id = -1;
        for (size_t i = 0; i + 1 < n; i++) {
            size_t a, b, m;
            char both[4096];
            const char *x = rt_bpe_piece(p, ids[i], &a), *y = rt_bpe_piece(p, ids[i + 1], &b);
            memcpy(both, x, a);
            memcpy(both + a, y, b);
            for (int32_t id = 0; id < rt_bpe_size(p); id++) {
                const char *piece = rt_bpe_piece(p, id, &m);
                if (m != a + b || memcmp(piece, both, m) != 0)
                    continue;
                if (score_of(id) > best) {
                    best = score_of(id);
                    best_id = id;
                    place = i;
                }
                break; /* of equal texts the first */
            }
        }
        if (place == n)
            return n;
        ids[place] = best_id;
        memmove(ids + place + 1, ids + place + 2, (--n - place - 1) * sizeof *ids);
    }
}

static size_t random_text(uint64_t *state, char *text, size_t most)
{
    static const char *const bits[] = { "a", "b", "c", " ", "ab", "bc", "aa", "\xC3\xA9", "\x80", "\xF0\x9F\x98\x80", "\n", "Once", " the",
                                        "\0", "z" };
    size_t n = 0;
    for (uint64_t k = test_random(state) % most; k > 0; k--) {
        uint64_t r = test_random(state);
        const char *s = r % 4 ? bits[(r >> 8) % 4] : bits[(r >> 8) % 15];
        size_t m = *s ? strlen(s) : 1;
        memcpy(text + n, s, m);
        n += m;
    }
    return n;
}

START_TEST(fast_and_slow_encodings_agree)
{
    uint64_t state = 11;
    char text[256];
    int32_t slow[256], fast[256];
    RtBpe *p = made();
    for (int i = 0; i < 400; i++) {
        size_t n = random_text(&state, text, 40), m, count = 0;
        m = encode_slowly(p, text, n, slow);
        m = join_slowly(p, slow, m);
        ck_assert_int_eq(rt_bpe_encode(p, text, n, false, fast, 256, &count, NULL), MLCRT_OK);
        ck_assert_msg(m == count && memcmp(slow, fast, m * sizeof *slow) == 0, "text %d: %zu and %zu tokens", i, m, count);
    }
    rt_bpe_free(p);
}
END_TEST

START_TEST(the_leftmost_of_equal_scores_is_joined_first)
{
    RtBpe *p = made();
    int32_t ids[16];
    size_t n;
    ck_assert_int_eq(rt_bpe_encode(p, "abc", 3, true, ids, 16, &n, NULL), MLCRT_OK); /* ab and bc have equal scores */
    ck_assert_uint_eq(n, 3);
    ck_assert_int_eq(ids[1], 259);     /* " " */
    ck_assert_int_eq(ids[2], 259 + 6); /* abc, by ab + c */
    ck_assert_int_eq(rt_bpe_encode(p, "bbb", 3, false, ids, 16, &n, NULL), MLCRT_OK);
    ck_assert(n == 3 && ids[1] == 259 + 15 && ids[2] == 259 + 2);
    ck_assert_int_eq(rt_bpe_encode(p, "a", 1, false, ids, 16, &n, NULL), MLCRT_OK);
    ck_assert(n == 1 && ids[0] == 259 + 9); /* of the two tokens "a" the first was used, and joined with the space */
    rt_bpe_free(p);
}
END_TEST

START_TEST(decoding_gives_the_text_back)
{
    uint64_t state = 5;
    RtBpe *p = best_there_is();
    for (int i = 0; i < 300; i++) {
        char text[256], back[256];
        int32_t ids[258];
        size_t n = i % 2 ? random_text(&state, text, 40) : test_random(&state) % sizeof text, count, used = 0;
        for (size_t k = 0; k < n && i % 2 == 0; k++)
            text[k] = (char)test_random(&state);
        ck_assert_int_eq(rt_bpe_encode(p, text, n, true, ids, 258, &count, NULL), MLCRT_OK);
        for (size_t k = 1; k < count; k++) {
            const char *piece;
            size_t m;
            ck_assert_int_eq(rt_bpe_decode(p, ids[k - 1], ids[k], &piece, &m, NULL), MLCRT_OK);
            memcpy(back + used, piece, m);
            used += m;
        }
        ck_assert_uint_eq(used, n);
        ck_assert_int_eq(memcmp(text, back, n), 0);
    }
    rt_bpe_free(p);
}
END_TEST

START_TEST(wrong_arguments_are_a_status)
{
    RtBpe *p = made();
    const char *text;
    int32_t ids[4] = { -7, -7, -7, -7 };
    size_t n;
    RtError err;
    ck_assert_int_eq(rt_bpe_decode(p, 0, -1, &text, &n, &err), MLCRT_EINDEX);
    ck_assert_int_eq(rt_bpe_decode(p, 0, MADE, &text, &n, &err), MLCRT_EINDEX);
    ck_assert_int_eq(rt_bpe_decode(p, -99, MADE - 1, &text, &n, &err), MLCRT_OK);
    ck_assert_ptr_null(rt_bpe_piece(p, INT32_MIN, &n));
    ck_assert_int_eq(rt_bpe_encode(p, "xyz", 3, true, ids, 4, &n, &err), MLCRT_ELIMIT);
    ck_assert(n == 5 && ids[0] == -7);
    ck_assert_int_eq(rt_bpe_encode(p, "xyz", 3, true, NULL, 0, &n, &err), MLCRT_OK);
    ck_assert_uint_eq(n, 5);
    ck_assert_int_eq(rt_bpe_encode(p, "xyz", 3, true, NULL, 5, &n, &err), MLCRT_EARG);
    ck_assert_int_eq(rt_bpe_encode(p, "xyz", 3, true, ids, 0, &n, &err), MLCRT_ELIMIT);
    ck_assert_int_eq(rt_bpe_encode(p, NULL, 3, true, ids, 4, &n, &err), MLCRT_EARG);
    ck_assert_int_eq(rt_bpe_encode(p, "x", (size_t)1 << 30, true, ids, 4, &n, &err), MLCRT_ELIMIT);
    ck_assert_int_eq(rt_bpe_encode(p, NULL, 0, false, NULL, 0, &n, &err), MLCRT_OK);
    ck_assert_uint_eq(n, 0);
    rt_bpe_free(p);
    rt_bpe_free(NULL);
}
END_TEST

/* ---- long texts and bad files ---- */

START_TEST(a_long_text_takes_n_log_n)
{
    RtBpe *p = made();
    size_t n = 200000, count;
    char *text = malloc(n);
    int32_t *ids = malloc((n + 2) * sizeof *ids);
    memset(text, 'a', n);
    ck_assert_int_eq(rt_bpe_encode(p, text, n, true, ids, n + 2, &count, NULL), MLCRT_OK); /* quadratic would take minutes */
    ck_assert_uint_eq(count, 2 + n / 4);
    free(text);
    free(ids);
    rt_bpe_free(p);
}
END_TEST

static MlcrtStatus read_status(const uint8_t *bytes, size_t n)
{
    TestAlloc t = { 0 };
    MlcrtAlloc a = test_hook(&t);
    RtBpe *p;
    uint8_t *tight = malloc(n ? n : 1); /* so that a byte too far is seen by the sanitizer */
    memcpy(tight, bytes, n);
    MlcrtStatus status = rt_bpe_read(&a, tight, n, &p, NULL);
    free(tight);
    ck_assert_int_eq(p != NULL, status == MLCRT_OK);
    if (p) {
        int32_t ids[32];
        size_t count;
        rt_bpe_encode(p, "abc bca \xC3\xA9z", 12, true, ids, 32, &count, NULL);
    }
    rt_bpe_free(p);
    ck_assert_uint_eq(t.live, 0);
    return status;
}

START_TEST(cut_files_are_refused)
{
    uint8_t bytes[8192];
    size_t n = make_tokenizer(bytes), whole[WORDS + 1], at = n;
    for (int i = WORDS; i >= 0; i--) { /* between two tokens a cut file is a shorter good one */
        whole[i] = at;
        at -= i ? 8 + strlen(words[i - 1].text) : 0;
    }
    for (size_t i = 0; i <= n; i++) {
        bool good = false;
        for (int k = 0; k <= WORDS; k++)
            good |= whole[k] == i;
        ck_assert_msg((read_status(bytes, i) == MLCRT_OK) == good, "cut at %zu of %zu", i, n);
    }
}
END_TEST

START_TEST(changed_files_do_no_harm)
{
    uint8_t bytes[8192];
    uint64_t state = 9;
    for (int i = 0; i < 2000; i++) {
        size_t n = make_tokenizer(bytes);
        for (uint64_t k = 1 + test_random(&state) % 4; k > 0; k--) {
            uint64_t r = test_random(&state);
            bytes[(r >> 8) % n] ^= (uint8_t)(1 << r % 8);
        }
        read_status(bytes, n);
    }
    static const uint32_t longest[] = { 0, 1025, INT32_MAX, UINT32_MAX };
    for (size_t i = 0; i < 4; i++) {
        size_t n = make_tokenizer(bytes);
        memcpy(bytes, &longest[i], 4);
        ck_assert_int_eq(read_status(bytes, n), MLCRT_EFORMAT);
    }
    size_t n = make_tokenizer(bytes);
    memcpy(bytes + 4, &(float){ NAN }, 4);
    ck_assert_int_eq(read_status(bytes, n), MLCRT_EFORMAT);
}
END_TEST

static MlcrtStatus load_and_encode(const MlcrtAlloc *a, void *path)
{
    RtBpe *p;
    int32_t ids[16];
    size_t n;
    MlcrtStatus status = rt_bpe_load(a, path, &p, NULL);
    if (!status)
        status = rt_bpe_encode(p, "abcab", 5, true, ids, 16, &n, NULL);
    rt_bpe_free(p);
    return status;
}

START_TEST(failing_allocations_are_a_status)
{
    uint8_t bytes[8192];
    char path[PATH_MAX];
    test_dir_make();
    strcpy(path, test_path("tok"));
    test_write(path, bytes, make_tokenizer(bytes));
    test_each_failure(load_and_encode, path);
    test_dir_drop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("runtime tokenizer");
    TCase *t = tcase_create("bpe");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, known_texts_have_their_tokens);
    tcase_add_test(t, fast_and_slow_encodings_agree);
    tcase_add_test(t, the_leftmost_of_equal_scores_is_joined_first);
    tcase_add_test(t, decoding_gives_the_text_back);
    tcase_add_test(t, wrong_arguments_are_a_status);
    tcase_add_test(t, a_long_text_takes_n_log_n);
    tcase_add_test(t, cut_files_are_refused);
    tcase_add_test(t, changed_files_do_no_harm);
    tcase_add_test(t, failing_allocations_are_a_status);
    suite_add_tcase(s, t);
    return test_main(s);
}
