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
