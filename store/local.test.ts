import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sha256 } from '../schema/id.ts';
import type { Artifact } from '../schema/trace.ts';
import { type Damage, LARGE_BYTES, type TestStore, traceOf, value } from './conformance/sample.ts';
import { storeConformance } from './conformance.ts';
import { SMALL_BYTES } from './content.ts';
import { ContentPool, type ContentReader } from './content-pool.ts';
import { badSector } from './faulty-disk.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { blobPath, layoutAt, tracesFolder } from './layout.ts';
import { encodeListing } from './listing.ts';
import { openLocalStore } from './local.ts';
import { removeTree } from './remove-tree.ts';
import type { Store } from './store.ts';
import { encodeTrace } from './trace-file.ts';
import { unsyncedDisk } from './unsynced-disk.ts';

type Where = {
  readonly parent?: string;
  readonly disk?: FileSystem;
  readonly content?: ContentReader;
};

async function openTest({
  parent = tmpdir(),
  disk = unsyncedDisk,
  content,
}: Where = {}): Promise<TestStore & { root: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  const home = mkdtempSync(join(parent, 'sluice-store-'));
  const root = join(home, '.sluice');
  const layout = layoutAt(root);
  const reopened = async () =>
    value(await openLocalStore({ root, disk, ...(content && { content }) }));
  const store = await reopened();
  return {
    root,
    folder,
    store,
    reopened,
    damageBlob: (digest, damage) => damageFile(blobPath(layout, digest), damage),
    rewriteTraces: (key, rewrite) => {
      const traces = tracesFolder(layout, key);
      for (const name of readdirSync(traces)) {
        const text = rewrite(readFileSync(join(traces, name), 'utf8'));
        chmodSync(join(traces, name), 0o644);
        if (text === undefined) unlinkSync(join(traces, name));
        else writeFileSync(join(traces, name), text);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await store.close();
      removeTree(home);
      removeTree(folder);
    },
  };
}

function damageFile(path: string, damage: Damage): void {
  chmodSync(path, 0o644);
  const { size } = statSync(path);
  if (damage === 'remove') unlinkSync(path);
  else if (damage === 'empty') truncateSync(path, 0);
  else if (damage === 'truncate') truncateSync(path, size - 1);
  else {
    const bytes = readFileSync(path);
    bytes[size >> 1] = (bytes[size >> 1] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  }
}

storeConformance('a store in a folder', () => openTest());

const threads = new ContentPool(unsyncedDisk, { threads: 2, worthwhile: 0 });
afterAll(() => threads.close());
storeConformance('a store whose files are read by threads', () =>
  openTest({
    content: {
      ahead: threads.ahead,
      hash: (path, seen) => threads.hash(path, seen),
      copy: copy => threads.copy(copy),
      close: async () => undefined, // The next test's store uses them as well.
    },
  }),
);

describe.skipIf(!isOtherDevice('/dev/shm'))('with /dev/shm', () => {
  // In memory syncing costs nothing: here all is as in a real run.
  storeConformance('a store on another file system than the project', () =>
    openTest({ parent: '/dev/shm', disk: nodeFileSystem }),
  );
});

function isOtherDevice(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.dev !== statSync(tmpdir()).dev;
}

test('blobs cannot be written', async () => {
  await using at = await openTest();
  writeFileSync(join(at.folder, 'f'), 'x');
  const { digest } = value(await at.store.put(join(at.folder, 'f')));
  expect(statSync(blobPath(layoutAt(at.root), digest)).mode & 0o777).toBe(0o444);
});

test('a store of a format that is not known is refused', async () => {
  await using at = await openTest();
  chmodSync(join(at.root, 'format'), 0o644);
  writeFileSync(join(at.root, 'format'), 'sluice-store 99\n');
  expect(await openLocalStore({ root: at.root })).toEqual({
    ok: false,
    error: { kind: 'unknown-format', path: at.root, found: 'sluice-store 99' },
  });
});

test('nothing is left in tmp after puts and restores', async () => {
  await using at = await openTest();
  mkdirSync(join(at.folder, 'd'));
  for (let index = 0; index < 90; index++) {
    writeFileSync(join(at.folder, 'd', `${index}`), `${index % 80}`);
  }
  const artifact = value(await at.store.put(join(at.folder, 'd')));
  value(await at.store.materialise(artifact, join(at.folder, 'o'), { readOnly: true }));
  expect(readdirSync(join(at.root, 'tmp'))).toEqual([]);
});

test('an edit that keeps size and times is seen, because ctime cannot be set', async () => {
  await using at = await openTest();
  const path = join(at.folder, 'f');
  writeFileSync(path, 'one');
  const old = new Date('2020-01-01');
  utimesSync(path, old, old);
  const later = await openLaterStore(at.root);
  const before = value(await later.digest(path));
  writeFileSync(path, 'two');
  utimesSync(path, old, old);
  expect(value(await later.digest(path)).digest).not.toBe(before.digest);
  await later.close();
});

/** A store whose clock says that every file's times lie well in the past: no entry is racy. */
const openLaterStore = async (root: string) =>
  value(await openLocalStore({ root, now: () => Date.now() + 60_000 }));

test('the store may lie behind a link, whole or in part', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-linked-'));
  for (const path of ['elsewhere', 'blobs']) mkdirSync(join(folder, path));
  symlinkSync('elsewhere', join(folder, '.sluice'));
  symlinkSync('../blobs', join(folder, 'elsewhere', 'blobs'));
  const store = value(await openLocalStore({ root: join(folder, '.sluice') }));
  writeFileSync(join(folder, 'f'), 'x');
  const artifact = value(await store.put(join(folder, 'f')));
  value(await store.putTrace(traceOf({ outputs: { out: artifact } })));
  value(await store.materialise(artifact, join(folder, 'out'), { readOnly: true }));
  await store.close();
  removeTree(folder);
});

test('results of the same moment have an order that does not depend on the disk', async () => {
  await using at = await openTest();
  const traces = Array.from({ length: 12 }, (_, index) =>
    traceOf({ outputs: { out: anyFile(`${index}`) } }),
  );
  for (const trace of traces) value(await at.store.putTrace(trace));
  const readdir = (path: string) => [...nodeFileSystem.readdir(path)].reverse();
  const disk = { ...nodeFileSystem, readdir };
  const reversed = value(await openLocalStore({ root: at.root, disk }));
  const found = await reversed.findTraces(traceOf({}).key);
  await reversed.close();
  const names = found.map(trace => encodeTrace(trace).name);
  expect(names).toEqual(traces.map(trace => encodeTrace(trace).name).sort());
});

test.each([-1, 0, 1, 2, 3 * SMALL_BYTES])(
  'a trace that is %d bytes above what is read at once is found',
  async more => {
    await using at = await openTest();
    const around = encodeTrace(traceOf({ salt: '' })).bytes.byteLength;
    const trace = traceOf({ salt: 'x'.repeat(SMALL_BYTES + more - around) });
    expect(encodeTrace(trace).bytes.byteLength).toBe(SMALL_BYTES + more);
    value(await at.store.putTrace(trace));
    expect(await at.store.findTraces(trace.key)).toEqual([trace]);
  },
);

test('a listing with a link that leads out is never built', async () => {
  await using at = await openTest();
  const listing = encodeListing([{ kind: 'link', name: 'escape', target: '../../etc' }]);
  writeFileSync(join(at.folder, 'listing'), listing);
  const { digest } = value(await at.store.put(join(at.folder, 'listing')));
  const forged = { ...anyFile(''), kind: 'tree', digest } as const;
  const built = await at.store.materialise(forged, join(at.folder, 'out'), { readOnly: false });
  expect(built).toMatchObject({ error: { kind: 'unsupported' } });
  expect(readdirSync(at.folder)).toEqual(['listing']);
});

describe.each([
  ['small', 'x'],
  ['large', 'x'.repeat(LARGE_BYTES)],
])('%s content that the disk cannot read', (_, content) => {
  async function lost(times?: number) {
    const at = await openTest();
    writeFileSync(join(at.folder, 'f'), content);
    const artifact = value(await at.store.put(join(at.folder, 'f')));
    const disk = badSector(unsyncedDisk, blobPath(layoutAt(at.root), artifact.digest), times);
    const store = value(await openLocalStore({ root: at.root, disk }));
    return { at, artifact, store };
  }
  const uses: readonly (readonly [
    string,
    (store: Store, artifact: Artifact) => Promise<unknown>,
  ])[] = [
    ['is read', (store, artifact) => store.read(artifact)],
    ['is located', (store, artifact) => store.locate(artifact)],
    [
      'is built',
      (store, artifact) => store.materialise(artifact, join(tmpdir(), 'never'), { readOnly: true }),
    ],
  ];

  test.each(uses)('is damaged: it %s no more, and can be stored anew', async (_use, use) => {
    const { at, artifact, store } = await lost();
    expect(await use(store, artifact)).toEqual({
      ok: false,
      error: { kind: 'corrupt', digest: artifact.digest },
    });
    expect(store.takeWarnings()).toMatchObject([{ code: 'corrupt-blob' }]);
    expect(await store.has(artifact)).toBe(false);
    writeFileSync(join(at.folder, 'f'), content);
    value(await store.put(join(at.folder, 'f')));
    expect(value(await store.read(artifact)).toString()).toBe(content);
    await store.close();
    await at[Symbol.asyncDispose]();
  });

  test('for a moment only stays where it is', async () => {
    const { at, artifact, store } = await lost(1);
    expect(await store.locate(artifact)).toMatchObject({ error: { kind: 'io' } });
    expect(await store.locate(artifact)).toMatchObject({ ok: true });
    await store.close();
    await at[Symbol.asyncDispose]();
  });
});

const anyFile = (content: string) =>
  ({ kind: 'file', digest: sha256(content), executable: false, bytes: 1, files: 1 }) as const;
