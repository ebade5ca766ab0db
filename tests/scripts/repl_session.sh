#!/bin/bash
# `mlc repl` from a pipe: values, commands, errors; what was defined still holds after hundreds of redefinitions.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
cd "$work" || exit 1

cat >lib.ml <<'EOF'
## Twice.
fn twice(x: f32[N]) -> f32[N] = half(x) * 4
fn half(x: f32[N]) -> f32[N] = x / 2
let loaded = 11
EOF

cat >input <<'EOF'
1 + 2
let x = 3.5
x * 2
fn sq(a: f32[N]) -> f32[N] { out[i] = a[i] * a[i] }
sq([1, 2, 3])
var n = 40
n += 2
(n, x)
let (a, b) = (1, "two")
struct P(N) { w: f32[N] = 1
  k: int = 3 }
var p = P(2)
p.w[1] = 5.0
p.w
let k = key(7)
let long[i: 100] = i32(i)
:type sq
:type n * 2
:load lib.ml
twice([1.5])
:time sum(long)
:emit core sq
:emit ast 1 + x
print("text", end: "\n")
EOF
cat >want <<'EOF'
int = 3
x: real = 3.5
real = 7.0
f32[3] = [1.0, 4.0, 9.0]
n: int = 40
n: int = 42
(int, real) = (42, 3.5)
a: int = 1
b: str = "two"
p: P(2)
p: P(2)
f32[2] = [1.0, 5.0]
k: key = key(0000000000000007 0000000000000000)
long: i32[100] = [0, 1, 2, ..., 97, 98, 99]
fn sq(a: f32[N]) -> f32[N]
int
f32[1] = [3.0]
TIME
fn sq(a: f32[N]) -> f32[N]
  plan N = axis 0 of a
  return map[i: N](mul(a[i], a[i]))
EOF
"$mlc" repl <input >got 2>errors || complain "exit status $?: $(head -n 5 errors)"
sed -E 's/^[0-9.e-]+ ms \(.*\)$/TIME/' got | head -n 21 | diff -u want - || complain "prints something else"
grep -qx text got || complain "the last statement did not run"

# The same session, with much in between.
{
    cat input
    for i in $(seq 300); do echo "fn again(x: f32[N]) -> f32[N] { out[i] = x[i] * $i }"; done
    cat <<'EOF'
again([2])
(x, n, a, b, loaded)
sq([3])
p.w
p.k += 1
p.k
sum(long)
n += 1
n
twice([1])
let u[i: 2] ~ normal(0, 1, key: k)
u
EOF
} >many
echo 'let k = key(7)
let u[i: 2] ~ normal(0, 1, key: k)' >draw
"$mlc" repl <many >got 2>errors || complain "after redefinitions: exit status $?: $(head -n 5 errors)"
sed -n '/^text$/,$p' got | tail -n +2 >last
cat >want <<'EOF'
f32[1] = [600.0]
(real, int, int, str, int) = (3.5, 42, 1, "two", 11)
f32[1] = [9.0]
f32[2] = [1.0, 5.0]
p: P(2)
int = 4
i32 = 4950
n: int = 43
int = 43
f32[1] = [2.0]
EOF
head -n 10 last | diff -u want - || complain "after redefinitions: prints something else"

# What is absent stays so from input to input, when a name is declared again, and in a session that was renewed.
cat >input <<'EOF'
op masked[j](s: float) -> float[j] = s
let (x, n) = ([1.0, 2.0, 3.0], [nan, nan, nan])
let p[j] = masked[j | j > 0](x[j])
fn beside(k: f32[3]) -> f32[3] = p * k
p * n
let (q, s) = (p, p[0])
let p[j] = masked[j | j > 1](x[j])
EOF
{
    cat input
    for i in $(seq 300); do echo "fn again(x: f32[N]) -> f32[N] { out[i] = x[i] * $i }"; done
    printf '(p * n, beside(n), q * n, s * nan)\nlet p = p * x\np * n\nlet p = x\n(p * n, beside(n))\n'
} >many
cat >want <<'EOF'
x: f32[3] = [1.0, 2.0, 3.0]
n: f32[3] = [nan, nan, nan]
p: f32[3] = [0.0, 2.0, 3.0]
f32[3] = [0.0, nan, nan]
q: f32[3] = [0.0, 2.0, 3.0]
s: f32 = 0.0
p: f32[3] = [0.0, 0.0, 3.0]
(f32[3], f32[3], f32[3], f32) = ([0.0, 0.0, nan], [0.0, 0.0, nan], [0.0, nan, nan], 0.0)
p: f32[3] = [0.0, 0.0, 9.0]
f32[3] = [0.0, 0.0, nan]
p: f32[3] = [1.0, 2.0, 3.0]
(f32[3], f32[3]) = ([nan, nan, nan], [nan, nan, nan])
EOF
for way in -O2 --interp; do
    "$mlc" repl $way <many 2>errors | diff -u want - || complain "absent ($way): prints something else: $(head -n 5 errors)"
done

# Errors leave the session alive and set the status.
printf 'let y = 1\nunknown\ny + 1\nlet t = [1.0]\nt[5]\n:nonsense\n:type\nfn g(x: int) -> int = x +\n 1\ng(3)\n' | "$mlc" repl >got 2>errors
[ "$?" = 1 ] || complain "errors: exit status is not 1"
printf 'y: int = 1\nint = 2\nt: f32[1] = [1.0]\nint = 4\n' | diff -u - got || complain "errors: prints something else"
grep -q 'error\[E0201\]' errors || complain "errors: an unknown name is not reported"

# Warnings are said of an input once, when it is typed; what stands at the top may be used later.
printf 'fn f(x: f32, y: f32) -> f32 {\n let q = 3\n return x\n x * 2\n}\nimport std.nn: Linear\nlet a = 1\nfn g(x: f32) -> bool = x == 0.5\ng(1)\nf(1, 2)\n' | "$mlc" repl >got 2>errors ||
    complain "warnings: exit status $?"
for code in W0001 W0001 W0002 W0004; do printf 'warning[%s]\n' "$code"; done | diff -u - <(grep -o 'warning.[W0-9]*.' errors) || complain "warnings: $(cat errors)"

# What was declared again may mean something else; a variable may change its type.
printf 'fn f(x: int) -> int = x + 1\nfn g(x: int) -> int = f(x) * 10\ng(1)\nlet v = 1\nlet v = "text"\nv\nstruct S { a: int = 1 }\nlet s = S()\nstruct S { a: int = 1\n b: int = 2 }\nlet s = S()\ns.b\n' |
    "$mlc" repl >got 2>errors || complain "declared again: exit status $?: $(head -n 5 errors)"
printf 'int = 20\nv: int = 1\nv: str = "text"\nstr = "text"\ns: S\ns: S\nint = 2\n' | diff -u - got || complain "declared again: prints something else"
# A number, a text or a function that a function was checked with is not kept in it.
printf 'let (c, s) = (sqrt(4.0), "a")\nlet add = fn(x) = x + c\nfn g(x: f32) -> (f32, str) = (add(x), s)\ng(1)\nlet c = sqrt(9.0)\ng(1)\nlet add = fn(x) = x - c\nlet s = "b"\ng(1)\n' |
    "$mlc" repl >got 2>errors || complain "numbers declared again: exit status $?: $(head -n 5 errors)"
grep '^(f32' got | diff -u <(printf '(f32, str) = (%s)\n' '3.0, "a"' '4.0, "a"' '-2.0, "b"') - || complain "numbers declared again: prints something else"

# An input that is wrong, or fails when it runs, leaves no name behind: what was there before is there still.
cat >input <<'EOF'
fn f(a: f32[N]) -> f32[N] = a * 2
let b = 3
fn f(a: f32[N]) -> f32[N] = a * zzz
f([1.0])
let b = f(1)
let b = [1.0, 2.0][i64(f(ones(1))[0]) + 7]
b
let c = [1.0, 2.0][i64(f(ones(1))[0]) + 7]
c
import std.nn: Linear, zork
Linear
let e = 1; let u = [1.0][b]
e
fn h() -> int = c
EOF
"$mlc" repl <input >got 2>errors && complain "wrong inputs: exit status 0"
printf 'b: int = 3\nf32[1] = [2.0]\nint = 3\n' | diff -u - got || complain "wrong inputs: prints something else"
grep -o 'input [0-9]*:.*error.E[0-9]*' errors | sed -E 's/:[0-9:]+ error./ /' >codes
printf 'input %s\n' '3 E0201' '5 E0206' '6 E0701' '8 E0701' '9 E0201' '10 E0210' '11 E0201' '12 E0303' '13 E0201' '14 E0201' | diff -u - codes || complain "wrong inputs: says something else"

# After a renewal the session's own words for a variable are not shown: nobody typed them.
{
    echo 'let x = [1.0, 2.0]'
    for i in $(seq 30); do echo "fn f(a: f32[N]) -> f32 = sum(a) + $i"; done
    echo 'f(x)'
    echo 'x = 3'
} >input
"$mlc" repl <input >got 2>errors && complain "a let is assigned: exit status 0"
grep -q "error.E0209.: 'x' is not a 'var'" errors || complain "a let is assigned: says something else"
grep -q 'map\[' errors && complain "a let is assigned: shows $(grep -m1 'map\[' errors)"
# A function, operator or struct that is declared again is seen by all that call it, through others as well; what has errors since says so.
cat >again <<'EOF'
fn h(x: f32) -> f32 = x + 1
fn g(x: f32) -> f32 = h(x) * 2
fn k(x: f32) -> f32 = g(x)
k(1)
fn h(x: f32) -> f32 = x + 10
k(1)
g(1)
fn h(x: f64) -> f64 = x
k(1)
k(1)
fn h(x: f32) -> f32 = x
k(1)
struct S { a: f32 = 1 }
fn q(s: S) -> f32 = s.a
var s = S()
struct S { b: f32 = 2; a: f32 = 5 }
q(S())
q(s)
rec t[n: 2] = (t[n - 1] ?? 1) * 2
rec r[t: 4] = (r[t - 1] ?? 1) * 2
EOF
timeout 60 "$mlc" repl <again >got 2>report
cat >want <<'EOF'
f32 = 4.0
f32 = 22.0
f32 = 22.0
f32 = 2.0
s: S
f32 = 5.0
EOF
grep -v '^t:' got | diff -u want - || complain "declared again: other values"
grep -q "^input 10:1:1: error\[E0501\]: 'k' cannot be called: it has errors" report || complain "declared again: the second call of what has errors: $(cat report)"
grep -q "^help: 'S' was declared again" report || complain "declared again: a value of the old struct"
grep -q '^session.*let t' report && complain "a note shows a text that nobody wrote: $(cat report)"
verdict
