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

# Also builds the programs, which the end-to-end tests start.
swift build --build-tests
if [[ $# -gt 0 ]]; then exec swift test --skip-build --disable-xctest "$@"; fi
# One at a time: these start servers, browsers and programs that die, and some look at the clock.
alone='^(EndToEndTests|PerchTests|PerchHummingbirdTests)\.'
swift test --skip-build --disable-xctest --skip "$alone"
exec swift test --skip-build --disable-xctest --no-parallel --filter "$alone"
