import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { sha256 } from '../schema/id.ts';
import { removeTree } from './remove-tree.ts';
import { StatCache } from './stat-cache.ts';
import { KnownFiles } from './stat-record.ts';

/** Beyond the time in which an entry is not trusted. */
const LATER_MS = 10_000;

async function newCache(shiftMs = LATER_MS) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-stat-'));
  const database = join(folder, 'cache.db');
  const file = join(folder, 'file');
  writeFileSync(file, 'content');
  const open = async () => {
    const cache = new StatCache(database, () => Date.now() + shiftMs);
    await cache.open();
    return cache;
  };
  const seen = () => statSync(file, { bigint: true });
  return { folder, database, file, open, seen, [Symbol.dispose]: () => removeTree(folder) };
}

type TestCache = Awaited<ReturnType<typeof newCache>>;

async function remember(at: TestCache): Promise<void> {
  const cache = await at.open();
  const folder = cache.folder(at.folder, 1);
  folder.record('file', at.seen(), sha256('content'));
  folder.leave();
  cache.close();
}

async function recall(at: TestCache): Promise<string | undefined> {
  const cache = await at.open();
  const digest = cache.folder(at.folder, 1).lookup('file', at.seen());
  cache.close();
  return digest;
}

test('a digest is remembered for the next process', async () => {
  using at = await newCache();
  await remember(at);
  expect(await recall(at)).toBe(sha256('content'));
});

test('a digest is remembered within a process before anything is written', async () => {
  using at = await newCache();
  const cache = await at.open();
  const folder = cache.folder(at.folder, 1);
  folder.record('file', at.seen(), sha256('content'));
  folder.leave();
  expect(cache.folder(at.folder, 1).lookup('file', at.seen())).toBe(sha256('content'));
  cache.close();
});

test('a file whose times lie within two seconds of now is not remembered', async () => {
  using at = await newCache(0);
  await remember(at);
  expect(await recall(at)).toBeUndefined();
});

test('nor is one whose times lie in the future', async () => {
  using at = await newCache();
  const future = new Date(Date.now() + 1_000_000);
  utimesSync(at.file, future, future);
  await remember(at);
  expect(await recall(at)).toBeUndefined();
});

test('any change of a file makes it unknown', async () => {
  using at = await newCache();
  await remember(at);
  const { mtime, atime } = statSync(at.file);
  writeFileSync(at.file, 'CONTENT');
  utimesSync(at.file, atime, mtime);
  expect(await recall(at)).toBeUndefined();
});

// The kernel rarely lets one of them change alone; what is rare is what nobody would notice.
test.each(['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'] as const)(
  'a file of which only `%s` is another is unknown',
  async field => {
    using at = await newCache();
    await remember(at);
    const cache = await at.open();
    const seen = at.seen();
    const folder = cache.folder(at.folder, 1);
    expect(folder.lookup('file', seen)).toBeDefined();
    const other = Object.assign(at.seen(), { [field]: seen[field] + 1n });
    expect(folder.lookup('file', other)).toBeUndefined();
    cache.close();
  },
);

test('a file that is gone is forgotten', async () => {
  using at = await newCache();
  await remember(at);
  const cache = await at.open();
  cache.folder(at.folder, 1).leave();
  expect(cache.folder(at.folder, 1).lookup('file', at.seen())).toBeUndefined();
  cache.close();
});

const damages: readonly [what: string, damage: (at: TestCache) => void][] = [
  ['deleted', at => unlinkSync(at.database)],
  ['empty', at => writeFileSync(at.database, '')],
  ['not a database', at => writeFileSync(at.database, 'x'.repeat(10_000))],
  ['of another version', at => edit(at, 'pragma user_version = 99')],
  [
    'of another shape',
    at => edit(at, 'alter table folder rename to other; create table folder (x)'),
  ],
  ['with a damaged row', at => edit(at, "update folder set body = body || x'00'")],
  ['with a row of another folder', at => edit(at, "update folder set path = path || 'x'")],
  ['with text for a row', at => edit(at, "update folder set body = 'text'")],
];
test.each(damages)('a cache that is %s knows nothing and works again', async (_what, damage) => {
  using at = await newCache();
  await remember(at);
  damage(at);
  expect(await recall(at)).toBeUndefined();
  await remember(at);
  expect(await recall(at)).toBe(sha256('content'));
});

test('a cache that is deleted under an open process does no harm', async () => {
  using at = await newCache();
  const cache = await at.open();
  for (const name of readdirSync(at.folder)) {
    if (name.startsWith('cache.db')) unlinkSync(join(at.folder, name));
  }
  const folder = cache.folder(at.folder, 1);
  folder.record('file', at.seen(), sha256('content'));
  folder.leave();
  cache.close();
  await remember(at);
  expect(await recall(at)).toBe(sha256('content'));
});

test('a folder that cannot hold a cache is no error', async () => {
  const cache = new StatCache('/proc/nowhere/cache.db', Date.now);
  await cache.open();
  cache.folder('/', 0).leave();
  cache.flush();
  cache.close();
});

test('many processes may use it at once', async () => {
  using at = await newCache();
  const caches = await Promise.all([at.open(), at.open(), at.open()]);
  for (const [index, cache] of caches.entries()) {
    const folder = cache.folder(`${at.folder}/${index}`, 1);
    folder.record('file', at.seen(), sha256(`${index}`));
    folder.leave();
  }
  for (const cache of caches) cache.close();
  const cache = await at.open();
  for (const index of [0, 1, 2]) {
    expect(cache.folder(`${at.folder}/${index}`, 1).lookup('file', at.seen())).toBe(
      sha256(`${index}`),
    );
  }
  cache.close();
});

const stamp = { dev: 1n, ino: 2n ** 62n, size: 3n, mtimeNs: -4n, ctimeNs: 5n };

function row(...names: readonly string[]): Uint8Array {
  const files = KnownFiles.withRoom(names.length);
  for (const name of names) files.add(name, stamp, sha256(name));
  return files.toRow('/folder');
}

test('a bit flipped anywhere in a row is noticed', () => {
  const whole = row('a', 'ü');
  expect(KnownFiles.ofRow('/folder', whole)?.count).toBe(2);
  expect(KnownFiles.ofRow('/folder', Buffer.from([0, ...whole]).subarray(1))?.count).toBe(2);
  expect(KnownFiles.ofRow('/other', whole)).toBeUndefined();
  for (let bit = 0; bit < whole.byteLength * 8; bit++) {
    const flipped = Uint8Array.from(whole);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(KnownFiles.ofRow('/folder', flipped)).toBeUndefined();
  }
});

test('files are found in whatever order they were read and are asked for', () => {
  const names = ['\u{1d11e}', 'b', '\uff41', 'a', 'ü', 'aa'];
  const files = KnownFiles.ofRow('/folder', row(...names));
  for (const [guess, name] of [...names, ...names.toReversed()].entries()) {
    const index = files?.indexOf(name, guess) ?? -1;
    expect(files?.digest(index)).toBe(sha256(name));
    expect(files?.isSame(index, stamp)).toBe(true);
  }
  for (const name of ['', 'A', 'ab', '\uffff']) expect(files?.indexOf(name, 0)).toBeUndefined();
});

test('of a folder in which one file changes the others stay known', async () => {
  using at = await newCache();
  const names = ['a', 'b', 'c', 'd'];
  const cache = await at.open();
  const first = cache.folder(at.folder, 4);
  for (const name of names) first.record(name, at.seen(), sha256(name));
  first.leave();
  const second = cache.folder(at.folder, 4);
  for (const name of ['a', 'c', 'd']) expect(second.lookup(name, at.seen())).toBe(sha256(name));
  second.record('b', at.seen(), sha256('other'));
  second.leave();
  const third = cache.folder(at.folder, 4);
  const known = names.map(name => third.lookup(name, at.seen()));
  expect(known).toEqual([sha256('a'), sha256('other'), sha256('c'), sha256('d')]);
  cache.close();
});

function edit(at: TestCache, sql: string): void {
  const database = new DatabaseSync(at.database);
  database.exec(sql);
  database.close();
  expect(readFileSync(at.database).byteLength).toBeGreaterThan(0);
}

test.skipIf(process.platform !== 'linux')(
  'many who ask for it at the same moment open it once',
  async () => {
    using at = await newCache();
    const cache = new StatCache(at.database, Date.now);
    await Promise.all(Array.from({ length: 32 }, () => cache.open()));
    const open = readdirSync('/proc/self/fd').map(fd => linkOf(`/proc/self/fd/${fd}`));
    expect(open.filter(path => path === realpathSync(at.database))).toHaveLength(1);
    cache.close();
  },
);

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // The listing's own, closed by now.
  }
}
