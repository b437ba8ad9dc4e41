/**
 * How long the compiler takes, by size and shape: `node bench/compile.ts`. Pipelines are generated,
 * files are faked in memory; what is timed is text in, Plan out, by the clock and in processor time,
 * which a busy machine does not stretch: `µs/step` is the latter. One fresh process per row, so that
 * peak memory is the row's own.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compile } from '../compiler/compile.ts';
import { memoryFiles } from '../compiler/memory-files.ts';

const SHAPES: Readonly<Record<string, (size: number) => string>> = {
  /** Each step reads the one before and uses parameters and environment. */
  chain: size => written(size, at => (at === 0 ? '{}' : `{ data: s${at - 1}.out }`)),
  /** Each step reads two of the steps before it. */
  mesh: size =>
    written(size, at => (at < 2 ? '{}' : `{ a: s${at - 1}.out, b: s${Math.floor(at / 2)}.out }`)),
  /** One step, many instances, one that gathers them all. */
  matrix: size =>
    [
      head(),
      '  train:',
      '    run: train --lr ${{ matrix.lr }} --seed ${{ params.seed }} --out ${{ out.model }}',
      `    matrix: { lr: [0.1, 0.01], fold: "\${{ range(${Math.ceil(size / 2)}) }}" }`,
      '    out: { model: model/onnx, metrics: metrics }',
      '  best: { run: "choose ${{ in.all }}", in: { all: "train[*].metrics" }, out: { best: value } }',
    ].join('\n'),
  /** Two matrices, each instance of one wired to its partner in the other. */
  pairs: size =>
    [
      head(),
      '  train: { run: train, matrix: { i: "${{ range(' +
        size / 2 +
        ') }}" }, out: { model: model } }',
      '  eval:',
      '    run: eval ${{ in.model }}',
      `    matrix: { i: "\${{ range(${size / 2}) }}" }`,
      '    in: { model: "train[i=${{ matrix.i }}].model" }',
    ].join('\n'),
};

const head = (): string => 'sluice: 1\nparams: { seed: 7 }\nenv: { LANG: C }\nsteps:';

const written = (size: number, wires: (at: number) => string): string =>
  [
    head(),
    ...Array.from({ length: size }, (_, at) =>
      [
        `  s${at}:`,
        '    run: work --seed ${{ params.seed }} --out ${{ out.out }}',
        `    in: ${wires(at)}`,
        '    out: { out: file }',
        '    resources: { cpus: 1, memory: 1GiB }',
      ].join('\n'),
    ),
  ].join('\n');

const ROWS: readonly (readonly [string, number])[] = [
  ['chain', 30],
  ['chain', 1_000],
  ['chain', 10_000],
  ['chain', 100_000],
  ['mesh', 1_000],
  ['mesh', 10_000],
  ['mesh', 100_000],
  ['matrix', 1_000],
  ['matrix', 10_000],
  ['matrix', 99_998],
  ['pairs', 10_000],
  ['pairs', 100_000],
];

const [shape, size] = process.argv.slice(2);
if (shape === undefined) table();
else await row(shape, Number(size));

function table(): void {
  console.log('shape    steps      ms  cpu ms  µs/step   peak MB   plan MB');
  for (const [name, count] of ROWS) {
    const self = fileURLToPath(import.meta.url);
    process.stdout.write(execFileSync(process.execPath, [self, name, String(count)]));
  }
}

async function row(name: string, count: number): Promise<void> {
  const text = SHAPES[name]?.(count) ?? '';
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { plan, diagnostics } = await compile(
    {
      pipeline: 'pipeline.yaml',
      configs: [],
      params: [],
      environment: {},
      git: () => ({ commit: '', branch: '', dirty: false }),
    },
    memoryFiles({ files: { 'pipeline.yaml': text, 'sluice.yaml': 'limits: { file: 64MiB }\n' } }),
  );
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS / 1024;
  if (plan === undefined)
    throw new Error(`bug: ${name} does not compile: ${diagnostics[0]?.message}`);
  const bytes = plan.steps.reduce((sum, step) => sum + JSON.stringify(step).length, 0);
  const cells = [
    name.padEnd(6),
    String(plan.steps.length).padStart(7),
    ms.toFixed(0).padStart(7),
    ((user + system) / 1000).toFixed(0).padStart(7),
    ((user + system) / plan.steps.length).toFixed(1).padStart(8),
    peak.toFixed(0).padStart(9),
    (bytes / 1e6).toFixed(1).padStart(9),
  ];
  console.log(cells.join(' '));
}
