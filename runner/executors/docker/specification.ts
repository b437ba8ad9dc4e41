/**
 * What the engine is asked to make for an attempt: confined by default, loosened only where the
 * pipeline says so. A pure function of the attempt, so that it can be read and tested as a table.
 */
import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';
import type { StepId } from '../../../schema/id.ts';
import { INSIDE } from '../../places.ts';
import type { Attempt, Bind } from '../executor.ts';

export type User = { readonly uid: number; readonly gid: number };

/** All labels of ours begin with it. */
export const LABEL = 'dev.sluice.';

/** Processes and threads in one container, unless the pipeline says otherwise. */
export const DEFAULT_PIDS = 4096;

/** The only one of the engine's that keeps bytes as they are. */
export const LOG_DRIVER = 'local';

/** 64 MB at most, and gone with the container. */
const KEPT_OUTPUT = {
  Type: LOG_DRIVER,
  Config: { 'max-size': '16m', 'max-file': '4', compress: 'false' },
};

/** Programs expect to be able to write there; it is memory and gone with the container. */
const TMPFS = {
  '/tmp': 'rw,exec,nosuid,nodev,mode=1777',
  '/var/tmp': 'rw,exec,nosuid,nodev,mode=1777',
  '/run': 'rw,noexec,nosuid,nodev,mode=1777',
};

/** What of an attempt its container is made from. */
export type Specified = Pick<
  Attempt,
  'command' | 'workdir' | 'env' | 'container' | 'resources' | 'binds' | 'labels' | 'devices'
> & {
  readonly step?: StepId;
  /** By the engine, for a run that goes on with it when this one has died. */
  readonly keepsOutput?: boolean;
};

export function specificationOf(
  attempt: Specified,
  image: string,
  user: User,
): ContainerCreateOptions {
  const { container, env } = attempt;
  const words = [...(container?.entrypoint ?? []), ...attempt.command];
  return {
    Image: image,
    // An empty word takes the image's own entrypoint out of the way: what runs is what the key says.
    Entrypoint: [''],
    Cmd: words,
    Env: [
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      // The init passes signals on to all processes of the step, as for a local process.
      'TINI_KILL_PROCESS_GROUP=1',
    ],
    User: container?.user ?? `${user.uid}:${user.gid}`,
    WorkingDir: INSIDE.workdir,
    // The engine would take the container's id, and a step could see it.
    Hostname: 'step',
    Labels: labelsOf(attempt),
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    HostConfig: hostConfig(attempt),
  };
}

function hostConfig(attempt: Specified): HostConfig {
  const { container, resources, devices = [] } = attempt;
  const memory = resources.memoryBytes;
  return {
    Init: true,
    LogConfig: attempt.keepsOutput === true ? KEPT_OUTPUT : { Type: 'none', Config: {} },
    NetworkMode: container?.network ?? 'none',
    IpcMode: 'private',
    ReadonlyRootfs: container?.writableRoot !== true,
    Tmpfs: TMPFS,
    Mounts: bindsOf(attempt).map(mountOf),
    CapDrop: ['ALL'],
    CapAdd: [...(container?.capabilities ?? [])],
    SecurityOpt: ['no-new-privileges'],
    PidsLimit: container?.pids ?? DEFAULT_PIDS,
    ...(resources.cpuLimit !== undefined && { NanoCpus: nanoCpus(resources.cpuLimit) }),
    ...(memory !== null && { Memory: memory, MemorySwap: memory }),
    ...(resources.shmBytes !== null && { ShmSize: resources.shmBytes }),
    ...(devices.length > 0 && {
      DeviceRequests: [{ Driver: '', DeviceIDs: [...devices], Capabilities: [['gpu']] }],
    }),
  };
}

/** In billionths; an engine takes whole numbers and no less than a hundredth of a processor. */
const nanoCpus = (cpus: number): number => Math.round(Math.max(0.01, cpus) * 1e9);

/** Without a word about it, the working directory is the step's to write. */
export const bindsOf = ({ binds, workdir }: Pick<Attempt, 'binds' | 'workdir'>): readonly Bind[] =>
  binds ?? [{ source: workdir, target: INSIDE.workdir, writable: true }];

const mountOf = ({ source, target, writable, identity }: Bind): MountSettings => ({
  Type: 'bind',
  Source: source,
  Target: target,
  ReadOnly: !writable,
  ...(identity !== undefined && { BindOptions: ALONE }),
});

/** Without what is mounted below it. The client's types do not know that the engine may be told so. */
const ALONE = { Propagation: 'rprivate', NonRecursive: true } as const;

function labelsOf({ step, labels, devices = [] }: Specified): Record<string, string> {
  return Object.fromEntries(
    Object.entries({
      ...labels,
      ...(step !== undefined && { step }),
      ...(devices.length > 0 && { devices: devices.join(',') }),
    }).map(([name, value]) => [`${LABEL}${name}`, value]),
  );
}
