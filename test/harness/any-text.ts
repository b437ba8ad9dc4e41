/**
 * Any text there can be, half of it ASCII, with control characters and lone surrogates: for
 * properties that hold of every text. fast-check has `unit: 'binary'`, which takes a second to begin
 * and seldom gives a character that means anything.
 */
import fc from 'fast-check';

const character = fc
  .oneof(fc.nat(0x7f), fc.nat(0x10ffff))
  .map(codePoint => String.fromCodePoint(codePoint));

export const anyText: fc.Arbitrary<string> = fc.string({ unit: character });
