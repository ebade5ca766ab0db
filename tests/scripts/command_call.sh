#!/bin/bash
# `mlc call`: literals, files, models and structs, compiled and interpreted; what is missing or left over is said.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
mlc=$MLC_BUILD/mlc
stories=$MLC_SOURCE/examples/stories
export NO_COLOR=1
cd "$work" || exit 1

cat >p.ml <<'EOF'
export fn max_area(height: i32[N]) -> i32 where N >= 1 {
    var (l, r, best) = (0, N - 1, 0)
    while l < r {
        best = max(best, min(height[l], height[r]) * (r - l))
        if height[l] < height[r] { l = l + 1 } else { r = r - 1 }
    }
    best
}
fn scale(x: f32[A, B]; by = 2.0) -> (f32[A, B], int) = (x * f32(by), A * B)
fn bump(var n: int, var x: f32[A], y: f32[A]) { x = x + y
    n = n + 1 }
fn front(x: f32[N], y: f32[M]) -> f32[N] where N <= M { out[i: N] = x[i] + (y[i + 0] ?? 0) }
struct State(N) { w: f32[N] = 1
    steps: int = 0 }
fn step(var s: State(N), x: f32[N]) -> f32 { s.w = s.w + x
    s.steps += 1
    sum(s.w) }
EOF

# Runs it compiled and interpreted; both must print this and nothing else.
same() { # expected text, arguments
    local want=$1 way
    shift
    for way in "" --interp; do
        "$mlc" call $way "$@" >got 2>errors || complain "call $way $*: exit status $?: $(head -n 3 errors)"
        [ "$(cat got)" = "$want" ] || complain "call $way $*: prints '$(cat got)', not '$want'"
    done
}
fails() { # exit status, part of the message, arguments
    local want=$1 text=$2 status
    shift 2
    "$mlc" call "$@" >got 2>errors
    status=$?
    [ "$status" = "$want" ] || complain "call $*: exit status $status"
    grep -qF -- "$text" errors || complain "call $*: does not say '$text' but: $(head -n 3 errors)"
}

same 'result: f32[2] = [4.0, 6.0]' p.ml front 'x=[1.0, 2.0]' 'y=[3.0, 4.0]' # a condition at entry that just holds

same "result: i32 = 49" p.ml max_area 'height=[1, 8, 6, 2, 5, 4, 8, 3, 7]'
same "result0: f32[2, 2] = [[2.0, 4.0],
                      [6.0, 8.0]]
result1: i64 = 4" p.ml scale 'x=[[1,2],[3,4]]'
same "result0: f32[1, 1] = [[-1.5]]
result1: i64 = 1" p.ml scale 'x=[[3]]' by=-0.5
same "n: i64 = 8
x: f32[2] = [11.0, 22.0]" p.ml bump n=7 'x=[1,2]' 'y=[10,20]'
same "s.w: f32[2] = [1.5, 2.5]
s.steps: i64 = 1
result: f32 = 4.0" p.ml step s.N=2 'x=[0.5,1.5]'

# Out into a file, in again; every repetition sees what was given.
"$mlc" call --repeat 3 --out one.safetensors p.ml step s.N=2 'x=[0.5,1.5]' >got 2>errors || complain "--out: $(head -n 3 errors)"
grep -q "median of 3 calls" errors || complain "--repeat does not say a time"
[ ! -s got ] || complain "--out: prints '$(cat got)'"
same "s.w: f32[2] = [2.5, 3.5]
s.steps: i64 = 2
result: f32 = 6.0" --in one.safetensors p.ml step 'x=[1,1]'

# A model from a file, a cache made new, the cache of one call in the next.
if [ -e "$stories/stories260K.bin" ]; then
    net=(net="$stories/stories260K.bin" net.H=8 net.G=4)
    { sed '/^let folder/,$d' "$stories/stories.ml"
      echo 'fn next(net: Llama(V, L, D, H, G, F), tokens: i32[T], var c: Cache(L, 1, G, S, D / H)) -> i32 where T >= 1 ='
      echo '    greedy(net(reshape(tokens, 1, T), var c))[0]'; } >story.ml
    "$mlc" call --threads 1 --out two.safetensors story.ml next "${net[@]}" 'tokens=[1,403,407,261]' \
        c.L=5 c.B=1 c.G=4 c.S=32 c.K=8 2>errors || complain "stories: $(head -n 3 errors)"
    for way in "" --interp; do
        "$mlc" call $way --threads 2 --in two.safetensors story.ml next "${net[@]}" 'tokens=[378]' 2>&1 |
            grep -qx 'result: i32 = 432' || complain "stories $way: another token"
    done
fi

fails 1 "error[E0205]: 'height': i32[N] is missing" p.ml max_area
fails 1 "error[E0205]: 'height': ',' or ']' is wanted at the end" p.ml max_area 'height=[1, 2'
fails 1 "error[E0205]: 'height': rows of one length are wanted" p.ml max_area 'height=[[1, 2], [3]]'
fails 1 "error[E0205]: 'height': an integer is wanted at 'x]'" p.ml max_area 'height=[1, x]'
fails 1 "error[E0205]: 'height': the integer does not fit its type" p.ml max_area 'height=[3000000000]'
fails 1 "its rank is 2, not 1" p.ml max_area 'height=[[1]]'
fails 1 "N >= 1 does not hold" p.ml max_area 'height=[]'
fails 1 "error[E0205]: 'by=1' is no parameter of fn max_area(height: i32[N]) -> i32" p.ml max_area 'height=[1]' by=1
fails 1 "did you mean max_area?" p.ml max_arae 'height=[1]'
fails 1 "error[E0601]" --in nothing.safetensors p.ml max_area
fails 1 "error[E0601]" --out /nowhere/x.safetensors p.ml scale 'x=[[1]]'
fails 1 "error[E0205]: 's': State(N) is missing" p.ml step 'x=[1]'
# Models: drawn by the seed, or from a file that has what tells its numbers.
printf 'model Lin(D) {\n    param w: f32[D] ~ uniform(1, 2)\n    fn call(x: f32[D]) -> f32[D] = w * x\n}\nfn apply(net: Lin(D), x: f32[D]) -> f32[D] = net(x)\n' >lin.ml
"$mlc" call lin.ml apply net.D=2 'x=[1, 1]' >one && "$mlc" call --seed=1 lin.ml apply net.D=2 'x=[1, 1]' >two || complain "a drawn model"
"$mlc" call lin.ml apply net.D=2 net.key=1 'x=[1, 1]' | cmp -s - two || complain "--seed and net.key differ"
cmp -s one two && complain "--seed draws the same"
"$mlc" call --out other.safetensors lin.ml apply net.D=2 'x=[1, 1]' || complain "--out of a result"
fails 1 "number 'D' of 'Lin' cannot be told: the file has no tensor 'w'" lin.ml apply net=other.safetensors 'x=[1, 1]'
fails 1 "help: it has apply" lin.ml nothing
printf '\2\0\0\0\0\0\0\0ab and what is no header' >no.safetensors
fails 1 "neither a llama2.c nor a safetensors file" lin.ml apply net=no.safetensors 'x=[1, 1]'
fails 2 "call needs a file and a function" p.ml
fails 1 "error[E0205]: 'height' is given twice" p.ml max_area 'height=[1]' 'height=[2]'
fails 2 "--threads wants a number of at least 0" --threads -1 p.ml max_area 'height=[1]'
fails 2 "-O wants 0, 1, 2 or 3" -O 4 p.ml max_area 'height=[1]'
# Which effect is in the way is said, and nothing of other names.
printf 'fn known(t: str) -> bool = t == "a"\nfn asks(t: str) -> bool = known(t)\nfn knows(x: int) -> int = x\n' >effect.ml
fails 1 "error[E0211]: 'asks' has effects" effect.ml asks t=a
fails 1 "the effect stands here: a comparison of texts" effect.ml asks t=a
"$mlc" call effect.ml known t=a 2>&1 | grep 'did you mean' && complain "another function is named"

# Sizes that only the call tells: softmaxes one after the other over one axis, of which the second has one maximum for all rows; and what one sum reads is
# part of what another one reads.
softmaxes() { # name, factor of the first
    cat <<EOF
export fn $1(c: f32[K], z: f32, h: f32[N, M]) -> f32[N] {
    let x[i: N, k: K] = mean[m: M | m <= i + 2 and m >= i - 3](c[k])
    let a[i: N] = clip(max[k: K](x[i, k]), -30, 30)
    let e[i: N, k: K] = exp(min(x[i, k] - a[i], 1))
    let t[i: N] = sum[k: K](e[i, k])
    let y[i: N] = sum[k: K](e[i, k] * $2) / (t[i] + 0.125)
    let u[i: N, k: K] = if k < 3 { 1.0 } else { z }
    let b[i: N] = clip(max[k: K](u[i, k]), -30, 30)
    let g[i: N, k: K] = exp(min(u[i, k] - b[i], 1))
    let r[i: N] = sum[k: K](g[i, k])
    out[i] = sum[k: K](g[i, k] * y[i]) / (r[i] + 0.125)
}
EOF
}
{ softmaxes plain 1.0; softmaxes weighted z; } >softmaxes.ml
same "result: f32[2] = [0.8807, 0.8807]" softmaxes.ml plain 'c=[0.3, 0.1]' z=1.98 'h=[[1], [1]]'
same "result: f32[2] = [1.744, 1.744]" softmaxes.ml weighted 'c=[0.3, 0.1]' z=1.98 'h=[[1], [1]]'
verdict
