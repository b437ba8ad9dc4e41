import { expect, test } from 'vitest';
import { type GroupFiles, groupFiles, readingOf } from './container-usage.ts';

const ID = 'f'.repeat(64);

test.each<[string, string, GroupFiles | undefined]>([
  [
    'the second version',
    `0::/system.slice/docker-${ID}.scope\n`,
    {
      version: 2,
      cpu: `/sys/fs/cgroup/system.slice/docker-${ID}.scope`,
      memory: `/sys/fs/cgroup/system.slice/docker-${ID}.scope`,
    },
  ],
  [
    'the first version',
    `9:name=systemd:/docker/${ID}\n4:memory:/docker/${ID}\n2:cpu,cpuacct:/docker/${ID}\n0::/\n`,
    {
      version: 1,
      cpu: `/sys/fs/cgroup/cpuacct/docker/${ID}`,
      memory: `/sys/fs/cgroup/memory/docker/${ID}`,
    },
  ],
  ['a process of another machine’s number', '0::/user.slice/session-1.scope\n', undefined],
  ['a namespace that hides the path', '0::/\n', undefined],
  ['nothing', '', undefined],
])('the files of a container: %s', (_, text, files) => {
  expect(groupFiles(text, ID)).toEqual(files);
});

const stats = (memory: object) => ({
  cpu_stats: { cpu_usage: { total_usage: 1_500_000_000 } },
  memory_stats: memory,
});

test.each<[string, object, number | undefined]>([
  ['version 2', { usage: 100, stats: { inactive_file: 30 } }, 70],
  ['version 1', { usage: 100, stats: { total_inactive_file: 40, inactive_file: 1 } }, 60],
  ['no parts', { usage: 100 }, 100],
  ['a container that has ended', {}, undefined],
])('the engine’s figures without what can be dropped: %s', (_, memory, bytes) => {
  const reading = readingOf(stats(memory) as Parameters<typeof readingOf>[0]);
  expect(reading).toEqual(bytes === undefined ? undefined : { cpuMs: 1_500, memoryBytes: bytes });
});
