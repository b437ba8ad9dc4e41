/** Sizes at which anything recursive overflows and anything quadratic is noticed. */
import { expect, test } from 'vitest';
import { compile } from './compile.ts';
import { memoryFiles } from './memory-files.ts';

const compileText = (text: string) =>
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
