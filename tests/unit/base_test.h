/* base_test.h - what unit tests above room base share: an arena for each test, hooks that count and fail on demand. */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "test_main.h"

typedef struct TestHooks { size_t calls, live, live_bytes, fail_at; bool fail_on; } TestHooks;

static inline void *test_hook_alloc(void *user, size_t size)
{
    TestHooks *t = user;
    t->calls++;
    if (t->fail_at && (t->calls == t->fail_at || (t->fail_on && t->calls > t->fail_at)))
        return NULL;
    void *p = malloc(size);
    if (p) {
        memset(p, 0xa5, size); /* nothing may rely on cleared memory */
        t->live++;
        t->live_bytes += size;
    }
    return p;
}

static inline void test_hook_free(void *user, void *p, size_t size)
{
    TestHooks *t = user;
    t->live--;
    t->live_bytes -= size;
    free(p);
}

static inline MemHooks test_hooks(TestHooks *t)
{
    return (MemHooks){ t, test_hook_alloc, test_hook_free };
}

/* Runs f(mem, arg) with the 1st, 2nd, ... block of memory failing until it succeeds; nothing may be left each time. */
static inline void test_each_failure(void (*f)(void *pair), void *arg)
{
    for (int on = 0; on < 2; on++)
        for (size_t k = 1;; k++) {
            TestHooks t = { .fail_at = k, .fail_on = on };
            Mem m;
            mem_init(&m, test_hooks(&t), 0);
            void *pair[2] = { &m, arg };
            bool ok = mem_try(&m, f, pair);
            mem_drop(&m);
            ck_assert_msg(t.live == 0 && t.live_bytes == 0 && m.used == 0, "block %zu failed: %zu left", k, t.live);
            ck_assert_msg(ok == (t.calls < k), "block %zu failed, and the result is %d", k, ok);
            if (ok)
                break;
        }
}

static Mem test_mem;
static Arena *arena;

static inline void test_setup(void)
{
    mem_init(&test_mem, mem_malloc_hooks(), 0);
    arena = arena_new(&test_mem);
}

static inline void test_teardown(void)
{
    mem_drop(&test_mem);
    ck_assert_uint_eq(test_mem.used, 0);
}

#endif
