#!/bin/bash
# golden.sh KIND [K/N] - runs the golden files of golden/KIND (of MLC_GOLDEN/KIND if that is set), or each N-th of them from the K-th on, through the command. One behaviour a file, named for it; folders `lib` hold
# modules that they import.
#
#   error   NAME.ml is wrong, or has warnings only. `mlc check` exits with 1 (0 for warnings) and reports exactly the errors and warnings
#           that are written on their lines:
#               let h = x @ w   # error[E0302]: inner sizes 784 and 512
#           (a part of the text is enough; `error@7[E0302]:` for line 7). A file NAME.txt beside it is the whole text of the report
#   run     NAME.ml is a script. The lines `# > text` are what it prints, compiled (as usual, every other one with -O0 as well) and interpreted; `# status: 1`
#           if it fails, `# stderr: text` for a part of what it says then, `# args: words` for its arguments. `# long`: with sanitizers it is
#           compiled to tile IR only, and it is interpreted with MLC_GOLDEN_ALL=1 alone (`make soak`; then all run with -O0, too); of the others every
#           third is interpreted with sanitizers, another third compiled to tile IR only
#   fusion  NAME.ml: the lines `# > text` are lines of what --explain-fusion says of it, in this order; none has the text of `# never: text`
#   parse   NAME.ml, and every program of examples/: the tree that --emit=ast prints is the tree of what is printed
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
mlc=$MLC_BUILD/mlc
folder=${MLC_GOLDEN:-$MLC_SOURCE/tests/golden}/$1
part=${2:-1/1}
export NO_COLOR=1
cd "$work" || exit 1
all=0 files=0
# With sanitizers every program takes several times as long: -O0 is left to the other build, and most of the interpreted runs.
ways="-O2 --interp"
[ "${MLC_SANITIZED:-0}" = 1 ] || ways="-O0 $ways"

# The diagnostics of a report, as "line code text".
reported() { sed -nE 's/^[^ ]*:([0-9]+):[0-9]+: (error|warning)\[([EW][0-9]+)\]: (.*)$/\1 \3 \4/p' "$1"; }

# What a file says about itself, as "line code text"; code * if it leaves it open.
expected() {
    awk '{ rest = $0
           while (match(rest, /# (error|warning)(@[0-9]+)?(\[[EW][0-9]+\])?: /)) {
               head = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH); text = rest
               if (match(text, / *# (error|warning)/)) text = substr(text, 1, RSTART - 1)
               line = NR; if (match(head, /@[0-9]+/)) line = substr(head, RSTART + 1, RLENGTH - 1)
               code = "*"; if (match(head, /\[[EW][0-9]+\]/)) code = substr(head, RSTART + 1, RLENGTH - 2)
               sub(/ *$/, "", text); print line, code, text } }' "$1"
}

# Pairs them one to one.
compare_reports() { # expected, reported
    awk 'NR == FNR { line[NR] = $1; code[NR] = $2; sub(/^[^ ]+ [^ ]+ /, ""); text[NR] = $0; n = NR; next }
         { l = $1; c = $2; t = $0; sub(/^[^ ]+ [^ ]+ /, "", t); hit = 0
           for (i = 1; i <= n && !hit; i++)
               if (!used[i] && line[i] == l && (code[i] == "*" || code[i] == c) && index(t, text[i])) used[i] = hit = 1
           if (!hit) { print "line " l ": not written there: " c " " t; bad = 1 } }
         END { for (i = 1; i <= n; i++) if (!used[i]) { print "line " line[i] ": not reported: " code[i] " " text[i]; bad = 1 }
               exit bad }' "$1" "$2"
}

golden_error() {
    local status want_status=1
    (cd "$folder" && "$mlc" check "$name.ml") >report 2>&1
    status=$?
    expected "$file" >want
    reported report >got
    [ -s want ] || [ -e "$folder/$name.txt" ] || complain "$name: says no error"
    [ -s want ] || cp got want
    grep -qE '# error(@[0-9]+)?(\[|:)' "$file" || [ -e "$folder/$name.txt" ] || want_status=0
    [ "$status" = "$want_status" ] && compare_reports want got >differences || {
        complain "$name: exit status $status"
        cat differences report
    }
    [ ! -e "$folder/$name.txt" ] || diff -u "$folder/$name.txt" report || complain "$name: another text than $name.txt"
}

# What the compiler itself does, whose memory sanitizers watch: most of a long program's time is LLVM's and the generated code's.
golden_compiled() {
    "$mlc" --verify --emit=tile "$file" >got 2>errors </dev/null && grep -q '^tile fn' got && ! grep -q 'after pass' errors ||
        { complain "$name: no sound tile IR"; head -n 20 errors; }
}

golden_run() {
    local status args want_status text way
    status=$(sed -n 's/^# status: //p' "$file")
    if [ "${MLC_SANITIZED:-0}" = 1 ] && { grep -qx '# long' "$file" || [ -z "$status" -a $((files % 3)) = 1 ]; }; then
        golden_compiled
        return
    fi
    text=$(sed -n 's/^# stderr: //p' "$file")
    want_status=${status:-0}
    eval "args=($(sed -n 's/^# args: //p' "$file"))"
    sed -nE 's/^# > ?//p' "$file" >want
    for way in $ways; do
        [ "$way:${MLC_SANITIZED:-0}" = --interp:1 ] && [ $((files % 3)) != 0 ] && continue
        [ "${MLC_GOLDEN_ALL:-0}" = 0 ] && [ "$way" = -O0 ] && [ $((files % 2)) != 0 ] && continue
        [ "${MLC_GOLDEN_ALL:-0}" = 0 ] && [ "$way" = --interp ] && grep -qx '# long' "$file" && continue
        "$mlc" run "$way" "$file" "${args[@]}" >got 2>errors
        status=$?
        [ "$status" = "$want_status" ] || { complain "$name ($way): exit status $status"; head -n 20 errors; }
        diff -u want got || complain "$name ($way): prints something else"
        [ -z "$text" ] || grep -qF -- "$text" errors || { complain "$name ($way): does not say '$text'"; head -n 20 errors; }
    done
}

golden_fusion() {
    local never
    sed -nE 's/^# > ?//p' "$file" >want
    (cd "$folder" && "$mlc" --explain-fusion "$name.ml") >got 2>errors || { complain "$name: does not compile"; head -n 20 errors; }
    awk 'NR == FNR { want[n++] = $0; next } k < n && $0 == want[k + 0] { k++ } END { if (k < n) { print "is not said: " want[k + 0]; exit 1 } }' want got ||
        { complain "$name"; cat got; }
    never=$(sed -n 's/^# never: //p' "$file")
    [ -z "$never" ] || ! grep -F -- "$never" got || complain "$name: says '$never'"
}

golden_parse() {
    "$mlc" --emit=ast "$file" >one.ast 2>errors && "$mlc" --emit=ast one.ast >two.ast 2>>errors ||
        { complain "$file: does not parse"; head -n 20 errors; return; }
    [ -s one.ast ] || complain "$file: prints nothing"
    cmp -s one.ast two.ast || { complain "$file: the tree does not parse back to itself"; diff one.ast two.ast | head -n 20; }
}

inputs() {
    find "$folder" -name '*.ml' -not -path '*/lib/*'
    [ "$1" != parse ] || find "$MLC_SOURCE/examples" "$MLC_SOURCE/stdlib" -name '*.ml' 2>/dev/null
}

while IFS= read -r file; do
    name=${file#"$folder"/}
    name=${name%.ml}
    all=$((all + 1))
    [ $((all % ${part#*/})) = $((${part%/*} % ${part#*/})) ] || continue
    files=$((files + 1))
    "golden_$1"
done < <(inputs "$1" | sort)
[ "$files" != 0 ] || skip "no files of kind $1"
echo "$files files"
verdict
