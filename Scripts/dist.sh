#!/usr/bin/env bash
# Builds dist/perch, the one-file binary, and tries it in a bare Debian 12.
#
# The Swift runtime and every library but the C library's own are linked in. Without root the trial
# is skipped, and the script says so.
set -euo pipefail
cd "$(dirname "$0")/.."

root=dist/root
port=${DIST_PORT:-19700}
perch_pid=
mkdir -p dist
Scripts/setup.sh dist

# The linker takes the first libX.so or libX.a on its path. So the archives alone stand in a folder
# of ours, and package descriptions of ours put that folder first. The unwinder's archive goes by
# the name of the shared library that the compiler driver asks for.
collect_archives() {
    rm -rf dist/lib dist/pkgconfig
    mkdir -p dist/lib dist/pkgconfig
    local archive
    for archive in libzstd.a libz.a libsnappy.a libre2.a libsqlite3.a libstdc++.a; do
        cp "$(gcc -print-file-name="$archive")" dist/lib/
    done
    cp "$(gcc -print-file-name=libgcc_eh.a)" dist/lib/libgcc_s.a
    describe libzstd zstd
    describe zlib z
    describe snappy snappy
}

describe() {
    printf 'Name: %s\nDescription: the archive\nVersion: 1\nLibs: -L%s -l%s\nCflags:\n' \
        "$1" "$PWD/dist/lib" "$2" >"dist/pkgconfig/$1.pc"
}

build() {
    # A folder of its own: the other flags would make this build and `make run` undo each other.
    swift build -c release --product perch --scratch-path .build-dist --static-swift-stdlib \
        --pkg-config-path "$PWD/dist/pkgconfig" -Xlinker -s
    install -m 755 .build-dist/release/perch dist/perch
}

# What is linked in wants its licence beside the binary.
collect_licences() {
    local package folder
    {
        for package in libzstd-dev zlib1g-dev libsnappy-dev libre2-dev libsqlite3-dev; do
            printf '\n==== %s\n\n' "${package%-dev}"
            cat "/usr/share/doc/$package/copyright"
        done
        for folder in .build-dist/checkouts/*/; do
            printf '\n==== %s\n\n' "$(basename "$folder")"
            cat "$folder"/LICENSE* "$folder"/NOTICE* 2>/dev/null || true
        done
    } >dist/LICENCES.txt
}

# Only the C library and its loader may be left.
check_libraries() {
    local others
    others=$(ldd dist/perch | awk '{ print $1 }' \
        | grep -Ev '^(linux-vdso\.so|libc\.so|libm\.so|/lib.*/ld-linux)' || true)
    if [[ -n $others ]]; then
        echo "dist: the binary still needs: $others" >&2
        exit 1
    fi
}

stop() {
    if [[ -n $perch_pid ]]; then
        kill -TERM "$perch_pid" 2>/dev/null || true
        wait "$perch_pid" 2>/dev/null || true
    fi
    perch_pid=
    if mountpoint --quiet "$root/proc"; then umount "$root/proc"; fi
}

try_in_debian() {
    if [[ $(id -u) != 0 ]]; then
        echo "dist: not root, so dist/perch was not tried in a bare Debian 12" >&2
        return
    fi
    if [[ ! -x $root/bin/sh ]]; then
        echo "dist: making a bare Debian 12 in $root"
        debootstrap --variant=minbase bookworm "$root"
    fi
    install -m 755 dist/perch "$root/usr/local/bin/perch"
    rm -rf "$root/var/lib/perch"
    trap stop EXIT
    # A program learns its arguments from /proc.
    if ! mountpoint --quiet "$root/proc"; then mount -t proc proc "$root/proc"; fi
    if [[ $(chroot "$root" perch version) != "perch "* ]]; then
        echo "dist: 'perch version' does not run in a bare Debian 12" >&2
        exit 1
    fi
    if curl --silent --output /dev/null "http://127.0.0.1:$port/"; then
        echo "dist: something already listens on port $port; set DIST_PORT" >&2
        exit 1
    fi
    chroot "$root" perch serve --data /var/lib/perch --listen "127.0.0.1:$port" &
    perch_pid=$!
    curl --silent --fail --output /dev/null --retry 50 --retry-delay 1 --retry-connrefused \
        --retry-max-time 20 "http://127.0.0.1:$port/-/ready"
    curl --silent --fail --output /dev/null "http://127.0.0.1:$port/"
    if ! kill -0 "$perch_pid"; then
        echo "dist: 'perch serve' ended by itself" >&2
        exit 1
    fi
    stop
    echo "dist: dist/perch ran in a bare Debian 12"
}

collect_archives
build
collect_licences
check_libraries
try_in_debian
ls -l dist/perch dist/LICENCES.txt
