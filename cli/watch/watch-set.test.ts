import { expect, test } from 'vitest';
import type { Look } from '../../compiler/reads.ts';
import { planOf } from '../../runner/testing/plan-of.ts';
import { sha256 } from '../../schema/id.ts';
import { concernOf, rootsOf, watchSetOf } from './watch-set.ts';

const places = { root: '/p', library: '/lib/steps' };
const digest = sha256('x');

const looks: readonly Look[] = [
  { kind: 'file', path: 'pipelines/p.yaml', digest },
  { kind: 'file', path: 'sluice.yaml', digest: null },
  { kind: 'kind', path: 'data', found: 'dir' },
  { kind: 'glob', patterns: ['src/**/*.py', '!src/old/**'], digest },
  { kind: 'library', step: 'train', file: 'step.yaml', digest },
];

const plan = planOf({
  train: {
    in: { x: './data/train' },
    files: ['src/a.py'],
    definition: {
      kind: 'folder',
      step: 'train',
      version: '1.0.0',
      folder: 'library:train',
      includes: ['../sdk'],
      packages: [],
    },
  },
  crop: {
    in: { x: './raw.csv' },
    definition: {
      kind: 'folder',
      step: 'crop',
      version: '1.0.0',
      folder: 'project:steps/crop',
      includes: [],
      packages: [],
    },
  },
});

const set = watchSetOf(looks, plan, places);

test.each([
  ['/p/pipelines/p.yaml', true],
  ['/p/pipelines/other.yaml', false],
  ['/p/sluice.yaml', true],
  ['/p/data', true],
  ['/p/data/other.csv', false],
  ['/p/data/train/deep/1.png', true],
  ['/p/data/trainer.csv', false],
  ['/p/raw.csv', true],
  ['/p/src/new/b.py', true],
  ['/p/src/new/b.txt', false],
  ['/p/src/old/b.py', false],
  ['/p/src/node_modules/b.py', false],
  ['/p/.sluice/work/b.py', false],
  ['/p/steps/crop/crop.sh', true],
  ['/lib/steps/train/main.ts', true],
  ['/lib/steps/sdk/csv.ts', true],
  ['/lib/steps/eval/main.ts', false],
  ['/p/data/train/.1.png.swp', false],
  ['/p/steps/crop/crop.sh~', false],
  ['/p/steps/crop/4913', false],
])('%s matters: %s', (path, matters) => {
  expect(concernOf(set)(path)).toBe(matters);
});

test('what is watched covers all of it, and nothing twice', () => {
  expect(rootsOf(set)).toEqual([
    '/lib/steps/sdk',
    '/lib/steps/train',
    '/p/data',
    '/p/data/train',
    '/p/pipelines/p.yaml',
    '/p/raw.csv',
    '/p/sluice.yaml',
    '/p/src',
    '/p/steps/crop',
  ]);
});
