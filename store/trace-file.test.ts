import { expect, test } from 'vitest';
import { canonicalJson, type Json } from '../schema/canonical-json.ts';
import { cacheKeyOf, sha256 } from '../schema/id.ts';
import { traceOf } from './conformance/sample.ts';
import { decodeTrace, encodeTrace } from './trace-file.ts';

const trace = traceOf({
  outputs: { out: { kind: 'tree', digest: sha256(''), executable: false, bytes: 1, files: 1 } },
  receipt: { 'model.onnx': sha256('model') },
});

/** A file that somebody wrote with care: its name is right, whatever it says. */
function forged(changes: Readonly<Record<string, Json>>) {
  const bytes = Buffer.from(`${canonicalJson({ ...trace, ...changes })}\n`);
  return decodeTrace(`${sha256(bytes)}.json`, bytes, trace.key);
}

test('a trace is read back as it was written', () => {
  const { name, bytes } = encodeTrace(trace);
  expect(decodeTrace(name, bytes, trace.key)).toEqual(trace);
  expect(forged({})).toEqual(trace);
});

test.each(['aside', 'flags', 'zone'])('a field `%s` that is not known yet does no harm', name => {
  expect(forged({ [name]: 1 })).toMatchObject(trace);
  const { fingerprint } = traceOf({ salt: 'other' });
  expect(forged({ [name]: 1, fingerprint })).toBeUndefined();
});

test('a trace does not answer for another key', () => {
  const { name, bytes } = encodeTrace(trace);
  expect(decodeTrace(name, bytes, traceOf({ salt: 'other' }).key)).toBeUndefined();
});

test('a trace that tells a step folder by one digest, as it once was, is none', () => {
  const fingerprint = { ...trace.fingerprint, definition: sha256('folder') };
  const key = sha256(`sluice-key\n${canonicalJson(fingerprint)}`);
  const bytes = Buffer.from(`${canonicalJson({ ...trace, fingerprint, key })}\n`);
  expect(decodeTrace(`${sha256(bytes)}.json`, bytes, cacheKeyOf(key))).toBeUndefined();
});

const output = (changes: Readonly<Record<string, Json>>) => ({
  outputs: { out: { ...trace.outputs['out'], ...changes } },
});

test.each<readonly [what: string, changes: Readonly<Record<string, Json>>]>([
  ['a fingerprint of another key', { fingerprint: traceOf({ salt: 'other' }).fingerprint }],
  ['another format', { format: 2 }],
  ['no format', { format: null }],
  ['no fingerprint', { fingerprint: null }],
  ['outputs in a list', { outputs: [] }],
  ['an output that is no artifact', { outputs: { out: 'file' } }],
  ['an output of another kind', output({ kind: 'link' })],
  ['an output with a digest that is none', output({ digest: 'abc' })],
  ['an output with a path for a digest', output({ digest: `../${sha256('').slice(3)}` })],
  ['an output with a fraction of a byte', output({ bytes: 0.5 })],
  ['no maker', { made: null }],
  ['a maker without a run', { made: { ...trace.made, run: 'last' } }],
  ['a receipt of numbers', { receipt: { model: 1 } }],
])('a trace with %s is none', (_what, changes) => {
  expect(forged(changes)).toBeUndefined();
});
