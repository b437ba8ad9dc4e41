/**
 * The model artifact (`model/onnx`): a folder with the ONNX file and `model.json`, which says what
 * goes in, what comes out and where it comes from. `train` writes it; `eval`, `package`, `deploy`
 * and `monitor` read it. Unaware of networks and of how a model is run.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../schema/canonical-json.ts';
import { StepError } from './step.ts';

const MODEL_FORMAT = 1;
const CARD_FILE = 'model.json';

/** Exactly `model.json`. */
export type ModelCard = {
  readonly format: typeof MODEL_FORMAT;
  /** The ONNX file, relative to the folder. */
  readonly file: string;
  /** Name of the input: float32 [rows, features], raw values; scaling is inside the model. */
  readonly input: string;
  /** Shape of the input; null where any number of rows fits. */
  readonly shape: readonly (number | null)[];
  /** Name of the output: float32 [rows, labels], each row adding up to 1. */
  readonly output: string;
  /** Class names, in the order of the output's columns. */
  readonly labels: readonly string[];
  /** Column names, in the order of the input's columns. */
  readonly features: readonly string[];
  /** Height, width, channels where a row is an image (in that order); null for a table. */
  readonly image: readonly [height: number, width: number, channels: number] | null;
  readonly kind: string;
  /** How many numbers were learned. */
  readonly parameters: number;
  readonly opset: number;
  readonly training: Readonly<Record<string, Json>>;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly baseline: Readonly<Record<string, number | null>>;
};

/** Writes the artifact: the ONNX file's bytes and its card. */
export function writeModel(folder: string, card: ModelCard, model: Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, card.file), model);
  writeFileSync(join(folder, CARD_FILE), `${JSON.stringify(card, null, 2)}\n`);
}

/** Reads the card of a model folder. The ONNX file is at `modelFile`. */
export function readModel(folder: string): {
  readonly card: ModelCard;
  readonly modelFile: string;
} {
  const path = join(folder, CARD_FILE);
  if (!existsSync(path)) {
    throw new StepError(
      `\`${folder}\` is not a model: it has no ${CARD_FILE}`,
      'a model is a folder as `train` writes it: an ONNX file and model.json',
    );
  }
  const card = JSON.parse(readFileSync(path, 'utf8')) as ModelCard;
  if (card.format !== MODEL_FORMAT) {
    throw new StepError(
      `\`${folder}\` has model format ${String(card.format)}, and this step reads ${MODEL_FORMAT}`,
    );
  }
  const modelFile = join(folder, card.file);
  if (!existsSync(modelFile)) {
    throw new StepError(
      `\`${folder}\` names \`${card.file}\` as its model, and that file is missing`,
    );
  }
  return { card, modelFile };
}
