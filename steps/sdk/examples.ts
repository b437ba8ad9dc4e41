/**
 * A dataset's rows as a given model takes them: its features by name, in its order, and the labels
 * as indices into its classes followed by those that only the data has. Unaware of what is asked.
 */
import { type DatasetMeta, readDataset } from './dataset.ts';
import { type FeatureMatrix, featureMatrix } from './features.ts';
import type { ModelCard } from './model.ts';
import { StepError } from './step.ts';

export type Examples = {
  readonly rows: Float32Array;
  readonly count: number;
  /** Index into `labels`; -1 in a row without a label. Undefined in a dataset without labels. */
  readonly truth: Int32Array | undefined;
  /** The model's classes first. */
  readonly labels: readonly string[];
};

export async function readExamples(folder: string, card: ModelCard): Promise<Examples> {
  const { meta } = readDataset(folder);
  const labels = [...card.labels, ...meta.classes.filter(name => !card.labels.includes(name))];
  const { rows, count, labels: truth } = await readMatrix(folder, meta, card, labels);
  return { rows, count, truth, labels };
}

async function readMatrix(
  folder: string,
  meta: DatasetMeta,
  card: ModelCard,
  classes: readonly string[],
): Promise<FeatureMatrix> {
  if (meta.kind === 'table') {
    checkColumns(meta, card);
    return featureMatrix(folder, { features: card.features, classes });
  }
  if (meta.kind === 'images' && card.image !== null) {
    // Loaded here alone: decoding images takes a large library that tables do without.
    const { imageMatrix } = await import('./images.ts');
    return imageMatrix(folder, card.image, classes);
  }
  throw new StepError(
    `the data is of kind \`${meta.kind}\`, and the model reads ${card.image === null ? 'the columns of a table' : `images, or a table of their ${card.features.length} pixels`}`,
  );
}

/** Every feature must be there by name, in whatever place. */
export function checkColumns(meta: DatasetMeta, card: ModelCard): void {
  const columns = new Set(meta.columns.map(({ name }) => name));
  const missing = card.features.filter(name => !columns.has(name));
  if (missing.length > 0) {
    throw new StepError(
      `the data lacks ${missing.length} of the model's ${card.features.length} features: ${listed(missing)}`,
      `the data's columns are ${listed([...columns])}; give the model data of the form it was trained on`,
    );
  }
}

const MOST_LISTED = 8;

/** Names for a message: the first few, and how many more there are. */
const listed = (names: readonly string[]): string => {
  const first = names.slice(0, MOST_LISTED).map(name => `\`${name}\``);
  const more = names.length - first.length;
  return more > 0 ? `${first.join(', ')} and ${more} more` : first.join(', ');
};
