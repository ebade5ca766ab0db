/* gen_form.c - statements with the larger forms of the language, as rows: models and structs, lists and tuples, functions as values,
 * tensors that a branch makes, conditions that a program states, what sorts and selects, integers and conditions as tensors.
 *
 * In a text {T} is the dtype, {t} a new name, {x} a tensor of rank 1 and {D} its dim, {m} one of rank 2 and {E}, {F} its dims, {i} and {j}
 * new indices; $0.. are pieces, made as `args` says, one letter each:
 *   s a number, g a condition, both of no index; e, h the same of i over D; E, H of i over E and j over F; y, Y a number of a scalar y, in no
 *   scope and in that of i
 * `gives` are the variables that exist afterwards: kind (gen_int.h), shape (s scalar, x as x, m as m, r rows, c columns of m), suffix of {t}.
 */
#include "gen_int.h"

typedef struct Form { unsigned needs; const char *args, *text, *gives; } Form;

enum { MODEL = 1, STATE = 2, PARTS = 4, FUNCTIONS = 8, OPERATORS = 16, ROW = 32, MATRIX = 64, ASKED = 128, INPUTS = 256, ADAPTERS = 512, PARTS_LIST = 1024, ALL_DECLS = 31 | ASKED | INPUTS | ADAPTERS | PARTS_LIST };

static const struct { unsigned bit; const char *text; } decls[] = {
    { MODEL, "model Tiny(N) {\n    param w: {T}[N] = 0.5\n    param b: {T} = 0.25\n    frozen s: {T} = 0.75\n    fn call(x: {T}[N]) -> {T} = sum[n](w[n] * x[n]) * 0.125 + b * s\n"
             "    fn both(x: {T}[N]) -> ({T}[N], {T}) = (w * x - b, clip(max[n](x[n] - w[n]), -9, 9))\n}" },
    { MODEL, "model Two(N) {\n    one: Tiny(N)\n    two = Tiny(N)\n    fn call(x: {T}[N]) -> {T} = one(x) - tanh(two(x))\n}" },
    { MODEL, "fn apply(net: Tiny(N), x: {T}[N]) -> {T} = net(x) * 0.5 - net.b" },
    { STATE, "struct State(N) {\n    x: {T}[N] = 0\n    s: {T} = 0.5\n    n: int = 0\n}" },
    { STATE, "fn step(var p: State(N), by: {T}[N]) -> {T} {\n    p.x = p.x * 0.5 + p.s * by\n    for i in 0..N { if i % 2 == p.n % 2 { p.x[i] -= 0.25 } }\n"
             "    p.s = tanh(p.s + 0.5)\n    p.n += 1\n    p.s * {T}(p.n)\n}" },
    { PARTS, "fn parts(x: {T}[P], s: {T}) -> ({T}[P], {T}, i32) = (x * s, sum[i](x[i]) * 0.25, i32(count[i](x[i] > s)))" },
    { PARTS, "fn ends(x: {T}[P]) -> {T} where P >= 1 = x[0] + x[P - 1]" },
    { PARTS, "fn groups[H](x: {T}[H * Q]) -> {T}[H] {\n    out[h] = sum[q: Q](x[h * Q + q]) * 0.5\n}" },
    { PARTS, "fn packed(x: {T}[.., P]) -> {T}[.., P] = softmax(clip(x, -9, 9), axis: -1) - 0.125" },
    { FUNCTIONS, "fn over(f: fn({T}, {T}) -> {T}, x: {T}[P], s: {T}) -> {T} {\n    var u: {T} = s\n    for i in 0..P { u = f(u, x[i]) }\n    u\n}" },
    { FUNCTIONS, "fn each(f: fn({T}) -> {T}, x: {T}[P]) -> {T}[P] {\n    out[i] = f(x[i]) * 0.5\n}" },
    { FUNCTIONS, "fn chosen(up: bool, f: fn({T}) -> {T}, x: {T}) -> {T} = if up { f(x) } else { f(-x) * 0.5 }" },
    { OPERATORS, "op heap[j](x: float; heat = 0.5) -> float {\n    let m = clip(max[j](x), -20, 20)\n    heat * log(1 + sum[j](exp(min(x - m, 0))))\n}" },
    { OPERATORS, "op part[j](x: float; by = 0.5) -> float[j] {\n    let total = sum[j](abs(x)) + by\n    x / total\n}" },
    { ASKED, "fn asked(x: {T}[P], k: int) -> {T} where 0 <= k, k < P = x[k]" },
    { ASKED, "fn from(x: {T}[P], k: int) -> {T}[P] where 0 <= k, k < P {\n    out[i] = x[i] - x[k]\n}" },
    { ASKED, "fn moved(x: {T}[P], n: i32[Q]) -> {T}[Q] {\n    out[q] = x[n[q]]\n}" },
    { ASKED, "fn stated(x: {T}, k: int) -> {T} {\n    check(k < 4, \"a place below 4\")\n    x + {T}(k)\n}" },
    { INPUTS, "model Given(N) {\n    input by: {T}\n    input row: {T}[N]\n    param w: {T}[N] = 0.5\n    fn call(x: {T}[N]) -> {T}[N] = by * w * x - row\n}" },
    { INPUTS, "model Outer(N) {\n    inner = Given(N)\n    input by: {T}\n    input shift: {T} = 0.25\n    fn call(x: {T}[N]) -> {T}[N] = inner(x) + by * shift\n}" },
    { ADAPTERS, "model Layer(In, Out) {\n    param w: {T}[Out, In] = 0.25\n    param b: {T}[Out] = 0.125\n    fn call(x: {T}[.., In]) -> {T}[.., Out] = x @ w.T + b\n}" },
    { ADAPTERS, "model Body(N) {\n    up = Layer(N, 3)\n    down = Layer(3, N)\n    rest = [Layer(N, N), Layer(N, N)]\n    fn call(x: {T}[.., N]) -> {T}[.., N] {\n        var y: {T}[.., N] = down(tanh(up(x)))\n"
                "        for r in rest { y = tanh(r(y) * 0.25) }\n        y\n    }\n}" },
    { ADAPTERS, "adapter Low(rank) for Layer(In, Out) {\n    param a: {T}[rank, In] = 0.125\n    param c: {T}[Out, rank] = 0.5\n    fn call(x: {T}[.., In]) -> {T}[.., Out] = base(x) + x @ a.T @ c.T * 0.5\n}" },
    { ADAPTERS, "adapter Scaled() for Layer(In, Out) {\n    param g: {T}[Out] = 0.75\n    fn call(x: {T}[.., In]) -> {T}[.., Out] = g * base(x)\n}" },
    { PARTS_LIST, "struct Box(N) {\n    row: {T}[N] = 0.5\n    two: [{T}[N]; 2] = [{T}(zeros(N)), {T}(ones(N))]\n}" },
    { PARTS_LIST, "struct Case(N) {\n    box: Box(N)\n    s: {T} = 0.25\n}" },
    { PARTS_LIST, "fn opened(var c: Case(N), by: {T}) -> {T} {\n    c.box.row *= by\n    c.s = tanh(c.s + by)\n    for i in 0..N { c.box.row[i] += c.s * 0.125 }\n    sum(c.box.row) * 0.125\n}" },
    { PARTS_LIST, "fn raised(var e: {T}, by: {T}) -> {T} {\n    let old = e\n    e = clip(e * 0.5 + by, -9, 9)\n    old\n}" },
    { OPERATORS, "op lean[j](x: float) -> float[j] else 0.25 = x - 0.5 * mean[j](clip(x, -9, 9))" },
};

static const Form rows[] = {
    /* models, structs */
    { MODEL | ROW, "s", "let {t}n = Tiny({D}, w: {x}, b: $0)\n    let ({t}, {t}_) = {t}n.both({x})", "fx fs_" },
    { MODEL | ROW, "ss", "let {t}n = Two({D}, one: Tiny({D}, w: {x}, b: $0))\n    let {t} = {t}n({x} * $1) + apply({t}n.one, {x})", "fs" },
    { MODEL | MATRIX, "s", "let {t}n = Tiny({F}, b: $0)\n    let {t}[{i}: {E}] = {t}n({m}[{i}]) - apply({t}n, {m}[{i}])", "fr" },
    { STATE | ROW, "s", "var {t}p = State({D}, x: {x}, s: $0)\n    let {t} = step(var {t}p, {x})\n    let {t}_ = {t}p.x * {t}p.s + {T}({t}p.n) * 0.1", "fs fx_" },
    { STATE | ROW, "sg", "var {t}p = State({D}, s: $0)\n    for _n in 0..{D} { if $1 { let _s = step(var {t}p, {x}) } else { {t}p.s = {t}p.s * 0.5 } }\n    let {t} = {t}p.x + {T}({t}p.n)", "fx" },
    { STATE | ROW, "es", "var {t}p = State({D}, x: {x})\n    for {i} in 0..{D} { {t}p.x[{i}] = $0 }\n    {t}p.x[0:1] = {t}p.x[0:1] * $1\n    let {t} = {t}p.x", "fx" },
    { MODEL | ROW, "s", "let {t}a = Tiny({D}, w: {x}, b: $0)\n    let {t}b = 0.5 * {t}a + Tiny({D}) / 2 - {t}a * 0.25\n    let {t} = {t}b.w - {t}b({x})\n    let {t}_ = clip(dot({t}a, {t}b), -9, 9) + clip(norm({t}b), -9, 9)", "fx fs_" },
    { MODEL | ROW, "s", "let {t}a = Two({D}, one: Tiny({D}, w: {x}, b: $0))\n    let {t}b = tanh({t}a - zeros_like({t}a))\n    let {t} = if all_finite({t}b) { {t}b({x}) } else { 0.5 }", "fs" },
    { INPUTS | ROW, "ss", "let {t}n = bind(Given({D}, w: {x}), by: $0, row: {x} * 0.5)\n    let {t} = {t}n({x})\n    let {t}_ = bind({t}n, by: $1)({t})", "fx fx_" },
    { INPUTS | ROW, "s", "let {t}n = bind(Outer({D}), by: $0, row: {x})\n    let {t} = {t}n({x}) - bind({t}n, shift: 0.5)({x})", "fx" },
    { ADAPTERS | MATRIX, "s", "let {t}n = Body({F}, up: Layer({F}, 3, b: full({T}($0), 3)))\n    let {t}a = adapt({t}n, Low(2), at: \"{up,down}\")\n    let {t} = {t}a({m}) - {t}n({m})\n    let {t}_ = merge({t}a)({m})", "fm fm_" },
    { ADAPTERS | MATRIX, "s", "let {t}a = adapt(adapt(Body({F}), Low(1), at: \"**\"), Scaled(), at: \"rest.*\")\n    let {t}b = {t}a + {t}a.trainable * $0\n    let {t} = {t}b({m})", "fm" },
    { ADAPTERS | MATRIX, "s", "let {t}l = Layer({F}, 2, b: full($0, 2))\n    let {t}q = adapt({t}l, Low(3))({m}) - merge(adapt({t}l, Scaled()))({m})\n    let {t}[{i}: {E}] = {t}q[{i}, 0] + {t}q[{i}, 1] * 0.5", "fr" },
    { PARTS_LIST | ROW, "ss", "var {t}c = Case({D}, box: Box({D}, row: {x}), s: $0)\n    let {t} = opened(var {t}c, $1)\n    let {t}_ = {t}c.box.row + {t}c.box.two[1] * {t}c.s - {t}c.box.two[0]", "fs fx_" },
    { PARTS_LIST | ROW, "e", "var {t} = {x}\n    for {i} in 0..{D} { let _o = raised(var {t}[{i}], {T}($0) * 0.5) }", "mx" },
    /* tuples, where, static arguments, packs */
    { PARTS | ROW, "s", "var ({t}, {t}_, {t}n) = parts({x}, $0)\n    ({t}_, {t}) = (clip({t}_, -9, 9) + {T}({t}n), {t} * 0.5)", "mx ms_" },
    { PARTS | ROW, "s", "let {t} = if {D} >= 1 { ends({x}) } else { $0 }", "fs" },
    { PARTS | ROW, "", "let {t} = ends({x})", "fs" },
    { PARTS | ROW, "", "let {t} = groups[2](concat({x}, {x}, axis: 0))[1] + groups[1]({x})[0]", "fs" },
    { PARTS | ROW, "", "let {t} = packed({x})", "fx" },
    { PARTS | MATRIX, "", "let {t} = packed({m})", "fm" },
    { ROW, "ss", "let (({t}, {t}_), {t}q) = (($0, {x} * $1), {x})\n    let {t}z = {t}_ - {t}q", "fs fx_ fxz" },
    /* lists */
    { ROW, "s", "let {t}l = [{x}, {x} * 0.5, tanh({x})]\n    var {t}: {T} = $0\n    for v in {t}l { {t} = {t} * 0.5 + sum[k](v[k]) * 0.125 }", "ms" },
    { ROW, "s", "let {t}l = [{x} * {T}(n) for n in 0..3]\n    let {t}u = [v * $0 for v in {t}l]\n    let {t} = {t}u[0] + {t}u[2] - {t}l[1]", "fx" },
    { ROW, "ss", "let {t}l = [{T}($0), {T}($1), 0.25]\n    let {t}[{i}: {D}] = {T}({t}l[{i} % 3]) + {x}[{i}]", "fx" },
    { ROW, "", "var {t} = {x}\n    for (a1, a2) in zip([0.5, 1.5], [1.0, -0.5]) { {t} = {t} * {T}(a1) + {T}(a2) }", "mx" },
    { STATE | ROW, "s", "let {t}l = [State({D}, x: {x}), State({D}, s: $0)]\n    let {t} = {t}l[0].x * {t}l[1].s + {t}l[1].x", "fx" },
    /* functions as values */
    { FUNCTIONS | ROW, "ss", "let {t} = clip(over(fn(u, x) = u * 0.5 + tanh(x + $0), {x}, $1), -9, 9)", "fs" },
    { FUNCTIONS | ROW, "y", "let {t} = each(fn(y) = $0, {x})", "fx" },
    { FUNCTIONS | ROW, "Y", "let {t}[{i}: {D}] = {T}(twice(fn(y) = tanh($0), {x}[{i}]))", "fx" },
    { FUNCTIONS | ROW, "ys", "let {t}f = fn(y: {T}) = {T}(tanh($0))\n    let {t} = each({t}f, each(bend, {x})) + twice({t}f, $1)", "fx" },
    { FUNCTIONS | ROW, "he", "let {t}[{i}: {D}] = chosen($0, fn(y) = y * {x}[{i}], {T}($1))", "fx" },
    /* branches that make tensors */
    { ROW, "g", "let {t} = if $0 { {x} * 2 } else { tanh({x}) }", "fx" },
    { ROW, "ge", "var {t} = {x}\n    if $0 { let {t}q[{i}: {D}] = {T}($1); {t} = {t}q * 0.5 } else { {t} += 0.25 }", "mx" },
    { ROW, "ges", "let {t} = if $0 { let {t}q[{i}: {D}] = {T}($1); sum[k]({t}q[k] * {x}[k]) * 0.125 } else { {T}($2) }", "fs" },
    { ROW, "he", "let {t}[{i}: {D}] = if $0 { let {t}q[k: {D}] = tanh({x}[k] - {x}[{i}]); max[k]({t}q[k]) } else { {T}($1) }", "fx" },
    { MATRIX, "hH", "let {t}[{i}: {E}] = {T}(if $0 { let {t}q = {m}[{i}] * 0.5; sum[{j} | $1]({t}q[{j}]) } else { 0.5 })", "fr" },
    /* conditions that are stated */
    { ROW, "g", "check($0 or {D} < 9, \"a stated condition\")", "" },
    { ROW, "", "check(all[k](abs({x}[k]) < 1000), \"values of '{x}' are small\")", "" },
    { ROW, "h", "for {i} in 0..{D} { check({i} < 5 or not ($0), \"a condition in a loop\") }", "" },
    /* calls whose conditions depend on data: in branches, in guards, under operators; places and ranges from data */
    { ASKED | ROW, "h", "let {t}n[{i}: {D}] = i32(clip({x}[{i}], -1, 2))\n    let {t}[{i}: {D}] = if $0 and 0 <= {t}n[{i}] < {D} { asked({x}, {t}n[{i}]) } else { 0.5 }", "nxn fx" },
    { ASKED | ROW, "h", "let {t}n[{i}: {D}] = i32(clip({x}[{i}], 0, 2))\n    let {t}[{i}: {D}] = if $0 { asked({x}, {t}n[{i}]) } else { 0.5 }", "fx" },
    { ASKED | ROW, "", "let {t}n[{i}: {D}] = i32(clip({x}[{i}], 0, 2))\n    let {t}[{i}: {D}] = {T}(sum[{j}: {D} | {t}n[{j}] > {i}](asked({x}, {t}n[{j}]))) * 0.25", "fx" },
    { ASKED | ROW, "", "let {t}n[{i}: {D}] = i32(clip({x}[{i}], 0, 2))\n    let {t} = {T}(sum[{i}: {D} | asked({x}, {t}n[{i}]) > 0]({x}[{i}])) * 0.25", "fs" },
    { ASKED | ROW, "h", "let {t}n[{i}: {D}] = i32(clip({x}[{i}], -1, 2))\n    let {t}[{i}: {D}] = if $0 and {x}[{i}] > 0 { moved({x}, {t}n)[{i}] } else { 0.25 }", "fx" },
    { ASKED | ROW, "s", "let {t}k = i32(clip($0, -1, 2))\n    let {t}[{i}: {D}] = {T}(softmax[{i} | {x}[{i}] > 0.5](clip(from({x}, {t}k)[{i}], -9, 9)))", "fx" },
    { ASKED | ROW, "e", "let {t}[{i}: {D}] = stated({T}($0), i32(clip({x}[{i}], 0, 4)))", "fx" },
    { ASKED | MATRIX, "s", "let {t}k = i32(clip($0, 0, 2))\n    let {t}[{i}: {E}] = {T}(sum[{j} | {j} < {i} and {m}[{i}, {j}] > 0](from({m}[{i}], {t}k)[{j}])) * 0.25", "fr" },
    { ROW, "", "let {t}n[{i}: {D}] = i32(clip({x}[{i}], 0, 3))\n    let {t}[{i}: {D}] = {T}(softmax[{i}](clip(sum[k: 0..min({t}n[{i}], {D})]({x}[k]), -9, 9)))", "fx" },
    /* maps, slices with a step, arguments by name */
    { ROW, "", "let {t} = sum(map[{i}: {D}, k: 3](tanh({x}[{i}] * {T}(k))), axis: 1)", "fx" },
    { ROW, "", "let {t}q = {x}[::2]\n    let {t}[{i}: {D}] = {t}q[{i} // 2] - ({x}[1:][{i}] ?? 0.5)", "fx" },
    { MATRIX, "", "let {t}q = {m}[:, ::3]\n    let {t}[{i}: {E}] = {T}(sum[{j}]({t}q[{i}, {j}])) * 0.25 + ({m}[{i}, {F} - 1] ?? 0)", "fr" },
    { MATRIX, "", "var {t} = {m}\n    {t}[:, 0:1] = {m}[:, 0:1] * 0.5\n    {t}[0] = {t}[{E} - 1] + 0.25", "mm" },
    { MATRIX, "EH", "let {t} = sum(if all[{i}, {j} | $1]({m}[{i}, {j}] < 9) { map[{i}: {E}, {j}: {F}]({T}($0)) } else { {m} }, axis: 1)", "fr" },
    /* recurrences over two axes, with sums in the group, that look further back, from both ends */
    { MATRIX, "E", "rec {t}[{i}: {E}, {j}: {F}] = {T}(0.25 * ({t}[{i} - 1, {j}] ?? 0.5) + 0.25 * ({t}[{i}, {j} - 1] ?? -0.5) - 0.125 * ({t}[{i} - 1, {j} - 1] ?? 0) + tanh($0))", "fm" },
    { MATRIX, "E", "rec {t}[{i}: {E}, {j}: {F}] = {T}(0.5 * ({t}[{i} - 1, {j} + 1] ?? $0) + 0.125)", "fm" },
    { MATRIX, "", "rec {t}[{i}: {E}, {j}: {F}] = {T}(0.5 * ({t}[{i} + 1, {j}] ?? {m}[{i}, {j}]) - 0.25 * ({t}[{i} + 3, {j}] ?? 0))", "fm" },
    { MATRIX, "EH", "rec {\n        {t}[{i}: {E}, {j}: {F}] = {T}(0.5 * ({t}_[{i} - 1, {j}] ?? 0) + clip($0, -3, 3))\n        {t}s[{i}: {E}] = {T}(sum[{j}: {F} | $1]({t}[{i}, {j}]) * 0.125)\n"
                    "        {t}_[{i}: {E}, {j}: {F}] = {T}({t}[{i}, {j}] - tanh({t}s[{i}]) * 0.5)\n    }", "fm fm_ frs" },
    { MATRIX, "", "rec {t}[{i}: {E}, {j}: {F}] = {T}(if {i} == 0 { {m}[{i}, {j}] } else { 0.5 * max[k: {F}]({t}[{i} - 1, k]) + 0.25 * {m}[{i}, {j}] })", "fm" },
    { ROW, "h", "rec {t}[{i}: {D}] = {T}(if $0 { {x}[{i}] } else { 0.5 * ({t}[{i} - 4] ?? 1) + 0.25 * ({t}[{i} - 1] ?? 0) })", "fx" },
    /* absent values: what an operator gives outside its guard, moved, scaled, added */
    { MATRIX, "H", "let {t}p[{i}: {E}, {j}: {F}] = softmax[{j} | $0](clip({m}[{i}, {j}], -9, 9))\n    let {t}v[{i}: {E}, {j}: {F}] = if $0 { {m}[{i}, {j}] } else { {T}(nan) }\n    let {t}[{i}: {E}] = {T}(sum[{j}]({t}p[{i}, {j}] * {t}v[{i}, {j}]))", "fr" },
    { MATRIX, "HE", "let {t}[{i}: {E}, {j}: {F}] = {T}(0.5 - softmax[{j} | $0](clip({m}[{i}, {j}], -9, 9)) * $1 + {m}[{i}, {j}])", "fm" },
    { ROW, "h", "let {t}p[{i}: {D}] = softmax[{i} | $0](clip({x}[{i}], -9, 9))\n    let {t} = {T}(concat(-{t}p, {x}, axis: 0)[{D}:]) + max({t}p, 0.125)", "fx" },
    /* what sorts and selects */
    { ROW, "", "let ({t}, {t}i) = topk({x}, min({D}, 3))\n    let {t}q[k] = {x}[{t}i[k]] - {t}[k]\n    let {t}_ = {T}(sum[k]({t}q[k])) + {T}(sum[k: min({D}, 3)]({t}[k])) * 0.25", "fs_" },
    { MATRIX, "", "let ({t}, {t}i) = sort({m}, axis: 0, descending: true)\n    let {t}_[a1, a2] = {T}({t}i[a1, a2]) * 0.125", "fm fm_" },
    { MATRIX, "", "let ({t}v, _) = topk({m}, min({E}, 2), axis: 0)\n    let {t}[{j}: {F}] = {T}(sum[k: min({E}, 2)]({t}v[k, {j}])) * 0.5", "fc" },
    { ROW, "he", "let ({t}, {t}n) = compact[{i}: {D} | $0]({T}($1))\n    let {t}_ = {T}({t}n) * 0.125", "fx fs_" },
    { ROW, "h", "let {t} = {T}(argmax[{i}: {D} | $0](floor({x}[{i}] * 8))) * 0.125 + {T}(argmin(floor({x} * 4), axis: 0)) * 0.25", "fs" },
    /* operators of its own, of two axes, with conditions and settings */
    { OPERATORS | MATRIX, "H", "let {t} = heap[{i}, {j} | $0]({m}[{i}, {j}])", "fs" },
    { OPERATORS | MATRIX, "EH", "let {t}[{i}: {E}, {j}: {F}] = {T}(part[{j} | $1](clip($0, -20, 20)))", "fm" },
    { OPERATORS | MATRIX, "H", "let {t}[{i}: {E}, {j}: {F}] = lean[{i} | $0]({m}[{i}, {j}])", "fm" },
    { OPERATORS | ROW, "Hh", "let {t} = heap({x}, axis: 0, heat: 0.25) + heap[{i} | $1]({x}[{i}])", "fs" },
    { OPERATORS | MATRIX, "", "let {t} = part({m}, axis: 1, by: 1.5) * lean({m}, axis: 0)", "fm" },
    { MATRIX, "H", "let {t}[{i}: {E}] = {T}(sum[{j} | $0](softmax[{j} | {j} <= {i}](clip({m}[{i}, {j}], -9, 9)) * {m}[{i}, {j}]))", "fr" },
    { MATRIX, "", "let {t}[{i}, {j}] = softmax[{i}, {j}](clip({m}[{i}, {j}], -9, 9))", "fm" },
    /* axes by number, moves */
    { MATRIX, "", "let {t} = {m} - mean({m}, axis: -1, keep: true) + max({m}, axis: 0, keep: true) * 0", "fm" },
    { MATRIX, "", "let {t} = clip(sum({m}, axis: (0, 1)), -9, 9) + {T}(any({m} > 1))", "" },
    { ROW, "", "let {t} = expand({x}, {E}, {D})[0:1]\n    let {t}_ = sum({t}, axis: 0)", "fx_" },
    { ROW, "", "let {t} = zeros_like({x}) + {T}(full(0.5, {D})) * {x}\n    let {t}_ = {t} * {T}(len({x})) * 0.01", "fx fx_" },
    /* norms, and products of what is normed: of rows, of columns, of groups, of unit rows with one another */
    { MATRIX, "", "let {t}u[{i}: {E}] = mean[{j}]({m}[{i}, {j}])\n    let {t}v[{i}: {E}] = variance[{j}]({m}[{i}, {j}])\n    let {t}[{i}: {E}, {j}: {F}] = {T}(({m}[{i}, {j}] - {t}u[{i}]) * rsqrt({t}v[{i}] + 0.25))", "fm" },
    { MATRIX, "s", "let {t}u[{j}: {F}] = mean[{i}: {E}]({m}[{i}, {j}])\n    let {t}v[{j}: {F}] = mean[{i}: {E}](({m}[{i}, {j}] - {t}u[{j}]) ^ 2)\n    let {t}[{i}: {E}, {j}: {F}] = {T}(({m}[{i}, {j}] - {t}u[{j}]) / sqrt({t}v[{j}] + 0.25) * $0)", "fm" },
    { MATRIX, "", "let {t}r[{i}: {E}, k: 2] = rsqrt(mean[{j}: {F} | {j} % 2 == k]({m}[{i}, {j}] ^ 2) + 0.25)\n    let {t}[{i}: {E}, {j}: {F}] = {T}({m}[{i}, {j}] * {t}r[{i}, {j} % 2])", "fm" },
    { MATRIX, "", "let {t}q[{i}: {E}, {j}: {F}] = {T}({m}[{i}, {j}] * rsqrt(mean[k: {F}]({m}[{i}, k] ^ 2) + 0.25))\n    let {t}s[{i}: {E}, {j}: {E}] = {T}(clip(sum[k: {F}]({t}q[{i}, k] * {t}q[{j}, k]), -20, 20))\n"
                  "    let {t}[{i}: {E}] = {T}(logsumexp[{j}]({t}s[{i}, {j}]) + logsumexp[{j}]({t}s[{j}, {i}]) - 2 * {t}s[{i}, {i}])", "fr" },
    /* a loss, and beside it how often the largest is the one that was meant */
    { MATRIX, "", "let {t}n[{i}: {E}] = i64(clip(({m}[{i}, 1] ?? 0.0), 0, 2))\n    let {t}a[{i}: {E}] = {T}(logsumexp[{j}](clip({m}[{i}, {j}], -9, 9)) - clip(({m}[{i}, {t}n[{i}]] ?? 0.5), -9, 9))\n"
                  "    let {t}_ = {T}(count[{i}: {E}](argmax[{j}](floor({m}[{i}, {j}] * 8)) == {t}n[{i}])) * 0.125\n    let {t} = {T}(clip(sum({t}a), -99, 99)) + {t}_ * 0.5", "fs fs_ fra" },
    { MATRIX, "H", "let {t}p[{i}: {E}, {j}: {F}] = log_softmax[{j} | $0](clip({m}[{i}, {j}], -9, 9))\n    let {t}[{i}: {E}] = {T}(-sum[{j}](exp({t}p[{i}, {j}]) * {t}p[{i}, {j}]) + clip(max[{j} | $0]({m}[{i}, {j}]), -9, 9))", "fr" },
    /* gathers under conditions that keep their places inside */
    { ROW, "", "let {t}n[{i}: {D}] = i32(clip({x}[{i}] * 2, -2, 4))\n    let {t}[{i}: {D}] = {T}(sum[{j}: {D} | 0 <= {t}n[{j}] and {t}n[{j}] < {D} and {t}n[{j}] <= {i}]({x}[{t}n[{j}]] * {x}[{j}])) * 0.25", "fx nxn" },
    { MATRIX, "", "let {t}n[{i}: {E}] = i32(clip(({m}[{i}, 0] ?? 0.5) * 2, -2, 4))\n    let {t}[{i}: {E}, {j}: {F}] = if 0 <= {t}n[{i}] < {E} { {m}[{t}n[{i}], {j}] * 0.5 } else { 0.25 }", "fm nrn" },
    { MATRIX, "H", "let {t}n[{j}: {F}] = i32({j}) * 3 % 5 - 1\n    let {t}[{i}: {E}] = {T}(sum[{j} | 0 <= {t}n[{j}] and {t}n[{j}] < {F} and $0](softmax[{j}](clip({m}[{i}, {j}], -9, 9)) * {m}[{i}, {t}n[{j}]]))", "fr ncn" },
    /* integers and conditions as tensors */
    { ROW, "h", "let {t}[{i}: {D}] = $0\n    let {t}_ = {T}(count[k]({t}[k])) * 0.1", "bx fs_" },
    { MATRIX, "H", "let {t}[{i}: {E}, {j}: {F}] = $0\n    let {t}_ = if all({t}) { 0.5 } else { 0.25 }", "bm fs_" },
    { ROW, "", "let {t}[{i}: {D}] = i32(clip({x}[{i}], -3, 3) * 2)\n    let {t}_[{i}: {D}] = {T}(bit_xor({t}[{i}], 5) + {t}[{i}] // 2 - {t}[{i}] % 3) * 0.1", "nx fx_" },
    { ROW, "h", "let {t}[{i}: {D}] = i32(cumsum[{i} | $0](i32(clip({x}[{i}], -3, 3))))\n    let {t}_ = {T}(max[k: {D}](if k == 0 { 0 } else { {t}[k] })) * 0.1", "nx" },
    { ROW, "", "let {t}[{i}: {D}] ~ uniform(-1, 1, key: fold(key(11), {i}))\n    let {t}_[{i}: {D}] = {T}({t}[{i}]) * {x}[{i}]", "fx_" },
    { ROW, "", "let {t}q[{i}: {D}] ~ exponential(1.5, key: fold(key(3), {i}))\n    let {t}b[{i}: {D}] ~ bernoulli(0.25, key: fold(key(4), {i}))\n    let {t}[{i}: {D}] = {T}(if {t}b[{i}] { clip({t}q[{i}], 0, 9) } else { {x}[{i}] })", "fx" },
    { ROW, "", "let {t}q[{i}: {D}] ~ integer(-3, 4, key: fold(key(3), {i}))\n    let {t}r[{i}: {D}, {j}: 2] ~ normal(1, 0.5, key: key(9))\n    let {t}[{i}: {D}] = {T}({t}q[{i}]) * 0.25 + {T}({t}r[{i}, 0] - {t}r[{i}, 1]) * {x}[{i}]", "fx" },
    { MATRIX, "", "let {t}q[{i}: {E}, {j}: {F}] = i8(clip({m}[{i}, {j}] * 16, -127, 127))\n    let {t}s[{i}: {E}, {j}: {E}] = sum[k: {F}](i32({t}q[{i}, k]) * i32({t}q[{j}, k]))\n    let {t}[{i}: {E}] = {T}(max[{j}: {E}]({t}s[{i}, {j}]) % 100) * 0.01", "fr" },
    { ROW, "", "let {t}q[{i}: {D}] = u8(clip({x}[{i}], 0, 3) * 85)\n    let {t}r[{i}: {D}] = {t}q[{i}] * u8(3) + u8(200)\n    let {t}[{i}: {D}] = {T}(i16({t}r[{i}]) - i16({t}q[{i}])) * 0.01 + {T}(max[{j}: {D}]({t}r[{j}])) * 0.001", "fx" },
    { ROW, "", "let {t}q[{i}: {D}] = i16(clip({x}[{i}], -9, 9) * 4000)\n    let {t}[{i}: {D}] = {T}({t}q[{i}] * {t}q[{i}] + shift_right({t}q[{i}], 3) - bit_and({t}q[{i}], bit_not(i16(7)))) * 0.0001", "fx" },
    { ROW, "", "let {t}q[{i}: {D}] = u32(clip({x}[{i}], 0, 9) * 100000000)\n    let {t}[{i}: {D}] = {T}(f64({t}q[{i}] * {t}q[{i}] + shift_left({t}q[{i}], 5)) / 4294967296) + {T}(count[{j}: {D}]({t}q[{j}] < {t}q[{i}])) * 0.125", "fx" },
    { ROW, "", "let {t}q[{i}: {D}] = i64(clip({x}[{i}], -9, 9) * 1000)\n    let {t}[{i}: {D}] = {T}(cumsum[{i}]({t}q[{i}]) // 3 % 97) * 0.01 + {T}(u64(abs({t}q[{i}])) // u64(7)) * 0.001", "fx" },
    { MATRIX, "", "let {t}[{i}: {E}] ~ categorical[{j}](clip({m}[{i}, {j}], -9, 9), key: fold(key(5), {i}))\n    let {t}_[{i}: {E}] = {T}({t}[{i}]) * 0.1", "fr_" },
};
enum { NROWS = sizeof rows / sizeof *rows };

/* ---- expansion -------------------------------------------------------------------------------------------------------------------- */

typedef struct Words { const char *t, *i, *j; const Var *x, *m; } Words;

static const char *word(Gen *g, const Words *w, char c)
{
    switch (c) {
    case 'T': return g->type;
    case 't': return w->t;
    case 'i': return w->i;
    case 'j': return w->j;
    case 'x': return w->x->name;
    case 'm': return w->m->name;
    case 'D': return dim_names[w->x->dims[0]];
    case 'E': return w->m ? dim_names[w->m->dims[0]] : "3";
    default: return dim_names[w->m->dims[1]];
    }
}

static const char *expanded(Gen *g, const Words *w, const char *text)
{
    Buf b = buf_new(g->a);
    for (const char *p = text; *p; p++)
        if (*p == '{' && p[1] && p[2] == '}') {
            buf_puts(&b, word(g, w, p[1]));
            p += 2;
        } else
            buf_putc(&b, *p);
    return buf_text(&b);
}

static Node *argument(Gen *g, const Words *w, char c)
{
    Scope none = { 0 }, one = { 0 }, two = { 0 };
    if (w->x || w->m)
        one = (Scope){ 1, { w->x ? w->x->dims[0] : w->m->dims[0] }, { w->i } };
    if (w->m)
        two = (Scope){ 2, { w->m->dims[0], w->m->dims[1] }, { w->i, w->j } };
    int vars = g->nvars;
    if (c == 'y' || c == 'Y')
        declare(g, "y", 'f', 0, NULL);
    Node *n = c == 'g' ? random_guard(g, &none, 2) : c == 'h' ? random_guard(g, &one, 2) : c == 'H' ? random_guard(g, &two, 2)
              : c == 'e' || c == 'Y' ? random_expr(g, &one, 2) : c == 'E' ? random_expr(g, &two, 2) : random_expr(g, &none, c == 'y' ? 2 : 1);
    g->nvars = vars;
    return c == 's' ? piece(g, '-', say(g, "%s($0)", g->type), n, NULL) : n;
}

static void give(Gen *g, const Words *w, const char *gives)
{
    for (const char *p = gives; *p; p += *p == ' ') {
        char kind = *p++, shape = *p++;
        const char *end = p + strcspn(p, " ");
        const int *dims = shape == 'x' ? w->x->dims : shape == 's' ? NULL : shape == 'c' ? w->m->dims + 1 : w->m->dims;
        declare(g, arena_printf(g->a, "%s%.*s", w->t, (int)(end - p), p), kind, shape == 's' ? 0 : shape == 'm' ? 2 : 1, dims);
        p = end;
    }
}

void form_declarations(Gen *g)
{
    Words none = { 0 };
    for (unsigned bit = 1; bit <= ALL_DECLS; bit *= 2)
        if (chance(g, g->p->policy == POLICY_form ? 60 : 15))
            g->forms |= bit;
    for (size_t i = 0; i < sizeof decls / sizeof *decls; i++)
        if (g->forms & decls[i].bit && g->p->ndecls < GEN_STMTS)
            g->p->decls[g->p->ndecls++] = piece(g, '-', expanded(g, &none, decls[i].text), NULL);
}

static void add_form(Gen *g, const Words *w, const char *args, const char *text, const char *gives)
{
    Node *n = piece(g, 's', expanded(g, w, text), NULL);
    for (const char *a = args; *a; a++)
        n->kid[n->nkids++] = argument(g, w, *a);
    g->p->stmts[g->p->nstmts++] = n;
    give(g, w, gives);
}

void form_of_matrix(Gen *g, const char *args, const char *text, const char *gives)
{
    Var m = { 0 };
    if (!random_tensor(g, 2, &m) || g->p->nstmts >= GEN_STMTS)
        return;
    Words w = { fresh(g, "t"), fresh(g, "i"), fresh(g, "i"), NULL, &m };
    add_form(g, &w, args, text, gives);
}

/* A statement of one of the rows whose declarations the program has. */
void form(Gen *g)
{
    Var x = { 0 }, m = { 0 };
    bool has_x = random_tensor(g, 1, &x), has_m = random_tensor(g, 2, &m);
    const Form *r = &rows[rng_below(&g->r, NROWS)];
    for (int tries = 0; tries < 9 && (r->needs & ALL_DECLS & ~g->forms); tries++)
        r = &rows[rng_below(&g->r, NROWS)];
    if ((r->needs & ALL_DECLS & ~g->forms) || (r->needs & ROW && !has_x) || (r->needs & MATRIX && !has_m) || g->p->nstmts >= GEN_STMTS)
        return;
    Words w = { fresh(g, "t"), fresh(g, "i"), fresh(g, "i"), r->needs & MATRIX ? NULL : &x, has_m ? &m : NULL };
    add_form(g, &w, r->args, r->text, r->gives);
}
