/* base_memory.c - arenas, growable arrays and text, names, maps: they keep what they are given, and a failing allocator
 * costs nothing but the result. */
#include "base_test.h"

#include <limits.h>

START_TEST(pieces_are_zeroed_aligned_and_apart)
{
    TestHooks hooks = { 0 };
    Mem m;
    mem_init(&m, test_hooks(&hooks), 0); /* blocks come filled with 0xa5 */
    Arena *a = arena_new(&m);
    unsigned char *last = NULL;
    for (size_t size = 0; size < 9000; size += size / 7 + 1) {
        unsigned char *p = arena_alloc(a, size);
        ck_assert_uint_eq((uintptr_t)p % 16, 0);
        ck_assert_ptr_ne(p, last);
        for (size_t i = 0; i < size; i++)
            ck_assert_msg(p[i] == 0, "byte %zu of %zu", i, size);
        memset(p, 0xff, size);
        last = p;
    }
    ck_assert_uint_eq(arena_bytes(a), m.used);
    ck_assert_uint_eq(hooks.live_bytes, m.used);
    mem_drop(&m);
    ck_assert_uint_eq(hooks.live, 0);
}
END_TEST

START_TEST(arenas_drop_in_any_order)
{
    Arena *a[4];
    size_t before = test_mem.used;
    for (int i = 0; i < 4; i++)
        arena_alloc(a[i] = arena_new(&test_mem), 100000);
    arena_drop(a[2]);
    arena_drop(a[0]);
    arena_drop(a[3]);
    arena_drop(NULL);
    ck_assert_ptr_eq(arena_mem(a[1]), &test_mem);
    arena_drop(a[1]);
    ck_assert_uint_eq(test_mem.used, before);
}
END_TEST

START_TEST(arrays_keep_their_elements_while_others_grow)
{
    VEC(int) v = { 0 };
    VEC(int) w = { 0 };
    for (int i = 0; i < 30000; i++) {
        vec_push(arena, &v, i);
        if (i % 3 == 0)
            vec_push(arena, &w, -i);
    }
    for (int i = 0; i < v.n; i++)
        ck_assert_int_eq(v.p[i], i);
    for (int i = 0; i < w.n; i++)
        ck_assert_int_eq(w.p[i], -3 * i);
    ck_assert_int_eq(vec_last(&v), 29999);
}
END_TEST

START_TEST(text_is_copied_formatted_and_collected)
{
    ck_assert_str_eq(arena_text(arena, "abcdef", 3), "abc");
    ck_assert_str_eq(arena_text(arena, NULL, 0), "");
    ck_assert_str_eq(arena_printf(arena, "%s:%d", "x", 7), "x:7");
    Buf b = buf_new(arena);
    ck_assert_str_eq(buf_text(&b), "");
    for (int i = 0; i < 1000; i++) {
        buf_printf(&b, "%04d", i);
        buf_putc(&b, ',');
        buf_puts(&b, "");
        arena_alloc(arena, 1); /* so that the text has to move when it grows */
    }
    ck_assert_uint_eq(b.n, 5000);
    ck_assert_int_eq(strncmp(buf_text(&b) + 4990, "0998,0999,", 11), 0);
    for (int n = 190; n < 210; n++) { /* around the length that is tried first */
        size_t before = b.n;
        buf_printf(&b, "%*d", n, 7);
        ck_assert_uint_eq(b.n, before + (size_t)n);
        ck_assert_int_eq(b.p[b.n - 1], '7');
        const char *text = arena_printf(arena, "%*d", n, 7);
        ck_assert_uint_eq(strlen(text), (size_t)n);
        ck_assert_int_eq(text[n - 1], '7');
        b.n = before;
    }
    buf_printf(&b, "%200s|", "");
    ck_assert_uint_eq(strlen(buf_text(&b)), 5201);
}
END_TEST

START_TEST(equal_names_are_one_pointer)
{
    Names *ns = names_new(arena);
    Map m = map_new(arena);
    enum { N = 5000 };
    char text[16];
    ck_assert_ptr_null(map_find(&m, ns));
    for (intptr_t i = 0; i < N; i++) {
        snprintf(text, sizeof text, "n%d", (int)i);
        map_put(&m, name_of(ns, text), (void *)(i + 1));
    }
    map_put(&m, name_of(ns, "n7"), ns);
    ck_assert_int_eq(m.n, N);
    for (intptr_t i = 0; i < N; i++) {
        int len = snprintf(text, sizeof text, "n%dxx", (int)i) - 2;
        Name n = name_len(ns, text, (size_t)len);
        ck_assert_ptr_eq(n, name_of(ns, n));
        ck_assert_ptr_eq(map_find(&m, n), i == 7 ? (void *)ns : (void *)(i + 1));
    }
    ck_assert_ptr_null(map_find(&m, name_of(ns, "other")));
    ck_assert_ptr_null(map_find(&m, NULL));
    ck_assert_ptr_eq(name_of(ns, ""), name_len(ns, "abc", 0));
}
END_TEST

/* ---- failure ---- */

static void use_everything(void *pair)
{
    Mem *m = ((void **)pair)[0];
    Arena *a = arena_new(m);
    Names *ns = names_new(a);
    Map map = map_new(a);
    VEC(char) v = { 0 };
    for (int i = 0; i < 3000; i++) {
        Name n = name_of(ns, arena_printf(a, "name%d", i));
        map_put(&map, n, ns);
        vec_push(a, &v, 'x');
    }
    Arena *b = arena_new(m);
    Sources *ss = sources_new(b);
    Diags *d = diags_new(b, ss);
    source_add(ss, "f", "a\nb\n", 4);
    diag_error(d, E0101, (Span){ 1, 0, 1 }, "bad");
    diag_note(d, (Span){ 1, 2, 3 }, "there");
    Buf out = buf_new(b);
    diags_render(d, &out, true);
    diags_render_json(d, &out);
}

START_TEST(a_failing_block_unwinds_and_leaves_nothing)
{
    test_each_failure(use_everything, NULL);
}
END_TEST

static void allocate_forever(void *mem)
{
    Arena *a = arena_new(mem);
    for (;;)
        arena_alloc(a, 1000);
}

static void try_inside(void *mem)
{
    Mem *m = mem;
    ck_assert(!mem_try(m, allocate_forever, m));
    mem_fail(m); /* goes to the outer mem_try, which is the innermost again */
}

START_TEST(the_limit_holds_and_tries_nest)
{
    Mem m;
    mem_init(&m, mem_malloc_hooks(), 1 << 20);
    ck_assert(!mem_try(&m, try_inside, &m));
    ck_assert_uint_le(m.used, 1 << 20);
    ck_assert_ptr_null(m.on_fail);
    mem_drop(&m);
    ck_assert_uint_eq(m.used, 0);
}
END_TEST

static void huge_piece(void *a) { arena_alloc(a, SIZE_MAX - 8); }
static void huge_array(void *a) { arena_array(a, SIZE_MAX / 2, 3); }
static void huge_text(void *a) { arena_text(a, "x", SIZE_MAX); }
static void huge_buf(void *a) { Buf b = buf_new(a); buf_add(&b, "x", SIZE_MAX / 2); }
static void huge_source(void *a) { source_add(sources_new(a), "x", "", (size_t)INT32_MAX + 1); }
static void full_array(void *a)
{
    void *p = NULL;
    int cap = INT_MAX / 2 + 1;
    vec_grow(a, &p, &cap, 1);
}

static void (*const too_large[])(void *) = { huge_piece, huge_array, huge_text, huge_buf, huge_source, full_array };

START_TEST(sizes_that_overflow_fail)
{
    ck_assert(!mem_try(&test_mem, too_large[_i], arena));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base: memory");
    TCase *tc = tcase_create("memory");
    tcase_add_checked_fixture(tc, test_setup, test_teardown);
    tcase_add_test(tc, pieces_are_zeroed_aligned_and_apart);
    tcase_add_test(tc, arenas_drop_in_any_order);
    tcase_add_test(tc, arrays_keep_their_elements_while_others_grow);
    tcase_add_test(tc, text_is_copied_formatted_and_collected);
    tcase_add_test(tc, equal_names_are_one_pointer);
    tcase_add_test(tc, a_failing_block_unwinds_and_leaves_nothing);
    tcase_add_test(tc, the_limit_holds_and_tries_nest);
    tcase_add_loop_test(tc, sizes_that_overflow_fail, 0, sizeof too_large / sizeof *too_large);
    suite_add_tcase(s, tc);
    return test_main(s);
}
