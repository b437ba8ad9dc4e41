/** Sizes at which anything recursive overflows and anything quadratic is noticed. */
import { expect, test } from 'vitest';
import { type Compilation, compile } from './compile.ts';
import { type MemoryProject, memoryFiles } from './memory-files.ts';

const compileText = (text: string, more: MemoryProject['files'] = {}) =>
  compile(
    {
      pipeline: 'pipeline.yaml',
      configs: [],
      params: [],
      environment: {},
      git: () => ({ commit: '', branch: '', dirty: false }),
    },
    memoryFiles({
      files: {
        'pipeline.yaml': `sluice: 1\n${text}`,
        'sluice.yaml': 'limits: { file: 16MiB }\n',
        ...more,
      },
    }),
  );

test('a chain of 50,000 steps compiles, in order, without overflowing', async () => {
  const size = 50_000;
  const steps = Array.from(
    { length: size },
    // Written last step first, so that nothing is in order by luck.
    (_, index) => {
      const at = size - 1 - index;
      return `  s${at}: { run: a, out: { o: file }${at === 0 ? '' : `, in: { i: s${at - 1}.o }`} }`;
    },
  );
  const { plan, diagnostics } = await compileText(`steps:\n${steps.join('\n')}\n`);
  expect(diagnostics).toEqual([]);
  expect(plan?.steps[0]?.id).toBe('s0');
  expect(plan?.steps.at(-1)?.id).toBe(`s${size - 1}`);
}, 120_000);

test('a ring of 50,000 steps is one diagnostic', async () => {
  const size = 50_000;
  const steps = Array.from(
    { length: size },
    (_, at) => `  s${at}: { run: a, out: { o: file }, in: { i: s${(at + 1) % size}.o } }`,
  );
  const { diagnostics } = await compileText(`steps:\n${steps.join('\n')}\n`);
  expect(diagnostics.map(({ code }) => code)).toEqual(['cycle']);
}, 120_000);

const codes = ({ diagnostics }: Compilation) => diagnostics.map(diagnostic => diagnostic.code);

test('a chain of outputs that are like their inputs keeps its type at any depth', async () => {
  const like = 'step: pass\nversion: 1.0.0\nin: { i: file }\nout: { o: { like: i } }\nrun: [x]\n';
  const size = 5_000;
  const steps = Array.from(
    { length: size },
    (_, at) => `  s${at}: { uses: ./pass, in: { i: ${at === 0 ? './data.csv' : `s${at - 1}.o`} } }`,
  );
  const more = { 'pass/step.yaml': like, 'data.csv': '' };
  const { plan } = await compileText(`steps:\n${steps.join('\n')}\n`, more);
  expect(plan?.steps.at(-1)?.outputs['o']?.type).toBe('file');
}, 60_000);

test('nested pipelines that multiply stop at the limit, at once', async () => {
  const level = (next: string) =>
    `sluice: 1\nsteps: { a: { uses: ./${next} }, b: { uses: ./${next} } }\n`;
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`p${at}.yaml`, level(`p${at + 1}.yaml`)]),
  );
  const more = { ...files, 'p40.yaml': 'sluice: 1\nsteps: { x: { run: x } }\n' };
  expect(codes(await compileText('steps: { a: { uses: ./p0.yaml } }\n', more))).toEqual([
    'matrix-too-large',
  ]);
}, 60_000);

test('nor do they go on where every matrix on the way is in doubt', async () => {
  const level = (next: string) => {
    const step = `{ uses: ./${next}, matrix: { i: [null] } }`;
    return `sluice: 1\nsteps: { a: ${step}, b: ${step} }\n`;
  };
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`p${at}.yaml`, level(`p${at + 1}.yaml`)]),
  );
  const more = { ...files, 'p40.yaml': 'sluice: 1\nsteps: { x: { run: x } }\n' };
  const compilation = await compileText('steps: { a: { uses: ./p0.yaml } }\n', more);
  // They end at the limit, in silence: each instance stands for a matrix that is reported.
  expect(new Set(codes(compilation))).toEqual(new Set(['wrong-shape']));
}, 60_000);

test('wires that multiply are refused before they fill the memory', async () => {
  const instances = 'matrix: { i: "${{ range(9000) }}" }';
  const compilation = await compileText(
    `steps:
  a: { run: x, ${instances}, out: { m: metrics } }
  b: { run: x, ${instances}, in: { all: "a[*].m" } }
  c: { run: x, in: { all: [${'"a[*].m", '.repeat(3000)}] } }
  d: { run: x, needs: [${'a, '.repeat(3000)}] }
`.replaceAll(', ]', ']'),
  );
  expect(codes(compilation)).toEqual(['plan-too-large']);
}, 60_000);

test('texts that multiply are refused before they fill the memory', async () => {
  const compilation = await compileText(
    `params: { p: "${'x'.repeat(1_000_000)}" }
steps: { a: { run: "echo \${{ params.p }}", matrix: { i: "\${{ range(90000) }}" } } }
`,
  );
  expect(codes(compilation)).toEqual(['plan-too-large']);
}, 60_000);

test('ten thousand mistakes among ten thousand names end soon', async () => {
  const steps = Array.from({ length: 10_000 }, (_, at) => {
    return `  s${at}: { run: "\${{ q${at}.m.x }}", in: { a: q${at}.b }, needs: [r${at}] }`;
  });
  const { diagnostics } = await compileText(`steps:\n${steps.join('\n')}\n`);
  expect(diagnostics.length).toBeGreaterThan(100);
}, 60_000);

test('a text with 300,000 mistakes is refused, not a stack that is too deep', async () => {
  const text = '${{ x }}'.repeat(300_000);
  expect(codes(await compileText(`steps: { a: { run: "${text}" } }\n`))).toContain('unknown-name');
}, 60_000);
