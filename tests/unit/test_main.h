/* test_main.h - the end of every Check suite's main. */
#ifndef TEST_MAIN_H
#define TEST_MAIN_H

#include <check.h>

/* Runs a suite; the exit status of the program. Tests that are together run in one process, and share what their fixture made. */
static inline int test_main_in(Suite *s, enum fork_status fork)
{
    SRunner *runner = srunner_create(s);
    if (fork == CK_NOFORK)
        srunner_set_fork_status(runner, fork);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

static inline int test_main(Suite *s) { return test_main_in(s, CK_FORK); }
static inline int test_main_together(Suite *s) { return test_main_in(s, CK_NOFORK); }

#endif
