/**
 * Trains the three kinds of network on the digits, as the step does it, and prints time and held-out
 * accuracy beside the figures that were measured first: `node bench/train.ts [cpus]`. A fresh
 * process, reading the data and writing the model are all part of the time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTrial, writeDigits } from '../test/harness/training-trial.ts';

const cpus = Number(process.argv[2] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-train-'));
const table = [
  { model: 'softmax', params: {}, aim: '97.2 %, 0.3 s' },
  { model: 'mlp', params: {}, aim: '97.2 %, 0.4 s' },
  { model: 'cnn', params: { epochs: 20, image: [8, 8, 1] }, aim: '98.3 %, 4 s' },
];

await writeDigits(folder);
console.log(
  `model      parameters  epochs  accuracy   median of 3   first measured  (${cpus} cpus)`,
);
for (const { model, params, aim } of table) {
  const times: number[] = [];
  let metrics: Readonly<Record<string, number>> = {};
  for (const round of [1, 2, 3]) {
    const end = await runTrial({
      folder: join(folder, `${model}-${round}`),
      train: join(folder, 'train'),
      validation: join(folder, 'validation'),
      params: { ...params, model },
      cpus,
    });
    if (end.code !== 0) throw new Error(end.stderr);
    times.push(end.wallMs);
    metrics = end.metrics;
  }
  const seconds = (times.sort((a, b) => a - b)[1] ?? 0) / 1000;
  console.log(
    [
      model.padEnd(10),
      String(metrics['parameters']).padStart(10),
      String(metrics['epochs']).padStart(7),
      `${(100 * (metrics['accuracy'] ?? 0)).toFixed(2)} %`.padStart(9),
      `${seconds.toFixed(2)} s`.padStart(13),
      `  ${aim}`,
    ].join(' '),
  );
}
rmSync(folder, { recursive: true });
