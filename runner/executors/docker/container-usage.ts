/**
 * What a container uses: from the kernel's own files where this machine shows them (control groups of
 * both versions), else from the engine's figures. Unaware of when it is asked.
 */
import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { Gauge, Reading } from '../executor.ts';
import { ask } from './engine.ts';

export function containerGauge(container: Docker.Container): Gauge {
  let source: Promise<() => Promise<Reading | undefined>> | undefined;
  return {
    holdsMemory: true,
    read: async () => {
      // Found at the first reading, so that short attempts ask for nothing.
      source ??= sourceOf(container);
      return (await source)();
    },
  };
}

async function sourceOf(container: Docker.Container): Promise<() => Promise<Reading | undefined>> {
  const found = await ask(() => container.inspect());
  const told = () => readEngine(container);
  if (!found.ok) return told;
  const { Id: id, State: state } = found.value;
  const groups = await readText(`/proc/${state.Pid}/cgroup`);
  const files = groups === undefined ? undefined : groupFiles(groups, id);
  // An engine in a machine of its own counts processes by other numbers than this one.
  if (files === undefined || (await readGroup(files)) === undefined) return told;
  return () => readGroup(files);
}

export type GroupFiles = {
  readonly version: 1 | 2;
  /** Where the processor time stands, and the memory. */
  readonly cpu: string;
  readonly memory: string;
};

const ROOT = '/sys/fs/cgroup';

/** Of /proc/<pid>/cgroup; undefined when it is not that of the container `id`. */
export function groupFiles(text: string, id: string): GroupFiles | undefined {
  const paths = new Map<string, string>();
  for (const line of text.trim().split('\n')) {
    const [, names = '', ...path] = line.split(':');
    for (const name of names.split(',')) paths.set(name, path.join(':'));
  }
  const isOurs = (path: string | undefined): path is string => path?.includes(id) === true;
  const [cpu, memory, unified] = [paths.get('cpuacct'), paths.get('memory'), paths.get('')];
  if (isOurs(cpu) && isOurs(memory)) {
    return { version: 1, cpu: `${ROOT}/cpuacct${cpu}`, memory: `${ROOT}/memory${memory}` };
  }
  if (!isOurs(unified)) return undefined;
  return { version: 2, cpu: ROOT + unified, memory: ROOT + unified };
}

/** Undefined when the group is gone with its container, or cannot be read. */
export async function readGroup(files: GroupFiles): Promise<Reading | undefined> {
  const { version, cpu, memory } = files;
  const [time, used, parts] = await Promise.all(
    version === 1
      ? [
          readText(`${cpu}/cpuacct.usage`),
          readText(`${memory}/memory.usage_in_bytes`),
          readText(`${memory}/memory.stat`),
        ]
      : [
          readText(`${cpu}/cpu.stat`),
          readText(`${memory}/memory.current`),
          readText(`${memory}/memory.stat`),
        ],
  );
  if (time === undefined || used === undefined || parts === undefined) return undefined;
  const idle = version === 1 ? 'total_inactive_file' : 'inactive_file';
  return {
    cpuMs: version === 1 ? Number(time) / 1e6 : field(time, 'usage_usec') / 1e3,
    memoryBytes: Math.max(0, Number(used) - field(parts, idle)),
  };
}

const field = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);

const readText = (path: string): Promise<string | undefined> =>
  readFile(path, 'latin1').catch(() => undefined); // Not there, or gone with the container.

/** One sample, without the second's wait for another to compare it with. */
async function readEngine(container: Docker.Container): Promise<Reading | undefined> {
  const found = await ask(() => container.stats({ stream: false, 'one-shot': true }));
  return found.ok ? readingOf(found.value) : undefined;
}

type Stats = Pick<Docker.ContainerStats, 'cpu_stats' | 'memory_stats'>;

export function readingOf({ cpu_stats: cpu, memory_stats: memory }: Stats): Reading | undefined {
  // A container that has ended has no figures.
  if (memory?.usage === undefined) return undefined;
  const { total_inactive_file, inactive_file } = memory.stats ?? {};
  return {
    cpuMs: cpu.cpu_usage.total_usage / 1e6,
    memoryBytes: Math.max(0, memory.usage - (total_inactive_file ?? inactive_file ?? 0)),
  };
}
