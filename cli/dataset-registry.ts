/**
 * Reads the registry of dataset versions that the `version` step writes (docs/dataset-format.md).
 * A file that cannot be read is left out, never guessed at. Unaware of the store.
 */
import { join } from 'node:path';
import { readRegularText } from '../store/regular-file.ts';
import { filesIn, foldersIn } from './effect-state.ts';

export type DatasetVersion = {
  readonly name: string;
  readonly number: number;
  readonly digest: string;
  readonly kind: string;
  readonly state: string;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly label: string | null;
  readonly labels: Readonly<Record<string, number>>;
  readonly description: string;
  readonly previous: number | null;
  readonly parents: readonly string[];
  readonly diff: DatasetDiff | null;
  readonly created: { readonly run: string; readonly pipeline: string; readonly at: string };
};

export type DatasetDiff = {
  readonly from: number;
  readonly rows: { readonly added: number; readonly removed: number } | null;
  readonly files: { readonly added: number; readonly removed: number; readonly changed: number };
  readonly columns: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly retyped: readonly {
      readonly name: string;
      readonly from: string;
      readonly to: string;
    }[];
  };
  readonly labels: Readonly<Record<string, { readonly from: number; readonly to: number }>>;
  readonly labelDistance: number;
};

/** Name → versions, oldest first. */
export function readRegistry(folder: string): ReadonlyMap<string, readonly DatasetVersion[]> {
  return new Map(
    foldersIn(folder)
      .map(name => [name, versionsOf(join(folder, name))] as const)
      .filter(([, versions]) => versions.length > 0),
  );
}

const versionsOf = (folder: string): readonly DatasetVersion[] =>
  filesIn(folder)
    .filter(file => /^\d+\.json$/.test(file))
    .map(file => readVersion(join(folder, file)))
    .filter(version => version !== undefined)
    .sort((a, b) => a.number - b.number);

function readVersion(path: string): DatasetVersion | undefined {
  try {
    const value = JSON.parse(readRegularText(path) ?? '');
    return value.format === 1 ? value : undefined;
  } catch {
    return undefined; // Half-written or not ours: the format says that its number counts as unknown.
  }
}
