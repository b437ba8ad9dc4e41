/**
 * What every store owes its callers (store.ts), as a suite: one test for each sentence. A test file
 * of an implementation calls `storeConformance`. Unaware of where a store keeps its things.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheKey, type Fingerprint } from '../schema/fingerprint.ts';
import { type CacheKey, type Digest, parseRunId, type RunId, sha256 } from '../schema/id.ts';
import { type Artifact, TRACE_FORMAT, type Trace } from '../schema/trace.ts';
import type { Result, Store } from './store.ts';

/** A store under test, and the ways in which the world may treat it. */
export type TestStore = AsyncDisposable & {
  /** An empty folder outside the store. */
  readonly folder: string;
  readonly store: Store;
  /** A second opening of the same store, as by another process. */
  readonly reopened: () => Promise<Store>;
  readonly damageBlob: (digest: Digest, damage: Damage) => void;
  /** Replaces the bytes of each trace of a key. */
  readonly rewriteTraces: (key: CacheKey, rewrite: (text: string) => string | undefined) => void;
};

export type Damage = 'flip' | 'truncate' | 'empty' | 'remove';

export function storeConformance(name: string, open: () => Promise<TestStore>): void {
  describe(name, () => {
    digesting(open);
    storing(open);
    restoring(open);
    distrusting(open);
    remembering(open);
  });
}

type Open = () => Promise<TestStore>;

/** One of everything that a folder may hold. */
function sampleFolder(folder: string): string {
  const path = join(folder, 'sample');
  mkdirSync(join(path, 'sub', 'empty'), { recursive: true });
  writeFileSync(join(path, 'a.txt'), 'first');
  writeFileSync(join(path, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(path, 'run.sh'), 0o755);
  writeFileSync(join(path, 'sub', 'large.bin'), Buffer.alloc(3_000_000, 'xyz'));
  writeFileSync(join(path, 'sub', 'zero'), '');
  writeFileSync(join(path, 'sub', 'ünï 𝄞 ﬁ\n.txt'), 'name');
  symlinkSync('../a.txt', join(path, 'sub', 'link'));
  symlinkSync('missing', join(path, 'dangling'));
  return path;
}

function digesting(open: Open): void {
  test('a file is digested by its bytes', async () => {
    await using at = await open();
    const path = write(at, 'f', 'hello');
    expect(value(await at.store.digest(path))).toEqual({
      kind: 'file',
      digest: sha256('hello'),
      executable: false,
      bytes: 5,
      files: 1,
    });
  });

  test('a folder counts the files and bytes of everything below it', async () => {
    await using at = await open();
    const artifact = value(await at.store.digest(sampleFolder(at.folder)));
    expect(artifact).toMatchObject({ kind: 'tree', bytes: 5 + 10 + 3_000_000 + 4, files: 5 });
  });

  /** What makes a folder another one, and what does not. */
  const edits: readonly [what: string, isSeen: boolean, edit: (folder: string) => void][] = [
    ['another byte of the same length', true, f => writeFileSync(join(f, 'a.txt'), 'fIrst')],
    ['the executable bit', true, f => chmodSync(join(f, 'a.txt'), 0o744)],
    ['an empty folder more', true, f => mkdirSync(join(f, 'sub', 'more'))],
    ['an empty file more', true, f => writeFileSync(join(f, 'more'), '')],
    ['another name', true, f => renameSync(join(f, 'a.txt'), join(f, 'b.txt'))],
    ['a name in another case', true, f => renameSync(join(f, 'a.txt'), join(f, 'A.txt'))],
    ['another link target', true, f => replaceLink(join(f, 'dangling'), 'missing2')],
    ['a file in place of a link', true, f => replaceLink(join(f, 'dangling'), undefined)],
    ['group and world permissions', false, f => chmodSync(join(f, 'a.txt'), 0o600)],
    ['the same bytes written again', false, f => writeFileSync(join(f, 'a.txt'), 'first')],
  ];
  test.each(edits)('%s: seen %s', async (_what, isSeen, edit) => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const before = value(await at.store.digest(folder));
    edit(folder);
    const after = value(await at.store.digest(folder));
    expect(after.digest !== before.digest).toBe(isSeen);
  });

  test('names that differ only in Unicode normalisation are different names', async () => {
    await using at = await open();
    for (const [folder, name] of [['nfc', '\u00e9'] as const, ['nfd', 'e\u0301'] as const]) {
      mkdirSync(join(at.folder, folder));
      writeFileSync(join(at.folder, folder, name), '');
    }
    const nfc = value(await at.store.digest(join(at.folder, 'nfc')));
    const nfd = value(await at.store.digest(join(at.folder, 'nfd')));
    expect(nfc.digest).not.toBe(nfd.digest);
  });

  test('a file and a folder with the same listing bytes are not the same artifact', async () => {
    await using at = await open();
    mkdirSync(join(at.folder, 'empty'));
    const tree = value(await at.store.digest(join(at.folder, 'empty')));
    const file = value(await at.store.digest(write(at, 'f', 'sluice-tree 1\n')));
    expect({ ...file, kind: 'tree' }).not.toEqual(tree);
    expect(file.kind).not.toBe(tree.kind);
  });

  test('a link that is named itself is followed', async () => {
    await using at = await open();
    const path = write(at, 'f', 'x');
    symlinkSync(path, join(at.folder, 'link'));
    expect(await at.store.digest(join(at.folder, 'link'))).toEqual(await at.store.digest(path));
  });

  test('nothing there is absent', async () => {
    await using at = await open();
    const path = join(at.folder, 'nothing');
    expect(await at.store.digest(path)).toMatchObject({ error: { kind: 'absent', path } });
    expect(await at.store.put(path)).toMatchObject({ error: { kind: 'absent', path } });
    expect(await at.store.copyIn(path)).toMatchObject({ error: { kind: 'absent', path } });
  });

  const escapes = ['/etc/passwd', '../outside', 'sub/../../outside', 'sub/link/../..', '..'];
  test.each(escapes)('a link that may lead out is refused with its path: %s', async target => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    symlinkSync(target, join(folder, 'escape'));
    const refused = { error: { kind: 'unsupported', path: join(folder, 'escape') } };
    expect(await at.store.digest(folder)).toMatchObject(refused);
    expect(await at.store.put(folder)).toMatchObject(refused);
  });

  test('a pipe is refused with its path', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const path = join(folder, 'sub', 'pipe');
    execFileSync('mkfifo', [path]);
    expect(await at.store.put(folder)).toMatchObject({ error: { kind: 'unsupported', path } });
    expect(await at.store.put(path)).toMatchObject({ error: { kind: 'unsupported', path } });
  });

  test('a name that is not UTF-8 is refused', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/bad`), Buffer.from([0xff])]), '');
    expect(await at.store.digest(folder)).toMatchObject({ error: { kind: 'unsupported' } });
    // The sign that stands for undecodable bytes is a character like any other.
    writeFileSync(join(at.folder, 'fine\ufffd'), '');
    expect(await at.store.digest(join(at.folder, 'fine\ufffd'))).toMatchObject({ ok: true });
  });
}

function storing(open: Open): void {
  test('what is put has the digest that the files had', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const digested = value(await at.store.digest(folder));
    expect(await at.store.has(digested)).toBe(false);
    expect(value(await at.store.put(folder))).toEqual(digested);
    expect(await at.store.has(digested)).toBe(true);
  });

  test('copyIn leaves its source as it was', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const before = snapshot(folder);
    const artifact = value(await at.store.copyIn(folder));
    expect(snapshot(folder)).toEqual(before);
    expect(await at.store.has(artifact)).toBe(true);
    expect(value(await at.store.copyIn(folder))).toEqual(artifact);
  });

  test('a file that is changed after it was put does not change what is stored', async () => {
    await using at = await open();
    const path = write(at, 'f', 'before');
    const artifact = value(await at.store.put(path));
    if (existsSync(path)) writeFileSync(path, 'after!');
    expect(value(await at.store.read(artifact)).toString()).toBe('before');
  });

  test('what one opening stored another one finds', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(sampleFolder(at.folder)));
    const other = await at.reopened();
    expect(await other.has(artifact)).toBe(true);
    await other.close();
  });

  test('the same folder may be put by many at once', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const other = await at.reopened();
    const puts = [at.store, other, at.store, other].map(store => store.copyIn(folder));
    const [first, ...rest] = (await Promise.all(puts)).map(value);
    expect(rest).toEqual([first, first, first]);
    expect(first && (await at.store.has(first))).toBe(true);
    await other.close();
  });

  test('the bytes of a file are read back, those of a folder are not', async () => {
    await using at = await open();
    const file = value(await at.store.put(write(at, 'f', 'bytes')));
    expect(value(await at.store.read(file)).toString()).toBe('bytes');
    const tree = value(await at.store.put(sampleFolder(at.folder)));
    expect(await at.store.read(tree)).toMatchObject({ error: { kind: 'unsupported' } });
  });
}

function restoring(open: Open): void {
  test('a folder comes back as it was', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const before = snapshot(folder);
    const artifact = value(await at.store.put(folder));
    const path = join(at.folder, 'back');
    value(await at.store.materialise(artifact, path, { readOnly: false }));
    expect(snapshot(path)).toEqual(before);
    expect(value(await at.store.digest(path))).toEqual(artifact);
  });

  test('read-only means that nothing in it may be written', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(sampleFolder(at.folder)));
    const path = join(at.folder, 'back');
    value(await at.store.materialise(artifact, path, { readOnly: true }));
    const modes = snapshot(path).map(line => line.mode & 0o222);
    expect(new Set(modes)).toEqual(new Set([0]));
    expect(lstatSync(path).mode & 0o777).toBe(0o555);
    expect(value(await at.store.digest(path))).toEqual(artifact);
  });

  test('what is handed out may be written without changing what is stored', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(write(at, 'f', 'stored')));
    const path = join(at.folder, 'copy');
    value(await at.store.materialise(artifact, path, { readOnly: false }));
    writeFileSync(path, 'edited');
    expect(value(await at.store.read(artifact)).toString()).toBe('stored');
  });

  test('a path that is taken is left alone', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(write(at, 'f', 'stored')));
    const path = write(at, 'taken', 'mine');
    expect(await at.store.materialise(artifact, path, { readOnly: true })).toMatchObject({
      ok: false,
    });
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('runs of zeros come back', async () => {
    await using at = await open();
    const bytes = Buffer.alloc(4 << 20);
    bytes.write('in the middle', 2_500_000);
    writeFileSync(join(at.folder, 'sparse'), bytes);
    const artifact = value(await at.store.put(join(at.folder, 'sparse')));
    const path = join(at.folder, 'back');
    value(await at.store.materialise(artifact, path, { readOnly: false }));
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
}

function distrusting(open: Open): void {
  const small = 'small file';
  const large = Buffer.alloc(2_500_000, 'large').toString();

  describe.each([
    ['small', small],
    ['large', large],
  ])('a %s blob', (_size, content) => {
    test.each<Damage>(['flip', 'truncate', 'empty'])('damaged (%s) is never data', async damage => {
      await using at = await open();
      const artifact = value(await at.store.put(write(at, 'f', content)));
      at.damageBlob(artifact.digest, damage);
      const path = join(at.folder, 'back');
      const { digest } = artifact;
      const restored = await at.store.materialise(artifact, path, { readOnly: false });
      expect(restored).toEqual({ ok: false, error: { kind: 'corrupt', digest } });
      expect(readdirSync(at.folder)).toEqual(['f']);
      expect(at.store.takeWarnings()).toMatchObject([{ code: 'corrupt-blob' }]);
      expect(at.store.takeWarnings()).toEqual([]);
      expect(await at.store.has(artifact)).toBe(false);
      expect(await at.store.read(artifact)).toMatchObject({ error: { kind: 'absent' } });
    });

    test.each<Damage>(['flip', 'truncate', 'empty', 'remove'])(
      'damaged (%s) is healed by putting the same bytes',
      async damage => {
        await using at = await open();
        const artifact = value(await at.store.put(write(at, 'f', content)));
        at.damageBlob(artifact.digest, damage);
        value(await at.store.put(write(at, 'f', content)));
        expect(value(await at.store.read(artifact)).toString()).toBe(content);
      },
    );
  });

  test.each<Damage>(['truncate', 'empty', 'remove'])(
    'a blob of another size (%s) is not there',
    async damage => {
      await using at = await open();
      const folder = sampleFolder(at.folder);
      const artifact = value(await at.store.put(folder));
      at.damageBlob(sha256('first'), damage);
      expect(await at.store.has(artifact)).toBe(false);
    },
  );

  test('a folder with one damaged file leaves nothing behind', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(sampleFolder(at.folder)));
    at.damageBlob(sha256('name'), 'flip');
    const before = readdirSync(at.folder);
    const path = join(at.folder, 'back');
    expect(await at.store.materialise(artifact, path, { readOnly: true })).toMatchObject({
      error: { kind: 'corrupt', digest: sha256('name') },
    });
    expect(readdirSync(at.folder)).toEqual(before);
  });

  test('a damaged listing is corrupt too', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(sampleFolder(at.folder)));
    at.damageBlob(artifact.digest, 'flip');
    expect(await at.store.has(artifact)).toBe(false);
    const path = join(at.folder, 'back');
    expect(await at.store.materialise(artifact, path, { readOnly: true })).toMatchObject({
      ok: false,
    });
    expect(existsSync(path)).toBe(false);
  });
}

function remembering(open: Open): void {
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

  test('the same result again does not make a step nondeterministic', async () => {
    await using at = await open();
    const first = traceOf({ at: '2026-01-01T00:00:00.000Z' });
    value(await at.store.putTrace(first));
    value(await at.store.putTrace(traceOf({ at: '2026-01-02T00:00:00.000Z' })));
    expect(await at.store.findTrace(first.key)).toEqual({ trace: first, count: 1 });
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

/** The value of a result that must be there. */
export function value<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`unexpected: ${JSON.stringify(result.error)}`);
}

/** A small but complete trace. Those of one `salt` have one key. */
export function traceOf(parts: {
  readonly salt?: string;
  readonly at?: string;
  readonly outputs?: Readonly<Record<string, Artifact>>;
  readonly receipt?: Readonly<Record<string, string>>;
}): Trace {
  const fingerprint: Fingerprint = {
    format: 1,
    command: 'make it',
    definition: null,
    packages: {},
    files: {},
    params: { lr: 0.1 },
    inputs: {},
    outputs: { out: { type: 'file', path: 'out/out' } },
    env: {},
    secrets: [],
    toolchain: {},
    image: null,
    platform: 'linux-x64',
    probe: null,
    salt: parts.salt ?? null,
  };
  return {
    format: TRACE_FORMAT,
    key: cacheKey(fingerprint),
    fingerprint,
    outputs: parts.outputs ?? {},
    made: {
      run: RUN,
      host: 'here',
      at: parts.at ?? '2026-01-01T00:00:00.000Z',
      durationMs: 1,
    },
    receipt: parts.receipt ?? null,
  };
}

const RUN: RunId = (() => {
  const id = parseRunId('20260101-000000-abcd');
  if (id === undefined) throw new Error('bug: not a run id');
  return id;
})();

function write(at: TestStore, name: string, content: string): string {
  const path = join(at.folder, name);
  writeFileSync(path, content);
  return path;
}

function replaceLink(path: string, target: string | undefined): void {
  renameSync(path, `${path}.old`);
  if (target === undefined) writeFileSync(path, 'missing');
  else symlinkSync(target, path);
  renameSync(`${path}.old`, join(path, '..', '..', 'replaced'));
}

/** All that a store must keep of a folder, in an order of its own. */
function snapshot(
  folder: string,
): readonly { readonly name: string; readonly mode: number; readonly content: string }[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.map(name => {
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return { name, mode: 0, content: `-> ${readlinkSync(path)}` };
    const content = stat.isFile() ? sha256(readFileSync(path)) : 'folder';
    return { name, mode: stat.mode & 0o777, content };
  });
}
