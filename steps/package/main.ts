/**
 * The package step: lays out a model repository, compares served answers with trained ones, seals
 * it with checksums. Unaware of deployments.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readExamples } from '../sdk/examples.ts';
import { type ModelCard, readModel } from '../sdk/model.ts';
import { type PackageProvenance, sealPackage } from '../sdk/package.ts';
import { randomFrom } from '../sdk/random.ts';
import { runStep, type Step, StepError } from '../sdk/step.ts';
import { modelCardText } from './model-card.ts';
import { checkParity, type ParityRequest, parityWarning } from './parity.ts';
import { LABELS_FILE, labelsText, type ServingChoice, tritonConfig } from './triton.ts';

const servingChoice = (step: Step, level: ServingChoice['level']): ServingChoice => ({
  name: step.param<string>('name'),
  maxBatch: step.param<number>('max-batch'),
  instances: step.param<number>('instances'),
  device: step.param<ServingChoice['device']>('device'),
  queueDelayMicroseconds: step.param<number>('queue-delay-us'),
  level,
});

const MOST_SAMPLES = 2048;
const SYNTHETIC_ROWS = 256;

async function sampleRows(
  step: Step,
  card: ModelCard,
): Promise<Pick<ParityRequest, 'rows' | 'count' | 'samples'>> {
  const samples = step.optionalInput('samples');
  const width = card.features.length;
  if (samples === undefined) {
    const rows = syntheticRows(width, step.param<number>('seed'));
    return { rows, count: SYNTHETIC_ROWS, samples: 'synthetic' };
  }
  const examples = await readExamples(samples, card);
  if (examples.count === 0) {
    throw new StepError('the samples have no rows to compare the model on');
  }
  const count = Math.min(examples.count, MOST_SAMPLES);
  return { rows: examples.rows.subarray(0, count * width), count, samples: 'dataset' };
}

/** Of small, middle and large values, because nothing here knows the features' own scale. */
function syntheticRows(width: number, seed: number): Float32Array {
  const random = randomFrom(seed);
  return Float32Array.from({ length: SYNTHETIC_ROWS * width }, (_, place) => {
    const scale = [1, 16, 256][Math.floor(place / width) % 3] ?? 1;
    return scale * (2 * random.float() - 1);
  });
}

function provenanceOf(step: Step, card: ModelCard): PackageProvenance {
  const inputs = Object.entries(step.call.in).flatMap(([port, { items }]) => {
    const digest = items[0]?.digest;
    return digest === undefined ? [] : [[port, digest] as const];
  });
  return {
    inputs: Object.fromEntries(inputs),
    params: step.call.params,
    training: card.training,
    metrics: metricsOf(step.optionalInput('metrics')),
  };
}

/** The flat numbers of a metrics file; details such as those per class stay where they are. */
function metricsOf(path: string | undefined): Readonly<Record<string, number>> {
  if (path === undefined) return {};
  const metrics: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof metrics !== 'object' || metrics === null) return {};
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'number' ? [[key, value] as const] : [],
    ),
  );
}

await runStep(async step => {
  const folder = step.input('model');
  const { card, modelFile } = readModel(folder);
  const name = step.param<string>('name');
  const version = step.param<number>('version');
  step.progress(0.1, 'comparing served answers with trained ones');
  const parity = await checkParity({
    folder,
    ...(await sampleRows(step, card)),
  });
  const warning = parityWarning(parity);
  if (warning !== undefined) step.warn(warning);

  const target = step.output('package');
  const put = (path: string, write: (file: string) => void) => {
    const file = join(target, path);
    mkdirSync(dirname(file), { recursive: true });
    write(file);
  };
  const text = (path: string, content: string) => put(path, file => writeFileSync(file, content));
  const provenance = provenanceOf(step, card);
  // The server's own file name, whatever the trainer called it.
  put(`${name}/${version}/model.onnx`, file => copyFileSync(modelFile, file));
  text(
    `${name}/${version}/model.json`,
    `${JSON.stringify({ ...card, file: 'model.onnx' }, null, 2)}\n`,
  );
  text(`${name}/config.pbtxt`, tritonConfig(card, servingChoice(step, parity.served)));
  text(`${name}/${LABELS_FILE}`, labelsText(card.labels));
  text('MODEL_CARD.md', modelCardText({ name, version, model: card, parity, provenance }));
  await sealPackage(target, {
    name,
    version,
    layout: step.param<string>('format'),
    model: `${name}/${version}`,
    parity,
    provenance,
  });
});
