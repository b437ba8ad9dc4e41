import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runId } from '../schema/id.ts';
import { begun, over, stamped, started } from '../test/harness/run-events.ts';
import { eventsFile, listRuns } from './history.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-history-'));
afterAll(() => rmSync(home, { recursive: true }));

function record(minute: number, lines: readonly string[], torn = ''): string {
  const run = runId(new Date(Date.UTC(2026, 0, 1, 0, minute)), '0000');
  mkdirSync(dirname(eventsFile(home, run)), { recursive: true });
  writeFileSync(eventsFile(home, run), lines.map(line => `${line}\n`).join(''));
  appendFileSync(eventsFile(home, run), torn);
  return run;
}

const linesOf = (steps: number, ...more: Parameters<typeof stamped>[0]): readonly string[] => {
  const names = Array.from({ length: steps }, (_, index) => [`step-${index}`, []] as const);
  return stamped([started(Object.fromEntries(names)), ...more]).map(event => JSON.stringify(event));
};

test('runs are listed newest first, however large their first line, whole or torn', async () => {
  const small = record(1, linesOf(2, over()));
  const large = record(2, linesOf(5_000, over('failed')));
  const killed = record(3, linesOf(2, begun('step-0')), '{"type":"run-fin');
  record(4, [], '{"type":"run-sta');
  record(5, ['rubbish']);
  record(6, []);
  const listed = listRuns(home);
  expect(listed.map(({ run, steps, finished }) => [run, steps, finished?.result])).toEqual([
    [killed, 2, undefined],
    [large, 5_000, 'failed'],
    [small, 2, 'succeeded'],
  ]);
  expect(listRuns(home, 1)).toHaveLength(1);
});
