/* test_main.h - the end of every Check suite's main. */
#ifndef TEST_MAIN_H
#define TEST_MAIN_H

#include <check.h>

/* Runs a suite; the exit status of the program. */
static inline int test_main(Suite *s)
{
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

#endif
