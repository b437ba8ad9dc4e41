import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainAttempt } from '../testing/plain-attempt.ts';
import type { Gauge, Reading } from './executor.ts';
import { processExecutor } from './process.ts';

const MB = 1_000_000;
let workdir = '';
beforeEach(() => {
  workdir = mkdtempSync(join(tmpdir(), 'sluice-usage-'));
});
afterEach(() => rmSync(workdir, { recursive: true }));

/** Reads what a script uses once it has said that it is ready; then ends it. */
async function readWhenReady(
  script: string,
  precision: 'quick' | 'exact' = 'quick',
): Promise<Reading | undefined> {
  const abort = new AbortController();
  let gauge: Gauge | undefined;
  let reading: Promise<Reading | undefined> | undefined;
  const attempt = {
    // The shell has to stay: with the last command it would become that.
    ...plainAttempt(workdir, `${script}; echo ready; sleep 300; :`),
    onRunning: (given: Gauge) => {
      gauge = given;
    },
    onOutput: () => {
      reading ??= gauge?.read(precision).finally(() => abort.abort());
    },
  };
  await processExecutor().execute(attempt, abort.signal);
  return reading;
}

/** A shell variable of 50 MB. */
const HOLD = "x=$(head -c 50000000 /dev/zero | tr '\\0' x)";

test('the memory of its processes counts', async () => {
  const reading = await readWhenReady(HOLD);
  expect(reading?.memoryBytes).toBeGreaterThan(50 * MB);
  expect(reading?.memoryBytes).toBeLessThan(250 * MB);
});

test('what forked workers share counts once', async () => {
  const workers = 'for i in 1 2 3 4 5 6 7 8 9; do (sleep 300; :) & done';
  const one = await readWhenReady(HOLD, 'exact');
  const ten = await readWhenReady(`${HOLD}; ${workers}`, 'exact');
  expect(ten?.memoryBytes).toBeGreaterThan(50 * MB);
  expect(ten?.memoryBytes).toBeLessThan(2 * (one?.memoryBytes ?? 0));
});

test('a daemon that has left its group counts as well', async () => {
  const daemon = `setsid /bin/sh -c '
    x=$(head -c 50000000 /dev/zero | tr "\\0" x); : > held; sleep 300; :' & `;
  const reading = await readWhenReady(`(${daemon}); until [ -e held ]; do sleep 0.01; done`);
  expect(reading?.memoryBytes).toBeGreaterThan(50 * MB);
});

test('the processor time of children that have ended counts', async () => {
  const busy = '(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done)';
  const reading = await readWhenReady(busy);
  expect(reading?.cpuMs).toBeGreaterThan(100);
});

test('of an attempt that has ended nothing can be told', async () => {
  let gauge: Gauge | undefined;
  const attempt = {
    ...plainAttempt(workdir, ':'),
    onRunning: (given: Gauge) => {
      gauge = given;
    },
  };
  await processExecutor().execute(attempt, new AbortController().signal);
  expect(await gauge?.read('quick')).toBeUndefined();
});
