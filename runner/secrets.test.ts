import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskStream, maskText } from './secrets.ts';

const secrets = new Map([
  ['TOKEN', 'hunter2'],
  ['LONGER', 'hunter2-and-more'],
  ['KEY', 'first line\nsecond line'],
]);

/** Masks a text that comes in pieces. */
function masked(pieces: readonly string[]): string {
  const mask = maskStream(secrets);
  return Buffer.concat([
    ...pieces.map(piece => mask.push(Buffer.from(piece))),
    mask.end(),
  ]).toString();
}

test.each([
  ['a hunter2 b', 'a *** b'],
  ['hunter2hunter2', '******'],
  ['hunter2-and-more', '***'],
  ['hunter2-and-less', '***-and-less'],
  ['x second line y', 'x *** y'],
  ['hunter', 'hunter'],
])('%j is shown as %j', (text, shown) => {
  expect(maskText(text, secrets)).toBe(shown);
});

test('a secret is masked wherever the stream is cut', () => {
  const text = fc.array(
    fc.oneof(fc.constantFrom(...secrets.values(), 'hunter', 'hun', 'first '), fc.string()),
  );
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 40 })), (words, sizes) => {
      const whole = words.join('');
      const pieces: string[] = [];
      let rest = whole;
      for (const size of sizes) {
        pieces.push(rest.slice(0, size));
        rest = rest.slice(size);
      }
      const shown = masked([...pieces, rest]);
      for (const secret of secrets.values()) expect(shown).not.toContain(secret);
      expect(masked([...pieces, rest])).toBe(masked([whole]));
    }),
    { numRuns: 500 },
  );
});

test('bytes without a secret pass as they are', () => {
  fc.assert(
    fc.property(fc.uint8Array(), bytes => {
      const mask = maskStream(new Map([['T', '\u{1F512}secret']]));
      const shown = Buffer.concat([mask.push(Buffer.from(bytes)), mask.end()]);
      expect(shown.equals(Buffer.from(bytes))).toBe(true);
    }),
  );
});
