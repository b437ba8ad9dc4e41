import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent } from '../schema/event.ts';
import { stepId } from '../schema/id.ts';
import { openStepLog } from './step-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(path = join(folder, 'logs/s.log')) {
  const events: RunEvent[] = [];
  const log = openStepLog({
    step: stepId('s'),
    path,
    secrets: new Map([['TOKEN', 'hunter2']]),
    emit: event => events.push(event),
  });
  const text = () =>
    events.flatMap(event => (event.type === 'step-output' ? [event.text] : [])).join('');
  return { log, events, text, written: () => readFileSync(path, 'utf8') };
}

test('the log has every byte and the events the same text, secrets masked across chunks', () => {
  const { log, text, written } = open();
  log.write('stdout', Buffer.from('token hun'));
  log.write('stdout', Buffer.from('ter2 é'.slice(0, 6)));
  log.write('stdout', Buffer.from('!\n'));
  log.close();
  expect(written()).toBe('token *** é!\n');
  expect(text()).toBe(written());
});

test('a character that is cut between chunks is one character', () => {
  const { log, text } = open();
  const bytes = Buffer.from('né');
  log.write('stdout', bytes.subarray(0, 2));
  log.write('stdout', bytes.subarray(2));
  log.close();
  expect(text()).toBe('né');
});

test('what goes beyond the budget is in the log, its end is shown, and a warning says so once', () => {
  const { log, events, text, written } = open();
  for (let line = 0; line < 2_000; line += 1) {
    log.write('stdout', Buffer.from(`line ${String(line).padStart(254, '0')}\n`));
  }
  log.write('stderr', Buffer.from('the reason\n'));
  log.close();
  expect(written()).toHaveLength(2_000 * 260 + 11);
  expect(text().length).toBeLessThan(300 * 1024);
  expect(text().endsWith('the reason\n')).toBe(true);
  expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
    { code: 'output-truncated' },
  ]);
  expect(log.tail().endsWith('the reason\n')).toBe(true);
});

test('a log that cannot be written is told, and never thrown', () => {
  writeFileSync(join(folder, 'file'), '');
  const { log } = open(join(folder, 'file/s.log'));
  log.write('stdout', Buffer.from('x'));
  log.close();
  expect(log.failure()).toBeDefined();
});
