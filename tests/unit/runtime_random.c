/* Random numbers: the published answers of Philox 4x32-10, and what keys, places and elements promise. */
#include <check.h>

#include "runtime/random.h"
#include "runtime_test.h"

/* Source: kat_vectors of the authors' Random123 distribution. */
static const struct { uint32_t counter[4], key[2], result[4]; } known[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { ~0u, ~0u, ~0u, ~0u }, { ~0u, ~0u }, { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 }, { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

START_TEST(philox_gives_the_published_words)
{
    uint32_t x[4];
    memcpy(x, known[_i].counter, sizeof x);
    rt_philox(x, known[_i].key[0], known[_i].key[1]);
    for (int k = 0; k < 4; k++)
        ck_assert_msg(x[k] == known[_i].result[k], "row %d word %d: %08x", _i, k, x[k]);
}
END_TEST

START_TEST(bits_are_the_words_that_the_page_says)
{
    ck_assert_uint_eq(rt_random_bits((MlcrtKey){ { 0, 0 } }, 0, 0), UINT64_C(0xe169c58d6627e8d5));
    MlcrtKey k = { { UINT64_C(0x299f31d0a4093822), UINT64_C(0x0370734413198a2e) } };
    ck_assert_uint_eq(rt_random_bits(k, 0, (int64_t)UINT64_C(0x85a308d3243f6a88)), UINT64_C(0x94fdccebd16cfe09));
    k.w[1] ^= 7 * RT_PLACE;
    ck_assert_uint_eq(rt_random_bits(k, 7, (int64_t)UINT64_C(0x85a308d3243f6a88)), UINT64_C(0x94fdccebd16cfe09));
    k.w[1] ^= 7 * RT_PLACE ^ -RT_PLACE;
    MlcrtKey f = rt_key_fold(k, (int64_t)UINT64_C(0x85a308d3243f6a88));
    ck_assert_uint_eq(f.w[0], UINT64_C(0x94fdccebd16cfe09));
    ck_assert_uint_eq(f.w[1], UINT64_C(0x24126ea15001e420));
    ck_assert_uint_eq(rt_key_new(-3).w[0], UINT64_C(0xfffffffffffffffd));
    ck_assert_uint_eq(rt_key_new(-3).w[1], 0);
}
END_TEST

/* 64 bits, 4096 draws: each bit is set about half the time (6 sigma), and neighbours share about half their bits. */
START_TEST(bits_are_even_over_elements_places_and_folds)
{
    enum { N = 4096, SLACK = 6 * 32 };
    int set[64] = { 0 };
    MlcrtKey k = rt_key_new(42);
    for (int64_t i = 0; i < N; i++) {
        uint64_t b = _i == 0 ? rt_random_bits(k, 1, i) : _i == 1 ? rt_random_bits(k, i, 0) : rt_random_bits(rt_key_fold(k, i), 0, 0);
        for (int bit = 0; bit < 64; bit++)
            set[bit] += b >> bit & 1;
    }
    for (int bit = 0; bit < 64; bit++)
        ck_assert_msg(set[bit] > N / 2 - SLACK && set[bit] < N / 2 + SLACK, "way %d: bit %d is set %d times of %d", _i, bit, set[bit], N);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("random numbers");
    TCase *t = tcase_create("philox");
    tcase_add_loop_test(t, philox_gives_the_published_words, 0, sizeof known / sizeof *known);
    tcase_add_test(t, bits_are_the_words_that_the_page_says);
    tcase_add_loop_test(t, bits_are_even_over_elements_places_and_folds, 0, 3);
    suite_add_tcase(s, t);
    return test_main(s);
}
