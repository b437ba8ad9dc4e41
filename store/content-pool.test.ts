import { mkdtempSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../schema/id.ts';
import { ContentPool, readingHere } from './content-pool.ts';
import { attempt } from './fault.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { removeTree } from './remove-tree.ts';

/** Whoever reads it in this thread fails: what comes out right has been read by another. */
const outOfReach = new Proxy(nodeFileSystem, {
  get: () => () => {
    throw new Error('bug: read in the thread that asked');
  },
}) satisfies FileSystem;

const stat = (path: string) => statSync(path, { bigint: true });

describe('where there is much to read', () => {
  let folder: string;
  let pool: ContentPool;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-pool-'));
    pool = new ContentPool(outOfReach, { threads: 2, worthwhile: 0 });
  });
  afterAll(async () => {
    await pool.close();
    removeTree(folder);
  });

  function file(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  }

  test('other threads read, and each answer is that of its file', async () => {
    const texts = Array.from({ length: 300 }, (_, index) => `${index}`.repeat(index * 97));
    const paths = texts.map((text, index) => file(`f${index}`, text));
    const digests = await Promise.all(paths.map(path => pool.hash(path, stat(path))));
    expect(digests).toEqual(texts.map(sha256));
  });

  test('a large file is read as a small one is', async () => {
    const text = 'some bytes and no others. '.repeat(200_000);
    const path = file('large', text);
    expect(await pool.hash(path, stat(path))).toBe(sha256(text));
    expect(await pool.hash(path, { size: BigInt(text.length) })).toBe(sha256(text));
  });

  test('a copy holds what its digest says', async () => {
    const path = file('original', 'x'.repeat(3_000_000));
    const target = join(folder, 'copy');
    const copy = { path, seen: stat(path), target, mode: 0o444, durable: true };
    expect(await pool.copy(copy)).toBe(sha256('x'.repeat(3_000_000)));
    expect(sha256(readFileSync(target))).toBe(sha256('x'.repeat(3_000_000)));
    expect(stat(target).mode & 0o777n).toBe(0o444n);
  });

  test('what has changed since it was seen is noticed', async () => {
    const path = file('edited', 'one');
    const seen = stat(path);
    file('edited', 'two');
    utimesSync(path, 1, 1);
    const answer = await attempt('', () => pool.hash(path, seen));
    expect(answer).toEqual({ ok: false, error: { kind: 'unstable', path } });
  });

  test('what the system says is said as it would be said here', async () => {
    const missing = join(folder, 'missing');
    const seen = { size: 3n };
    for (const [path, expected] of [
      [missing, { kind: 'absent', path: missing }],
      [folder, { kind: 'io' }],
    ] as const) {
      const there = await attempt('', () => pool.hash(path, seen));
      const here = await attempt('', () => readingHere(nodeFileSystem).hash(path, seen));
      expect(there).toEqual(here);
      expect(there).toMatchObject({ ok: false, error: expected });
    }
  });

  test('one failure is not that of the others in its parcel', async () => {
    const good = file('good', 'good');
    const ends = await Promise.allSettled([
      pool.hash(good, { size: 4n }),
      pool.hash(join(folder, 'missing'), { size: 4n }),
      pool.hash(good, { size: 4n }),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

test('where there is little to read no thread is asked', () => {
  const pool = new ContentPool(outOfReach, { threads: 2, worthwhile: 1 << 30 });
  expect(() => pool.hash('/some/path', { size: 3n })).toThrow('read in the thread that asked');
});
