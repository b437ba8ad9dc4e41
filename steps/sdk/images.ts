/**
 * An image dataset as the rows of one matrix: every file decoded, turned upright, resized to one
 * shape and laid out height × width × channels, values from 0 to 255. Unaware of models.
 */
import { entries, readDataset } from './dataset.ts';
import type { FeatureMatrix } from './features.ts';
import { StepError } from './step.ts';

/** Height, width, channels (1: grey, 3: red, green, blue). */
type ImageSize = readonly [height: number, width: number, channels: number];

/** Labels index into `classes`, by default the dataset's own; -1 for one that is not among them. */
export async function imageMatrix(
  folder: string,
  size: ImageSize,
  chosen?: readonly string[],
): Promise<FeatureMatrix> {
  const { meta } = readDataset(folder);
  const classes = chosen ?? meta.classes;
  const names = pixelNames(size);
  const rows = new Float32Array(meta.rows * names.length);
  const labels = meta.label === null ? undefined : new Int32Array(meta.rows);
  let count = 0;
  for await (const { path, label } of entries(folder)) {
    rows.set(await pixels(path, size), count * names.length);
    if (labels !== undefined) labels[count] = classes.indexOf(label ?? '');
    count += 1;
  }
  return { names, rows, count, labels, classes };
}

/** `y3x5`, with the channel behind where there are several: `y3x5c0`. */
const pixelNames = ([height, width, channels]: ImageSize): readonly string[] =>
  Array.from({ length: height * width * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const place = `y${Math.floor(pixel / width)}x${pixel % width}`;
    return channels === 1 ? place : `${place}c${i % channels}`;
  });

async function pixels(path: string, [height, width, channels]: ImageSize): Promise<Uint8Array> {
  // Loaded here and not above: whoever reads tables alone need not wait for it.
  const { default: sharp } = await import('sharp');
  try {
    const upright = sharp(path).rotate().resize(width, height, { fit: 'fill' });
    const flat = upright.removeAlpha().toColourspace(channels === 1 ? 'b-w' : 'srgb');
    const { data, info } = await flat.raw().toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) {
      throw new StepError(
        `\`${path}\` has ${info.channels} channels, and the model looks at ${channels}`,
        '`image: [height, width, 3]` for colour, 1 for grey',
      );
    }
    return data;
  } catch (error) {
    if (error instanceof StepError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StepError(`\`${path}\` cannot be read as an image: ${reason}`);
  }
}
