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

# The linker takes libX.a where no libX.so stands beside it, so a folder with only the archives,
# given first, links them in.
collect_archives() {
    local multiarch archive
    multiarch=$(gcc -print-multiarch 2>/dev/null || dpkg-architecture -qDEB_HOST_MULTIARCH)
    rm -rf dist/lib
    mkdir -p dist/lib
    for archive in libzstd.a libz.a libsqlite3.a; do
        cp "/usr/lib/$multiarch/$archive" dist/lib/
    done
}

build() {
    swift build -c release --product perch --scratch-path .build-dist --static-swift-stdlib \
        -Xlinker "-L$PWD/dist/lib" -Xlinker -s \
        -Xclang-linker -static-libgcc -Xclang-linker -static-libstdc++
    install -m 755 .build-dist/release/perch dist/perch
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
    chroot "$root" perch version
    rm -rf "$root/var/lib/perch"
    trap stop EXIT
    chroot "$root" perch serve --data /var/lib/perch --listen "127.0.0.1:$port" &
    perch_pid=$!
    curl --silent --fail --output /dev/null --retry 50 --retry-delay 1 --retry-connrefused \
        --retry-max-time 20 "http://127.0.0.1:$port/-/ready"
    curl --silent --fail --output /dev/null "http://127.0.0.1:$port/"
    stop
    perch_pid=
    echo "dist: dist/perch ran in a bare Debian 12"
}

collect_archives
build
check_libraries
try_in_debian
ls -l dist/perch
