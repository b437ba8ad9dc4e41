import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json } from './canonical-json.ts';

type Vector = { readonly json: string; readonly canonical: string };
const file = new URL('canonical-json.vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8'));

describe('the test vectors, for a second implementation', () => {
  test.each<Vector>(vectors)('$json', ({ json, canonical }) => {
    expect(canonicalJson(JSON.parse(json))).toBe(canonical);
  });
});

const anyJson = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

test('the order in which keys were added does not matter', () => {
  const reversed = (value: Json): Json =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, member]) => [key, reversed(member)]),
        );
  fc.assert(
    fc.property(anyJson, value => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
    }),
  );
});

test('it is JSON, and reads back as what was written', () => {
  fc.assert(
    fc.property(anyJson, value => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('different values never share a form', () => {
  fc.assert(
    fc.property(anyJson, anyJson, (one, other) => {
      const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
      expect(canonicalJson(one) === canonicalJson(other)).toBe(same);
    }),
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  '%d has no form and is our bug',
  value => {
    expect(() => canonicalJson(value)).toThrow('bug:');
  },
);

/** An independent way to one order: sorts keys, then lets JSON.stringify print. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, sorted(member)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
