#!/usr/bin/env bash
# Fetches what the end-to-end tests run beside the server. Does nothing when it is up to date.
#
# .venv-bugsink: Bugsink, a server of Sentry's protocol, for one test.
# .venv-tests: the pinned clients in Python. .tools-tests: Debian's prometheus with
# promtool, and its node exporter, unpacked and not installed: no service starts, no rights are
# needed. Where there is no apt-get, the tests that need them say that they were skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

fetch_python() {
    local requirements=Scripts/test-requirements.txt stamp=.venv-tests/requirements.txt
    if cmp -s "$requirements" "$stamp"; then return; fi
    echo "test-tools: fetching clients in Python"
    python3 -m venv --clear .venv-tests
    .venv-tests/bin/python3 -m pip --disable-pip-version-check install --quiet --no-deps \
        --requirement "$requirements"
    cp "$requirements" "$stamp"
}

download() {
    (cd .tools-tests/packages && apt-get download -qq prometheus prometheus-node-exporter)
}

fetch_debian() {
    if [[ -f .tools-tests/complete ]] || ! command -v apt-get >/dev/null; then return; fi
    echo "test-tools: fetching prometheus and its node exporter"
    rm -rf .tools-tests
    mkdir -p .tools-tests/packages
    local package
    # The package lists may be absent or too old to name files that still exist.
    if ! download 2>/dev/null; then
        if [[ $(id -u) == 0 ]]; then apt-get update -qq; else sudo -n apt-get update -qq; fi
        download
    fi
    for package in .tools-tests/packages/*.deb; do dpkg -x "$package" .tools-tests; done
    rm -r .tools-tests/packages
    touch .tools-tests/complete
}

# Half a hundred packages, less than a minute. Its own requirements change from day to day, so that
# an index may lack one: then the test that needs it says so, and the others run.
fetch_bugsink() {
    local version=2.6.1
    if [[ $(cat .venv-bugsink/version 2>/dev/null) == "$version" ]]; then return; fi
    echo "test-tools: fetching Bugsink"
    python3 -m venv --clear .venv-bugsink
    if .venv-bugsink/bin/python3 -m pip --disable-pip-version-check install --quiet \
        "bugsink==$version"; then
        echo "$version" >.venv-bugsink/version
    else
        rm -rf .venv-bugsink
        echo "test-tools: no Bugsink, its test is skipped" >&2
    fi
}

fetch_python
fetch_debian
fetch_bugsink
