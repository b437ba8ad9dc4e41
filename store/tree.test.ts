import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Digest, sha256 } from '../schema/id.ts';
import { digestParts } from './content.ts';
import { attempt, StoreFault } from './fault.ts';
import { nodeFileSystem } from './file-system.ts';
import { removeTree } from './remove-tree.ts';
import { describe as describeTree, type TreeReader } from './tree.ts';

const FOLDERS = 4;
const FILES = 6;

describe('files that are read while the walk goes on', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'sluice-tree-'));
    for (let folder = 0; folder < FOLDERS; folder += 1) {
      mkdirSync(join(root, `d${folder}`));
      for (let file = 0; file < FILES; file += 1)
        writeFileSync(join(root, `d${folder}/${file}`), '');
    }
  });
  afterAll(() => removeTree(root));

  /** Files end one at a time, the latest first; those named in `failing` badly. */
  function held(ahead: number, failing: readonly string[] = []) {
    const begun: (() => void)[] = [];
    let most = 0;
    const left: string[] = [];
    const reader: TreeReader = {
      ahead,
      enter: folder => ({
        file: (_name, path) =>
          new Promise<Digest>((resolve, reject) => {
            const name = `${basename(dirname(path))}/${basename(path)}`;
            const fault = new StoreFault({ kind: 'unstable', path: name });
            begun.push(() => (failing.includes(name) ? reject(fault) : resolve(sha256(name))));
            most = Math.max(most, begun.length);
          }),
        leave: () => left.push(basename(folder)),
      }),
      listing: digestParts,
    };
    const endAll = async (work: Promise<unknown>) => {
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      work.then(over, over);
      while (!isOver) {
        // Everybody who can go on does so first.
        await new Promise(setImmediate);
        begun.pop()?.();
      }
    };
    return { reader, endAll, most: () => most, left };
  }

  async function described(hold: ReturnType<typeof held>) {
    const work = attempt('', () => describeTree(nodeFileSystem, root, hold.reader));
    await hold.endAll(work);
    return work;
  }

  test('the folder is the same in whichever order they end', async () => {
    const oneByOne = await described(held(0));
    expect(await described(held(100))).toEqual(oneByOne);
    expect(oneByOne).toMatchObject({ ok: true, value: { files: FOLDERS * FILES } });
  });

  test('across folders, and no more at a time than may be', async () => {
    const few = held(7);
    await described(few);
    expect(few.most()).toBe(8);
    const all = held(100);
    await described(all);
    expect(all.most()).toBe(FOLDERS * FILES);
  });

  test('of several failures the first in the order of names is told', async () => {
    for (const ahead of [0, 3, 100]) {
      const result = await described(held(ahead, ['d2/5', 'd1/4', 'd1/1', 'd3/0']));
      expect(result).toEqual({ ok: false, error: { kind: 'unstable', path: 'd1/1' } });
    }
  });

  test('a folder is left only when all its files have been read', async () => {
    const hold = held(100, ['d1/3']);
    await described(hold);
    expect(hold.left).toEqual(expect.arrayContaining(['d0', 'd2', 'd3']));
    expect(hold.left).not.toContain('d1');
  });
});
