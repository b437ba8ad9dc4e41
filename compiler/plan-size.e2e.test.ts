/** The largest Plan there may be: some seconds and half a gigabyte, and no limit to set that makes it less. */
import { expect, test } from 'vitest';
import { codes, compileText } from './testing/compile-text.ts';

test.each([
  ['share all of them', ''],
  ['have one of their own', ', with: { p1: "${{ matrix.i }}" }'],
])('a plan holds three million parameters of steps that %s, and not four', async (_, own) => {
  const names = Array.from({ length: 2_000 }, (_, at) => `  p${at}: { type: int, default: 0 }\n`);
  const definition = `step: s\nversion: 1.0.0\nrun: [x]\nparams:\n${names.join('')}`;
  const compiled = (count: number) =>
    compileText(
      `steps: { a: { uses: ./s, matrix: { i: "\${{ range(${count}) }}" }${own} } }\n`,
      {},
      { 's/step.yaml': definition },
    );
  expect(codes(await compiled(1_500))).toEqual([]);
  expect(codes(await compiled(2_000))).toEqual(['plan-too-large']);
});
