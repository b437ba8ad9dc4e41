import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appendHistory, type HistoryEntry, isHeld, readHistory } from './history.ts';

const name = (version: number) => ({ version, digest: `digest ${version}` });

const entry = (action: HistoryEntry['action'], version: number, from: number): HistoryEntry => ({
  format: 1,
  action,
  ...name(version),
  from: name(from),
  package: null,
  by: {
    run: null,
    pipeline: null,
    commit: null,
    dirty: false,
    user: 'someone',
    host: 'somewhere',
    at: '2026-01-01T00:00:00.000Z',
  },
});

test('entries come back in their order', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-history-')), 'history.jsonl');
  expect(readHistory(file)).toEqual([]);
  const entries = [entry('deploy', 1, 0), entry('rollback', 2, 1)];
  for (const each of entries) appendHistory(file, each);
  expect(readHistory(file)).toEqual(entries);
});

test('an entry after one that was cut short starts on a line of its own', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-history-')), 'history.jsonl');
  appendFileSync(file, '{"format":1,"act');
  appendHistory(file, entry('deploy', 1, 0));
  expect(readHistory(file)).toEqual([entry('deploy', 1, 0)]);
  expect(readFileSync(file, 'utf8')).toMatch(/^\{"format":1,"act\n\{.*\}\n$/);
});

describe('a hold', () => {
  test.each([
    ['nothing happened', [], false],
    ['it was deployed', [entry('deploy', 3, 2)], false],
    ['it was rolled back from', [entry('deploy', 3, 2), entry('rollback', 2, 3)], true],
    ['and further back', [entry('rollback', 2, 3), entry('rollback', 1, 2)], true],
    ['and forward again', [entry('rollback', 2, 3), entry('rollback', 3, 2)], false],
    ['another came after', [entry('rollback', 2, 3), entry('deploy', 4, 2)], false],
    ['it was left for a newer one', [entry('rollback', 4, 3)], false],
  ])('%s', (_name, history, held) => {
    expect(isHeld(history, 'digest 3')).toBe(held);
  });
});
