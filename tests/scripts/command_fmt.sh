#!/bin/bash
# `mlc fmt`: the layout; in place, to standard output, --check; the tree and the comments of every program of the tree stay, and what
# was formatted stays as it is.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
cd "$work" || exit 1

cat >ugly.ml <<'EOS'

## Doubles.

import   std.nn:Linear
model Net( D,H ){
  first=Linear(D,H)   # one


  param bias:   f32[H]=0
  param weight: f32[H,D]~normal( 0,D^-0.5 )
      # what it does
  fn call(x:f32[..,D])->f32[..,H]{
      let a[i:3] = -1*i   # a column
      let bc[i] = a[i]- -2 # that moves
                           # with its second line
      if x2>=3{ y=1 }else{y=2}
      foo(a,
          b,c[ 1:n,: , ::2,a : b ],
        fn( x )=x)
      # at the end
  }
}
  fn f[H]( var c:C(L),n:int )
      ->(f32[n],int)where n<=3{
    var s = (1+2
- 3)
  ; return -s;
}
@elementwise  fn g(x:float)->float=x
let t=tree{0{1}2}
for i in 0 .. n+1 {print("a  #  b",[e for e in x[|p](y)])}
EOS
cat >want.ml <<'EOS'
## Doubles.

import std.nn: Linear
model Net(D, H) {
    first = Linear(D, H)   # one

    param bias:   f32[H] = 0
    param weight: f32[H, D] ~ normal(0, D ^ -0.5)
    # what it does
    fn call(x: f32[.., D]) -> f32[.., H] {
        let a[i:3] = -1 * i   # a column
        let bc[i] = a[i] - -2 # that moves
                              # with its second line
        if x2 >= 3 { y = 1 } else { y = 2 }
        foo(a,
            b, c[1:n, :, ::2, a : b],
          fn(x) = x)
        # at the end
    }
}
fn f[H](var c: C(L), n: int)
    -> (f32[n], int) where n <= 3 {
    var s = (1 + 2
        - 3)
    return -s;
}
@elementwise fn g(x: float) -> float = x
let t = tree { 0 { 1 } 2 }
for i in 0..n + 1 { print("a  #  b", [e for e in x[| p](y)]) }
EOS
"$mlc" fmt - <ugly.ml >got.ml 2>report || { complain "fmt -: exit status $?"; cat report; }
diff -u want.ml got.ml || complain "another layout than expected"

cp ugly.ml u.ml
chmod 750 u.ml
ln -s u.ml link.ml
[ "$("$mlc" fmt --check u.ml want.ml)" = u.ml ] || complain "--check names other files"
"$mlc" fmt --check u.ml >/dev/null && complain "--check: exit status 0"
cmp -s u.ml ugly.ml || complain "--check writes"
"$mlc" fmt link.ml || complain "fmt FILE: exit status $?"
cmp -s u.ml want.ml || complain "fmt FILE does not write"
[ -L link.ml ] && [ "$(stat -c %a u.ml)" = 750 ] || complain "fmt FILE: link or rights are lost"
"$mlc" fmt --check u.ml || complain "--check after fmt"
printf 'let a = 1   ' | "$mlc" fmt - | cmp -s - <(echo 'let a = 1') || complain "blanks at the end of the text"
printf 'fn f(\n' >wrong.ml
"$mlc" fmt wrong.ml 2>report && complain "a wrong file: exit status 0"
grep -q E0102 report && [ "$(cat wrong.ml)" = 'fn f(' ] || complain "a wrong file"

# Every program (with sanitizers every eighth): with all indentation taken away and blanks doubled, too.
every=1 files=0
[ "${MLC_SANITIZED:-0}" = 1 ] && every=8
same_tree() { "$mlc" --emit=ast "$1" >a.ast && "$mlc" --emit=ast "$2" >b.ast && cmp -s a.ast b.ast; }
while IFS= read -r file; do
    files=$((files + 1))
    [ $((files % every)) = 0 ] || continue
    "$mlc" --emit=ast "$file" >a.ast 2>/dev/null || continue
    "$mlc" fmt - <"$file" >one.ml 2>report || { complain "$file"; cat report; continue; }
    if ! cmp -s "$file" one.ml; then
        same_tree "$file" one.ml || complain "$file: another tree"
        "$mlc" fmt --check one.ml || complain "$file: not stable"
    fi
    case $file in */examples/* | */stdlib/*)
        cmp -s "$file" one.ml || complain "$file: not formatted (mlc fmt ${file#"$MLC_SOURCE"/})"
        sed -E -e '/^ *[-@]/!s/^ +//' -e '/["#]/!s/ /  /g' "$file" >flat.ml
        "$mlc" fmt - <flat.ml >two.ml 2>report || { complain "$file, flat"; cat report; continue; }
        same_tree "$file" two.ml || complain "$file: another tree, flat"
        [ "$(grep -o '#.*' flat.ml)" = "$(grep -o '#.*' two.ml)" ] || complain "$file: other comments, flat" ;;
    esac
done < <(find "$MLC_SOURCE/stdlib" "$MLC_SOURCE/examples" "$MLC_SOURCE/tests/golden" -name '*.ml' | sort)
verdict
