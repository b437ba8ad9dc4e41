/**
 * Makes a package what is served, or an earlier version again. Decides; deployment.ts does.
 * Unaware of the step protocol.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageFaults, readPackage } from '../sdk/package.ts';
import { StepError } from '../sdk/step.ts';
import {
  addVersion,
  currentVersion,
  historyFile,
  isDeploymentName,
  lockFile,
  makeCurrent,
  packageDigest,
  removeUnfinished,
  tidy,
  type Version,
  versionsOf,
} from './deployment.ts';
import { appendHistory, isHeld, type Origin, readHistory } from './history.ts';
import { withLock } from './lock.ts';

export type Installation = {
  /** What is served now. */
  readonly current: Version;
  readonly did:
    | {
        readonly kind: 'installed';
        readonly removed: readonly Version[];
        /** Set where this very package was current, and somebody had changed its files. */
        readonly damaged: Version | undefined;
      }
    | { readonly kind: 'already-current' }
    /** A person rolled back from this package: it is not made current again by a pipeline. */
    | { readonly kind: 'held' };
};

export type InstallRequest = {
  /** The folder of all deployments. */
  readonly state: string;
  readonly name: string;
  readonly source: string;
  /** Digest of the input port, for the record. */
  readonly package: string;
  /** Old versions to keep. */
  readonly keep: number;
  readonly by: Origin;
  readonly onWait?: () => void;
};

export async function install(request: InstallRequest): Promise<Installation> {
  const { state, name, source, onWait } = request;
  const deployment = deploymentFolder(state, name);
  await requireSound(source, 'the package');
  mkdirSync(deployment, { recursive: true });
  return withLock(lockFile(deployment), () => installLocked(deployment, request), onWait);
}

async function installLocked(deployment: string, request: InstallRequest): Promise<Installation> {
  const digest = packageDigest(request.source);
  const current = currentVersion(deployment);
  if (current?.digest === digest && (await isSound(deployment, current))) {
    removeUnfinished(deployment);
    return { current, did: { kind: 'already-current' } };
  }
  const history = readHistory(historyFile(deployment));
  if (current !== undefined && isHeld(history, digest) && (await isSound(deployment, current))) {
    return { current, did: { kind: 'held' } };
  }
  const next = await nextVersion(deployment, request.source, digest);
  appendHistory(historyFile(deployment), {
    format: 1,
    action: 'deploy',
    version: next.version,
    digest,
    from: current === undefined ? null : nameOf(current),
    package: request.package,
    by: request.by,
  });
  makeCurrent(deployment, next);
  const damaged = current?.digest === digest ? current : undefined;
  const removed = tidy(deployment, request.keep);
  return { current: next, did: { kind: 'installed', removed, damaged } };
}

/** The newest version where a crash has kept it from being switched to; else a new one. */
async function nextVersion(deployment: string, source: string, digest: string): Promise<Version> {
  const newest = versionsOf(deployment).at(-1);
  const waiting = newest?.digest === digest && newest.path !== currentVersion(deployment)?.path;
  if (newest !== undefined && waiting && (await isSound(deployment, newest))) return newest;
  const added = addVersion(deployment, source);
  await requireSound(join(deployment, added.path), `the copy \`${added.path}\``);
  return added;
}

export type RollbackRequest = {
  readonly state: string;
  readonly name: string;
  /** Undefined: the newest before the current one. */
  readonly version: number | undefined;
  readonly by: Origin;
};

export type Rollback = { readonly current: Version; readonly from: Version | undefined };

/** Makes another version current; the pipeline that deployed the one before leaves it so. */
export async function rollBack(request: RollbackRequest): Promise<Rollback> {
  const { state, name } = request;
  const deployment = deploymentFolder(state, name);
  if (versionsOf(deployment).length === 0) {
    throw new StepError(
      `there is no deployment \`${name}\``,
      '`sluice deployments` lists those that are there',
    );
  }
  return withLock(lockFile(deployment), async () => {
    const from = currentVersion(deployment);
    const chosen = choose(deployment, request, from);
    if (chosen.path === from?.path) return { current: chosen, from };
    await requireSound(join(deployment, chosen.path), `version ${chosen.version}`);
    appendHistory(historyFile(deployment), {
      format: 1,
      action: 'rollback',
      version: chosen.version,
      digest: chosen.digest,
      from: from === undefined ? null : nameOf(from),
      package: null,
      by: request.by,
    });
    makeCurrent(deployment, chosen);
    return { current: chosen, from };
  });
}

function choose(
  deployment: string,
  { name, version }: RollbackRequest,
  from: Version | undefined,
): Version {
  const versions = versionsOf(deployment);
  const chosen =
    version === undefined
      ? versions.filter(known => known.version < (from?.version ?? Infinity)).at(-1)
      : versions.find(known => known.version === version);
  if (chosen !== undefined) return chosen;
  const there = versions.map(known => known.version).join(', ');
  throw new StepError(
    version === undefined
      ? `\`${name}\` has no version before the current one`
      : `\`${name}\` has no version ${version}`,
    `the versions that are there: ${there}`,
  );
}

function deploymentFolder(state: string, name: string): string {
  if (!isDeploymentName(name)) {
    throw new StepError(
      `\`${name}\` does not name a deployment`,
      'a name is made of a-z, 0-9, dots, dashes and underscores, and starts with a letter or digit',
    );
  }
  return join(state, name);
}

const nameOf = ({ version, digest }: Version) => ({ version, digest });

async function isSound(deployment: string, { path }: Version): Promise<boolean> {
  const folder = join(deployment, path);
  return (await packageFaults(folder, readPackage(folder))).length === 0;
}

async function requireSound(folder: string, what: string): Promise<void> {
  const faults = await packageFaults(folder, readPackage(folder));
  if (faults.length === 0) return;
  throw new StepError(
    `${what} is not what its checksums say: ${faults.slice(0, 5).join(', ')}`,
    'run the `package` step again',
  );
}
