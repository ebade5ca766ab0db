#!/bin/bash
# The cache of objects and rows: a second start needs no code generator and runs no pass; damaged files, a folder of somebody else, no
# folder, a full one and many writers at once change no result.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
export XDG_CACHE_HOME=$work/cache NO_COLOR=1
mkdir "$work/cache"
dir=$work/cache/mlc
cat >"$work/p.ml" <<'EOF'
let x[i: 5] = f32(i) * 2
print(sum(x))
EOF
run() { "$MLC_BUILD/mlc" run "$@" "$work/p.ml" 2>&1; }
wants() { local got; got=$(run "${@:2}"); [ "$got" = 20.0 ] || complain "$1: printed '$got'"; }
files() { find "$dir" -type f 2>/dev/null | wc -l; }

wants "--no-cache" --no-cache
[ "$(files)" = 0 ] || complain "--no-cache left files"
wants "first"
[ "$(files)" -gt 0 ] || complain "nothing was kept"
# Which shared objects are opened, by the dynamic linker's own report.
opened() { LD_DEBUG=files "$MLC_BUILD/mlc" run "$@" "$work/p.ml" 2>&1 | grep -c 'file=.*libmlc-llvm.so.*generating link map'; }
if [ "$MLC_SANITIZED" != 1 ]; then
    [ "$(opened --no-cache)" -gt 0 ] || complain "without the cache no code generator was opened"
    [ "$(opened)" = 0 ] || complain "the second start opened the code generator"
fi
wants "other options" -O0
[ "$(run -ftime-report | grep -c '^fuse')" = 0 ] || complain "the second start ran passes"
[ "$(run -ftime-report --skip-passes=cse | grep -c '^fuse')" = 1 ] || complain "other passes were not run"
[ "$(run -ftime-report --target-cpu=x86-64-v2 | grep -c '^fuse')" = 1 ] || complain "passes were not run for another processor"
[ "$(run --print-after=tile | grep -c '^tile fn @')" -gt 0 ] || complain "--print-after printed nothing"

for f in "$dir"/*; do # one byte flipped in the middle, then cut short, then empty
    at=$(($(stat -c %s "$f") / 2))
    printf '\x5a' | dd of="$f" bs=1 seek=$at conv=notrunc status=none
done
wants "a flipped byte"
for f in "$dir"/*; do truncate -s 100 "$f"; done
wants "cut short"
for f in "$dir"/*; do : >"$f"; done
wants "empty"
echo kept >"$work/named"
for f in "$dir"/*; do rm "$f"; ln -s "$work/named" "$f"; done
wants "links"
[ "$(cat "$work/named")" = kept ] || complain "what a link names was written to"
for f in "$dir"/*; do rm "$f"; mkfifo "$f"; done
pipes=$(timeout 60 "$MLC_BUILD/mlc" run "$work/p.ml" 2>&1)
[ "$pipes" = 20.0 ] || complain "pipes: printed '$pipes'"
[ -z "$(find "$dir" -name '*.tmp')" ] || complain "temporary files were left"

rm -rf "$dir"
(ulimit -f 1; wants "files that may not grow"; exit "$bad") || bad=1
wants "after that"

# Files that went away, or were damaged alone: what is left is enough.
wants "anew"
rm -f "$dir"/*.o
wants "rows without objects"
rm -f "$dir"/*.rows
wants "objects without rows"
for f in "$dir"/*.rows; do truncate -s 200 "$f"; done
wants "rows cut short"

# What a second start prints and says, and its status, is what the first one did: warnings, faults with their places, effects of functions
# that are called, models of other sizes, and imports that changed since.
cd "$work" || exit 1
cat >part.ml <<'END'
struct State(N) {
    w: f32[N] = 0
}
fn tell(x: f32[N], i: int) -> f32 {
    print("at", i)
    x[i] * 2
}
fn total(s: State(N)) -> f32 = sum(s.w)
END
cat >make.ml <<'END'
import part: State
var s = State(7)
s.w[3] = 1.5
save(s, "seven.safetensors")
var t = State(5)
t.w[4] = 2.5
save(t, "five.safetensors")
END
cat >whole.ml <<'END'
import part: State, tell, total
let s = load(args(1)) as State(_)
let unused = 5
fn count(n: int) -> int {
    let idle = n
    n + 1
}
print(s.N, total(s), count(s.N))
for i in 3..9 { print(tell(s.w, i)) }
END
"$MLC_BUILD/mlc" run make.ml || complain "no states were made"
start() { "$MLC_BUILD/mlc" run "${@:2}" >"$1.out" 2>"$1.err"; echo $? >>"$1.out"; }
alike() { cmp -s "$1.out" "$2.out" && cmp -s "$1.err" "$2.err" || complain "$3: $(cat "$2.out" "$2.err") in place of $(cat "$1.out" "$1.err")"; }
for n in five seven; do
    start "$n" --no-cache whole.ml $n.safetensors
    start found whole.ml $n.safetensors
    alike "$n" found "first start, $n"
    start found whole.ml $n.safetensors
    alike "$n" found "second start, $n"
done
grep -q 'whole.ml:9:.*E0701' five.err && grep -q 'warning' five.err || complain "no fault, or no warning: $(cat five.err)"
[ "$("$MLC_BUILD/mlc" run -ftime-report whole.ml five.safetensors 2>&1 | grep -c '^fuse')" = 0 ] || complain "sizes of a model made passes run"
sed 's/x\[i\] \* 2/x[i] * 4/' part.ml >part.new && mv part.new part.ml
start other --no-cache whole.ml five.safetensors
start found whole.ml five.safetensors
alike other found "an import that changed"
cmp -s other.out five.out && complain "the import did not change"
rm -rf "$dir"
for i in 1 2 3 4 5 6; do run >"$work/out$i" & done
wait
for i in 1 2 3 4 5 6; do [ "$(cat "$work/out$i")" = 20.0 ] || complain "writer $i printed '$(cat "$work/out$i")'"; done

chmod 777 "$dir"
rm -f "$dir"/*
wants "a folder that others can write"
[ "$(files)" = 0 ] || complain "a folder that others can write was used"
chmod 700 "$dir"
rm -rf "$dir" && : >"$dir"
wants "a file in place of the folder"
XDG_CACHE_HOME=/dev/full wants "no folder"
XDG_CACHE_HOME=$work/new wants "a folder that is not there yet"
[ -n "$(ls "$work/new/mlc")" ] || complain "the folder of the cache was not made"
(unset XDG_CACHE_HOME HOME; wants "no home"; exit "$bad") || bad=1
verdict
