/* check.h - Check, whose assertions that hold cost nothing: as it comes, each of them writes where it stands to a file (a system call),
 * which in loops over a million values takes longer than what is tested. */
#ifndef TESTS_LIB_CHECK_H
#define TESTS_LIB_CHECK_H

#include_next <check.h>

#undef mark_point
#define mark_point() ((void)0)
#undef _mark_point
#define _mark_point(file, line) ((void)0)

#endif
