#!/bin/bash
# The root holds what is named here, a room what it is built of: an output, a scratch file or a program of a test by hand is none of both.
. "$MLC_SOURCE/tests/lib/script.sh"
cd "$MLC_SOURCE" || exit 1
git rev-parse --git-dir >/dev/null 2>&1 || skip "not a git checkout"

# Tracked, and what the next `git add .` would take.
listed() { git ls-files --cached --others --exclude-standard -- "$@"; }

# Where what a root entry is for can be read.
declare -A named=(
    [.ci]= [.clang-format]= [.gitignore]= [CMakeLists.txt]= [CMakePresets.json]= [LICENSE]=README.md [Makefile]=README.md [README.md]=
    [check]=README.md [try]=README.md [packages.txt]=README.md [scripts]=try [cmake]=CMakeLists.txt [tests]=CMakeLists.txt
    [bench]=CMakeLists.txt [examples]=README.md [stdlib]=driver/CMakeLists.txt [docs]=tests/scripts/explain_pages.sh
)
word_of() { case $1 in LICENSE) echo Licence ;; Makefile) echo 'make soak' ;; *) echo "$1" ;; esac }
for room in $rooms; do named[$room]=CMakeLists.txt; done
while IFS= read -r entry; do
    if ! [ "${named[$entry]+there}" ]; then
        complain "$entry: nothing of this name belongs in the root (tests/scripts/tree_files.sh)"
    elif [ "${named[$entry]}" ]; then
        grep -qF "$(word_of "$entry")" "${named[$entry]}" || complain "$entry: ${named[$entry]} does not name it"
    fi
done < <(listed | cut -d/ -f1 | sort -u)
for entry in "${!named[@]}"; do [ -e "$entry" ] || complain "$entry: is not there"; done

# Rooms hold sources, tables and their page; the crowded ones have alcoves, of sources alone.
while IFS= read -r file; do
    case $file in
    frontend/check/*.[ch] | passes/online/*.[ch] | passes/stage/*.[ch] | passes/tile/*.[ch]) continue ;;
    esac
    case ${file#*/} in
    */*) complain "$file: this room has no such folder" ;;
    *.c | *.h | *.def | *.l | *.y | *.md | CMakeLists.txt) ;;
    *) complain "$file: no kind of file that a room holds" ;;
    esac
done < <(listed $rooms)

# Elsewhere: kinds of files by folder; data have their own folder, and those of examples lie beside them.
while IFS= read -r file; do
    case $file in
    tests/data/* | tests/golden/* | tests/conformance/*) ;;
    tests/* | scripts/* | cmake/* | docs/* | bench/*)
        case $file in
        *.c | *.h | *.def | *.sh | *.md | *.ml | *.py | *.cmake | */CMakeLists.txt | *.txt) ;;
        *) complain "$file: no kind of file that belongs here" ;;
        esac ;;
    stdlib/*) [[ $file == *.ml || $file == */CMakeLists.txt ]] || complain "$file: the library is .ml files" ;;
    examples/*) [[ $file =~ \.(ml|md|c|json|safetensors|gguf|bin|png|jpg)$ ]] || complain "$file: no kind of file that an example has" ;;
    esac
done < <(listed tests scripts cmake docs bench stdlib examples)

# What pages link to is there.
while IFS=: read -r page link; do
    [ -e "$(dirname "$page")/$link" ] || [ -e "$link" ] || complain "$page: there is no '$link'"
done < <(grep -oHE '\]\([A-Za-z0-9_./-]+\.[a-z]+\)' $(git ls-files '*.md') | sed -e 's/](//' -e 's/)$//')

# Pages that comments and pages name are there: by their path, or beside the file, or by a name that one room has.
git ls-files '*.md' >"$work/pages"
while IFS=: read -r file page; do
    grep -qE "(^|/)${page#../}\$" "$work/pages" || complain "$file: names $page, which is not there"
done < <(git grep -oE '\b[A-Z][A-Za-z_/]*\.md\b|\b[a-z]+/[A-Z]+\.md\b' -- '*.[chly]' '*.def' '*.md' '*.sh' CMakeLists.txt | grep -v 'CODE\.md$' | sed 's/:MLC_SOURCE\//:/' | sort -u)

# What is empty was never meant, but for the file that a test wants so.
while IFS= read -r file; do
    [ -s "$file" ] || [ "$file" = tests/data/safetensors/bad-empty-file.safetensors ] || complain "$file: is empty"
done < <(listed)
verdict
