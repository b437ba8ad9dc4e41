import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changedPaths, copyReadOnly, isSettled, stampFiles, stampTrees } from './laid-out.ts';

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
      expect(await changedPaths(stamps)).toEqual([]);
      renameSync(join(folder, 'in'), join(folder, 'aside'));
      writeFileSync(join(folder, 'in'), '');
      expect(await changedPaths(stamps)).toContain(file);
    });
  },
);

test('of a folder in which a file became a pipe or a device the rest is copied, and nothing waits', async () => {
  await inFolder(async folder => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/file'), 'one');
    execFileSync('mkfifo', [join(folder, 'data/pipe')]);
    symlinkSync('/dev/zero', join(folder, 'zero'));
    await copyReadOnly(join(folder, 'data'), join(folder, 'copy'));
    await copyReadOnly(join(folder, 'zero'), join(folder, 'copied zero'));
    await copyReadOnly(join(folder, 'data/pipe'), join(folder, 'copied pipe'));
    expect(readdirSync(folder).sort()).toEqual(['copy', 'data', 'zero']);
    expect(readdirSync(join(folder, 'copy'))).toEqual(['file']);
  });
});

test.each([
  ['files', stampFiles],
  ['folders', stampTrees],
])(
  'of stamped %s nothing waits for a pipe or a device that has taken the place of one',
  async (_, stamp) => {
    await inFolder(async folder => {
      const [young, link] = [join(folder, 'in/young'), join(folder, 'in/link')];
      mkdirSync(join(folder, 'in'));
      execFileSync('mkfifo', [join(folder, 'in/pipe')]);
      writeFileSync(young, 'one');
      symlinkSync('young', link);
      const stamps = await stamp([join(folder, 'in')]);
      expect(await changedPaths(stamps)).toEqual([]);
      for (const path of [young, link]) rmSync(path);
      execFileSync('mkfifo', [young]);
      symlinkSync('/dev/zero', link);
      expect(await changedPaths(stamps)).toEqual(expect.arrayContaining([young, link]));
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
