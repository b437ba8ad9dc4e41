import { expect, test } from 'vitest';
import { describeGpu, lookForGpus, parseGpus, visible } from './gpus.ts';

const LISTED = `GPU-aaaa, 0, NVIDIA H200, 143771
GPU-bbbb, 1, NVIDIA L4, 23034
`;
const gpus = parseGpus(LISTED);

test('what the driver lists is read', () => {
  expect(gpus.map(({ uuid, index }) => [uuid, index])).toEqual([
    ['GPU-aaaa', 0],
    ['GPU-bbbb', 1],
  ]);
  expect(gpus.map(describeGpu)).toEqual(['NVIDIA H200 (140 GiB)', 'NVIDIA L4 (22 GiB)']);
});

test.each([
  [undefined, [0, 1]],
  ['1', [1]],
  ['1,0', [1, 0]],
  ['GPU-b', [1]],
  ['0,7,1', [0]],
  ['-1', []],
  ['', []],
  ['0,0', [0]],
])('CUDA_VISIBLE_DEVICES=%s leaves devices %j', (preset, left) => {
  expect(visible(gpus, preset).map(({ index }) => index)).toEqual(left);
});

test('without a driver there are none', () => {
  expect(lookForGpus({ PATH: '/nowhere' })).toEqual({ gpus: [], hidden: 0 });
});
