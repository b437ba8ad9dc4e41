import { expect, test } from 'vitest';
import { planOf, type StepSketch } from '../../runner/testing/plan-of.ts';
import { staleSteps } from './staleness.ts';

const sketches: Record<string, StepSketch> = {
  a: { in: { x: './a.csv' }, out: { y: 'file' } },
  b: { in: { x: 'a.y' }, files: ['src/b.py'], out: { y: 'file' } },
  c: { in: { x: './c' }, out: { y: 'file' } },
  d: { needs: ['c'] },
};

const stale = (
  after: Record<string, StepSketch>,
  changed: readonly string[] = [],
  only?: ReadonlySet<string>,
) =>
  [
    ...staleSteps(
      { before: planOf(sketches), after: planOf(after), changed, only },
      { root: '/p', library: '/lib' },
    ),
  ].join(' ');

test.each([
  ['nothing, where nothing changed', sketches, [], ''],
  ['the reader of a file and all that follows', sketches, ['/p/a.csv'], 'a b'],
  ['the reader of a folder', sketches, ['/p/c'], 'c d'],
  ['who may see a file', sketches, ['/p/src/b.py'], 'b'],
  ['nobody, for a file that nobody reads', sketches, ['/p/pipelines/p.yaml'], ''],
  [
    'a step whose command is another',
    { ...sketches, c: { ...sketches['c'], run: 'new' } },
    [],
    'c d',
  ],
  ['a step that is gone', { a: sketches['a'] ?? {} }, [], 'b c d'],
  ['where it places its output', { ...sketches, d: { needs: ['c'], to: {} } }, [], ''],
  [
    'not for a timeout or more cores',
    { ...sketches, a: { ...sketches['a'], timeoutMs: 5, cpus: 2 } },
    [],
    '',
  ],
])('stale: %s', (_, after, changed, expected) => {
  expect(stale(after, changed)).toBe(expected);
});

test('what the next round leaves out is stale', () => {
  expect(stale(sketches, [], new Set(['b']))).toBe('c d');
});
