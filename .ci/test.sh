#!/bin/sh
# The whole of what must be green: what `npm test` and CI run. Installs what the tests need and the
# machine lacks, runs the checks and both rings, and closes with one line of counts.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH
export PATH

npm run --silent check

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
vitest run --reporter=default --reporter=json --outputFile.json="$report" "$@" || status=$?
node .ci/counts.ts "$report"
exit "$status"
