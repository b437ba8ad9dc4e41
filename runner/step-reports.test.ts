import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent } from '../schema/event.ts';
import { stepId } from '../schema/id.ts';
import { followReports, readReport } from './step-reports.ts';

const step = stepId('s');
const secrets = new Map([['TOKEN', 'hunter2']]);
const read = (line: string) => readReport(line, step, secrets);

test.each<[string, Partial<RunEvent>]>([
  ['{"progress":0.5}', { type: 'step-progress', progress: 0.5, message: null }],
  ['{"progress":1,"message":"epoch 4/4"}', { type: 'step-progress', message: 'epoch 4/4' }],
  ['{"metric":{"loss":0.3},"step":4}', { type: 'step-metric', values: { loss: 0.3 }, index: 4 }],
  ['{"warning":"only one class"}', { type: 'warning', code: 'step-warning' }],
  ['{"warning":"hunter2 expired"}', { type: 'warning', message: '*** expired' }],
])('%s is a report', (line, event) => {
  expect(read(line)).toMatchObject({ ...event, step: 's' });
});

test.each([
  'text',
  '[]',
  'null',
  '{}',
  '{"progress":2}',
  '{"progress":"half"}',
  '{"metric":{}}',
  '{"metric":{"loss":"low"}}',
  '{"metric":[1]}',
])('%s is none', line => {
  expect(read(line)).toBeUndefined();
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-reports-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function follow() {
  const path = join(folder, 'events.jsonl');
  writeFileSync(path, '');
  const events: RunEvent[] = [];
  const reader = followReports({ step, path, secrets, emit: event => events.push(event) });
  return { path, events, reader };
}

test('all that was written when the step ended is read, and what is malformed is counted', () => {
  const { path, events, reader } = follow();
  appendFileSync(path, '{"progress":0.1}\nnonsense\n{"progress":0.2}\n{"progr');
  reader.finish();
  expect(events.map(event => event.type)).toEqual(['step-progress', 'step-progress', 'warning']);
  expect(events.at(-1)).toMatchObject({
    code: 'ignored-report',
    message: expect.stringMatching(/^1 of/),
  });
});

test('a line without an end is dropped and does not fill the memory', () => {
  const { path, events, reader } = follow();
  for (let count = 0; count < 50; count += 1) appendFileSync(path, 'x'.repeat(50_000));
  appendFileSync(path, '\n{"progress":0.3}\n');
  reader.finish();
  expect(events.map(event => event.type)).toEqual(['step-progress', 'warning']);
  expect(events.at(-1)).toMatchObject({ message: expect.stringMatching(/^1 of/) });
});

test('a step that removes the file harms nobody', () => {
  const { path, events, reader } = follow();
  rmSync(path);
  reader.finish();
  expect(events).toEqual([]);
});
