/* gen_fault.c - scores that look something up where it may not be: elements that may fail, read in part, under guards, by rows, or as a whole.
 *
 * A table of 7 places is asked for by places that depend on a column, a row or both, one or a few of which may be outside. Whether that fails
 * depends on the named tensor alone, whoever reads it; in the branch of a choice, or in the body of an operator, on the condition as well. All
 * failures are of one status, since of several it is not said which one is reported. In the texts stand what gen_form.c says.
 */
#include "gen_int.h"

static const char *const wrong_columns[] = { "{j} < 0", "{j} < 0", "{j} < 0", "{j} == 2", "{j} == 0", "{j} >= {F} - 1", "{j} >= 3", "{j} >= {F} - 1" };
static const char *const wrong_rows[] = { "{i} < 0", "{i} < 0", "{i} < 0", "{i} < 0", "{i} == 1", "{i} >= {E} - 1" };
static const char *const outside[] = { "7", "-1", "100" };

static const char *const looked_up[] = {
    "{t}b[{t}n[{j}]]", "{t}b[{t}n[{j}]]", "{t}b[{t}m[{i}]]", "{t}b[{t}n[{j}]] * {t}b[{t}m[{i}]]", "(if $1 { {t}b[{t}n[{j}]] } else { 0.25 })", "{t}b[max({t}n[{j}], {t}m[{i}])]",
    "sum[k: 3]({t}b[{t}n[{j}]] * {T}(k))", "sum[k: {F} | k <= {j}]({t}b[{t}n[k]]) * 0.125", "{t}b[clip({t}n[{j}] + {i}, 0, 6)]", "tanh({t}b[{t}n[{j}]])", "({t}b[{t}n[{j}]] ?? 0.5)",
    "max[k: {E} | $2]({t}b[{t}m[k]])",
};
static const char *const changed[] = {
    "{t}s[{i}, {j}] * 0.5", "tanh({t}s[{i}, {j}])", "exp(min({t}s[{i}, {j}], 1))", "(if $1 { {t}s[{i}, {j}] } else { -0.5 })", "{t}s[{i}, {F} - 1 - {j}]", "{t}s[{i}, {j}] + {t}b[{t}n[{j}]]",
    "softmax[{j} | $1]({t}s[{i}, {j}])",
};
static const char *const readers[] = {
    "let {t}o[{i}: {E}] = clip(logsumexp[{j}: {F} | $1]({t}c[{i}, {j}]), -40, 40)",
    "let {t}p[{i}: {E}, {j}: {F}] = softmax[{j} | $1]({t}c[{i}, {j}])\n    let {t}o[{i}: {E}] = {T}(sum[{j}: {F}]({t}p[{i}, {j}] * {m}[{i}, {j}]))",
    "let {t}p[{i}: {E}, {j}: {F}] = softmax[{j} | {j} <= {i}]({t}c[{i}, {j}])\n    let {t}o[{i}: {E}] = {T}(sum[{j}: {F}]({t}p[{i}, {j}] * {t}p[{i}, {j}]))",
    "let {t}p[{i}: {E}, {j}: {F}] = log_softmax[{j}]({t}c[{i}, {j}])\n    let {t}o[{i}: {E}] = if $2 { max(({t}p[{i}, 1] ?? 0.5), -9) } else { 0.25 }",
    "let {t}o[{i}: {E}] = {T}(sum[{j}: {F} | $1]({t}c[{i}, {j}])) * 0.125",
    "let {t}o[{i}: {E}] = clip(max[{j}: {F} | {j} <= {i} + 1]({t}c[{i}, {j}]), -9, 9)",
    "let {t}o[{i}: {E}] = ({t}c[{i}, 2] ?? 0.5)",
    "let {t}o[{i}: {E}] = if $2 { clip(max[{j}: {F}]({t}c[{i}, {j}]), -9, 9) } else { 0.5 }",
    "let {t}o[{i}: {E}] = {T}(sum[{j}: {F} // 2]({t}c[{i}, 2 * {j}])) * 0.125",
    "let {t}o[{i}: {E}] = {T}(argmax[{j}: {F} | $1](floor({t}c[{i}, {j}] * 8))) * 0.125",
    "let {t}q[{i}: {E}, {j}: {F}] = {T}(cumsum[{j}]({t}c[{i}, {j}]) * 0.125)\n    let {t}o[{i}: {E}] = ({t}q[{i}, 1] ?? 0.5)",
    "let {t}o[{i}: {E}] = {T}(sum[{j}: {F}](sum[k: 3]({t}c[{i}, {j} + k] ?? 0.0)) * 0.03)",
    "let {t}q: {T} = clip(sum[{i}: {E}, {j}: {F} | $1]({t}c[{i}, {j}]), -9, 9)\n    let {t}o[{i}: {E}] = {t}q * {T}({i}) * 0.125",
    "let {t}q[{j}: {F}] = {T}(mean[{i}: {E} | $2]({t}c[{i}, {j}]))\n    let {t}o[{i}: {E}] = ({t}q[{i}] ?? 0.25)",
};

#define PICK(list) pick(g, list, (int)(sizeof list / sizeof *list))

void fault(Gen *g)
{
    const char *text = arena_printf(g->a,
        "let {t}b[k: 7] = {T}(k) * 0.25\n    let {t}n[{j}: {F}] = if %s { %s } else { {j} * 3 %% 7 }\n    let {t}m[{i}: {E}] = if %s { %s } else { {i} %% 7 }\n"
        "    let {t}s[{i}: {E}, {j}: {F}] = {T}(clip($0, -9, 9) + %s)\n    let {t}c[{i}: {E}, {j}: {F}] = {T}(%s)\n    %s",
        PICK(wrong_columns), PICK(outside), PICK(wrong_rows), PICK(outside), PICK(looked_up), chance(g, 50) ? "{t}s[{i}, {j}]" : PICK(changed), PICK(readers));
    form_of_matrix(g, "EHh", text, chance(g, 25) ? "fro fmc" : "fro");
}
