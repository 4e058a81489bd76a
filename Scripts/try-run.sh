#!/usr/bin/env bash
# Tries the README: `make run` with and without the demo, its requests, and Ctrl-C.
# Uses the debug programs, a port and a folder of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

listen=127.0.0.1:${TRY_PORT:-19790}
folder=$(mktemp -d)
pid=
set -m

# Ctrl-C reaches the whole group of `make`, as it does in a terminal.
stop() {
    if [[ -z $pid ]]; then return; fi
    kill -INT -- "-$pid" 2>/dev/null || true
    local tries=0
    while kill -0 -- "-$pid" 2>/dev/null; do
        if ((++tries > 100)); then
            echo "try-run: make run does not stop within 10 s of Ctrl-C" >&2
            kill -KILL -- "-$pid" 2>/dev/null || true
            exit 1
        fi
        sleep 0.1
    done
    wait "$pid" 2>/dev/null || true
    pid=
}
trap 'stop; rm -rf "$folder"' EXIT

start() {
    make run CONFIGURATION=debug "DATA=$folder/data" "LISTEN=$listen" "$@" \
        >"$folder/output" 2>&1 &
    pid=$!
    until grep -q "Perch is at" "$folder/output"; do
        if ! kill -0 "$pid" 2>/dev/null; then
            cat "$folder/output" >&2
            echo "try-run: make run $* ended before it printed its address" >&2
            exit 1
        fi
        sleep 0.2
    done
}

# Every request that the README shows, against our port.
requests() {
    local command
    while read -r command; do
        bash -c "${command//127.0.0.1:9700/$listen} --fail --silent --show-error" >/dev/null
        echo "try-run: ok: $command"
    done < <(sed -n '/^```sh$/,/^```$/ { /^curl / p }' README.md)
}

start DEMO=0
requests
stop
start
started=$(date +%s)
stop
start
took=$(($(date +%s) - started))
echo "try-run: a second run printed its address ${took} s after the first was stopped"
stop
