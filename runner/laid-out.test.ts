import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changedPaths, isSettled, stampFiles, stampTrees } from './laid-out.ts';

async function inFolder(play: (folder: string) => Promise<void>): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-laid-out-')));
  try {
    await play(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.each([
  ['files', stampFiles],
  ['folders', stampTrees],
])(
  'of stamped %s, what lies where a file has taken the place of the folder has changed',
  async (_, stamp) => {
    await inFolder(async folder => {
      const file = join(folder, 'in/deep/x.txt');
      mkdirSync(join(folder, 'in/deep'), { recursive: true });
      writeFileSync(file, 'one');
      const stamps = await stamp([join(folder, 'in')]);
      expect(changedPaths(stamps)).toEqual([]);
      renameSync(join(folder, 'in'), join(folder, 'aside'));
      writeFileSync(join(folder, 'in'), '');
      expect(changedPaths(stamps)).toContain(file);
    });
  },
);

test('a stamp of whole seconds shows what happens from now on only when two of them have passed', () => {
  const ago = (ms: number) => BigInt(Date.now() - ms) * 1_000_000n;
  const wholeSecond = (ctimeNs: bigint) => ctimeNs - (ctimeNs % 1_000_000_000n);
  expect(isSettled(ago(100) + 1n)).toBe(true);
  expect(isSettled(ago(0) + 1n)).toBe(false);
  expect(isSettled(wholeSecond(ago(0)))).toBe(false);
  expect(isSettled(wholeSecond(ago(5_000)))).toBe(true);
});
