import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GIB, gpuOf } from '../../runner/testing/usage-samples.ts';
import type { RunEvent } from '../../schema/event.ts';
import { stepId } from '../../schema/id.ts';
import {
  begun,
  ended,
  failed,
  judged,
  measured,
  printed,
  progressed,
  retried,
  started,
  stateAfter,
  used,
} from '../../test/harness/run-events.ts';
import type { RunState } from '../run-state.ts';
import { makeStyle } from '../style.ts';
import { visibleWidth } from '../visible.ts';
import { type LiveOptions, liveLines } from './live.ts';
import { initialView, type View } from './view.ts';

const lines = (state: RunState, options: Partial<LiveOptions> = {}): readonly string[] =>
  liveLines({
    state,
    view: initialView,
    now: 3_000,
    size: { columns: 100, rows: 24 },
    style: makeStyle({ color: false, unicode: true }),
    history: new Map(),
    notice: undefined,
    spoken: false,
    keys: 'run',
    tailOf: () => [],
    ...options,
  });

const digits = [
  started({ split: [], train: ['split'], eval: ['train'] }),
  ended('split', { kind: 'up-to-date', madeBy: stateAfter([started({})]).run ?? expect.fail() }),
  judged('train', {
    kind: 'changed',
    changes: [{ part: 'param epochs', before: '40', after: '60' }],
  }),
  begun('train'),
  measured('train', { loss: 2, val_accuracy: 0.5 }),
  measured('train', { loss: 1, val_accuracy: 0.97123456 }),
  progressed('train', 0.5, 'epoch 20/40'),
];
const times = [0, 10, 20, 1_000, 1_500, 2_000, 2_500];
const state = stateAfter(digits, times);

describe('the screen of a run', () => {
  test('who waits for a matrix is told how much of it is left, not every instance', () => {
    const needs = ['split', 'train[lr=1]', 'train[lr=2]', 'train[lr=3]'];
    const open = Object.fromEntries(needs.map(id => [id, []]));
    const waiting = stateAfter([started({ ...open, eval: needs }), ended('train[lr=1]')]);
    expect(lines(waiting).join('\n')).toContain('waits for split, 2 of train');
  });

  test('has a head, a row per open step, and a foot', () => {
    expect(lines(state)).toEqual([
      '── p · run 20261121-085118-k3f9 · 1 cache hit',
      '⠋ train     2.0s  ━━━━━━━━────────  50%  2s left   val_accuracy 0.9712 ▁█  epoch 20/40',
      '· eval   waits for train',
      '1/3 done · 1 running · 1 waiting · 3.0s   h help · q stop · j/k choose · enter log',
    ]);
  });

  test('is drawn within ASCII where nothing else can be', () => {
    const drawn = lines(state, { style: makeStyle({ color: false, unicode: false }) }).join('\n');
    expect(drawn).toMatch(/^[\x20-\x7e\n]*$/);
    expect(drawn).toContain('########........  50%');
  });

  test.each([
    [83, '⠋ train     2.0s  ━━━━━━━──────  50%  2s left   val_accuracy 0.9712 ▁█  gpu0 90%'],
    [
      110,
      '⠋ train     2.0s  ━━━━━━━━━─────────  50%  2s left   val_accuracy 0.9712 ▁█  mem 1/16G  gpu0 90% 10/80G',
    ],
    [
      160,
      '⠋ train     2.0s  ━━━━━━━━━━━━━─────────────  50%  2s left   val_accuracy 0.9712 ▁█  cpu 3.8  mem 1/16G  gpu0 90% 10/80G 60°  epoch 20/40',
    ],
  ])(
    'of %i columns shows what a step uses of the machine as far as there is room',
    (columns, row) => {
      const usage = used('train', {
        cpuCores: 3.8,
        memoryLimitBytes: 16 * GIB,
        gpus: [gpuOf()],
      });
      const using = stateAfter([...digits, usage], [...times, 2_600]);
      expect(lines(using, { size: { columns, rows: 24 } })[1]).toBe(row);
      const spoken = lines(using, { spoken: true, size: { columns, rows: 24 } });
      expect(spoken[1]).toBe('* train  running, 50 percent');
    },
  );

  test('says the same with and without colour', () => {
    const colored = lines(state, { style: makeStyle({ color: true, unicode: true }) }).join('\n');
    expect(colored.replace(/\x1b\[[\d;]*m/g, '')).toBe(lines(state).join('\n'));
    expect(colored).toContain('\x1b[');
  });

  test('for a screen reader has words only, and no clock', () => {
    const spoken = lines(state, { spoken: true });
    expect(spoken[1]).toBe('* train  running, 50 percent');
    expect(lines(state, { spoken: true, now: 99_000 })).toEqual(spoken);
  });

  test('estimates the end from history', () => {
    const history = new Map([[stepId('eval'), 8_000]]);
    expect(lines(state, { history }).at(-1)).toContain('3.0s · about 10s left');
  });

  test.each([
    [73, '1/3 done · 1 running · 1 waiting · 3.0s · about 10s left   h help'],
    [60, '1/3 done · 1 running · 3.0s · about 10s left   h help'],
    [50, '1/3 done · 3.0s · about 10s left   h help'],
    [40, '1/3 done · 3.0s   h help · q stop'],
  ])('of %i columns says in its foot that there are keys', (columns, foot) => {
    const history = new Map([[stepId('eval'), 8_000]]);
    expect(lines(state, { history, size: { columns, rows: 24 } }).at(-1)).toBe(foot);
  });

  test('has the last lines of what runs below the rows', () => {
    const talking = stateAfter([
      ...digits,
      printed('train', 'one\ntwo \x1b[31mred\x1b[0m\n 50%\r'),
    ]);
    expect(lines(talking).slice(3, -1)).toEqual(['┌ train', '│ one', '│ two red', '│  50%']);
  });

  test('reads the tail from the log where the stream no longer carries it', () => {
    const flooded = stateAfter([
      ...digits,
      printed('train', 'early\n'),
      { type: 'warning', step: stepId('train'), code: 'output-truncated', message: '' },
    ]);
    expect(lines(flooded, { tailOf: () => ['late'] }).slice(3, -1)).toEqual(['┌ train', '│ late']);
  });

  test('says which instances another run executes, until they execute here', () => {
    const waits = [
      started({ 'fit[c=1]': [], 'fit[c=2]': [] }),
      judged('fit[c=1]'),
      judged('fit[c=2]'),
      { type: 'warning', step: stepId('fit[c=1]'), code: 'waits-for-run', message: '' },
    ] as const;
    expect(lines(stateAfter(waits))[2]).toBe(
      '·   c=1  another step or run executes it, waits for that',
    );
    const begins = stateAfter([...waits, begun('fit[c=1]'), retried('fit[c=1]')]);
    expect(lines(begins).join('\n')).not.toContain('another step');
  });

  test('tells why the chosen step runs', () => {
    const view: View = { ...initialView, chosen: stepId('train'), panel: 'why' };
    expect(lines(state, { view })).toEqual([
      '── p · run 20261121-085118-k3f9 · 1 cache hit',
      '  = split  up to date  from run 20261121-085118-k3f9',
      '❯ ⠋ train     2.0s  ━━━━━━━━────────  50%  2s left   val_accuracy 0.9712 ▁█  epoch 20/40',
      '  · eval   waits for train',
      '│ why train',
      '│ param epochs 40 → 60',
      '1/3 done · 1 running · 1 waiting · 3.0s   h help · enter log · w why · c cancel · r rerun',
    ]);
  });

  test('tells what a stop does while it stops', () => {
    expect(lines(state, { notice: 'Stopping.' }).at(-2)).toBe('Stopping.');
  });

  test('a name or a message that would act on the terminal does not', () => {
    const hostile = stateAfter([
      started({ 'a\u202eb': [] }),
      begun('a\u202eb'),
      progressed('a\u202eb', 0.1, '\x1b[2J\nboo'),
    ]);
    const drawn = lines(hostile).join('');
    expect(drawn).not.toContain('\x1b');
    expect(drawn).not.toContain('\u202e');
    expect(lines(hostile)).toHaveLength(3);
  });
});

const names = [
  'prep',
  'a[x=1]',
  'a[x=2]',
  'a[x=3]',
  '数据',
  'a-step-with-a-name-that-is-long-enough-to-be-cut',
];
const name = fc.constantFrom(...names);
const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  name.map(step => judged(step)),
  name.map(step => begun(step)),
  name.map(step => ended(step)),
  name.map(step => failed(step)),
  fc.tuple(name, fc.string({ unit: 'grapheme' })).map(([step, text]) => printed(step, `${text}\n`)),
  fc
    .tuple(name, fc.double({ min: 0, max: 1, noNaN: true }), fc.string({ unit: 'grapheme' }))
    .map(([step, share, text]) => progressed(step, share, text)),
  fc.tuple(name, fc.float()).map(([step, value]) => measured(step, { value })),
);

test('whatever happens, and whatever the size, the screen fits its terminal less two rows', () => {
  const view: fc.Arbitrary<View> = fc.record({
    chosen: fc.option(name.map(stepId), { nil: undefined }),
    panel: fc.constantFrom('logs' as const, 'help' as const, 'why' as const),
    log: fc.constant(undefined),
  });
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 40 }),
      view,
      fc.integer({ min: 21, max: 300 }),
      fc.integer({ min: 5, max: 100 }),
      fc.boolean(),
      (events, looked, columns, rows, unicode) => {
        const steps = Object.fromEntries(
          names.map(step => [step, step === 'prep' ? [] : ['prep']]),
        );
        const after = stateAfter([started(steps), ...events]);
        const style = makeStyle({ color: false, unicode });
        const shown = lines(after, { view: looked, size: { columns, rows }, style, notice: 'x' });
        expect(shown.length).toBeLessThanOrEqual(rows - 2);
        expect(Math.max(...shown.map(visibleWidth))).toBeLessThan(columns);
      },
    ),
  );
});
