/**
 * A deployment on disk: numbered versions side by side, and a link that says which one is served
 * (docs/deployment-format.md). Here is every change to it; each is whole or did not happen.
 * Unaware of pipelines and of what a package holds.
 */

import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow } from '../sdk/checksums.ts';
import { PACKAGE_FILE } from '../sdk/package.ts';
import type { VersionName } from './history.ts';

export type Version = VersionName & {
  /** Relative to the deployment: `versions/3-5be1c0ffee01`. */
  readonly path: string;
};

const VERSIONS = 'versions';
const CURRENT = 'current';
/** What begins like this is unfinished and nobody's: the next change removes it. */
const UNFINISHED = '.unfinished-';
const SHORT_DIGEST = 12;

/** What names a deployment and is a folder. */
export const isDeploymentName = (name: string): boolean => /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);

export const lockFile = (deployment: string): string => join(deployment, '.lock');
export const historyFile = (deployment: string): string => join(deployment, 'history.jsonl');
const currentLink = (deployment: string): string => join(deployment, CURRENT);

/** A package's identity: its card names every other file with its checksum. */
export const packageDigest = (folder: string): string =>
  createHash('sha256')
    .update(readFileSync(join(folder, PACKAGE_FILE)))
    .digest('hex');

/** Every version that is there, by number. Whole ones only: unfinished ones have another name. */
export function versionsOf(deployment: string): readonly Version[] {
  const folder = join(deployment, VERSIONS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap(name => versionAt(deployment, `${VERSIONS}/${name}`))
    .toSorted((a, b) => a.version - b.version);
}

function versionAt(deployment: string, path: string): readonly Version[] {
  const match = /^versions\/(\d+)-[0-9a-f]+$/.exec(path);
  if (match === null || !existsSync(join(deployment, path, PACKAGE_FILE))) return [];
  return [{ version: Number(match[1]), digest: packageDigest(join(deployment, path)), path }];
}

/** What is served; undefined before the first, or where somebody broke the link. */
export function currentVersion(deployment: string): Version | undefined {
  try {
    return versionAt(deployment, readlinkSync(currentLink(deployment)))[0];
  } catch (error) {
    // Nothing there, or a file where the link belongs.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/** Copies a package in as the next version: durable and whole before it has its name. */
export function addVersion(deployment: string, source: string): Version {
  const digest = packageDigest(source);
  const version = 1 + Math.max(0, ...versionsOf(deployment).map(known => known.version));
  const path = `${VERSIONS}/${version}-${digest.slice(0, SHORT_DIGEST)}`;
  const unfinished = join(deployment, `${UNFINISHED}${version}`);
  rmSync(unfinished, { recursive: true, force: true });
  copyDurably(source, unfinished);
  mkdirSync(join(deployment, VERSIONS), { recursive: true });
  renameSync(unfinished, join(deployment, path));
  sync(join(deployment, VERSIONS));
  sync(deployment);
  return { version, digest, path };
}

/** From one moment to the next another version is served; a crash leaves the one or the other. */
export function makeCurrent(deployment: string, { path }: Version): void {
  const link = join(deployment, `${UNFINISHED}current`);
  rmSync(link, { recursive: true, force: true });
  symlinkSync(path, link);
  renameSync(link, currentLink(deployment));
  sync(deployment);
}

/** Removes what crashes have left, and the oldest versions beyond `keep` besides the current. */
export function tidy(deployment: string, keep: number): readonly Version[] {
  const current = currentVersion(deployment);
  const old = versionsOf(deployment).filter(({ path }) => path !== current?.path);
  const gone = old.slice(0, Math.max(0, old.length - keep));
  for (const { version, path } of gone) {
    // Out of sight first: a version that is half removed must not be found.
    renameSync(join(deployment, path), join(deployment, `${UNFINISHED}removing-${version}`));
  }
  removeUnfinished(deployment);
  return gone;
}

export function removeUnfinished(deployment: string): void {
  for (const name of readdirSync(deployment)) {
    if (name.startsWith(UNFINISHED)) {
      rmSync(join(deployment, name), { recursive: true, force: true });
    }
  }
}

function copyDurably(from: string, to: string): void {
  const folders = new Set([to]);
  for (const path of filesBelow(from)) {
    const target = join(to, path);
    for (let folder = dirname(target); folder.length > to.length; folder = dirname(folder)) {
      folders.add(folder);
    }
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(from, path), target);
    sync(target);
  }
  for (const folder of folders) sync(folder);
}

function sync(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
