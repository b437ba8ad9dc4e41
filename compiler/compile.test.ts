import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from './compile.ts';
import { type MemoryProject, memoryFiles } from './memory-files.ts';
import { stillAsSeen } from './reads.ts';
import { codes, compileText, ids, LIBRARY, library, standard } from './testing/compile-text.ts';

test('the same sources give the same bytes', async () => {
  const text = readFileSync(join(LIBRARY, '../ok-matrix/pipeline.yaml'), 'utf8');
  const project = { files: { 'pipeline.yaml': text }, library };
  const [one, two] = await Promise.all([1, 2].map(() => compile(standard, memoryFiles(project))));
  expect(one?.plan).toBeDefined();
  expect(JSON.stringify(one?.plan)).toBe(JSON.stringify(two?.plan));
});

test('needs come first, then the order in which steps are written', async () => {
  const compilation = await compileText(
    'steps:\n  d: { run: d, needs: [b] }\n  c: { run: c }\n  b: { run: b }\n  a: { run: a }\n',
  );
  expect(ids(compilation)).toEqual(['c', 'b', 'd', 'a']);
});

test('later sources of a parameter win, and each value says where it is from', async () => {
  const { plan, spans } = await compileText(
    'params: { a: 1, b: 1, c: 1, d: 1, e: 1 }\nsteps: { s: { run: x } }\n',
    {
      configs: ['one', 'configs/two.yaml'],
      environment: { SLUICE_PARAM_D: '4', SLUICE_PARAM_E: '4', SLUICE_PARAM_OTHER: '1' },
      params: [{ name: 'e', text: '5' }],
    },
    {
      'configs/one.yaml': 'params: { b: 2, c: 2, d: 2, e: 2 }\n',
      'configs/two.yaml': 'params:\n  c: 3\n  d: 3\n  e: 3\n',
    },
  );
  expect(plan?.params).toEqual({
    a: { value: 1, origin: 'pipeline.yaml' },
    b: { value: 2, origin: 'configs/one.yaml' },
    c: { value: 3, origin: 'configs/two.yaml' },
    d: { value: 4, origin: 'SLUICE_PARAM_D' },
    e: { value: 5, origin: '-p' },
  });
  expect(spans.params['c']).toMatchObject({ file: 'configs/two.yaml', line: 2, column: 6 });
});

test('git is asked only where an expression reads it', async () => {
  const git = () => {
    throw new Error('asked');
  };
  const quiet = await compileText('steps: { s: { run: echo git } }\n', { git });
  expect(quiet.plan).toBeDefined();
  const text = 'steps: { s: { run: "echo ${{ git.commit }} ${{ git.dirty }}" } }\n';
  const { plan } = await compileText(text);
  expect(plan?.steps[0]?.command).toEqual({
    kind: 'shell',
    text: { kind: 'known', value: 'echo c0ffee true' },
  });
});

test('data cannot become commands', async () => {
  const { plan } = await compileText(
    'params: { who: x }\nsteps: { s: { run: "echo ${{ params.who }}" } }\n',
    { params: [{ name: 'who', text: "$(rm -rf /); 'x' `id`" }] },
  );
  expect(plan?.steps[0]?.command).toEqual({
    kind: 'shell',
    text: { kind: 'known', value: `echo '$(rm -rf /); '\\''x'\\'' \`id\`'` },
  });
});

test('a mistake in a matrix step is one diagnostic, however many instances it has', async () => {
  const compilation = await compileText(
    'steps:\n  a: { run: "x ${{ matrx.i }}", matrix: { i: "${{ range(1000) }}" }, in: { q: "./no-${{ matrix.i + \'a\' }}" } }\n',
  );
  expect(codes(compilation).sort()).toEqual(['expression-fails', 'unknown-name']);
});

test('a mistake that words itself differently in each instance is still one', async () => {
  const compilation = await compileText(
    'steps:\n  a: { run: x, matrix: { i: [1, 2, 3] }, in: { q: "./no-${{ matrix.i }}.csv" } }\n',
  );
  expect(compilation.diagnostics.map(({ message }) => message)).toEqual([
    '`./no-1.csv` does not exist in the project',
  ]);
});

test('what depends on a broken step is not reported as well', async () => {
  const compilation = await compileText(
    `params: { p: { type: innt } }
steps:
  a: { uses: ingset }
  b: { uses: train, in: { train: a.data }, needs: [a] }
  c: { uses: eval, in: { model: b.model, data: a.data }, if: "\${{ a.metrics.x > 1 }}" }
  d: { run: x, matrix: { i: 3 } }
  e: { run: x, in: { all: "d[*].out" } }
  f: { run: "x \${{ params.p }} \${{ d.m.x }} \${{ in.q }}", in: { q: 3 } }
`,
  );
  expect(codes(compilation).sort()).toEqual([
    'unknown-library-step',
    'unknown-value',
    'wrong-shape',
    'wrong-shape',
  ]);
});

test('a pipe in place of an input or a pipeline is refused, not read', async () => {
  const inner = memoryFiles({
    files: {
      'pipeline.yaml': 'sluice: 1\nsteps: { a: { uses: ingest, in: { source: ./pipe } } }\n',
    },
    library,
  });
  const files: typeof inner = {
    ...inner,
    kind: path => (path === 'pipe' ? 'other' : inner.kind(path)),
  };
  expect(codes(await compile(standard, files))).toEqual(['path-unusable']);
  expect(codes(await compile({ ...standard, pipeline: 'pipe' }, files))).toEqual(['not-readable']);
});

test('what Sluice keeps is no input, by whatever name', async () => {
  const compilation = await compileText(
    'steps:\n  a: { run: x, in: { s: ./.sluice } }\n  b: { run: x, in: { s: "./a/../.SLUICE/runs/1" } }\n  c: { run: x, files: [.sluice/format] }\n',
    {},
    { '.sluice/format': '1', '.SLUICE/runs/1': '' },
  );
  expect(codes(compilation)).toEqual(['input-protected', 'input-protected', 'input-protected']);
});

test('names that objects reserve are names like any other', async () => {
  const compilation = await compileText(
    'params: { constructor: 1 }\nsteps:\n  constructor: { run: "echo ${{ params.constructor }}", out: { valueof: value } }\n  b: { run: x, in: { i: constructor.valueof } }\n',
    { params: [{ name: '__proto__', text: '1' }] },
  );
  expect(codes(compilation)).toEqual(['unknown-param']);
});

test('a misspelt parameter that is required is one mistake, not two', async () => {
  const manifest =
    'step: s\nversion: 1.0.0\nparams: { name: { type: string, required: true } }\nrun: [x]\n';
  const text = (given: string) => `sluice: 1\nsteps: { a: { uses: ./s, with: { ${given} } } }\n`;
  const compiled = (given: string) =>
    compile(
      standard,
      memoryFiles({ files: { 'pipeline.yaml': text(given), 's/step.yaml': manifest }, library }),
    );
  expect(codes(await compiled('nme: x'))).toEqual(['unknown-param']);
  expect(codes(await compiled('colour: x')).toSorted()).toEqual(['missing-param', 'unknown-param']);
});

test('what was looked at says when a plan can be used again', async () => {
  const project = {
    'pipeline.yaml':
      'sluice: 1\nsteps:\n  a: { uses: ingest, in: { source: ./data.csv }, with: { label: x } }\n  b: { run: x, files: ["src/*.py"] }\n',
    'data.csv': 'a\n1\n',
    'src/a.py': '',
  };
  const { looks, plan } = await compile(standard, memoryFiles({ files: project, library }));
  const asSeen = (files: MemoryProject['files'], steps = library) =>
    stillAsSeen(looks, memoryFiles({ files, library: steps }));
  expect(plan).toBeDefined();
  expect(asSeen(project)).toBe(true);
  // Contents of inputs are the runner's business; whether they are there is the compiler's.
  expect(asSeen({ ...project, 'data.csv': 'a\n2\n' })).toBe(true);
  expect(asSeen({ ...project, 'pipeline.yaml': '' })).toBe(false);
  expect(asSeen({ ...project, 'src/b.py': '' })).toBe(false);
  expect(asSeen(project, { ...library, ingest: '' })).toBe(false);
  expect(asSeen({ 'pipeline.yaml': project['pipeline.yaml'], 'src/a.py': '' })).toBe(false);
  expect(asSeen({ ...project, 'sluice.yaml': '' })).toBe(false);
});

test('what a pipeline says for all its steps does not reach those of a pipeline that it uses', async () => {
  const inner = 'sluice: 1\nenv: { A: inner }\nsteps: { s: { run: echo } }\n';
  const { plan } = await compileText(
    'env: { A: outer, B: outer }\ndefaults: { timeout: 1h, env: { C: outer } }\nsteps: { sub: { uses: ./inner.yaml } }\n',
    {},
    { 'inner.yaml': inner },
  );
  const used = plan?.steps[0];
  const alone = await compileText('', { pipeline: 'inner.yaml' }, { 'inner.yaml': inner });
  expect(used?.env).toEqual({ A: { kind: 'known', value: 'inner' } });
  expect({ ...used, id: 's', name: 's' }).toEqual(alone.plan?.steps[0]);
});
