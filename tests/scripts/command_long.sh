#!/bin/bash
# `mlc check` of long and deep files: long ones take a time that grows with their length (a minute is a hundred times what they need), deep ones get an error with its code.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
cd "$work" || exit 1

# status, code of the first error ('' for none): checks long.ml
checked() {
    local got code
    timeout 60 "$mlc" check long.ml >report 2>&1
    got=$?
    code=$(grep -oE 'error\[E[0-9]+\]' report | head -n 1)
    [ "$got $code" = "$1 ${2:+error[$2]}" ] || { complain "$3: exit status $got, '$code'"; head -n 3 report; }
}
repeat() { awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) { t = text; gsub(/@/, i, t); printf "%s", t } }'; }

repeat 30000 $'let x@ = @\n' >long.ml
checked 0 '' '30,000 variables'
{ repeat 5000 $'var x@ = @\n'; repeat 5000 $'x@ = x@ + x1\n'; } >long.ml
checked 0 '' '5,000 variables that change'
repeat 10000 $'fn f@(x: f32) -> f32 = x + @\n' >long.ml
checked 0 '' '10,000 functions'
{ echo 'fn f(x: f32) -> f32 {'; echo 'let a = x'; repeat 10000 $'let b@ = a * @\n'; echo 'b1'; echo '}'; } >long.ml
sed -i 's/^let b/let _b/; s/^b1$/_b1/' long.ml
checked 0 '' 'a body of 10,000 variables'
repeat 20000 $'let x@ = y@\n' >long.ml
checked 1 E0201 '20,000 unknown names'
{ printf 'fn f(x: f32) -> f32 = x'; repeat 4999 ' + x'; echo; } >long.ml
checked 1 E0003 '5,000 terms'

# What is compiled, too: one value with many readers.
{ printf 'export fn f(x: i32[N]) -> bool[N] {\n    out[i] = 0'; repeat 12000 ' <= x[i]'; printf '\n}\n'; } >long.ml
timeout 60 "$mlc" --emit=tile -o long.tile long.ml || complain '12,000 comparisons: no tile code'

deep() { # what opens, what stands inside, what closes, before, after: 2,000 deep
    { printf '%s' "$4"; repeat 2000 "$1"; printf '%s' "$2"; repeat 2000 "$3"; printf '%s\n' "$5"; } >long.ml
    checked 1 E0003 "2,000 times '$1'"
}
deep '(' x ')' 'fn f(x: f32) -> f32 = '
deep '[' 1 ']' 'let x = '
deep 'x[' 0 ']' 'fn f(x: i64[3]) -> i64 = '
deep 'exp(' x ')' 'fn f(x: f32) -> f32 = '
deep 'if x > 0 { ' x ' } else { x }' 'fn f(x: f32) -> f32 = '
deep '-' x '' 'fn f(x: f32) -> f32 = '
deep 'fn(x) = ' x '' 'let g = '
deep '{0 ' '' '}' 'tree t = '
deep '[' f32 ']' 'fn f(x: ' ') -> f32 = 1'
verdict
