#!/usr/bin/env bash
# Builds what changed, starts the server and the demo shop, prints the address; Ctrl-C stops both.
#
# Environment: DATA (data folder), LISTEN (HOST:PORT of the only listener, or empty for the
# defaults), DEMO (0: no shop), CONFIGURATION (release or debug). `make run` sets them.
set -euo pipefail
cd "$(dirname "$0")/.."

data=${DATA:-./data}
listen=${LISTEN:-}
demo=${DEMO:-1}
address=${listen:-127.0.0.1:9700}
# A server that listens on every address is reached over loopback.
address=${address/#0.0.0.0:/127.0.0.1:}
address=${address/#\[::\]:/127.0.0.1:}
configuration=${CONFIGURATION:-release}
binaries=.build/$configuration
stamp=.build/run-$configuration.stamp
perch_pid=
shop_pid=

# What a binary depends on besides the sources: the toolchain, and the versions resolved.
build_key() {
    readlink -f "$(command -v swift)"
    cat Package.resolved 2>/dev/null || true
}

# True when nothing changed since the last build. `swift build` finds that out too, but takes
# seconds for it; folders are looked at as well, so that a removed file counts.
is_built() {
    [[ -x $binaries/perch && -f $stamp && $(<"$stamp") == "$(build_key)" ]] || return 1
    [[ $demo == 0 || -x $binaries/shop ]] || return 1
    [[ -z $(find Package.swift Sources Examples Scripts/assets* packaging/licences \
        -newer "$stamp" -print -quit) ]]
}

build() {
    Scripts/setup.sh
    python3 Scripts/assets.py
    mkdir -p .build
    touch "$stamp.begin"
    echo "run: building the server (the first time takes minutes)"
    swift build -c "$configuration" --product perch
    if [[ $demo != 0 ]]; then
        echo "run: building the demo shop"
        swift build -c "$configuration" --product shop
    fi
    # Carries the time from before the build: a file changed meanwhile is newer.
    build_key >"$stamp.part"
    touch -r "$stamp.begin" "$stamp.part"
    mv "$stamp.part" "$stamp"
}

# Asks one path of the server over plain HTTP; true for an answer of 200.
answers() {
    local status
    {
        exec 3<>"/dev/tcp/${address%:*}/${address##*:}" || return 1
        printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" "$address" >&3
        read -r -t 2 _ status _ <&3
        exec 3>&-
    } 2>/dev/null
    [[ ${status:-} == 200 ]]
}

# Ends what this script started, by process id: the sender first, then the server.
stop() {
    trap '' INT TERM
    local pid
    for pid in $shop_pid $perch_pid; do
        if kill -TERM "$pid" 2>/dev/null; then
            wait "$pid" 2>/dev/null || true
        fi
    done
    shop_pid=
    perch_pid=
}

# Starts a program in a process group of its own, so that Ctrl-C reaches this script only and the
# order of stopping is ours.
start_perch() {
    local arguments=(serve --data "$data")
    if [[ -n $listen ]]; then arguments+=(--listen "$listen"); fi
    "$binaries/perch" "${arguments[@]}" </dev/null &
    perch_pid=$!
    local tries=0
    until answers /-/ready; do
        if ! kill -0 "$perch_pid" 2>/dev/null; then
            echo "run: the server stopped while starting; its messages are above" >&2
            exit 1
        fi
        if ((++tries > 600)); then
            echo "run: the server is not ready after 60 s" >&2
            exit 1
        fi
        sleep 0.1
    done
}

start_shop() {
    local log=.build/shop.log
    "$binaries/shop" --quiet --endpoint "http://$address" </dev/null >"$log" 2>&1 &
    shop_pid=$!
    echo "run: the demo shop sends its telemetry; its own messages are in $log"
}

is_built || build
if answers /-/healthy; then
    echo "run: something already answers at http://$address; stop it, or set LISTEN" >&2
    exit 1
fi
set -m
trap stop EXIT
trap 'echo; echo "run: stopping"; exit 0' INT TERM
start_perch
if [[ $demo != 0 ]]; then start_shop; fi
printf '\n    Perch is at  http://%s/\n    Data is in   %s\n    Ctrl-C stops it.\n\n' \
    "$address" "$data"

# Ends with whichever ends first; a server without its demo goes on.
if [[ -n $shop_pid ]]; then
    wait -n "$perch_pid" "$shop_pid" || true
    if kill -0 "$perch_pid" 2>/dev/null; then
        echo "run: the demo shop stopped (see .build/shop.log); the server goes on" >&2
        shop_pid=
    fi
fi
wait "$perch_pid"
