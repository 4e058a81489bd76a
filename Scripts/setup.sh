#!/usr/bin/env bash
# Installs the system packages that are missing and checks the Swift version.
#
# Usage: Scripts/setup.sh          what building and running need
#        Scripts/setup.sh test     also what the tests need
#        Scripts/setup.sh dist     also what trying the one-file binary needs
# It does nothing, in well under a second, when everything is there.
set -euo pipefail

# What each is for: libzstd-dev, zlib1g-dev, libsnappy-dev: compressed bodies and segments.
# libre2-dev: regular expressions from outside. libsqlite3-dev: the catalog. python3-venv: the
# environments that hold the web assets and the test clients. pkg-config: how the Swift package
# manager finds the libraries.
packages=(libzstd-dev zlib1g-dev libsnappy-dev libre2-dev libsqlite3-dev python3-venv pkg-config)
case "${1:-}" in
    "") ;;
    test) packages+=(chromium) ;;
    dist) packages+=(debootstrap binutils curl) ;;
    *) echo "setup: unknown argument '$1'" >&2; exit 2 ;;
esac

check_swift() {
    if ! command -v swift >/dev/null; then
        echo "setup: no 'swift' in the PATH. Perch needs a Swift 6.3 toolchain." >&2
        exit 1
    fi
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    local major=${version% *} minor=${version#* }
    if ((${major:-0} < 6 || (${major:-0} == 6 && ${minor:-0} < 3))); then
        echo "setup: Perch needs Swift 6.3 or later; 'swift' here is ${version/ /.}." >&2
        exit 1
    fi
}

is_installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Where there is no dpkg, only says what is missing.
check_without_dpkg() {
    local missing=() library
    for library in libzstd zlib snappy re2 sqlite3; do
        pkg-config --exists "$library" 2>/dev/null || missing+=("$library")
    done
    if ((${#missing[@]} == 0)); then return; fi
    echo "setup: cannot find the libraries: ${missing[*]} (asked pkg-config)." >&2
    if command -v brew >/dev/null; then
        echo "setup: try: brew install pkgconf zstd snappy re2 sqlite zlib" >&2
    else
        echo "setup: install their development packages and pkg-config, then try again." >&2
    fi
    exit 1
}

install_missing() {
    local as_root=()
    if [[ $(id -u) != 0 ]]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            echo "setup: these packages are missing, and installing them needs root:" >&2
            echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*" >&2
            echo "Run that line, then try again." >&2
            exit 1
        fi
    fi
    echo "setup: installing $*"
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq
        --no-install-recommends "$@")
    # The package lists may be absent or too old to name files that still exist.
    if ! "${as_root[@]}" "${install[@]}" 2>/dev/null; then
        "${as_root[@]}" apt-get update -q
        "${as_root[@]}" "${install[@]}"
    fi
}

check_swift
if ! command -v dpkg-query >/dev/null; then
    check_without_dpkg
    exit 0
fi
missing=()
for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
done
if ((${#missing[@]} > 0)); then install_missing "${missing[@]}"; fi
