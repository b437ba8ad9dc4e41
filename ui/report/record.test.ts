import { expect, test } from 'vitest';
import {
  begun,
  ended,
  measured,
  reopened,
  stamped,
  started,
} from '../../test/harness/run-events.ts';
import { recordOf } from './record.ts';

test('of a step that was taken up again the report has every attempt, and the values of the last', () => {
  const events = [
    started({ a: [] }),
    begun('a'),
    measured('a', { loss: 9 }),
    ended('a', { kind: 'cancelled' }),
    reopened('a'),
    begun('a'),
    measured('a', { loss: 1 }),
    reopened('a'),
    begun('a'),
    measured('a', { loss: 2 }),
    ended('a'),
  ];
  const [step] = recordOf(stamped(events)).steps;
  expect(step?.attempts).toEqual([
    { from: 1_000, to: 3_000 },
    { from: 5_000, to: 7_000 },
    { from: 8_000, to: 10_000 },
  ]);
  expect(step?.metrics['loss']?.map(({ value }) => value)).toEqual([2]);
  expect(step?.outcome).toEqual({ kind: 'succeeded' });
});
