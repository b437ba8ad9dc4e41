/** Large folders that steps have made, shown in place to local processes: built once for a run. */
import {
  chmodSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { identityAt } from './file-identity.ts';
import type { HeldExecutor, HeldStep } from './testing/held-executor.ts';
import { planOf, type StepSketch } from './testing/plan-of.ts';
import { type Part, playing } from './testing/playing.ts';
import { LARGE, showing } from './testing/showing.ts';
import { TempProject } from './testing/temp-project.ts';

/** One at a time. */
const take: StepSketch = { in: { data: 'make.data' }, out: { x: 'file' }, cpus: 4 };
const handingOn = planOf({ make: { out: { data: 'folder' } }, a: take, b: take });
const oneAfterAnother = planOf({
  make: { out: { data: 'folder' } },
  a: take,
  b: { ...take, needs: ['a'] },
});

const make = (step: HeldStep): void => {
  const folder = join(step.attempt.workdir, 'out/data');
  mkdirSync(folder);
  for (const name of ['large', 'small']) writeFileSync(join(folder, name), '');
  truncateSync(join(folder, 'large'), LARGE);
  step.exit(0);
};

test('a large folder that a step has made is built once for all that take it, beside them', async () => {
  await using project = TempProject.create();
  const sources: string[] = [];
  const use: Part = step => {
    const { workdir, shared = [] } = step.attempt;
    const [share] = shared;
    expect(share).toMatchObject({ target: join(workdir, 'in/data') });
    const source = share?.source ?? '';
    expect(share?.identity).toBe(identityAt(source));
    expect(dirname(source)).toBe(dirname(workdir));
    expect(readdirSync(source)).toEqual(['large', 'small']);
    expect(statSync(join(source, 'small')).mode & 0o777).toBe(0o444);
    sources.push(source);
    step.write('out/x', step.step);
    step.exit(0);
  };
  const run = await project.start(oneAfterAnother, showing({ make, a: use, b: use }));
  expect(await run.outcomes()).toEqual({ make: 'succeeded', a: 'succeeded', b: 'succeeded' });
  expect(sources).toHaveLength(2);
  expect(new Set(sources).size).toBe(1);
  expect(readdirSync(join(project.home, 'work'))).toEqual([]);
});

test('a made folder that somebody writes to while a step reads it: that is not published, the next has another', async () => {
  await using project = TempProject.create();
  const sources: string[] = [];
  const use: Part = step => {
    const source = step.attempt.shared?.[0]?.source ?? '';
    if (sources.length === 0) {
      chmodSync(join(source, 'small'), 0o644);
      writeFileSync(join(source, 'small'), 'other');
    } else expect(readFileSync(join(source, 'small'), 'utf8')).toBe('');
    sources.push(source);
    step.write('out/x', step.step);
    step.exit(0);
  };
  const parts = showing({ make, a: use, b: use });
  const run = await project.start(handingOn, parts, { keepGoing: true });
  const ends = Object.values(await run.outcomes());
  expect(ends.sort()).toEqual(['failed', 'succeeded', 'succeeded']);
  expect(new Set(sources).size).toBe(2);
});

test('a made folder of which the stored bytes are damaged is made again', async () => {
  await using project = TempProject.create();
  const plan = planOf({
    make: { out: { data: 'folder' } },
    use: { in: { data: 'make.data' }, cache: { enabled: false, salt: null } },
  });
  const made: string[] = [];
  const parts = {
    make: (step: HeldStep) => {
      made.push(step.step);
      make(step);
    },
  };
  await (await project.start(plan, showing(parts))).summary;
  const blobs = globSync(join(project.home, 'blobs/*/*'));
  const large = blobs.find(path => statSync(path).size === LARGE) ?? '';
  chmodSync(large, 0o644);
  writeFileSync(large, 'other', { flag: 'r+' });
  const run = await project.start(plan, showing(parts));
  expect(await run.outcomes()).toEqual({ make: 'succeeded', use: 'succeeded' });
  expect(made).toHaveLength(2);
});

test('a made folder that nobody else is to come for goes with the attempt', async () => {
  await using project = TempProject.create();
  const plan = planOf({
    make: { out: { data: 'folder' } },
    use: { in: { data: 'make.data' }, retries: { max: 1, on: ['exit'], backoffMs: 0 } },
  });
  const sources: string[] = [];
  const use: Part = step => {
    sources.push(step.attempt.shared?.[0]?.source ?? '');
    step.exit(sources.length === 1 ? 1 : 0);
  };
  const run = await project.start(plan, showing({ make, use }));
  expect(await run.outcomes()).toEqual({ make: 'succeeded', use: 'succeeded' });
  expect(new Set(sources).size).toBe(2);
});

test('a made folder that cannot be shown is copied, and built for nobody', async () => {
  await using project = TempProject.create();
  const use: Part = ({ attempt, exit }) => {
    expect(attempt.shared).toEqual([]);
    expect(readdirSync(join(attempt.workdir, 'in/data'))).toEqual(['large', 'small']);
    expect(globSync(join(dirname(attempt.workdir), 'tree-*'))).toEqual([]);
    exit(0);
  };
  const executor: HeldExecutor = {
    ...playing({ make: make, a: use, b: use }),
    prepareShare: async () => false,
  };
  const plan = {
    ...handingOn,
    steps: handingOn.steps.map(step => ({
      ...step,
      outputs: step.id === 'make' ? step.outputs : {},
    })),
  };
  const run = await project.start(plan, executor);
  expect(await run.outcomes()).toEqual({ make: 'succeeded', a: 'succeeded', b: 'succeeded' });
});
