/* driver_passes.c - random checked trees: what they give survives the passes on tensor IR, one by one and all together. */
#include "core_compare.h"
#include "passes/passes.h"

#if defined(__SANITIZE_ADDRESS__) /* they take several times as long */
enum { PROGRAMS = 70 };
#else
enum { PROGRAMS = 200 };
#endif

static const char *const pipelines[] = {
    "inline", "simplify", "cse", "dce", "inline,fuse", "inline,hoist", "inline,fuse,lift,fuse", "inline,narrow", "inline,narrow,share",
    "inline,simplify,cse,dce,fuse,lift,fuse,hoist,simplify,cse,dce,narrow",
};
static const char *pipeline;

static bool run_passes(CoreTest *c, IrFn *ir, Buf *errors)
{
    PassOptions o = { .pipeline = pipeline, .verify = true, .target = { 32, 16, 32768, 1 << 20 } };
    return passes_run(c->t.m, ir, &o, errors);
}

START_TEST(passes_keep_what_programs_give)
{
    pipeline = pipelines[_i];
    run_many(run_passes, PROGRAMS);
}
END_TEST

/* All passes, to tile IR in one arena; what it gives is the backend's to show. */
START_TEST(every_program_becomes_sound_tile_ir)
{
    for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
        CoreTest c;
        ir_test_init(&c.t);
        Buf errors = buf_new(c.t.arena);
        IrFn *ir = frontend_lower(c.t.m, random_program(&c, seed), c.t.diags);
        PassOptions o = { .verify = true, .target = { 32, 16, 32768, 1 << 20 } };
        bool ok = passes_run(c.t.m, ir, &o, &errors);
        if (!ok)
            fprintf(stderr, "%s\n", buf_text(&errors));
        ck_assert_msg(ok && ir->level == TILE, "seed %d", (int)seed);
        ir_test_drop(&c.t);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("passes against the interpreter");
    TCase *tc = tcase_create("random programs");
    tcase_set_timeout(tc, 250);
    tcase_add_loop_test(tc, passes_keep_what_programs_give, 0, (int)(sizeof pipelines / sizeof *pipelines));
    tcase_add_test(tc, every_program_becomes_sound_tile_ir);
    suite_add_tcase(s, tc);
    return test_main(s);
}
