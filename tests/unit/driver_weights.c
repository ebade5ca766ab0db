/* driver_weights.c - between statements a script holds a weight once, in the form that the last statement took, whatever others read; and it
 * is what it was, bit for bit.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/script.h"

enum { WEIGHT = 16 * 256 * 256 * 4 }; /* bytes */

#define HEAD \
    "model Net(D, L) {\n" \
    "    param weight: f32[L, D, D] ~ normal(0, 0.1)\n" \
    "    fn call(x: f32[B, D]) -> f32[B, D] = layers(weight, x)\n" \
    "}\n" \
    "fn layers(w: f32[L, D, D], x: f32[B, D]) -> f32[B, D] {\n" \
    "    var y = x\n" \
    "    for l in 0..L {\n" \
    "        let z[b, o] = sum[i](y[b, i] * w[l, o, i])\n" \
    "        y = z\n" \
    "    }\n" \
    "    y\n" \
    "}\n" \
    "fn scale(var net: Net(D, L), by: f32) { net.weight = net.weight * by }\n"

static const char program_head[] = HEAD;
static const char program[] = HEAD
    "let x: f32[4, 256] = 0.125\n"
    "var net = Net(256, 16)\n"
    "let first = sum(net(x))\n"
    "let again = sum(net(x))\n";

typedef struct Fixture { Mem mem; Codegen *codegen; MlcrtContext *context; Unit *u; Script *s; FILE *out; char *text; size_t size; } Fixture;

static void set_up_within(Fixture *f, uint64_t budget)
{
    memset(f, 0, sizeof *f);
    mem_init(&f->mem, mem_malloc_hooks(), 0);
    UnitOptions o = { .cpu = "native", .optimise = 2, .library_path = MLC_BUILD_DIR };
    MlcrtOptions co = { .size = sizeof co, .threads = 2, .budget = budget };
    f->codegen = codegen_new(arena_new(&f->mem), &o);
    ck_assert_int_eq(mlcrt_context_new(&co, &f->context), MLCRT_OK);
    f->u = unit_new(&f->mem, &o, f->codegen, f->context);
    f->out = open_memstream(&f->text, &f->size);
    ScriptOptions so = { .out = f->out, .err = stderr };
    f->s = script_new(f->u, &so);
    ck_assert(f->s && f->out);
}

static void set_up(Fixture *f)
{
    set_up_within(f, 0);
}

static void tear_down(Fixture *f)
{
    script_free(f->s);
    unit_drop(f->u);
    mlcrt_context_free(f->context);
    codegen_free(f->codegen);
    mem_drop(&f->mem);
    fclose(f->out);
    free(f->text);
}

/* Checks a further text of the session, compiles its statements together and runs them until one fails. */
static bool runs(Fixture *f, const char *text)
{
    int done = f->u->core ? f->u->core->script.n : 0;
    ck_assert_msg(unit_more(f->u, "session", text, strlen(text), NULL), "%s", text);
    const CoreModule *m = f->u->core;
    ck_assert_msg(script_prepare(f->s, m->script.p + done, m->script.n - done), "%s", text);
    for (int i = done; i < m->script.n; i++)
        if (!script_run(f->s, &m->script.p[i]))
            return false;
    return true;
}

static void run(Fixture *f, const char *text)
{
    ck_assert_msg(runs(f, text), "%s", text);
}

static double weights_held(const Fixture *f)
{
    uint64_t now;
    ck_assert_int_eq(mlcrt_context_memory(f->context, &now, NULL), MLCRT_OK);
    return (double)now / WEIGHT;
}

START_TEST(a_weight_is_held_once)
{
    Fixture f;
    set_up(&f);
    run(&f, program);
    ck_assert_msg(weights_held(&f) > 1 && weights_held(&f) < 1.3, "%.2f times the weight", weights_held(&f));
    run(&f, "let t = sum(net(x)) == first and first == again");
    ck_assert_msg(weights_held(&f) < 1.3, "%.2f times the weight", weights_held(&f));
    run(&f, "print(t, first != 0)");
    fflush(f.out);
    ck_assert_str_eq(f.text, "true true\n");
    tear_down(&f);
}
END_TEST

/* Read as it is by a later statement, changed in place, packed again. */
START_TEST(a_weight_is_what_it_was)
{
    Fixture f;
    set_up(&f);
    run(&f, program);
    run(&f, "let w = net.weight");
    run(&f, "print(sum(layers(w, x)) == first, w[3, 250, 17] == net.weight[3, 250, 17])");
    run(&f, "scale(var net, 2.0)");
    run(&f, "print(sum(net(x)) == 65536 * first, net.weight[3, 250, 17] == 2 * w[3, 250, 17], again == first)");
    fflush(f.out);
    ck_assert_str_eq(f.text, "true true\ntrue true true\n");
    tear_down(&f);
}
END_TEST

/* Two models with the same weights hold them together, where both have them packed, until one is changed. */
START_TEST(equal_weights_are_held_together)
{
    static const struct { const char *line; double most; } lines[] = {
        { "let other = load(\"" MLC_BUILD_DIR "/driver_weights_equal.safetensors\") as Net(256, 16)", 2.3 },
        { "print(sum(other(x)) == first, sum(net(x)) == first)", 1.3 },
        { "scale(var net, 2.0)", 2.3 },
        { "print(sum(net(x)) == 65536 * first, sum(other(x)) == first)", 2.3 },
        { "scale(var net, 0.5)", 2.3 },
        { "print(sum(net(x)) == first, sum(other(x)) == first, net.weight[3, 250, 17] == other.weight[3, 250, 17])", 1.3 },
    };
    Fixture f;
    set_up(&f);
    run(&f, program);
    run(&f, "save(net, \"" MLC_BUILD_DIR "/driver_weights_equal.safetensors\")");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        run(&f, lines[i].line);
        ck_assert_msg(weights_held(&f) > lines[i].most - 0.4 && weights_held(&f) < lines[i].most, "%.2f times the weight after '%s'", weights_held(&f), lines[i].line);
    }
    fflush(f.out);
    ck_assert_msg(!strstr(f.text, "false"), "%s", f.text);
    tear_down(&f);
}
END_TEST

/* Statements that take it in panels of one axis, of the other, along its rows, in place, element by element, interpreted: none leaves two. */
START_TEST(whatever_statements_take_one_form_is_left)
{
    static const char *const lines[] = {
        "print(sum(net(x)) == first)",
        "print(sum(across(net, x)) == other)",
        "print(sum(net(x)) == first, sum(across(net, x)) == other)",
        "print(sum(net(x)) + sum(across(net, x)) + sum(rows(net, x)) == first + other + along)",
        "print(sum(rows(net, x)) == along)",
        "print(net.weight[3, 250, 17] == w)",
        "print(sum(net(x)) == first)",
        "save(net, \"" MLC_BUILD_DIR "/driver_weights.safetensors\")",
        "print(sum(net(x)) == first, exists(\"" MLC_BUILD_DIR "/driver_weights.safetensors\"))",
        "scale(var net, 2.0)",
        "print(sum(net(x)) == 65536 * first)",
        "scale(var net, 0.5)",
        "print(sum(net(x)) == first and sum(rows(net, x)) == along)",
        "net = load(\"" MLC_BUILD_DIR "/driver_weights.safetensors\") as Net(256, 16)",
        "print(sum(rows(net, x)) == along)",
        "print(sum(net(x)) == first)",
    };
    Fixture f;
    set_up(&f);
    run(&f, program);
    run(&f, "fn across(net: Net(D, L), x: f32[B, D]) -> f32[B, L] { out[b, l] = sum[i](x[b, i] * net.weight[l, i, 0]) }\n"
            "fn rows(net: Net(D, L), x: f32[B, D]) -> f32[B, D] { out[b, o] = sum[i](x[b, i] * net.weight[1, i, o]) }");
    run(&f, "let other = sum(across(net, x))\nlet along = sum(rows(net, x))\nlet w = net.weight[3, 250, 17]");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        run(&f, lines[i]);
        ck_assert_msg(weights_held(&f) > 1 && weights_held(&f) < 1.3, "%.2f times the weight after '%s'", weights_held(&f), lines[i]);
    }
    fflush(f.out);
    ck_assert_msg(!strstr(f.text, "false"), "%s", f.text);
    tear_down(&f);
}
END_TEST

/* Interpreted statements hand the model itself to compiled functions, and read elements where they lie. */
START_TEST(interpreted_statements_copy_no_weight)
{
    Fixture f;
    uint64_t most;
    set_up(&f);
    run(&f, program);
    run(&f, "let w = net.weight[3, 250, 17]\n"
            "fn work(net: Net(D, L), x: f32[B, D]) -> f32 {\n"
            "    let text = read_bytes(\"" MLC_SOURCE_DIR "/CMakeLists.txt\")\n"
            "    let y = net(x)\n"
            "    let z = layers(net.weight, x)\n"
            "    if len(text) > 0 and net.weight[3, 250, 17] == net.weight[3, 250, 17] { sum(y) + sum(z) - sum(y) } else { 0 }\n"
            "}\n"
            "fn loaded(x: f32[B, 256]) -> f32 { let net = load(\"" MLC_BUILD_DIR "/driver_weights_step.safetensors\") as Net(256, 16)\n    sum(net(x)) }");
    static const char *const lines[] = {
        "print(work(net, x) == first)",
        "print(sum(net(x)) == first, work(net, x) == first, net.weight[3, 250, 17] == w)",
        "save(net, \"" MLC_BUILD_DIR "/driver_weights_step.safetensors\")",
        "print(loaded(x) == first)",
        "net = if exists(\"" MLC_BUILD_DIR "/driver_weights_step.safetensors\")"
        " { load(\"" MLC_BUILD_DIR "/driver_weights_step.safetensors\") as Net(256, 16) } else { net }",
        "print(work(net, x) == first)",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        run(&f, lines[i]);
        ck_assert_msg(weights_held(&f) > 1 && weights_held(&f) < 1.3, "%.2f times the weight after '%s'", weights_held(&f), lines[i]);
    }
    ck_assert_int_eq(mlcrt_context_memory(f.context, NULL, &most), MLCRT_OK);
    ck_assert_msg((double)most / WEIGHT < 4.3, "%.2f times the weight at most", (double)most / WEIGHT);
    fflush(f.out);
    ck_assert_msg(!strstr(f.text, "false"), "%s", f.text);
    tear_down(&f);
}
END_TEST

/* The numbers of a safetensors file with one tensor of the weight's size, which lie at its end. */
static float *saved(const char *path)
{
    float *x = malloc(WEIGHT);
    FILE *f = fopen(path, "rb");
    ck_assert(x && f && fseek(f, -(long)WEIGHT, SEEK_END) == 0 && fread(x, 1, WEIGHT, f) == WEIGHT && fclose(f) == 0);
    return x;
}

/* No room for a weight in two forms at once: the statement says so, and the weight is still there. */
START_TEST(without_memory_a_weight_stays_what_it_was)
{
    static const char *const files[] = { MLC_BUILD_DIR "/driver_weights_room0.safetensors", MLC_BUILD_DIR "/driver_weights_room1.safetensors", MLC_BUILD_DIR "/driver_weights_room2.safetensors" };
    float *at[3];
    Fixture f;
    set_up_within(&f, 7 * (uint64_t)WEIGHT / 4);
    run(&f, program_head);
    run(&f, "let x: f32[4, 256] = 0.125\nvar net = Net(256, 16)\nsave(net, \"" MLC_BUILD_DIR "/driver_weights_room0.safetensors\")");
    ck_assert(!runs(&f, "let y = sum(net(x))"));
    unit_forget_messages(f.u);
    run(&f, "save(net, \"" MLC_BUILD_DIR "/driver_weights_room1.safetensors\")\nscale(var net, 2.0)\nsave(net, \"" MLC_BUILD_DIR "/driver_weights_room2.safetensors\")");
    for (int i = 0; i < 3; i++)
        at[i] = saved(files[i]);
    for (size_t i = 0; i < WEIGHT / sizeof **at; i++)
        ck_assert(at[1][i] == at[0][i] && at[2][i] == 2 * at[0][i]);
    for (int i = 0; i < 3; i++)
        free(at[i]);
    ck_assert_msg(weights_held(&f) > 1 && weights_held(&f) < 1.3, "%.2f times the weight", weights_held(&f));
    tear_down(&f);
}
END_TEST

/* Weights change their form before the call: a cancel then is one of the call. */
START_TEST(a_cancel_while_weights_are_packed_ends_the_statement)
{
    Fixture f;
    set_up(&f);
    run(&f, program_head);
    run(&f, "let x: f32[4, 256] = 0.125\nvar net = Net(256, 16)");
    ck_assert_int_eq(mlcrt_cancel(script_session(f.s)), MLCRT_OK);
    ck_assert(!runs(&f, "let y = sum(net(x))"));
    unit_forget_messages(f.u);
    run(&f, "let z = sum(net(x))");
    ck_assert_msg(weights_held(&f) > 1 && weights_held(&f) < 1.3, "%.2f times the weight", weights_held(&f));
    tear_down(&f);
}
END_TEST

static uint64_t bytes_held(const Fixture *f)
{
    uint64_t now;
    ck_assert_int_eq(mlcrt_context_memory(f->context, &now, NULL), MLCRT_OK);
    return now;
}

/* 16 x 768 elements of q8_0 and of q4_0: in panels, then changed in place, which makes them f32. */
START_TEST(a_weight_in_blocks_is_held_once_in_blocks)
{
    enum { BLOCKS = 16 * 24 * (34 + 18), FLOATS = 2 * 16 * 768 * 4 };
    Fixture f;
    set_up(&f);
    run(&f, "model Zoo(N, K) {\n    param a: f32[N, K] = 0\n    param b: f32[N, K] = 0\n"
            "    fn call(x: f32[T, K]) -> f32[T, N] = x @ a.T + x @ b.T\n}\n"
            "fn scale(var net: Zoo(N, K), by: f32) {\n    net.a = net.a * by\n    net.b = net.b * by\n}\n"
            "let x: f32[4, 768] = 0.125");
    uint64_t before = bytes_held(&f);
    run(&f, "var net = load(\"" MLC_SOURCE_DIR "/tests/data/gguf/quant-zoo.gguf\", rename: [(\"q8_0\", \"a\"), (\"q4_0\", \"b\"), (\"**\", \"\")]) as Zoo(16, 768)");
    run(&f, "let first = sum(net(x))\nlet again = sum(net(x))");
    uint64_t held = bytes_held(&f) - before;
    ck_assert_msg(held >= BLOCKS && held < BLOCKS + FLOATS / 4, "%llu bytes for %d in blocks", (unsigned long long)held, BLOCKS);
    static const char *const lines[] = { /* as a whole, which is f32; interpreted; looked up */
        "let (v, i) = topk(net.a, 1)\nprint(max[n, k](v[n, k]) == max[n, k](net.a[n, k]))",
        "save(net, \"" MLC_BUILD_DIR "/driver_weights_blocks.safetensors\")",
        "print(net.a[3, 7] + net.b[15, 767] == net.b[15, 767] + net.a[3, 7])",
        "print(sum(net(x)) == first)",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        run(&f, lines[i]);
        held = bytes_held(&f) - before;
        ck_assert_msg(held >= BLOCKS && held < BLOCKS + FLOATS / 4, "%llu bytes for %d in blocks after '%s'", (unsigned long long)held, BLOCKS, lines[i]);
    }
    run(&f, "scale(var net, 2.0)");
    ck_assert_uint_gt(bytes_held(&f) - before, FLOATS);
    run(&f, "print(first == again, first != 0, sum(net(x)) == 2 * first)");
    fflush(f.out);
    ck_assert_msg(!strstr(f.text, "false"), "%s", f.text);
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("weights of scripts");
    TCase *tc = tcase_create("weights");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_weight_is_held_once);
    tcase_add_test(tc, a_weight_is_what_it_was);
    tcase_add_test(tc, equal_weights_are_held_together);
    tcase_add_test(tc, whatever_statements_take_one_form_is_left);
    tcase_add_test(tc, interpreted_statements_copy_no_weight);
    tcase_add_test(tc, without_memory_a_weight_stays_what_it_was);
    tcase_add_test(tc, a_cancel_while_weights_are_packed_ends_the_statement);
    tcase_add_test(tc, a_weight_in_blocks_is_held_once_in_blocks);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
