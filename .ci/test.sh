#!/bin/sh
# The whole of what must be green: what `npm test` and CI run. Runs the checks and every ring of
# tests, also when one of them fails, and closes with one line of counts; checks that fail count as one.
set -u
cd "$(dirname "$0")/.." || exit 70
PATH=$PWD/node_modules/.bin:$PATH
export PATH

failed=0
npm run --silent check || failed=1

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
# More cases of each property, and more kills, than on every save.
FUZZ=${FUZZ:-8} KILLS=${KILLS:-500} vitest run --reporter=default --reporter=json --outputFile.json="$report" "$@" || status=$?
node .ci/counts.ts "$report" "$failed"
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ]
