#!/bin/bash
# Where `mlc` writes: files whole or not at all, with their rights and links; a pipe or a device is written into and stays what it is.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/mlc-codegen"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
cd "$work" || exit 1
printf 'export fn twice(x: f32[N]) -> f32[N] = 2 * x\n' >m.ml

"$mlc" -c m.ml || complain "-c: exit status $?"
[ -s m.o ] && [ -s m.h ] || complain "-c: no m.o or m.h"
"$mlc" -c -o - m.ml | cmp -s - m.o || complain "-o -: another object"

mkfifo pipe
timeout 20 cat pipe >got.o &
timeout 20 "$mlc" -c -o pipe m.ml || complain "-o pipe: exit status $?"
wait
[ -p pipe ] || complain "-o pipe: the pipe was replaced"
cmp -s got.o m.o || complain "-o pipe: another object"
[ ! -e pipe.h ] || complain "-o pipe: a header beside it"

ln -s real.o link.o
touch real.o && chmod 600 real.o
"$mlc" -c -o link.o m.ml || complain "-o LINK: exit status $?"
[ -L link.o ] && cmp -s real.o m.o && [ "$(stat -c %a real.o)" = 600 ] || complain "-o LINK: link or rights are lost"

"$mlc" -c -o no/such/m.o m.ml 2>report && complain "a folder that is not there: exit status 0"
grep -q E0601 report || complain "a folder that is not there: no E0601"
"$mlc" -o no/such/m.so m.ml 2>report && complain "a library in a folder that is not there: exit status 0"
grep -q "cannot write 'no/such/m.so'" report || complain "a library in a folder that is not there: $(cat report)"
# One message, that of the compiler and not the linker's lines, and nothing left behind.
mkdir folder
for to in folder no/such/m.so; do
    "$mlc" -o $to m.ml 2>report && complain "-o $to: exit status 0"
    [ "$(wc -l <report)" = 1 ] && grep -q "^error\[E0601\]: cannot write '$to'" report || complain "-o $to: $(cat report)"
done
printf 'extern "nosuchlibrary" fn foo(x: f64) -> f64\nexport fn f(x: f64) -> f64 = foo(x)\n' >foreign.ml
"$mlc" --diagnostics=json -o foreign.so foreign.ml 2>report && complain "a library that is not there: exit status 0"
[ "$(wc -l <report)" = 1 ] && grep -q '^{"code": "E0605".*nosuchlibrary' report || complain "a library that is not there: $(cat report)"
"$mlc" -o m.so m.ml && ln -s m.so link.so && "$mlc" -o link.so m.ml && [ -L link.so ] || complain "-o LINK.so: exit status $?, or the link is lost"
[ "$(ls -d m.so* folder* foreign.so* 2>/dev/null | tr '\n' ' ')" = "folder m.so " ] || complain "left behind: $(ls)"
if [ -w /dev/full ]; then
    timeout 20 "$mlc" -c -o /dev/full m.ml 2>report && complain "a full device: exit status 0"
    grep -q E0601 report || complain "a full device: no E0601"
    [ -c /dev/full ] || complain "/dev/full was replaced"
    for what in --help --version '--explain E0302' 'doc std.nn' '--emit=tile m.ml' '--explain-fusion m.ml'; do
        "$mlc" $what >/dev/full 2>report && complain "$what on a full device: exit status 0"
        grep -q 'standard output' report || complain "$what on a full device: $(cat report)"
    done
fi
"$mlc" run --threads=4294967295 m.ml 2>report && complain "more threads than a number has: exit status 0"
grep -q -- '--threads wants a smaller number' report || complain "more threads than a number has: $(cat report)"
# With less and less memory: a result or a message, and no signal.
printf 'let x[i: 300, j: 300] = sin(f32(i * 3 + j))\nlet y = x @ x\nprint(sum[i, j](y[i, j]) < 1)\n' >memory.ml
for limit in $([ "$MLC_SANITIZED" = 1 ] || seq 20000 4000 100000); do
    (ulimit -v "$limit"; "$mlc" run --no-cache memory.ml >both 2>&1)
    status=$?
    [ $status -le 1 ] && grep -q -e '^true$' -e 'memory' -e 'cannot be opened' both || complain "$limit KiB of memory: exit status $status: $(cat both)"
done
# What a loop says about its speed begins a line of its own.
printf 'for i in progress(0..2) { print(i, end: "") }\n' >loop.ml
"$mlc" run loop.ml >both 2>&1
[ "$(head -n 1 both)" = 01 ] && sed -n 2p both | grep -q '^2 steps in' || complain "progress: $(cat both)"
[ -z "$(find . -name '*.tmp')" ] || complain "temporary files are left"
verdict
