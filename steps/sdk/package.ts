/**
 * The package artifact: a folder that a model server can be pointed at, with `sluice-package.json`,
 * which names every file with its checksum and says where the model comes from. `package` writes
 * it, `deploy` reads it. Unaware of any server's own layout.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../schema/canonical-json.ts';
import { type Checksum, checksumsOf } from './checksums.ts';
import { StepError } from './step.ts';

const PACKAGE_FORMAT = 1;
export const PACKAGE_FILE = 'sluice-package.json';

/** Exactly `sluice-package.json`. Holds no time, host or path: the same inputs, the same bytes. */
export type PackageCard = {
  readonly format: typeof PACKAGE_FORMAT;
  readonly name: string;
  readonly version: number;
  readonly layout: string;
  /** The folder of the model artifact (model.onnx and model.json) in the package. */
  readonly model: string;
  readonly parity: Json;
  readonly provenance: PackageProvenance;
  /** Every other file of the package, by path. */
  readonly files: Readonly<Record<string, Checksum>>;
};

export type PackageProvenance = {
  /** Digests of what the package was made from, by port. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, Json>>;
  readonly training: Readonly<Record<string, Json>>;
  readonly metrics: Readonly<Record<string, number>>;
};

/** Seals a folder: writes the card with the checksums of all that lies in it. */
export async function sealPackage(
  folder: string,
  facts: Omit<PackageCard, 'format' | 'files'>,
): Promise<PackageCard> {
  const files = await checksumsOf(folder);
  const card: PackageCard = { format: PACKAGE_FORMAT, ...facts, files };
  writeFileSync(join(folder, PACKAGE_FILE), `${JSON.stringify(card, null, 2)}\n`);
  return card;
}

export function readPackage(folder: string): PackageCard {
  const path = join(folder, PACKAGE_FILE);
  if (!existsSync(path)) {
    throw new StepError(
      `\`${folder}\` is not a package: it has no ${PACKAGE_FILE}`,
      'a package is what `package` writes; put a `package` step in front',
    );
  }
  const card = JSON.parse(readFileSync(path, 'utf8')) as PackageCard;
  if (card.format !== PACKAGE_FORMAT) {
    throw new StepError(
      `\`${folder}\` has package format ${String(card.format)}, and this step reads ${PACKAGE_FORMAT}`,
    );
  }
  return card;
}

/** What differs between a package's folder and its card: nothing, in a sound one. */
export async function packageFaults(folder: string, card: PackageCard): Promise<readonly string[]> {
  const { [PACKAGE_FILE]: _card, ...found } = await checksumsOf(folder);
  const missing = Object.entries(card.files).flatMap(([path, { sha256 }]) => {
    const here = found[path];
    if (here === undefined) return [`\`${path}\` is missing`];
    return here.sha256 === sha256 ? [] : [`\`${path}\` was changed`];
  });
  const added = Object.keys(found).filter(path => card.files[path] === undefined);
  return [...missing, ...added.map(path => `\`${path}\` was added`)];
}

/** The files of the model artifact in a package, relative to its `model` folder. */
export function modelFiles({ model, files }: PackageCard): readonly string[] {
  const below = Object.keys(files).filter(path => path.startsWith(`${model}/`));
  if (!below.includes(`${model}/model.json`)) {
    throw new StepError(`the package says that its model is in \`${model}\`, and it is not`);
  }
  return below.map(path => path.slice(model.length + 1));
}
