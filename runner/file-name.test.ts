import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stepId } from '../schema/id.ts';
import { fileNameOf } from './file-name.ts';

test.each([
  ['train', 'train'],
  ['train[lr=0.1,fold=3]', 'train[lr=0.1,fold=3]'],
  ['s[url=a/b]', 's[url=a%2Fb]'],
  ['s[x=é]', 's[x=%C3%A9]'],
  ['..', '%2E.'],
])('%s is kept as %s', (address, name) => {
  expect(fileNameOf(stepId(address))).toBe(name);
});

test('different addresses have different names, and none is a path', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      const [one, two] = [fileNameOf(stepId(a)), fileNameOf(stepId(b))];
      expect(one === two).toBe(a === b);
      expect(one).not.toMatch(/[/\0]/);
    }),
  );
});
