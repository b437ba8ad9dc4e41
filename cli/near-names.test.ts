import { expect, test } from 'vitest';
import { firstOf, nearNames } from './near-names.ts';

const OUTPUTS = ['prep.data', 'eval[lr=0.1].metrics', 'eval[lr=1].metrics', 'pick.best'];

test.each([
  ['eval.metrics', 'there is eval[lr=0.1].metrics, eval[lr=1].metrics'],
  ['eval', 'there is eval[lr=0.1].metrics, eval[lr=1].metrics'],
  ['pick', 'there is pick.best'],
  ['pick.bes', 'did you mean `pick.best`?'],
  ['other', 'it has prep.data, eval[lr=0.1].metrics, eval[lr=1].metrics, pick.best'],
])('of `%s`, which is not there, what belongs to it is named', (named, help) => {
  expect(nearNames(named, OUTPUTS, 'it has')).toBe(help);
});

test('where there is nothing, that is said', () => {
  expect(nearNames('a', [], 'it has')).toBe('it has none');
});

test('of a large matrix the first are named, and the others counted', () => {
  const many = Array.from({ length: 200 }, (_, at) => `a[n=${at}]`);
  expect(firstOf(many)).toMatch(/^a\[n=0\], .* a\[n=11\] and 188 more$/);
});
