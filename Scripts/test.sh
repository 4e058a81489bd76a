#!/usr/bin/env bash
# Sets up what the tests need, then runs them all; arguments go to `swift test`.
# The last line is the test runner's own.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh test
python3 Scripts/assets.py
Scripts/test-tools.sh

export PERCH_ROOT=$PWD
export PERCH_TEST_PYTHON=$PWD/.venv-tests/bin/python3

# Runs tests. When some fail, their names and what they expected come again at the end, before the
# runner's closing line: a log may be cut.
run_tests() {
    local log=.build/tests.log
    if swift test --skip-build --disable-xctest "$@" 2>&1 | tee "$log"; then return; fi
    echo "test: what failed, of all in $log:"
    grep -a '✘' "$log" | grep -av '✘ Suite\|✘ Test run' | cut -c 1-600 | head -n 40 || true
    tail -n 1 "$log"
    return 1
}

# Also builds the programs, which the end-to-end tests start.
swift build --build-tests
if [[ $# -gt 0 ]]; then
    run_tests "$@"
    exit
fi
# One at a time: these start servers, browsers and programs that die, and some look at the clock.
alone='^(EndToEndTests|PerchTests|PerchHummingbirdTests)\.'
run_tests --skip "$alone"
run_tests --no-parallel --filter "$alone"
