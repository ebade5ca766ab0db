/* interp_lower.c - random checked trees: lowering and the evaluator of tensor IR give what the interpreter gives. */
#include "core_compare.h"

START_TEST(lowered_programs_agree_with_the_interpreter)
{
    run_many(NULL, 1000);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lowering against the interpreter");
    TCase *tc = tcase_create("random programs");
    tcase_set_timeout(tc, 250);
    tcase_add_test(tc, lowered_programs_agree_with_the_interpreter);
    suite_add_tcase(s, tc);
    return test_main(s);
}
