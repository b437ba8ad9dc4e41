import { expect, test } from 'vitest';
import { digestOfHex, parseDigest, parseRunId, runId, sha256 } from './id.ts';

test('a digest is the SHA-256 of the bytes (FIPS 180-4, example "abc")', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256(Buffer.from('abc'))).toBe(sha256('abc'));
});

test('what is no digest is not read as one', () => {
  expect(parseDigest('abc')).toBeUndefined();
  expect(parseDigest(sha256('x').toUpperCase())).toBeUndefined();
  expect(parseDigest(undefined)).toBeUndefined();
  expect(() => digestOfHex('../../etc/passwd')).toThrow('bug:');
});

test('a run id is above the newest there is, also when the clock was ahead and is put right', () => {
  const ahead = runId(new Date('2026-12-31T23:59:59.999Z'), 'zzz');
  const now = runId(new Date('2026-11-21T08:51:18.123Z'), 'aaa', ahead);
  expect(now).toBe('20270101-000000-00aaa');
  const later = runId(new Date('2027-02-01T00:00:00.000Z'), 'aaa', now);
  expect(later).toBe('20270201-000000-00aaa');
});

test('run ids sort by their start and read back', () => {
  const early = runId(new Date('2026-11-21T08:51:18.123Z'), 'zzz');
  const late = runId(new Date('2026-11-21T08:51:18.124Z'), 'aaa');
  expect(early).toBe('20261121-085118-3fzzz');
  expect(early < late).toBe(true);
  expect(parseRunId(early)).toBe(early);
  expect(parseRunId('../latest')).toBeUndefined();
});
