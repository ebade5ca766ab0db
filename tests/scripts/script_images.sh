#!/bin/bash
# read_image: PNG gives the pixels of the PPM file, JPEG nearly; what is no picture, or half of one, is a status.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
data=$MLC_SOURCE/tests/data/image
export NO_COLOR=1
cd "$work" || exit 1
cat >same.ml <<'EOF'
let a = read_image(args(1))
let b = read_image(args(2))
check(len(a) == len(b) and len(a[0]) == len(b[0]), "the pictures have one size")
let d[y: len(a), x: len(a[0]), c: 3] = abs(f32(a[y, x, c]) - f32(b[min(y, len(b) - 1), min(x, len(b[0]) - 1), c]))
print(len(a), len(a[0]), max(d))
EOF
compare() { # one, other, what is printed must match this
    "$MLC_BUILD/mlc" run same.ml "$data/$1" "$data/$2" >out 2>errors || complain "$1: $(head -n 2 errors)"
    grep -qxE "$3" out || complain "$1 and $2: prints '$(cat out)', not '$3'"
}
refused() { # file, what is said
    if "$MLC_BUILD/mlc" run same.ml "$1" "$1" >out 2>errors; then complain "$1 is read"; fi
    grep -qF "$2" errors || complain "$1: '$(head -n 2 errors)' instead of '$2'"
}
compare coffee.png coffee.ppm "12 20 0.0"
compare coffee.jpg coffee.ppm "12 20 ([0-9]|[12][0-9])\.0"
for kind in png jpg ppm; do
    size=$(stat -c %s "$data/coffee.$kind")
    for n in 3 9 30 $((size / 2)) $((size - 20)); do
        head -c "$n" "$data/coffee.$kind" >"cut.$kind"
        "$MLC_BUILD/mlc" run same.ml "cut.$kind" "cut.$kind" >out 2>errors
        [ $? -le 1 ] || complain "$n bytes of $kind: exit status over 1: $(head -n 2 errors)"
    done
done
head -c 300 "$data/coffee.png" >half.png
refused half.png "half.png"
head -c 100 "$data/coffee.ppm" >half.ppm
refused half.ppm "ends before its pixels do"
printf 'P6 99999999 99999999 255\n' >huge.ppm
refused huge.ppm "more than 2^28"
printf 'hello' >text
refused text "is no picture that can be read"
verdict
