import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256, stepId } from '../schema/id.ts';
import type { Artifact } from '../schema/trace.ts';
import type { Store } from '../store/store.ts';
import { BuiltTrees } from './built-trees.ts';

let folder = '';
let built: string[] = [];
/** How the store answers the next time. */
let isFull = false;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-trees-'));
  built = [];
  isFull = false;
});
afterEach(() => rmSync(folder, { recursive: true }));

const treeOf = (text: string): Artifact => ({
  kind: 'tree',
  digest: sha256(text),
  bytes: 1,
  files: 1,
  executable: false,
});

const store: Pick<Store, 'materialise'> = {
  async materialise(artifact, path) {
    built.push(artifact.digest);
    if (isFull) return { ok: false, error: { kind: 'full', path } };
    mkdirSync(path);
    writeFileSync(join(path, 'a'), artifact.digest);
    return { ok: true, value: undefined };
  },
};

function newTrees(): BuiltTrees {
  const newPath = () => join(folder, `tree-${built.length}`);
  const remove = (path: string) => rmSync(path, { recursive: true, force: true });
  return new BuiltTrees({ store, newPath, remove });
}

const [one, other] = [treeOf('one'), treeOf('other')];
const names = ['a', 'b', 'c'];

/** For the step of this name, in a folder of that name; all of them take it. */
async function take(trees: BuiltTrees, name: string, artifact = one, takers = names) {
  const taker = { workdir: name, step: stepId(name), takers: takers.map(stepId) };
  const taken = await trees.take(artifact, taker);
  if (!taken.ok) throw new Error(taken.error.kind);
  return taken.value;
}

test('a tree is built once for all that take it, at once or one after another', async () => {
  const trees = newTrees();
  const first = await Promise.all(['a', 'b'].map(name => take(trees, name)));
  trees.leave('a');
  trees.leave('b');
  const last = await take(trees, 'c');
  expect(built).toEqual([one.digest]);
  expect(new Set([...first, last].map(({ path }) => path)).size).toBe(1);
  expect(await last.hasChanged()).toBe(false);
});

test('one that has been changed is built anew for who comes next, once, and who had it sees that', async () => {
  const trees = newTrees();
  const first = await take(trees, 'a');
  writeFileSync(join(first.path, 'more'), '');
  rmSync(join(first.path, 'more'));
  const [second, third] = await Promise.all(['b', 'c'].map(name => take(trees, name)));
  expect(built).toHaveLength(2);
  expect(second).toBe(third);
  expect([await first.hasChanged(), await second?.hasChanged()]).toEqual([true, false]);
});

test('another folder in its place is not the one that was built', async () => {
  const trees = newTrees();
  const { path, hasChanged } = await take(trees, 'a');
  renameSync(path, `${path}.aside`);
  mkdirSync(path);
  expect(await hasChanged()).toBe(true);
});

test('one that could not be built is tried again by who comes later, not by who waited for it', async () => {
  const trees = newTrees();
  isFull = true;
  const ends = await Promise.allSettled(['a', 'b'].map(name => take(trees, name)));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(built).toHaveLength(1);
  isFull = false;
  expect(await (await take(trees, 'b')).hasChanged()).toBe(false);
});

test('one goes when all that take it have had it, and nobody uses it', async () => {
  const trees = newTrees();
  const { path } = await take(trees, 'a', one, ['a', 'b']);
  trees.leave('a');
  expect(existsSync(path)).toBe(true);
  await take(trees, 'b', one, ['a', 'b']);
  trees.leave('a');
  expect(existsSync(path)).toBe(true);
  trees.leave('b');
  expect(existsSync(path)).toBe(false);
  await take(trees, 'b', one, ['a', 'b']);
  expect(built).toHaveLength(2);
});

test('one that nobody uses makes room for another, whoever may still come for it', async () => {
  const trees = newTrees();
  const idle = await take(trees, 'a');
  trees.leave('a');
  const used = await take(trees, 'b', other);
  expect([existsSync(idle.path), existsSync(used.path)]).toEqual([false, true]);
  await take(trees, 'c');
  expect(existsSync(used.path)).toBe(true);
});

test('one that somebody is about to use does not make room', async () => {
  const trees = newTrees();
  await take(trees, 'a');
  trees.leave('a');
  const [again] = await Promise.all([take(trees, 'b'), take(trees, 'c', other)]);
  expect(built).toEqual([one.digest, other.digest]);
  expect(await again.hasChanged()).toBe(false);
});
