/**
 * What differs between two versions of a dataset. Unaware of where they are kept.
 */
import { byCodeUnit } from '../sdk/order.ts';
import { type Contents, type Counts, fileChanges, rowChanges } from './contents.ts';

export type Described = {
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly label: string | null;
  readonly labels: Readonly<Record<string, number>>;
};

export type VersionDiff = {
  /** The version that this one is compared with. */
  readonly from: number;
  /** Null when what is known of the earlier version's rows is gone. */
  readonly rows: Counts | null;
  readonly files: (Counts & { readonly changed: number }) | null;
  readonly columns: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly retyped: readonly {
      readonly name: string;
      readonly from: string;
      readonly to: string;
    }[];
  };
  /** Classes whose number of rows changed. */
  readonly labels: Readonly<Record<string, { readonly from: number; readonly to: number }>>;
  /** Half the sum of differences of the classes' shares: 0 is the same distribution, 1 another world. */
  readonly labelDistance: number;
};

export function diffVersions(
  from: number,
  before: Described,
  after: Described,
  contents: { readonly before: Contents | undefined; readonly after: Contents },
): VersionDiff {
  const known = contents.before;
  return {
    from,
    rows: known === undefined ? null : rowChanges(known.rows, contents.after.rows),
    files: known === undefined ? null : fileChanges(known.files, contents.after.files),
    columns: columnChanges(before.columns, after.columns),
    labels: labelChanges(before.labels, after.labels),
    labelDistance: labelDistance(before.labels, after.labels),
  };
}

function columnChanges(
  before: Described['columns'],
  after: Described['columns'],
): VersionDiff['columns'] {
  const old = new Map(before.map(({ name, type }) => [name, type]));
  const now = new Map(after.map(({ name, type }) => [name, type]));
  return {
    added: [...now.keys()].filter(name => !old.has(name)),
    removed: [...old.keys()].filter(name => !now.has(name)),
    retyped: after.flatMap(({ name, type }) => {
      const was = old.get(name);
      return was === undefined || was === type ? [] : [{ name, from: was, to: type }];
    }),
  };
}

type Labels = Described['labels'];

function labelChanges(before: Labels, after: Labels): VersionDiff['labels'] {
  return Object.fromEntries(
    classesOf(before, after)
      .map(name => [name, { from: countOf(before, name), to: countOf(after, name) }] as const)
      .filter(([, { from, to }]) => from !== to),
  );
}

function labelDistance(before: Labels, after: Labels): number {
  const total = (labels: Labels) =>
    Math.max(
      1,
      Object.values(labels).reduce((sum, count) => sum + count, 0),
    );
  const [old, now] = [total(before), total(after)];
  const sum = classesOf(before, after).reduce(
    (distance, name) =>
      distance + Math.abs(countOf(before, name) / old - countOf(after, name) / now),
    0,
  );
  return Number((sum / 2).toFixed(6));
}

const classesOf = (before: Labels, after: Labels): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byCodeUnit);

/** Own data only: a class may be called `constructor`. */
const countOf = (labels: Labels, name: string): number =>
  Object.hasOwn(labels, name) ? (labels[name] ?? 0) : 0;
