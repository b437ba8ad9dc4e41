/**
 * Which attempts may share a warm container, and what it is made of: everything but the command, its
 * environment, and what lies in the folders. Pure. Unaware of containers that exist.
 */
import { join, relative } from 'node:path';
import type { ContainerCreateOptions, ExecCreateOptions } from 'dockerode';
import { canonicalJson, type Json } from '../../../../schema/canonical-json.ts';
import { INSIDE, PRIVATE } from '../../../places.ts';
import type { Bind, Reservation } from '../../executor.ts';
import { bindsOf, LABEL, specificationOf, type User } from '../specification.ts';
import { GUARD_SCRIPT, guardUser } from './guard.ts';

/** Where an attempt's own files lie on this machine. */
export type OwnFolders = {
  readonly workdir: string;
  /** Bound each by itself; relative to the working directory, '.' for that. */
  readonly bound: readonly string[];
  /** Where something is bound, relative to the working directory: a mount goes with such a folder. */
  readonly mountPoints: readonly string[];
  /** Absolute: what outlives the attempt, for the next one of the same key. */
  readonly scratch: string | undefined;
};

export type Wanted = {
  readonly image: string;
  readonly user: User;
  /** Given with the attempt, when it executes. */
  readonly devices?: readonly string[] | undefined;
};

/** Undefined for what takes a container of its own. */
export function ownFolders(coming: Reservation): OwnFolders | undefined {
  const { container, workdir } = coming;
  if (container === null) return undefined;
  const { user, network, writableRoot, capabilities = [] } = container;
  // Each of them could leave something that nobody can describe.
  const isConfined =
    user === null && network === 'none' && writableRoot !== true && capabilities.length === 0;
  if (!isConfined) return undefined;
  const binds = bindsOf(coming);
  const own = binds.filter(bind => isOwn(bind, workdir));
  // Not the folder is bound then, but what was laid out there for this attempt alone.
  if (own.some(({ source, writable }) => !writable && source !== join(workdir))) return undefined;
  const lasting = binds.filter(bind => bind.writable && !own.includes(bind));
  if (lasting.some(bind => !isScratch(bind))) return undefined;
  return {
    workdir,
    bound: own.map(({ source }) => relative(workdir, source) || '.'),
    mountPoints: binds
      .map(({ target }) => relative(INSIDE.workdir, target) || '.')
      .filter(path => !path.startsWith('..')),
    scratch: lasting[0]?.source,
  };
}

export const mayBeWarm = (coming: Reservation): boolean => ownFolders(coming) !== undefined;

const isOwn = ({ source }: Bind, workdir: string): boolean =>
  join(source) === join(workdir) || source.startsWith(`${workdir}/`);

const isScratch = ({ target }: Bind): boolean => target === join(INSIDE.workdir, PRIVATE.scratch);

/** Attempts with the same text may share a container. */
export function shapeOf(coming: Reservation, wanted: Wanted): string {
  const { workdir } = coming;
  const places = bindsOf(coming).map(bind => ({
    ...bind,
    source: isOwn(bind, workdir) ? 'own' : isScratch(bind) ? 'scratch' : bind.source,
  }));
  const { HostConfig, ...rest } = warmSpecification(coming, wanted, {});
  const shape = { ...rest, HostConfig: { ...HostConfig, Mounts: places } };
  return canonicalJson(JSON.parse(JSON.stringify(shape)) as Json);
}

/** As of an attempt, but what runs first is the guard, and the container goes with it. */
export function warmSpecification(
  coming: Reservation,
  { image, user, devices }: Wanted,
  labels: Readonly<Record<string, string>>,
): ContainerCreateOptions {
  const cold = specificationOf(
    { ...coming, command: ['/bin/sh', '-c', GUARD_SCRIPT], env: {}, devices: devices ?? [] },
    image,
    user,
  );
  const pids = cold.HostConfig?.PidsLimit ?? 0;
  return {
    ...cold,
    Cmd: ['/bin/sh', '-c', GUARD_SCRIPT],
    User: guardUser(user.uid),
    Labels: Object.fromEntries(
      Object.entries(labels).map(([name, value]) => [LABEL + name, value]),
    ),
    AttachStdin: true,
    OpenStdin: true,
    // Whoever holds it has died when it closes: then nothing keeps the guard.
    StdinOnce: true,
    HostConfig: {
      ...cold.HostConfig,
      AutoRemove: true,
      LogConfig: { Type: 'none', Config: {} },
      // The guard is one more than a step's own container has.
      PidsLimit: pids + 1,
    },
  };
}

/** What runs in a warm container instead of one of its own: it sees the same. */
export function commandOf(
  { Cmd, Env = [], User, WorkingDir }: ContainerCreateOptions,
  devices: readonly string[] = [],
): WarmCommand {
  // To the first program of a container the engine says it by itself.
  const leased = devices.length === 0 ? [] : [`NVIDIA_VISIBLE_DEVICES=${devices.join(',')}`];
  return { Cmd, Env: [...Env, ...leased], User, WorkingDir };
}

export type WarmCommand = Pick<ExecCreateOptions, 'Cmd' | 'Env' | 'User' | 'WorkingDir'>;
