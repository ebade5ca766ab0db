# shellcheck shell=bash
# setup.sh - what ./try and ./check share: packages, and building a preset. To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*" >&2; }

# Names of packages.txt, without comments.
packages() { sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$root/packages.txt"; }

missing_packages() {
    local name
    for name in $(packages); do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
    done
}

# Installs what is missing. Without root it says what is missing; on a system without dpkg it trusts the user.
install_packages() {
    command -v dpkg-query >/dev/null || return 0
    local missing log
    missing=$(missing_packages | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "missing packages: $missing"
        say "install them as root: apt-get install --no-install-recommends $missing"
        return 1
    fi
    say "installing $missing"
    log=$(mktemp)
    if ! { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends $missing; } \
        </dev/null >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        say "the packages could not be installed"
        return 1
    fi
    rm -f "$log"
}

# build_preset NAME [OPTION...]: configures and builds; quiet unless something goes wrong. MLC_SHARED, if set, is a folder with more test data.
build_preset() {
    local name=$1 log
    shift
    log=$(mktemp)
    say "building preset $name"
    if ! { cd "$root" && cmake --preset "$name" ${MLC_SHARED:+"-DMLC_SHARED=$MLC_SHARED"} "$@" && cmake --build --preset "$name" --parallel "$(nproc)"; } >"$log" 2>&1; then
        tail -n 200 "$log" >&2
        rm -f "$log"
        say "preset $name does not build"
        return 1
    fi
    grep -E 'warning:' "$log" >&2
    rm -f "$log"
    return 0
}
