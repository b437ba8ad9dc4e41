/**
 * Trains the three kinds of network on the digits, as the step does it, and prints times and
 * held-out accuracy beside the figures that were measured first: `node bench/train.ts [cpus]`.
 * `whole` is a fresh process with reading and writing; `training` is that less a run of one epoch.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDigits } from '../test/harness/digits.ts';
import { runProgram } from '../test/harness/step-program.ts';

const ROUNDS = 5;
const KINDS = [
  { model: 'softmax', params: { epochs: 40 }, first: '97.2 %, 0.3 s' },
  { model: 'mlp', params: { epochs: 40 }, first: '97.2 %, 0.4 s' },
  { model: 'cnn', params: { epochs: 20, image: [8, 8, 1] }, first: '98.3 %, 4 s' },
];

const cpus = Number(process.argv[2] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-train-'));
const { train, held } = await writeDigits(folder);

console.log(`${cpus} cpus, median of ${ROUNDS}`);
console.log('model    parameters  accuracy   whole  training  first measured');
for (const { model, params, first } of KINDS) {
  const whole = await measured({ ...params, model });
  const start = await measured({ ...params, model, epochs: 1 });
  const { parameters = 0, accuracy = 0 } = whole.metrics;
  console.log(
    [
      model.padEnd(8),
      String(parameters).padStart(10),
      `${(100 * accuracy).toFixed(2)} %`.padStart(9),
      seconds(whole.ms).padStart(7),
      seconds(whole.ms - start.ms).padStart(9),
      ` ${first}`,
    ].join(' '),
  );
}
rmSync(folder, { recursive: true });

async function measured(params: Parameters<typeof runProgram>[0]['params'] & object) {
  const times: number[] = [];
  let metrics: Readonly<Record<string, number>> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    const end = await runProgram({ step: 'train', params, in: { train, validation: held }, cpus });
    times.push(performance.now() - start);
    if (end.code !== 0) throw new Error(end.stderr);
    metrics = JSON.parse(readFileSync(end.out['metrics'] ?? '', 'utf8'));
    rmSync(end.workdir, { recursive: true });
  }
  return { ms: times.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0, metrics };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
