import { expect, test } from 'vitest';
import { sha256 } from '../../schema/id.ts';
import { type Open, traceOf, value, write } from './sample.ts';

export function remembering(open: Open): void {
  test('a trace is found by its key, by every opening', async () => {
    await using at = await open();
    const trace = traceOf({ salt: 'one' });
    expect(await at.store.findTrace(trace.key)).toBeUndefined();
    value(await at.store.putTrace(trace));
    expect(await at.store.findTrace(trace.key)).toEqual({ trace, count: 1 });
    const other = await at.reopened();
    expect(await other.findTrace(trace.key)).toEqual({ trace, count: 1 });
    expect(await other.findTrace(traceOf({ salt: 'two' }).key)).toBeUndefined();
    await other.close();
  });

  test('of several results the oldest wins, whatever the order of writing', async () => {
    await using at = await open();
    const [a, b] = [
      value(await at.store.put(write(at, 'a', 'a'))),
      value(await at.store.put(write(at, 'b', 'b'))),
    ];
    const newer = traceOf({ at: '2026-01-02T00:00:00.000Z', outputs: { out: a } });
    const older = traceOf({ at: '2026-01-01T00:00:00.000Z', outputs: { out: b } });
    value(await at.store.putTrace(newer));
    value(await at.store.putTrace(older));
    expect(await at.store.findTrace(newer.key)).toEqual({ trace: older, count: 2 });
    expect(await at.store.findTraces(newer.key)).toEqual([older, newer]);
  });

  test('a result whose bytes are gone stands back behind one that is whole', async () => {
    await using at = await open();
    const [a, b] = [
      value(await at.store.put(write(at, 'a', 'a'))),
      value(await at.store.put(write(at, 'b', 'b'))),
    ];
    const older = traceOf({ at: '2026-01-01T00:00:00.000Z', outputs: { out: a } });
    const newer = traceOf({ at: '2026-01-02T00:00:00.000Z', outputs: { out: b } });
    value(await at.store.putTrace(older));
    value(await at.store.putTrace(newer));
    at.damageBlob(a.digest, 'remove');
    expect(await at.store.findTrace(newer.key)).toEqual({ trace: newer, count: 2 });
    at.damageBlob(b.digest, 'remove');
    expect(await at.store.findTrace(newer.key)).toEqual({ trace: older, count: 2 });
  });
}

export function mistrusting(open: Open): void {
  test('the same result again does not make a step nondeterministic', async () => {
    await using at = await open();
    const first = traceOf({ at: '2026-01-01T00:00:00.000Z' });
    value(await at.store.putTrace(first));
    value(await at.store.putTrace(traceOf({ at: '2026-01-02T00:00:00.000Z' })));
    expect(await at.store.findTrace(first.key)).toEqual({ trace: first, count: 1 });
  });

  test('what was made last can be told, also when it is what was made first', async () => {
    await using at = await open();
    const results = ['1', '2', '1', '1'].map((content, day) => {
      const digest = sha256(content);
      const x = { kind: 'file', digest, executable: false, bytes: 1, files: 1 } as const;
      return traceOf({ at: `2026-01-0${day + 1}T00:00:00.000Z`, outputs: { x } });
    });
    for (const trace of results) value(await at.store.putTrace(trace));
    expect(await at.store.findTraces(traceOf({}).key)).toEqual(results.slice(0, 3));
  });

  test('each execution of an effect is kept, also one with an earlier receipt', async () => {
    await using at = await open();
    const receipts = ['1', '2', '1'].map((content, day) =>
      traceOf({ at: `2026-01-0${day + 1}T00:00:00.000Z`, receipt: { model: content } }),
    );
    for (const trace of receipts) value(await at.store.putTrace(trace));
    expect(await at.store.findTraces(traceOf({}).key)).toEqual(receipts);
  });

  /** Each is a miss, not an error. */
  const damages: readonly [what: string, rewrite: (text: string) => string | undefined][] = [
    ['gone', () => undefined],
    ['empty', () => ''],
    ['truncated', text => text.slice(0, text.length / 2)],
    ['not JSON', () => 'not a trace'],
    ['of a newer format', text => text.replace('"format":1,"key"', '"format":2,"key"')],
    ['for another output', text => text.replace(/"outputs":\{\}/, '"outputs":{"x":{}}')],
    ['with another fingerprint', text => text.replace('"salt":null', '"salt":"x"')],
    ['with a changed duration', text => text.replace('"durationMs":1', '"durationMs":2')],
    ['followed by more', text => `${text} `],
  ];
  test.each(damages)('a trace that is %s is a miss', async (_what, rewrite) => {
    await using at = await open();
    const trace = traceOf({});
    value(await at.store.putTrace(trace));
    at.rewriteTraces(trace.key, rewrite);
    expect(await at.store.findTrace(trace.key)).toBeUndefined();
    value(await at.store.putTrace(trace));
    expect(await at.store.findTrace(trace.key)).toEqual({ trace, count: 1 });
  });
}
