import { expect, test } from 'vitest';
import { stepId } from '../schema/id.ts';
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
