/** Limits on what an author may write: which can be raised, and what is said beyond them. */
import { expect, test } from 'vitest';
import { compile } from './compile.ts';
import { memoryFiles } from './memory-files.ts';
import { codes, compileText, ids, library, standard } from './testing/compile-text.ts';

test('the limit on instances is a setting, and the message names it', async () => {
  const text = 'steps: { a: { run: x, matrix: { i: "${{ range(20) }}" } } }\n';
  const refused = await compileText(text, {}, { 'sluice.yaml': 'limits: { instances: 10 }\n' });
  expect(refused.diagnostics[0]?.help).toContain('`limits: { instances: 100000 }` in sluice.yaml');
  const allowed = await compileText(text, {}, { 'sluice.yaml': 'limits: { instances: 20 }\n' });
  expect(ids(allowed)).toHaveLength(20);
});

test('the limit on the size of a file is a setting, and the message names it', async () => {
  const text = `steps: { a: { run: x } }\n${'# comment\n'.repeat(10_000)}`;
  const refused = await compileText(text, {}, { 'sluice.yaml': 'limits: { file: 50kB }\n' });
  expect(codes(refused)).toEqual(['file-too-large']);
  expect(refused.diagnostics[0]?.help).toContain('`limits: { file: 16MiB }` in sluice.yaml');
});

test.each([
  ['wires', 'unknown-step', (at: number) => `{ run: x, needs: [t${at}] }`],
  ['expressions', 'unknown-member', (at: number) => `{ run: "\${{ params.p${at} }}" }`],
  ['library steps', 'unknown-library-step', (at: number) => `{ uses: t${at} }`],
  ['inputs', 'path-not-found', (at: number) => `{ run: x, in: { a: ./f${at} } }`],
])(
  'of thousands of wrong %s the first 500 are told, and no more is looked for',
  async (_, code, step) => {
    const steps = Array.from({ length: 2_000 }, (_, at) => `  s${at}: ${step(at)}\n`);
    let asked = 0;
    const inner = memoryFiles({
      files: { 'pipeline.yaml': `sluice: 1\nsteps:\n${steps.join('')}` },
      library,
    });
    const kind = (path: string) => {
      asked++;
      return inner.kind(path);
    };
    const { diagnostics } = await compile(standard, { ...inner, kind });
    expect(new Set(diagnostics.map(one => one.code))).toEqual(new Set([code]));
    expect(diagnostics.map(({ at }) => at?.line)).toEqual(
      Array.from({ length: 500 }, (_, at) => at + 3),
    );
    expect(asked).toBeLessThan(2_000);
  },
);

test('files beyond the limit are refused with their number', async () => {
  const files = {
    ...memoryFiles({
      files: { 'pipeline.yaml': 'sluice: 1\nsteps: { a: { run: x, files: ["**"] } }\n' },
    }),
    glob: () => ({
      files: Array.from({ length: 100_001 }, (_, at) => `f${at}`),
      unusable: [],
    }),
  };
  expect(codes(await compile(standard, files))).toEqual(['glob-matches-too-much']);
});

test('and so are links to folders that multiply, whatever they lead to', async () => {
  const pipeline = 'sluice: 1\nsteps: { a: { run: x, files: ["**"] } }\n';
  const glob = () => ({ files: ['pipeline.yaml'], unusable: [], gaveUp: true as const });
  const files = { ...memoryFiles({ files: { 'pipeline.yaml': pipeline } }), glob };
  const { diagnostics } = await compile(standard, files);
  expect(diagnostics.map(({ code }) => code)).toEqual(['glob-matches-too-much']);
  expect(diagnostics[0]?.message).toContain('leads through links to folders');
});

test('only patterns for which folders are walked count towards their limit', async () => {
  const files = (pattern: (index: number) => string) =>
    memoryFiles({
      files: {
        'pipeline.yaml': `sluice: 1\nsteps:\n  a:\n    run: x\n    files:\n${Array.from({ length: 1_001 }, (_, index) => `      - ${pattern(index)}\n`).join('')}`,
        ...Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`f${index}`, ''])),
      },
    });
  expect(
    codes(
      await compile(
        standard,
        files(index => `f${index}`),
      ),
    ),
  ).toEqual([]);
  const walked = { ...files(index => `f${index}*`), glob: () => ({ files: ['f1'], unusable: [] }) };
  expect(codes(await compile(standard, walked))).toEqual(['too-many-patterns']);
});

test.each([
  ['env', 1_000, (name: string) => `env: { ${name} }\nsteps: { a: { run: x } }\n`],
  ['labels', 2_000, (name: string) => `labels: { ${name} }\nsteps: { a: { run: x } }\n`],
  ['a matrix', 16, (name: string) => `steps: { a: { run: x, matrix: { ${name} } } }\n`],
])('%s may hold %i names, and no more', async (_, limit, write) => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `x${at}: [1]`).join();
  const texts = (count: number) => names(count).replaceAll('[1]', '"1"');
  const source = (count: number) => write(limit === 16 ? names(count) : texts(count));
  expect(codes(await compileText(source(limit)))).toEqual([]);
  expect(codes(await compileText(source(limit + 1)))).toEqual(['too-many-names']);
});

test('pipelines lie a hundred deep inside one another, and no deeper, whichever is read first', async () => {
  const uses = (name: string) => `sluice: 1\nsteps: { a: { uses: ./${name}.yaml } }\n`;
  const chain = (count: number) => ({
    ...Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`p${at}.yaml`, uses(`p${at + 1}`)]),
    ),
    [`p${count}.yaml`]: 'sluice: 1\nsteps: { a: { run: x } }\n',
  });
  const compiled = (count: number, first: string) =>
    compileText(`steps: { ${first} a: { uses: ./p0.yaml } }\n`, {}, chain(count));
  expect(codes(await compiled(99, ''))).toEqual([]);
  for (const count of [100, 10_000])
    expect(codes(await compiled(count, ''))).toEqual(['pipelines-too-deep']);
  // From p50 on it is known already when p0 comes to it.
  expect(codes(await compiled(100, 'b: { uses: ./p50.yaml },'))).toEqual(['pipelines-too-deep']);
});

/** A text of so many bytes that says nothing. */
const filler = (bytes: number) => `#${'x'.repeat(bytes - 2)}\n`;

test('the files of a pipeline are together no larger than one may be, unless a setting says so', async () => {
  const used = (bytes: number) => `sluice: 1\nsteps: { a: { run: x } }\n${filler(bytes - 35)}`;
  const compiled = (bytes: number, more: Readonly<Record<string, string>> = {}) =>
    compileText(
      'steps: { a: { uses: ./q.yaml }, b: { uses: ./s }, c: { uses: ./t } }\n',
      { configs: ['c'] },
      {
        'q.yaml': used(bytes),
        's/step.yaml': `step: s\nversion: 1.0.0\nrun: [x]\n${filler(1_000)}`,
        't/step.yaml': `step: s\nversion: 1.0.0\nrun: [x]\n${filler(1_000)}`,
        'configs/c.yaml': filler(1_000),
        ...more,
      },
    );
  const others =
    (await compiled(100)).sources.values().reduce((sum, text) => sum + Buffer.byteLength(text), 0) -
    used(100).length;
  const room = 1024 * 1024 - others;
  expect(codes(await compiled(room))).toEqual([]);
  const refused = await compiled(room + 1);
  expect(codes(refused)).toEqual(['files-too-large']);
  expect(refused.diagnostics[0]?.message).toContain('with `t/step.yaml` the files');
  expect(refused.diagnostics[0]?.help).toContain('`limits: { file: 16MiB }` in sluice.yaml');
  // What comes behind the first that is too much is not read, nor said to be missing.
  expect(codes(await compiled(room + 3_000))).toEqual(['files-too-large']);
  const settings = { 'sluice.yaml': 'limits: { file: 2MiB }\n' };
  expect(codes(await compiled(room + 1, settings))).toEqual([]);
  // One that is too large by itself says that.
  expect(codes(await compiled(1024 * 1024 + 1))).toEqual(['file-too-large']);
});

test('the setting holds for manifests and configs as for pipelines', async () => {
  const compiled = (settings: Readonly<Record<string, string>>) =>
    compileText(
      'steps: { a: { uses: ./s } }\n',
      { configs: ['c'] },
      {
        's/step.yaml': `step: s\nversion: 1.0.0\nrun: [x]\n${filler(1_100_000)}`,
        'configs/c.yaml': filler(1_200_000),
        ...settings,
      },
    );
  expect(codes(await compiled({}))).toEqual(['file-too-large', 'file-too-large']);
  expect(codes(await compiled({ 'sluice.yaml': 'limits: { file: 3MiB }\n' }))).toEqual([]);
});

test('expressions compute fifty values for each instance there may be, and no more', async () => {
  const steps = (terms: number) =>
    `steps:\n  a: { run: "\${{ matrix.i${' + matrix.i'.repeat(terms - 1)} }}", matrix: { i: [1, 2, 3, 4] } }\n`;
  const settings = { 'sluice.yaml': 'limits: { instances: 4 }\n' };
  const compiled = (terms: number) => compileText(steps(terms), {}, settings);
  // As many signs between the terms as terms, but for one; 4 × 50 in all.
  expect(codes(await compiled(25))).toEqual([]);
  const refused = await compiled(26);
  expect(codes(refused)).toEqual(['computes-too-much']);
  expect(refused.diagnostics[0]?.message).toContain('more than 200 values');
});

test.each([
  ['a list that is made', 'len(range(201))'],
  ['a list that is compared', 'params.l == params.l'],
  ['a text that is measured', 'len(params.t)'],
])('%s counts for all that is in it', async (_, expression) => {
  const params = `params: { l: { type: list, default: [${'1, '.repeat(101)}] }, t: ${'x'.repeat(3_300)} }`;
  const text = `${params}\nsteps: { a: { run: x, env: { A: "\${{ ${expression} }}" } } }\n`;
  const compiled = (instances: number) =>
    compileText(text, {}, { 'sluice.yaml': `limits: { instances: ${instances} }\n` });
  expect(codes(await compiled(4))).toEqual(['computes-too-much']);
  expect(codes(await compiled(9))).toEqual([]);
});

test('what all instances compute alike counts once', async () => {
  const compiled = (list: string) =>
    compileText(
      `params: { n: 40 }\nsteps: { a: { run: "x ${`\${{ join(range(${list})) }}`}", matrix: { i: [1, 2, 3, 4] } } }\n`,
      {},
      { 'sluice.yaml': 'limits: { instances: 4 }\n' },
    );
  expect(codes(await compiled('params.n'))).toEqual([]);
  expect((await compiled('params.n')).plan?.steps[3]?.command).toMatchObject({
    text: { kind: 'known', value: expect.stringContaining('38,39') },
  });
  expect(codes(await compiled('params.n + matrix.i'))).toEqual(['computes-too-much']);
});

test('a text of expressions grows to 16 Mi characters, and no further', async () => {
  const text = (times: number) =>
    `params: { p: ${'x'.repeat(1024)} }\nsteps: { a: { run: "${'${{ params.p }}'.repeat(times)}" } }\n`;
  expect(codes(await compileText(text(16 * 1024)))).toEqual([]);
  const refused = await compileText(text(16 * 1024 + 1));
  expect(codes(refused)).toEqual(['expression-fails']);
  expect(refused.diagnostics[0]?.message).toBe('the text grows beyond 16777216 characters');
});

test('instances are chosen by sixteen sets of axes, however each is written, and by no more', async () => {
  const axes = ['a', 'b', 'c', 'd', 'e'];
  const sets = Array.from({ length: 31 }, (_, at) =>
    axes.filter((_, bit) => (at + 1) & (1 << bit)),
  );
  const compiled = (chosen: readonly (readonly string[])[]) =>
    compileText(`steps:
  m: { run: x, matrix: { ${axes.map(axis => `${axis}: [1, 2]`).join(', ')} }, out: { x: file } }
${chosen.map((set, at) => `  s${at}: { run: x, in: { x: "m[${set.map(axis => `${axis}=1`).join()}].x" } }\n`).join('')}`);
  const [most, beyond] = [sets.slice(0, 16), sets.slice(0, 17)];
  expect(codes(await compiled(most))).toEqual([]);
  expect(codes(await compiled([...most, ...most.map(set => set.toReversed())]))).toEqual([]);
  expect(codes(await compiled(beyond))).toEqual(['too-many-selections']);
});

/** Ten instances may be, which have 32,000 bytes for what they do not share. */
const TEN = { 'sluice.yaml': 'limits: { instances: 10 }\n' };
const many = (count: number, one: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => one(at)).join(', ');

test.each([
  // 1,000 and 3 × 320 for each.
  ['inputs', 16, (at: number) => `p${at}: "a[*].x"`, '1', 'b[i=1]'],
  ['inputs of each', 8, (at: number) => `p${at}: "\${{ 'a[*].x' }}"`, '1, 2', 'b[i=2]'],
])('%s are wired as long as memory lasts, and no longer', async (_, most, input, values) => {
  const compiled = (count: number) =>
    compileText(
      `steps:
  a: { run: x, matrix: { i: [1, 2, 3] }, out: { x: file } }
  b: { run: x, matrix: { i: [${values}] }, in: { ${many(count, input)} } }\n`,
      {},
      TEN,
    );
  expect(codes(await compiled(most))).toEqual([]);
  const { diagnostics } = await compiled(most + 1);
  expect(diagnostics.map(({ code }) => code)).toEqual(['plan-too-large']);
  expect(diagnostics[0]?.message).toContain('of memory beyond what they have in common');
  expect(diagnostics[0]?.help).toContain('`limits: { instances: 20 }` in sluice.yaml');
});

test.each([
  ['outputs', 5, (at: number) => `o${at}: { type: file, path: "o${at}\${{ matrix.i }}" }`, 'out'],
  ['variables', 32, (at: number) => `V${at}: "\${{ matrix.i }}"`, 'env'],
])('%s that differ are made as long as memory lasts, and no longer', async (_, most, own, key) => {
  const compiled = (count: number, one = own) =>
    compileText(
      `steps: { a: { run: x, matrix: { i: [1, 2, 3, 4, 5, 6, 7, 8] }, ${key}: { ${many(count, one)} } } }\n`,
      {},
      TEN,
    );
  expect(codes(await compiled(most))).toEqual([]);
  expect(codes(await compiled(most + 1))).toEqual(['plan-too-large']);
  // What is the same for all instances is kept once.
  const same = (at: number) => own(at).replaceAll('${{ matrix.i }}', 's');
  expect(codes(await compiled(10 * most, same))).toEqual([]);
});

test('addresses are made as long as memory lasts, and no longer', async () => {
  const compiled = (length: number) =>
    compileText(
      `steps: { a: { run: x, matrix: { i: [1, 2, 3, 4, 5], t: [${'x'.repeat(length)}] } } }\n`,
      {},
      TEN,
    );
  expect(codes(await compiled(3_100))).toEqual([]);
  expect(codes(await compiled(3_200))).toEqual(['plan-too-large']);
});
