import { expect, test } from 'vitest';
import { stepId } from '../schema/id.ts';
import { begun, ended, judged, measured, started, stateAfter } from '../test/harness/run-events.ts';
import { finishedLine } from './run-lines.ts';
import type { FinishedStep } from './run-state.ts';
import { makeStyle } from './style.ts';

const skipped: FinishedStep = {
  step: stepId('ship'),
  outcome: {
    kind: 'skipped',
    because: 'condition',
    need: null,
    condition: {
      expression: { kind: 'result', step: 'eval', port: 'good', fields: [] },
      values: { 'eval.good': false },
    },
  },
  durationMs: 0,
  because: null,
  metrics: {},
  tail: [],
  log: null,
  attempts: 0,
  peak: undefined,
  hints: [],
};

const style = makeStyle({ color: false, unicode: true });

test.each([
  [undefined, '- ship  skipped     eval.good (false) is false'],
  [46, '- ship  skipped     eval.good (false) is false'],
  [32, '- ship  skipped     eval.good (…'],
])('why a step was skipped is cut to the terminal: %s columns', (columns, line) => {
  const options = columns === undefined ? { style } : { style, columns: () => columns };
  expect(finishedLine(skipped, 4, options)).toBe(line);
});

const changes = [{ part: 'param epochs', before: '40', after: '61' }];

test.each([
  [
    100,
    '✓ train  done        1.0s  val_accuracy 0.9712  train_loss_mean 0.1235  (param epochs 40 → 61)',
  ],
  [77, '✓ train  done        1.0s  val_accuracy 0.9712  (param epochs 40 → 61)'],
  [60, '✓ train  done        1.0s  (param epochs 40 → 61)'],
  [40, '✓ train  done        1.0s  (param epoch…'],
])(
  'within %i columns metrics make room for the reason, the least of them first',
  (columns, line) => {
    const { finished } = stateAfter([
      started({ train: [] }),
      judged('train', { kind: 'changed', changes }),
      begun('train'),
      measured('train', {
        val_accuracy: 0.97123456,
        train_loss_mean: 0.123456,
        val_loss_mean: 0.23,
      }),
      ended('train'),
    ]);
    const entry = finished.last ?? expect.fail('it has ended');
    expect(
      finishedLine({ ...entry, durationMs: 1_000 }, 5, { style, columns: () => columns }),
    ).toBe(line);
  },
);
