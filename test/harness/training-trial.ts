/**
 * Runs the train step's program on the digits as the engine would: a working folder, a call file,
 * a process of its own. For its end-to-end tests and its benchmark; unaware of the engine.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { parse as parseYaml } from 'yaml';
import type { Json } from '../../schema/canonical-json.ts';
import type { StepCall } from '../../schema/step-protocol.ts';
import { writeDataset } from '../../steps/sdk/dataset.ts';
import { randomFrom, shuffle } from '../../steps/sdk/random.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const STEP = join(PROJECT, 'steps/train');
const LABEL = 'digit';

/** Writes `train` and `validation` datasets below `folder`: stratified, 1,437 and 360 rows or so. */
export async function writeDigits(folder: string): Promise<void> {
  const text = readFileSync(join(PROJECT, 'examples/digits/digits.csv'), 'utf8');
  const [header = [], ...rows] = parse(text) as string[][];
  const random = randomFrom(1);
  const held = new Set<string[]>();
  for (const digit of '0123456789') {
    const same = shuffle(
      rows.filter(row => row.at(-1) === digit),
      random,
    );
    for (const row of same.slice(0, Math.round(same.length / 5))) held.add(row);
  }
  const write = (part: string, kept: readonly string[][]) =>
    writeDataset(
      join(folder, part),
      {
        kind: 'table',
        state: 'split',
        label: LABEL,
        classes: [...'0123456789'],
        columns: header.map(name => ({ name, type: 'int' })),
        part,
        provenance: { source: null, quarantined: 0, steps: [] },
      },
      kept,
    );
  await write(
    'train',
    rows.filter(row => !held.has(row)),
  );
  await write(
    'validation',
    rows.filter(row => held.has(row)),
  );
}

export type Trial = {
  /** Working folder; `out/` is in it afterwards. */
  readonly folder: string;
  readonly train: string;
  readonly validation: string | undefined;
  /** Over the manifest's defaults. */
  readonly params: Readonly<Record<string, Json>>;
  readonly cpus?: number;
};

/** Starts the program. Its scratch folder is `scratch` below the trial's folder, and survives. */
export function startTrial({ folder, train, validation, params, cpus = 1 }: Trial): ChildProcess {
  mkdirSync(join(folder, 'scratch'), { recursive: true });
  const manifest = parseYaml(readFileSync(join(STEP, 'step.yaml'), 'utf8')) as {
    params: Record<string, { default?: Json }>;
  };
  const defaults = Object.entries(manifest.params).map(([name, of]) => [name, of.default ?? null]);
  const input = (type: string, path: string) => ({
    type,
    many: false,
    items: [{ path, digest: `sha256:${path}` }],
  });
  const call: StepCall = {
    format: 1,
    step: 'train',
    params: { ...Object.fromEntries(defaults), ...params },
    in: {
      train: input('dataset/table@split', train),
      ...(validation !== undefined && { validation: input('dataset/table@split', validation) }),
    },
    out: {
      model: { path: 'out/model', type: 'model/onnx' },
      metrics: { path: 'out/metrics.json', type: 'metrics' },
      log: { path: 'out/log.jsonl', type: 'report' },
    },
    seed: 0,
    attempt: 1,
    resources: { cpus, memoryBytes: null },
    scratch: join(folder, 'scratch'),
    state: null,
    provenance: null,
  };
  writeFileSync(join(folder, 'call.json'), JSON.stringify(call));
  return spawn(process.execPath, [join(STEP, 'main.ts')], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      SLUICE_STEP: join(folder, 'call.json'),
      SLUICE_EVENTS: join(folder, 'events.jsonl'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export type TrialEnd = {
  readonly code: number | null;
  readonly stderr: string;
  readonly wallMs: number;
  readonly metrics: Readonly<Record<string, number>>;
};

/** Runs the program to its end. */
export async function runTrial(trial: Trial): Promise<TrialEnd> {
  const start = performance.now();
  const child = startTrial(trial);
  let stderr = '';
  child.stderr?.on('data', chunk => {
    stderr += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const metrics = join(trial.folder, 'out/metrics.json');
  return {
    code,
    stderr,
    wallMs: performance.now() - start,
    metrics: existsSync(metrics)
      ? (JSON.parse(readFileSync(metrics, 'utf8')) as Record<string, number>)
      : {},
  };
}
