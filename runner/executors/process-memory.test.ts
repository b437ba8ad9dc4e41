import { describe, expect, test } from 'vitest';
import { ProcessMemory, type ReadOfProcess } from './process-memory.ts';

const GIB = 1024 ** 3;

const line = (name: string, gib: number): string =>
  `${`${name}:`.padEnd(16)} ${gib * 1024 ** 2} kB\n`;

const status = ({ anon = 0, shmem = 0, file = 0 }): string =>
  `Name:\tpython\n${line('VmRSS', anon + shmem + file)}${line('RssAnon', anon)}${line('RssFile', file)}${line('RssShmem', shmem)}`;

/** As Linux tells it since 5.3, and before. */
const newRollup = ({ anon = 0, shmem = 0, file = 0 }): string =>
  `${line('Rss', 40)}${line('Pss', anon + shmem + file)}${line('Pss_Anon', anon)}${line('Pss_File', file)}${line('Pss_Shmem', shmem)}`;
const oldRollup = (pss: number): string => `${line('Rss', 40)}${line('Pss', pss)}`;

type Files = { readonly status: string; readonly smaps_rollup?: string };

/** Eight processes that were forked, or as many as there are files. */
function memoryOf(files: Files | readonly Files[]) {
  const all = Array.isArray(files) ? files : Array.from({ length: 8 }, () => files);
  const read: ReadOfProcess = (pid, file) => all[pid]?.[file];
  const pids = [...all.keys()];
  return (precision: 'quick' | 'exact') => {
    const bytes = new ProcessMemory(read).of(pids, precision);
    return bytes === undefined ? undefined : bytes / GIB;
  };
}

/** Each holds half a GiB of its own, and all see the same four of memory and the same of a file. */
const loader = status({ anon: 3.5, shmem: 1, file: 0.25 });

describe('eight workers that share four GiB', () => {
  test('hold what they share once, where the kernel tells shares by kind', () => {
    const memory = memoryOf({
      status: loader,
      smaps_rollup: newRollup({ anon: 0.875, shmem: 0.125, file: 0.03125 }),
    });
    expect([memory('quick'), memory('exact')]).toEqual([8, 8]);
  });

  test('never hold too much where it tells them all in one', () => {
    const memory = memoryOf({ status: loader, smaps_rollup: oldRollup(1.03125) });
    expect(memory('exact')).toBe(8 * (1.03125 - 0.25));
  });

  test('hold nobody knows how much where it tells no shares', () => {
    const memory = memoryOf({ status: loader });
    expect([memory('quick'), memory('exact')]).toEqual([36, undefined]);
  });
});

test('files that are mapped are not held, however the kernel tells shares', () => {
  const mapped = status({ anon: 1, file: 30 });
  const [a, b] = [
    memoryOf({ status: mapped, smaps_rollup: oldRollup(31) }),
    memoryOf({
      status: mapped,
      smaps_rollup: newRollup({ anon: 1, file: 30 }),
    }),
  ];
  expect([a('exact'), b('exact')]).toEqual([8, 8]);
});

test('a process that may not be looked into counts whole in a quick answer, and not in an exact one', () => {
  const memory = memoryOf([
    { status: status({ anon: 2 }), smaps_rollup: newRollup({ anon: 2 }) },
    { status: status({ anon: 3 }) },
  ]);
  expect([memory('quick'), memory('exact')]).toEqual([5, 2]);
});

test('a single process shares with nobody: what it holds is exact', () => {
  expect(memoryOf([{ status: status({ anon: 3 }) }])('exact')).toBe(3);
});

test('what has ended holds nothing', () => {
  expect(new ProcessMemory(() => undefined).of([1, 2], 'exact')).toBe(0);
});
