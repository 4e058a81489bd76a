#!/usr/bin/env bash
# Checks every Swift source against .swift-format, and every script for syntax. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

swift format lint --strict --parallel --recursive Package.swift Sources Tests Examples
for folder in Fuzz Benchmarks; do
    if [[ -d $folder ]]; then
        find "$folder" -name '*.swift' -not -path '*/.build/*' \
            -exec swift format lint --strict {} +
    fi
done
for script in .ci/run Scripts/*.sh; do
    bash -n "$script"
done
for script in Scripts/*.py; do
    python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$script"
done
echo "lint: clean"
