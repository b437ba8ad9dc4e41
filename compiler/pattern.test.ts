import fc from 'fast-check';
import { expect, test } from 'vitest';
import { casesOf } from '../test/harness/cases.ts';
import { compilePattern } from './pattern.ts';

const matches = (pattern: string, text: string): boolean | string => {
  const compiled = compilePattern(pattern);
  return compiled.ok ? compiled.matches(text) : compiled.flaw;
};

test.each([
  ['', '', true],
  ['a', 'a', true],
  ['a', 'aa', false],
  ['v[0-9]+(\\.[0-9]+){2}', 'v1.20.3', true],
  ['v[0-9]+(\\.[0-9]+){2}', 'v1.20', false],
  ['^([0-9a-f]{64})?$', '', true],
  ['(?:train|test|)-?x', 'test-x', true],
  ['(?<name>a)|b', 'b', true],
  ['[^\\]a]+', 'bc', true],
  ['\\p{L}+\\d', 'été1', true],
  ['.', '😀', true],
  ['.', '\n', false],
  ['a{2,}?', 'aaaa', true],
  ['\\u{1F600}\\x41\\u0042', '😀AB', true],
  ['a^b', 'ab', false],
  ['\\/\\.-', '/.-', true],
])('%s on %j: %s', (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

test.each([
  ['(', 'syntax'],
  ['[b-a]', 'syntax'],
  ['(?=a)a', 'backtracking'],
  ['(?<!a)b', 'backtracking'],
  ['(a)\\1', 'backtracking'],
  ['\\bword', 'backtracking'],
  ['a'.repeat(1001), 'length'],
  ['((a{100}){100}){100}', 'size'],
])('%s is refused: %s', (pattern, flaw) => {
  expect(compilePattern(pattern)).toMatchObject({ ok: false, flaw });
});

test('what makes a backtracking engine think for ever is answered at once', () => {
  for (const pattern of ['(a+)+', '(a|aa)+', '(a*)*', 'a*a*a*a*a*a*a*a*a*a*b', '((a?){50}){20}'])
    expect(matches(pattern, `${'a'.repeat(999)}!`)).toBe(false);
});

test('agrees with the engine on whatever both read', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '.',
    '[ab]',
    '[^a]',
    '\\d',
    '(a|b)',
    '(?:ab?)',
    '^',
    '$',
    '(|a)',
    '\\.',
  );
  const sign = fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '{0,1}', '*?', '|');
  const pattern = fc
    .array(fc.tuple(atom, sign), { maxLength: 6 })
    .map(parts =>
      parts.map(([one, two]) => (one === '^' || one === '$' ? one : one + two)).join(''),
    );
  const text = fc.stringMatching(/^[ab1.]{0,6}$/);
  fc.assert(
    fc.property(pattern, text, (source, given) => {
      expect(matches(source, given)).toBe(new RegExp(`^(?:${source})$`, 'u').test(given));
    }),
    { numRuns: casesOf(1_000) },
  );
});
