/**
 * Prints vitest's JSON report as the one line that CI reads: `N passed, N failed, N skipped`. The
 * second argument is how many other checks have failed.
 */
import { readFileSync } from 'node:fs';

const [, , file = '', otherFailures = '0'] = process.argv;
const report = JSON.parse(readFileSync(file, 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
const failed =
  Number(otherFailures) +
  report.numFailedTests +
  report.numFailedTestSuites -
  suitesWithFailedTests(report);
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);

/** A file that failed to load has no failed test; without this it would count for nothing. */
function suitesWithFailedTests({ testResults, numFailedTestSuites }: typeof report): number {
  const broken = testResults.filter(
    ({ status, assertionResults }: { status: string; assertionResults: unknown[] }) =>
      status === 'failed' && assertionResults.length === 0,
  ).length;
  return numFailedTestSuites - broken;
}
