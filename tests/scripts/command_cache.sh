#!/bin/bash
# The cache of objects: a second start needs no code generator; damaged files, a folder of somebody else, no folder, a full one and many
# writers at once change no result.
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

for f in "$dir"/*.o; do # one byte flipped in the middle, then cut short, then empty
    at=$(($(stat -c %s "$f") / 2))
    printf '\x5a' | dd of="$f" bs=1 seek=$at conv=notrunc status=none
done
wants "a flipped byte"
for f in "$dir"/*.o; do truncate -s 100 "$f"; done
wants "cut short"
for f in "$dir"/*.o; do : >"$f"; done
wants "empty"
echo kept >"$work/named"
for f in "$dir"/*.o; do rm "$f"; ln -s "$work/named" "$f"; done
wants "links"
[ "$(cat "$work/named")" = kept ] || complain "what a link names was written to"
for f in "$dir"/*.o; do rm "$f"; mkfifo "$f"; done
pipes=$(timeout 60 "$MLC_BUILD/mlc" run "$work/p.ml" 2>&1)
[ "$pipes" = 20.0 ] || complain "pipes: printed '$pipes'"
[ -z "$(find "$dir" -name '*.tmp')" ] || complain "temporary files were left"

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
(unset XDG_CACHE_HOME HOME; wants "no home"; exit "$bad") || bad=1
verdict
