import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DigitParts, writeDigits } from '../../test/harness/digits.ts';
import { type ProgramCall, type ProgramEnd, runProgram } from '../../test/harness/step-program.ts';
import { writeDataset } from '../sdk/dataset.ts';
import { readModel } from '../sdk/model.ts';
import { decodeModel } from '../sdk/onnx.ts';
import { randomFrom } from '../sdk/random.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-train-test-'));
let digits: DigitParts;
const ended: ProgramEnd[] = [];

beforeAll(async () => {
  digits = await writeDigits(root);
});
afterAll(() => {
  for (const folder of [root, ...ended.map(({ workdir }) => workdir)]) {
    rmSync(folder, { recursive: true });
  }
});

const CNN = { model: 'cnn', image: [8, 8, 1], epochs: 20 };

async function run(
  params: ProgramCall['params'],
  over: Partial<ProgramCall> = {},
  kill?: AbortSignal,
) {
  const inputs = { train: digits.train, validation: digits.held };
  const end = await runProgram({ step: 'train', params, in: inputs, ...over } as ProgramCall, kill);
  ended.push(end);
  return end;
}

const metricsOf = (end: ProgramEnd): Record<string, number> => {
  expect(end.stderr).toBe('');
  return JSON.parse(readFileSync(end.out['metrics'] ?? '', 'utf8'));
};

/** Digests of every output: the model, its card, the metrics, the log. */
const outputsOf = (end: ProgramEnd): readonly string[] =>
  [
    join(end.out['model'] ?? '', 'model.onnx'),
    join(end.out['model'] ?? '', 'model.json'),
    end.out['metrics'] ?? '',
    end.out['log'] ?? '',
  ].map(path => createHash('sha256').update(readFileSync(path)).digest('hex'));

test.each([
  { params: { model: 'softmax' }, atLeast: 0.95, parameters: 650 },
  { params: { model: 'mlp' }, atLeast: 0.96, parameters: 4810 },
  { params: CNN, atLeast: 0.975, parameters: 38_282 },
])('digits are read well by $params.model', async ({ params, atLeast, parameters }) => {
  const metrics = metricsOf(await run(params));
  expect(metrics['accuracy']).toBeGreaterThanOrEqual(atLeast);
  expect(metrics['validation_accuracy']).toBe(metrics['accuracy']);
  expect(metrics['baseline_accuracy']).toBeGreaterThan(0.85);
  expect(metrics['baseline_majority_accuracy']).toBeLessThan(0.12);
  expect(metrics['parameters']).toBe(parameters);
});

test('the same call gives the same bytes, however many cpus are granted', async () => {
  for (const params of [{ epochs: 4 }, { ...CNN, epochs: 2 }]) {
    const once = outputsOf(await run(params, { cpus: 1 }));
    expect(outputsOf(await run(params, { cpus: 1 }))).toEqual(once);
    expect(outputsOf(await run(params, { cpus: 2 }))).toEqual(once);
  }
});

test('a training that was killed goes on, and ends with the bytes of one that was not', async () => {
  const long = { ...CNN, epochs: 40 };
  const whole = await run(long);
  const scratch = join(root, 'scratch');
  mkdirSync(scratch);
  const kill = new AbortController();
  const watcher = watch(scratch, (_, name) => {
    if (name === 'checkpoint.bin') kill.abort();
  });
  const killed = await run(long, { scratch }, kill.signal);
  watcher.close();
  expect(killed.code).toBeNull();
  expect(existsSync(killed.out['metrics'] ?? '')).toBe(false);

  const resumed = await run(long, { scratch });
  expect(outputsOf(resumed)).toEqual(outputsOf(whole));
  expect(JSON.stringify(resumed.reports[0])).toContain('going on after epoch');
  expect(resumed.reports.length).toBeLessThan(whole.reports.length);
});

test('a scratch folder that takes no checkpoint costs a warning and not the training', async () => {
  const long = { ...CNN, epochs: 40 };
  const scratch = join(root, 'full');
  // A folder where the checkpoint belongs: no file can be renamed over it.
  mkdirSync(join(scratch, 'checkpoint.bin', 'taken'), { recursive: true });
  const end = await run(long, { scratch });
  expect(metricsOf(end)['accuracy']).toBeGreaterThan(0.9);
  expect(end.warnings).toEqual([expect.stringMatching(/^no checkpoint can be saved/)]);
});

test('every epoch is reported, and the log says the same', async () => {
  const end = await run({ epochs: 3 });
  const metrics = end.reports.flatMap(report =>
    'metric' in report && 'step' in report ? report : [],
  );
  expect(metrics.map(report => report.step)).toEqual([1, 2, 3]);
  expect(Object.keys(metrics[0]?.metric ?? {})).toEqual(['train_loss', 'val_loss', 'val_accuracy']);
  expect(end.reports).toContainEqual({ progress: 1, message: 'epoch 3/3' });
  const log = readFileSync(end.out['log'] ?? '', 'utf8')
    .trimEnd()
    .split('\n');
  expect(log.map(line => JSON.parse(line).train_loss)).toEqual(
    metrics.map(report => report.metric['train_loss']),
  );
});

test('what it reports last is measured on the model that it delivers, not on the last epoch', async () => {
  const end = await run({ epochs: 60, 'learning-rate': 0.05, patience: 3 });
  const metrics = metricsOf(end);
  expect(metrics['best_epoch']).toBeLessThan(metrics['epochs'] ?? 0);
  expect(end.reports.filter(report => 'metric' in report).at(-1)).toEqual({
    metric: {
      train_loss: metrics['train_loss'],
      val_loss: metrics['validation_loss'],
      val_accuracy: metrics['validation_accuracy'],
      best_epoch: metrics['best_epoch'],
    },
  });
});

test('the card and the ONNX file say what the model is', async () => {
  const end = await run({ epochs: 2, seed: 5 });
  const { card, modelFile } = readModel(end.out['model'] ?? '');
  expect(card).toMatchObject({
    file: 'model.onnx',
    input: 'features',
    shape: [null, 64],
    output: 'probabilities',
    labels: [...'0123456789'],
    image: null,
    kind: 'mlp',
    parameters: 4810,
    opset: 17,
    training: { epochs: 2, epochs_run: 2, seed: 5 },
  });
  expect(card.features.slice(0, 2)).toEqual(['p00', 'p01']);
  expect(card.metrics).toEqual(metricsOf(end));
  const { graph, metadata } = decodeModel(readFileSync(modelFile));
  expect(graph.inputs).toEqual([{ name: 'features', type: 'float32', shape: ['rows', 64] }]);
  expect(graph.outputs).toEqual([{ name: 'probabilities', type: 'float32', shape: ['rows', 10] }]);
  expect(JSON.parse(metadata['labels'] ?? '')).toEqual(card.labels);
  expect(JSON.parse(metadata['training'] ?? '')).toEqual(card.training);
});

test('a model that does not beat what costs nothing is a warning', async () => {
  const end = await run({ epochs: 1, 'learning-rate': 0 });
  expect(end.warnings).toEqual([expect.stringMatching(/and a baseline that costs nothing on 8\d/)]);
});

test('without a validation part the training part is judged', async () => {
  const metrics = metricsOf(await run({ epochs: 2 }, { in: { train: digits.train } }));
  expect(metrics['validation_accuracy']).toBeNull();
  expect(metrics['accuracy']).toBe(metrics['train_accuracy']);
});

test('a fault of the author is one sentence with a remedy', async () => {
  const end = await run({ model: 'cnn' });
  expect(end.code).toBe(1);
  expect(end.stderr).toBe(
    'error: a `cnn` looks at images, and `image` is not set\n' +
      'help: say what a row holds, e.g. `image: [8, 8, 1]`: height, width, channels\n',
  );
});

/** Bright and dark pictures of different sizes, some grey, some in colour. */
async function writePictures(folder: string, count: number): Promise<void> {
  const random = randomFrom(9);
  mkdirSync(join(folder, 'files'), { recursive: true });
  const rows: string[][] = [];
  for (let i = 0; i < count; i += 1) {
    const bright = i % 2 === 0;
    const [width, height, channels] = [10 + random.below(9), 8 + random.below(9), i % 3 ? 3 : 1];
    const pixels = Uint8Array.from(
      { length: width * height * channels },
      () => (bright ? 110 : 60) + random.below(100),
    );
    const raw = { width, height, channels: channels as 1 | 3 };
    await sharp(pixels, { raw })
      .png()
      .toFile(join(folder, 'files', `${i}.png`));
    rows.push([`${i}.png`, bright ? 'bright' : 'dark']);
  }
  const columns = ['path', 'label'].map(name => ({ name, type: 'string' as const }));
  const provenance = { source: null, quarantined: 0, steps: [] };
  const head = { kind: 'images', state: 'split', label: 'label', part: null } as const;
  await writeDataset(folder, { ...head, columns, provenance }, rows);
}

test.each([1, 3])('pictures of any size are learned from, with %i channels', async channels => {
  const folder = join(root, `pictures-${channels}`);
  await writePictures(folder, 40);
  const params = { model: 'cnn', image: [6, 5, channels], epochs: 10, channels: [4, 8] };
  const end = await run(params, { in: { train: folder, validation: folder } });
  expect(metricsOf(end)['accuracy']).toBeGreaterThan(0.9);
  const { card } = readModel(end.out['model'] ?? '');
  expect(card.image).toEqual([6, 5, channels]);
  expect(card.features.length).toBe(30 * channels);
  expect(card.features.at(-1)).toBe(channels === 1 ? 'y5x4' : 'y5x4c2');
});

test('a picture that cannot be read is named', async () => {
  const folder = join(root, 'pictures-broken');
  await writePictures(folder, 4);
  const broken = join(folder, 'files', '2.png');
  rmSync(broken);
  const end = await run({ model: 'cnn', image: [6, 5, 1] }, { in: { train: folder } });
  expect(end.code).toBe(1);
  expect(end.stderr).toMatch(/^error: `.*2\.png` cannot be read as an image/);
});
