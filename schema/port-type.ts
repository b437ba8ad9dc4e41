/**
 * The types of ports: a small tree written with slashes, and a dataset's state behind an `@`
 * (language.md §4). A port accepts its own type and everything below it.
 */

export type PortType = {
  /** `dataset/table`: from general to special. */
  readonly path: string;
  /** Only datasets have one; undefined accepts or promises nothing about the state. */
  readonly state?: DatasetState | undefined;
};

export const DATASET_STATES = ['raw', 'refined', 'labelled', 'split'] as const;
export type DatasetState = (typeof DATASET_STATES)[number];

/** The tree's roots. Projects may add types below them. */
export const ROOT_TYPES = [
  'file',
  'dir',
  'value',
  'dataset',
  'model',
  'metrics',
  'plot',
  'report',
  'package',
  'deployment',
] as const;

/** `dataset/table@labelled` → its parts; undefined when it is not of that form. */
export function parsePortType(text: string): PortType | undefined {
  const match = /^([a-z][a-z0-9-]*(?:\/[a-z][a-z0-9-]*)*)(?:@([a-z]+))?$/.exec(text);
  const path = match?.[1];
  if (path === undefined) return undefined;
  const root = path.split('/')[0];
  if (!ROOT_TYPES.some(known => known === root)) return undefined;
  if (match?.[2] === undefined) return { path };
  const state = DATASET_STATES.find(known => known === match[2]);
  return state === undefined || root !== 'dataset' ? undefined : { path, state };
}

export const formatPortType = ({ path, state }: PortType): string =>
  state === undefined ? path : `${path}@${state}`;

/**
 * Does an artifact of type `given` fit a port of type `wanted`? Paths: equal or below. States: a
 * port that wants `labelled` takes `labelled` and what comes after it.
 */
export function fits(given: PortType, wanted: PortType): boolean {
  const below = given.path === wanted.path || given.path.startsWith(`${wanted.path}/`);
  if (!below) return false;
  if (wanted.state === undefined) return true;
  if (given.state === undefined) return false;
  return DATASET_STATES.indexOf(given.state) >= DATASET_STATES.indexOf(wanted.state);
}
