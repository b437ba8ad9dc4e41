/**
 * Trains the three kinds of network on the digits, as the step does it, and prints time and held-out
 * accuracy beside the figures that were measured first: `node bench/train.ts [cpus]`. A fresh
 * process, reading the data and writing the model are all part of the time.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDigits } from '../test/harness/digits.ts';
import { runProgram } from '../test/harness/step-program.ts';

const cpus = Number(process.argv[2] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-train-'));
const table = [
  { model: 'softmax', params: {}, aim: '97.2 %, 0.3 s' },
  { model: 'mlp', params: {}, aim: '97.2 %, 0.4 s' },
  { model: 'cnn', params: { epochs: 20, image: [8, 8, 1] }, aim: '98.3 %, 4 s' },
];

const { train, held } = await writeDigits(folder);
console.log(
  `model      parameters  epochs  accuracy   median of 3   first measured  (${cpus} cpus)`,
);
for (const { model, params, aim } of table) {
  const times: number[] = [];
  let metrics: Readonly<Record<string, number>> = {};
  for (let round = 0; round < 3; round += 1) {
    const start = performance.now();
    const inputs = { train, validation: held };
    const end = await runProgram({ step: 'train', params: { ...params, model }, in: inputs, cpus });
    times.push(performance.now() - start);
    if (end.code !== 0) throw new Error(end.stderr);
    metrics = JSON.parse(readFileSync(end.out['metrics'] ?? '', 'utf8'));
    rmSync(end.workdir, { recursive: true });
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
