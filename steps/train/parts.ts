/**
 * The parts of the dataset as training takes them: rows of features and class indices, the
 * validation part with the features and classes of the training part. Unaware of networks.
 */
import { readDataset } from '../sdk/dataset.ts';
import { type FeatureMatrix, featureMatrix } from '../sdk/features.ts';
import { imageMatrix } from '../sdk/images.ts';
import { StepError } from '../sdk/step.ts';
import type { ImageShape } from './network/classifier.ts';
import type { Settings } from './settings.ts';
import type { Examples } from './training.ts';

export type Parts = {
  readonly features: readonly string[];
  readonly classes: readonly string[];
  readonly train: Examples;
  readonly validation: Examples | undefined;
};

export async function readParts(
  folders: { readonly train: string; readonly validation: string | undefined },
  settings: Pick<Settings, 'image' | 'features'>,
): Promise<Parts> {
  const { image } = settings;
  const train = await readMatrix(folders.train, image, { features: settings.features });
  const { names: features, classes } = train;
  if (classes.length < 2) {
    throw new StepError(
      `the training part has ${classes.length} class${classes.length === 1 ? '' : 'es'}, and a classifier tells at least two apart`,
    );
  }
  if (image !== undefined && features.length !== image[0] * image[1] * image[2]) {
    throw new StepError(
      `\`image\` is ${image.join('×')}, which is ${image[0] * image[1] * image[2]} values, and a row has ${features.length} features`,
      'make `image` fit the table, or choose its pixel columns with `features`',
    );
  }
  const validation =
    folders.validation === undefined
      ? undefined
      : await readMatrix(folders.validation, image, { features, classes });
  return {
    features,
    classes,
    train: examplesOf(train, 'training'),
    validation: validation === undefined ? undefined : examplesOf(validation, 'validation'),
  };
}

type Choice = {
  readonly features: readonly string[] | undefined;
  readonly classes?: readonly string[];
};

function readMatrix(
  folder: string,
  image: ImageShape | undefined,
  { features, classes }: Choice,
): Promise<FeatureMatrix> {
  const { meta } = readDataset(folder);
  if (meta.kind === 'table') return featureMatrix(folder, { features, classes });
  if (meta.kind === 'images' && image !== undefined) return imageMatrix(folder, image, classes);
  throw new StepError(
    `the data is of kind \`${meta.kind}\`, and training takes a table, or images of one size`,
    meta.kind === 'images'
      ? 'say what every image is resized to, e.g. `image: [32, 32, 3]`: height, width, channels'
      : undefined,
  );
}

function examplesOf({ rows, count, labels, classes }: FeatureMatrix, part: string): Examples {
  if (count === 0) throw new StepError(`the ${part} part has no rows`);
  if (labels === undefined) {
    throw new StepError(
      `the ${part} part has no label column`,
      'name it where the data comes in: `ingest` with `label`',
    );
  }
  const stranger = labels.findIndex(label => label < 0);
  if (stranger >= 0) {
    throw new StepError(
      `row ${stranger + 1} of the ${part} part has a label that is none of ${classes.join(', ')}`,
      'every row needs one of the classes that the training part knows',
    );
  }
  return { rows, count, classes: labels };
}
