#!/bin/bash
# The arrows between rooms: who may include whom, from the text, and from the compiler (a wrong include does not build).
. "$MLC_SOURCE/tests/lib/script.sh"

declare -A sees=(
    [base]="base" [ir]="base ir" [frontend]="base ir frontend" [passes]="base ir passes" [runtime]="runtime"
    [interp]="base ir frontend runtime interp" [backend]="base ir backend runtime"
    [driver]="base ir frontend passes runtime interp backend driver"
)

check_include() { # file room header
    local other=${3%%/*}
    case $3 in
    */*) ;;
    *) # a bare name is a file of the same folder; mlc.h, which is public, names the public header of the runtime
        [ -e "$(dirname "$1")/$3" ] || [ "$2/$3" = driver/mlcrt.h ] || complain "$1: no file '$3' in this folder"
        return ;;
    esac
    [[ $3 != *..* ]] || complain "$1: '$3' leaves the include path"
    [[ " ${sees[$2]} " == *" $other "* ]] || complain "$1: room $2 does not see $other"
    # mlc_interpret is a call of the runtime whose body is the interpreter: it needs what a call is made of
    [ "$other" = "$2" ] || [[ $3 != *_int.h ]] || [ "$2:$3" = driver:runtime/core_int.h ] || complain "$1: '$3' is private to $other"
    [ "$2" != backend ] || [ "$other" != runtime ] || [[ $3 =~ ^runtime/(abi.h|math.def|status.def)$ ]] || complain "$1: of runtime, backend sees abi.h and its tables only"
    [ "$2" != driver ] || [ "$other" != backend ] || [ "$3" = backend/backend.h ] || complain "$1: of backend, driver sees backend.h only"
}

cd "$MLC_SOURCE" || exit 1
while IFS=: read -r file _ line; do
    header=$(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' <<<"$line")
    [ -z "$header" ] || check_include "$file" "${file%%/*}" "$header"
done < <(grep -nH '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' $(room_files | sed "s|^$MLC_SOURCE/||"))
while IFS= read -r file; do
    [[ $file == backend/* ]] || complain "$file: includes LLVM"
done < <(grep -lE '#[[:space:]]*include[[:space:]]*[<"]llvm' $(room_files | sed "s|^$MLC_SOURCE/||"))

# Each pair of rooms: the view of the first has the second exactly if it may.
declare -A doors=(
    [base]=base/base.h [ir]=ir/ir.h [frontend]=frontend/frontend.h [passes]=passes/passes.h [runtime]=runtime/mlcrt.h
    [interp]=interp/interp.h [backend]=backend/backend.h [driver]=driver/mlc.h
)
declare -A bare=([driver]="-I $MLC_SOURCE/runtime")
for room in $rooms; do
    [ -d "$MLC_BUILD/see/$room" ] || continue
    for other in $rooms; do
        header=${doors[$other]}
        [ -e "$header" ] && [ "$room/$other" != backend/runtime ] || continue
        allowed=no found=no
        [[ " ${sees[$room]} " == *" $other "* ]] && allowed=yes
        echo "#include \"$header\"" >"$work/a.c"
        "$CC" -I "$MLC_BUILD/see/$room" ${bare[$room]} -fsyntax-only "$work/a.c" 2>/dev/null && found=yes
        [ "$allowed" = "$found" ] || complain "room $room includes $header: $found, allowed: $allowed"
    done
done
verdict
