import { expect, test } from 'vitest';
import { compile } from './compile.ts';
import { memoryFiles } from './memory-files.ts';

/** Addresses of the instances of a step with this matrix. */
async function addresses(matrix: string): Promise<readonly string[]> {
  const text = `sluice: 1\nsteps:\n  a:\n    run: x\n    matrix: ${matrix}\n`;
  const { plan, diagnostics } = await compile(
    {
      pipeline: 'pipeline.yaml',
      configs: [],
      params: [],
      environment: {},
      git: () => ({ commit: '', branch: '', dirty: false }),
    },
    memoryFiles({ files: { 'pipeline.yaml': text } }),
  );
  return plan?.steps.map(step => step.id) ?? diagnostics.map(diagnostic => diagnostic.code);
}

test.each([
  ['one axis', '{ lr: [0.1, 0.01] }', ['a[lr=0.1]', 'a[lr=0.01]']],
  [
    'the last axis is fastest',
    '{ x: [1, 2], y: [p, q] }',
    ['a[x=1,y=p]', 'a[x=1,y=q]', 'a[x=2,y=p]', 'a[x=2,y=q]'],
  ],
  ['an axis that is computed', '{ x: "${{ range(2) }}" }', ['a[x=0]', 'a[x=1]']],
  [
    'exclude by one of two axes',
    '{ x: [1, 2], y: [p, q], exclude: [{ x: 1 }] }',
    ['a[x=2,y=p]', 'a[x=2,y=q]'],
  ],
  ['exclude by both axes', '{ x: [1, 2], y: [p], exclude: [{ x: 1, y: p }] }', ['a[x=2,y=p]']],
  ['include adds a combination', '{ x: [1], include: [{ x: 2 }] }', ['a[x=1]', 'a[x=2]']],
  [
    'include extends what it agrees with',
    '{ x: [1, 2], include: [{ x: 2, note: slow }] }',
    ['a[x=1]', 'a[x=2,note=slow]'],
  ],
  [
    'include without an axis extends all',
    '{ x: [1, 2], include: [{ note: n }] }',
    ['a[x=1,note=n]', 'a[x=2,note=n]'],
  ],
  ['include alone', '{ include: [{ x: 1 }, { x: 2, y: 3 }] }', ['a[x=1]', 'a[x=2,y=3]']],
  [
    'include comes after exclude',
    '{ x: [1, 2], exclude: [{ x: 1 }], include: [{ x: 1 }] }',
    ['a[x=2]', 'a[x=1]'],
  ],
  ['maps are known by their name', '{ net: [{ name: small, depth: 2 }] }', ['a[net=small]']],
  ['maps without a name by what they say', '{ net: [{ depth: 2 }] }', ['a[net={"depth":2}]']],
  [
    'texts that would break an address are quoted',
    '{ x: ["a,b=c]", "", "ü-1.5"] }',
    ['a[x="a,b=c]"]', 'a[x=""]', 'a[x=ü-1.5]'],
  ],
])('%s', async (_, matrix, expected) => {
  expect(await addresses(matrix)).toEqual(expected);
});

test('the order of axes in an include does not change the address', async () => {
  expect(await addresses('{ x: [1], y: [2], include: [{ y: 3, x: 4 }] }')).toEqual([
    'a[x=1,y=2]',
    'a[x=4,y=3]',
  ]);
});

test('a matrix of 10^9 is refused before it is made', async () => {
  const axis = '"${{ range(1000) }}"';
  expect(await addresses(`{ x: ${axis}, y: ${axis}, z: ${axis} }`)).toEqual(['matrix-too-large']);
});
