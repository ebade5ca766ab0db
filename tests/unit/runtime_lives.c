/* runtime_lives.c - the places that a call gives to tensors: apart while both live, near the least there can be, the same for the same sizes. */
#include <check.h>

#include "runtime/core_int.h"
#include "runtime_test.h"

enum { MOST = 96 };

typedef struct Case { RtLife l[MOST]; int32_t n, room[RT_LIFE_ROOM * MOST]; uint64_t state; } Case;

static int64_t draw(Case *c, int64_t below)
{
    c->state = c->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((c->state >> 33) % (uint64_t)below);
}

/* As products of a few sizes leave them: each lives to one of the next ones, some to the end; scratch lives for a moment. */
static void fill(Case *c, uint64_t seed)
{
    int64_t sizes[6];
    *c = (Case){ .state = seed * 77 + 5 };
    c->n = 4 + (int32_t)draw(c, MOST - 4);
    for (int i = 0; i < 6; i++)
        sizes[i] = seed % 5 == 0 ? 4096 : 64 * (1 + draw(c, 1 << (1 + draw(c, 12))));
    for (int32_t i = 0; i < c->n; i++) {
        bool scratch = draw(c, 4) == 0;
        int32_t life = scratch ? 0 : 1 + (int32_t)draw(c, draw(c, 5) ? 6 : c->n);
        c->l[i] = (RtLife){ .first = i, .last = i + life, .size = draw(c, 40) ? sizes[draw(c, 6)] * (scratch ? 2 : 1) : 0 };
    }
}

static bool overlap(const RtLife *a, const RtLife *b)
{
    return a->first <= b->last && b->first <= a->last && a->best < b->best + b->size && b->best < a->best + a->size && a->size && b->size;
}

START_TEST(lives_are_apart_and_near_the_least)
{
    enum { SEEDS = 2000 };
    static Case c;
    int over = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        fill(&c, seed);
        int64_t least = rt_lives_least(c.l, c.n), bytes = rt_lives_place(c.l, c.n, 0, c.room);
        ck_assert_int_ge(bytes, least);
        for (int32_t i = 0; i < c.n; i++) {
            ck_assert_msg(c.l[i].best >= 0 && c.l[i].best % 64 == 0 && c.l[i].best + c.l[i].size <= bytes, "seed %d life %d", (int)seed, i);
            for (int32_t k = 0; k < i; k++)
                ck_assert_msg(!overlap(&c.l[i], &c.l[k]), "seed %d: %d and %d overlap", (int)seed, k, i);
        }
        over += bytes > least + least / 10;
    }
    ck_assert_msg(over * 500 <= SEEDS, "%d of %d plans are more than a tenth above what lives at one time", over, SEEDS);
}
END_TEST

START_TEST(equal_sizes_have_equal_places)
{
    static Case a, b;
    fill(&a, 11);
    fill(&b, 11);
    ck_assert_int_eq(rt_lives_place(a.l, a.n, 0, a.room), rt_lives_place(b.l, b.n, 0, b.room));
    for (int32_t i = 0; i < a.n; i++)
        ck_assert_int_eq(a.l[i].best, b.l[i].best);
}
END_TEST

START_TEST(memory_that_is_held_is_used)
{
    static Case c;
    fill(&c, 12);
    int64_t least = rt_lives_least(c.l, c.n), most = 4 * least, bytes = rt_lives_place(c.l, c.n, most, c.room);
    ck_assert_int_le(bytes, most);
    ck_assert_int_ge(bytes, least);
    for (int32_t i = 0; i < c.n; i++)
        for (int32_t k = 0; k < i; k++)
            ck_assert(!overlap(&c.l[i], &c.l[k]));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("places of a call");
    TCase *t = tcase_create("lives");
    tcase_add_test(t, lives_are_apart_and_near_the_least);
    tcase_add_test(t, equal_sizes_have_equal_places);
    tcase_add_test(t, memory_that_is_held_is_used);
    suite_add_tcase(s, t);
    return test_main(s);
}
