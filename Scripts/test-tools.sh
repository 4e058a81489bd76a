#!/usr/bin/env bash
# Makes .venv-tests: the pinned packages of the Python index that the tests run or compare with.
# Does nothing when it is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=Scripts/test-requirements.txt
stamp=.venv-tests/requirements.txt
if cmp -s "$requirements" "$stamp"; then exit 0; fi

echo "test-tools: fetching the OpenTelemetry SDK and RE2 for Python"
python3 -m venv --clear .venv-tests
.venv-tests/bin/python3 -m pip --disable-pip-version-check install --quiet --no-deps \
    --requirement "$requirements"
cp "$requirements" "$stamp"
