import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type GroupFiles, groupFiles, readGroup, readingOf } from './container-usage.ts';

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

test.each<[1 | 2, Readonly<Record<string, string>>]>([
  [
    2,
    {
      'cpu.stat': 'usage_usec 1500000\nuser_usec 1400000\nsystem_usec 100000\n',
      'memory.current': '100\n',
      'memory.stat': 'anon 60\nfile 40\ninactive_file 30\nactive_file 10\n',
    },
  ],
  [
    1,
    {
      'cpuacct.usage': '1500000000\n',
      'memory.usage_in_bytes': '100\n',
      'memory.stat': 'cache 40\ninactive_file 1\ntotal_cache 40\ntotal_inactive_file 30\n',
    },
  ],
])('the kernel’s files of version %d are read', async (version, contents) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-group-'));
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
  const files = { version, cpu: folder, memory: folder };
  expect(await readGroup(files)).toEqual({ cpuMs: 1_500, memoryBytes: 70 });
  rmSync(folder, { recursive: true });
  expect(await readGroup(files)).toBeUndefined();
});
