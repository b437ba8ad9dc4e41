/**
 * What is installed in the environment that a program belongs to. The interpreter of a virtual
 * environment is a link to one that many share, so its content does not tell one from another.
 * Names and versions count, and not where it lies. Unaware of what a step imports.
 */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { isSettled } from './laid-out.ts';
import { quietly } from './quietly.ts';

export type PythonEnvironment = {
  readonly prefix: string;
  /** `numpy==1.26.4 python==3.11.2 …` */
  readonly installed: string;
  /** While this is the same nothing has been installed … */
  readonly stamp: string;
  /** … and where it is not, this tells whether that was a package. */
  readonly detail: string;
};

/** Where a program lies in `prefix`/bin; undefined when that is no environment of its own. */
export function environmentAt(prefix: string): PythonEnvironment | undefined {
  const settings = quietly(() => readFileSync(join(prefix, 'pyvenv.cfg'), 'utf8'));
  const ofConda = namesIn(join(prefix, 'conda-meta'));
  if (settings === undefined && ofConda.length === 0) return undefined;
  const stamp = stampOf(prefix);
  const parts = partsOf(prefix);
  const installed = [...settingsIn(settings ?? ''), ...parts.map(({ entry }) => entry)];
  return {
    prefix,
    installed: [...new Set(installed)].sort(byCodeUnit).join(' '),
    stamp,
    detail: [settings ?? '', ...parts.map(({ seen }) => seen)].join('\n'),
  };
}

/** Is it another one, or was it one in between? */
export function hasOtherPackages({ prefix, stamp, detail }: PythonEnvironment): boolean {
  return stampOf(prefix) !== stamp && environmentAt(prefix)?.detail !== detail;
}

/** Absolute paths and tools' own versions are no influence. */
function settingsIn(text: string): readonly string[] {
  const settings = new Map(
    text.split('\n').map(line => {
      const [name = '', ...value] = line.split('=');
      return [name.trim(), value.join('=').trim()] as const;
    }),
  );
  const version = settings.get('version') ?? settings.get('version_info');
  const seesSystem = settings.get('include-system-site-packages');
  return [
    ...(version === undefined ? [] : [`python==${version}`]),
    ...(seesSystem === undefined ? [] : [`include-system-site-packages==${seesSystem}`]),
  ];
}

type Part = { readonly entry: string; readonly seen: string };

const partsOf = (prefix: string): readonly Part[] =>
  placesOf(prefix).flatMap(folder =>
    namesIn(folder).flatMap(name => {
      const entry = entryOf(name);
      return entry === undefined ? [] : [{ entry, seen: seenAt(join(folder, name)) }];
    }),
  );

/** Where packages note that they are there. */
const placesOf = (prefix: string): readonly string[] => [
  join(prefix, 'conda-meta'),
  ...namesIn(join(prefix, 'lib'))
    .filter(name => name.startsWith('py'))
    .map(name => join(prefix, 'lib', name, 'site-packages')),
];

function entryOf(name: string): string | undefined {
  const [, installed, version = 'installed'] =
    /^(.+?)(?:-(.+))?\.(?:dist-info|egg-info|egg-link)$/.exec(name) ??
    // Conda: name, version and build, of which only the first may hold a dash.
    /^(.+)-([^-]+-[^-]+)\.json$/.exec(name) ??
    [];
  if (installed !== undefined) return `${installed}==${version}`;
  return name.endsWith('.pth') ? `${name}==installed` : undefined;
}

const stampOf = (prefix: string): string =>
  [join(prefix, 'pyvenv.cfg'), ...placesOf(prefix)].map(folderStamp).join('\n');

function folderStamp(path: string): string {
  const stat = quietly(() => statSync(path, { bigint: true }));
  if (stat === undefined) return '';
  const { dev, ino, mtimeNs, ctimeNs } = stat;
  return isSettled(ctimeNs) ? [dev, ino, mtimeNs, ctimeNs].join(' ') : `${performance.now()}`;
}

function seenAt(path: string): string {
  const stat = quietly(() => lstatSync(path, { bigint: true }));
  return [path, stat?.dev, stat?.ino, stat?.mtimeNs].join(' ');
}

const namesIn = (folder: string): readonly string[] =>
  (quietly(() => readdirSync(folder)) ?? []).sort(byCodeUnit);
