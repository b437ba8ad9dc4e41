import { expect, test } from 'vitest';
import type { Outcome, RunEvent } from '../schema/event.ts';
import { cacheKeyOf, parseRunId, type RunId, sha256, stepId } from '../schema/id.ts';
import { PlainReader } from './plain.ts';
import { makeStyle } from './style.ts';

const run: RunId = parseRunId('20261121-085118-k3f9') ?? expect.fail('not a run id');
const train = stepId('train');
const key = cacheKeyOf(sha256('key'));

/** What a reader wrote for these events, given as [milliseconds, event]. */
function lines(
  events: readonly (readonly [at: number, event: RunEvent])[],
  verbosity: 'quiet' | 'normal' | 'verbose' = 'normal',
): readonly string[] {
  const written: string[] = [];
  const reader = new PlainReader({
    write: line => written.push(...line.split('\n')),
    style: makeStyle({ color: false, unicode: true }),
    verbosity,
    again: step => `sluice run p --step ${step}`,
  });
  events.forEach(([at, event], seq) => {
    reader.read({ ...event, at, seq });
    reader.tick(at);
  });
  return written;
}

const started: RunEvent = {
  type: 'run-started',
  format: 1,
  run,
  pipeline: 'p',
  startedAt: '2026-11-21T08:51:18.000Z',
  executor: 'process',
  params: {},
  steps: [{ id: train, needs: [] }],
};

const begun: RunEvent = {
  type: 'step-started',
  step: train,
  attempt: 1,
  executor: 'process',
  cpus: 1,
  pid: 7,
  estimateMs: null,
};

const printed = (text: string): RunEvent => ({
  type: 'step-output',
  step: train,
  stream: 'stdout',
  text,
});

const finished = (
  outcome: Outcome,
  log: string | null = null,
): Extract<RunEvent, { type: 'step-finished' }> => ({
  type: 'step-finished',
  step: train,
  outcome,
  key,
  durationMs: 6_340,
  outputs: {},
  log,
});

const ended = (result: 'succeeded' | 'failed' | 'cancelled', durationMs: number): RunEvent => ({
  type: 'run-finished',
  result,
  durationMs,
  counts: { succeeded: 0, 'up-to-date': 0, restored: 0, failed: 0, cancelled: 0, skipped: 0 },
});

test('a step that executed is one line with its time, its metrics and what changed', () => {
  const because = {
    kind: 'changed',
    changes: [{ part: 'param epochs', before: '40', after: '60' }],
  } as const;
  expect(
    lines([
      [0, started],
      [1, { type: 'step-judged', step: train, key, verdict: 'execute', because }],
      [2, begun],
      [3, { type: 'step-metric', step: train, values: { val_accuracy: 0.97123456 }, index: 1 }],
      [6_342, finished({ kind: 'succeeded' })],
      [6_350, ended('succeeded', 6_350)],
    ]),
  ).toEqual([
    'p  run 20261121-085118-k3f9  1 step  process',
    '✓ train  done        6.3s  val_accuracy 0.9712  (param epochs 40 → 60)',
    '✓ p succeeded: 1 executed in 6.3s',
  ]);
});

test('who asks for quiet is told what went wrong, and nothing of what went well', () => {
  const failure = { class: 'out-of-memory' } as const;
  const told = (end: Outcome, result: 'succeeded' | 'failed') =>
    lines(
      [
        [0, started],
        [1, begun],
        [5, finished(end)],
        [9, ended(result, 9)],
      ],
      'quiet',
    );
  expect(told({ kind: 'succeeded' }, 'succeeded')).toEqual([]);
  expect(told({ kind: 'failed', failure }, 'failed')).toEqual(
    expect.arrayContaining([
      '✗ train  FAILED after 6.3s: it ran out of memory',
      '✗ p failed: 1 failed in 9ms',
    ]),
  );
});

test('a run in which everything was known says so', () => {
  expect(
    lines([
      [0, started],
      [5, finished({ kind: 'up-to-date', madeBy: run })],
      [9, ended('succeeded', 9)],
    ]).at(-1),
  ).toBe('✓ p: nothing to do, its step is up to date (9ms)');
});

test('a run that had to put something back is not said to have had nothing to do', () => {
  expect(
    lines([
      [0, started],
      [5, finished({ kind: 'restored', madeBy: run })],
      [9, ended('succeeded', 9)],
    ]).at(-1),
  ).toBe('✓ p succeeded: 1 restored in 9ms');
});

test('a failure shows its last lines, a hint, the log and the command that repeats it', () => {
  const failure = { class: 'exit', code: 127, hint: null } as const;
  const text = lines([
    [0, started],
    [1, begun],
    [2, printed('loading\n 10%\r 20%\r 30%\nsh: 1: foo: not')],
    [3, printed(' found\n')],
    [4, finished({ kind: 'failed', failure }, '.sluice/runs/r/logs/train.log')],
  ]);
  expect(text.slice(1)).toEqual([
    '✗ train  FAILED after 6.3s: it exited with code 127',
    '    │ loading',
    '    │  30%',
    '    │ sh: 1: foo: not found',
    "    help:  there is no program `foo` on the step's PATH: is it installed?",
    '    log:   .sluice/runs/r/logs/train.log',
    '    again: sluice run p --step train',
    '    more:  sluice explain exit',
  ]);
});

test('a long silence is broken by a sign of life, every ten seconds', () => {
  const progress: RunEvent = {
    type: 'step-progress',
    step: train,
    progress: 0.5,
    message: 'epoch 20/40',
  };
  const text = lines([
    [0, started],
    [1, begun],
    [9_000, progress],
    [10_500, progress],
    [12_000, progress],
  ]);
  expect(text.slice(1)).toEqual(['  train  running 10.5s  50%  epoch 20/40']);
});

test.each([
  [
    2,
    [
      '- a0  skipped     the run ended before its turn',
      '- a1  skipped     the run ended before its turn',
    ],
  ],
  [9, ['- 9 steps  skipped     the run ended before their turn']],
])('%d steps that were not reached are told below everything else', (count, expected) => {
  const ids = Array.from({ length: count }, (_, index) => stepId(`a${index}`));
  const skipped = { kind: 'skipped', because: 'not-reached', need: null } as const;
  const text = lines([
    [0, { ...started, steps: ids.map(id => ({ id, needs: [] })) }],
    ...ids.map((id): readonly [number, RunEvent] => [1, { ...finished(skipped), step: id }]),
    [2, ended('cancelled', 2)],
  ]);
  expect(text.slice(1, -1)).toEqual(expected);
});

test('quiet says only what went wrong and how it ended', () => {
  const failure = { class: 'killed', signal: 'SIGKILL' } as const;
  const text = lines(
    [
      [0, started],
      [1, begun],
      [4, finished({ kind: 'failed', failure })],
      [5, ended('failed', 5)],
    ],
    'quiet',
  );
  expect(text[0]).toContain('killed by SIGKILL');
  expect(text.at(-1)).toBe('✗ p failed: 1 failed in 5ms');
});

test('a hint is told when it comes, to all but those who asked for quiet', () => {
  const hint = { kind: 'gpu-hot', gpu: 1, celsius: 88 } as const;
  const events = [
    [0, started],
    [1, begun],
    [2, { type: 'step-hint', step: train, hint }],
  ] as const;
  expect(lines(events).at(-1)).toMatch(/^! train {2}GPU 1 is at 88 °C/);
  expect(lines(events, 'quiet')).toEqual([]);
});

test('verbose shows what steps print, each line behind its step', () => {
  const text = lines(
    [
      [0, started],
      [1, begun],
      [2, printed('one\ntwo\n')],
    ],
    'verbose',
  );
  expect(text.slice(2)).toEqual(['  train │ one', '  train │ two']);
});

test('an end that was told stays; between it and the next one stands that the step began anew', () => {
  const text = lines([
    [0, started],
    [1, begun],
    [2, finished({ kind: 'cancelled' })],
    [3, { type: 'step-reopened', step: train, because: 'asked' }],
    [4, begun],
    [5, finished({ kind: 'succeeded' })],
    [6, ended('succeeded', 6)],
  ]);
  expect(text.slice(1, 3)).toEqual(['- train  cancelled', '↻ train  once more, as asked']);
  expect(text[3]).toMatch(/^✓ train {2}done/);
  expect(text.at(-1)).toBe('✓ p succeeded: 1 executed in 6ms');
});

test('what was not reached and then had its turn after all is not told as not reached', () => {
  const skipped = { kind: 'skipped', because: 'not-reached', need: null } as const;
  const text = lines([
    [0, started],
    [1, finished(skipped)],
    [2, { type: 'step-reopened', step: train, because: 'need-reopened' }],
    [3, finished({ kind: 'succeeded' })],
    [4, ended('succeeded', 4)],
  ]);
  expect(text.join('\n')).not.toContain('skipped');
  expect(text.join('\n')).not.toContain('once more');
});
