/**
 * `sluice.yaml`: the project's settings, with one profile laid over them (language.md §9). Keys of a
 * profile win, those of `pools` and `limits` one by one. Unaware of flags and of the environment.
 */
import { leftOut } from './broken.ts';
import { MOST } from './limits.ts';
import type { ProjectLimits, ProjectSettings, Spanned } from './syntax.ts';
import { type Parsed, readDocument } from './validate/document.ts';
import { readNamed } from './validate/names.ts';
import { readInteger } from './validate/numbers.ts';
import { readSize } from './validate/policy.ts';
import {
  type Field,
  type Fields,
  foundIn,
  type Reader,
  readBoolean,
  readChoice,
  readFields,
  refuse,
} from './validate/reader.ts';

export const EXECUTORS = ['process', 'docker', 'slurm', 'kubernetes'] as const;
export const PROFILE_KEYS = ['executor', 'warm', 'parallel', 'pools', 'limits'] as const;
export const SETTINGS_KEYS = [...PROFILE_KEYS, 'profiles'] as const;
export const LIMIT_KEYS = ['instances', 'file'] as const;

export const MOST_PARALLEL = 10_000;

/** A profile, and what asks for it. */
export type ChosenProfile = {
  readonly name: string;
  readonly asked: '--profile' | 'SLUICE_PROFILE';
};

/** By an option, or by the environment in its place. */
export const chosenProfile = (
  name: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): ChosenProfile | undefined =>
  name === undefined
    ? undefined
    : { name, asked: environment['SLUICE_PROFILE'] === name ? 'SLUICE_PROFILE' : '--profile' };

export const parseSettings = (
  file: string,
  bytes: Uint8Array,
  profile: ChosenProfile | undefined,
): Parsed<ProjectSettings> =>
  readDocument({ document: 'settings', file, bytes }, (reader, root) =>
    readProject(reader, root, profile),
  );

function readProject(
  reader: Reader,
  root: Field,
  profile: ChosenProfile | undefined,
): ProjectSettings | undefined {
  const fields = readFields(reader, root, SETTINGS_KEYS);
  if (fields === undefined) return undefined;
  const layer = readLayer(reader, fields);
  const field = fields('profiles');
  const profiles =
    field &&
    readNamed(reader, field, 'profile', entry => {
      const inner = readFields(reader, entry, PROFILE_KEYS, 'profile');
      return inner && readLayer(reader, inner);
    });
  const doubtful = leftOut(reader.broken, 'pools') || leftOut(reader.broken, 'profiles');
  const common: ProjectSettings = { ...layer, ...(doubtful && { partial: true }) };
  if (profile === undefined) return common;
  const { name, asked } = profile;
  const chosen = profiles?.get(name)?.value;
  if (chosen !== undefined) return overlay(common, chosen);
  if (!reader.broken.has(`profiles.${name}`) && !reader.broken.has('profiles')) {
    const known = [...(profiles?.keys() ?? [])];
    const at = field?.key ?? root.key;
    reader.problems.push({ kind: 'unknown-profile', at, name, asked, known });
  }
  return common;
}

const overlay = (under: ProjectSettings, over: ProjectSettings): ProjectSettings => ({
  ...under,
  ...over,
  pools: { ...under.pools, ...over.pools },
  ...((under.limits ?? over.limits) !== undefined && {
    limits: { ...under.limits, ...over.limits },
  }),
});

function readLayer(reader: Reader, fields: Fields): ProjectSettings {
  const read = <T>(key: string, reading: (field: Field) => T | undefined): T | undefined => {
    const field = fields(key);
    return field === undefined ? undefined : reading(field);
  };
  const executor: Spanned<string> | undefined = read('executor', field =>
    readChoice(reader, field, EXECUTORS),
  );
  const warm = read('warm', field => readBoolean(reader, field));
  const count = { least: 1, most: MOST_PARALLEL };
  const parallel = read('parallel', field => readInteger(reader, field, count));
  const pools = read('pools', field =>
    readNamed(reader, field, 'pool', entry => readInteger(reader, entry, count)),
  );
  const limits = read('limits', field => readLimits(reader, field));
  return {
    ...(executor !== undefined && { executor }),
    ...(warm !== undefined && { warm }),
    ...(parallel !== undefined && { parallel }),
    ...(limits !== undefined && { limits }),
    pools: Object.fromEntries([...(pools ?? [])].map(([name, pool]) => [name, pool.value.value])),
  };
}

function readLimits(reader: Reader, field: Field): ProjectLimits | undefined {
  const fields = readFields(reader, field, LIMIT_KEYS);
  const most = fields?.('instances');
  const instances = most && readInteger(reader, most, { least: 1, most: MOST.instances });
  const size = fields?.('file');
  const fileBytes = size && readFileLimit(reader, size);
  return {
    ...(instances !== undefined && { instances: instances.value }),
    ...(fileBytes !== undefined && { fileBytes }),
  };
}

function readFileLimit(reader: Reader, field: Field): number | undefined {
  const bytes = readSize(reader, field);
  if (bytes === undefined || bytes <= MOST.fileBytes) return bytes;
  const { path, node } = field;
  const { source } = foundIn(node);
  const range = { least: undefined, most: `${MOST.fileBytes / 1024 ** 2}MiB` };
  const at = node.span;
  return refuse(reader, field, { kind: 'number-out-of-range', at, path, source, ...range });
}
