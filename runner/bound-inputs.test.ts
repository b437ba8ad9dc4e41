/** What a step in a container is shown in place; shared-inputs.test.ts is about local processes. */
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Plan } from '../schema/plan.ts';
import type { Bind } from './executors/executor.ts';
import { identityAt } from './file-identity.ts';
import { readRecord } from './strays.ts';
import type { HeldExecutor, HeldStep } from './testing/held-executor.ts';
import { planOf, type StepSketch } from './testing/plan-of.ts';
import { type Part, playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

const LARGE_BYTES = 32 * 1024 * 1024;
const LARGE_FILES = 1_000;

const container = {
  image: 'i',
  build: null,
  user: null,
  entrypoint: null,
  network: 'none',
} as const;

function contained(steps: Readonly<Record<string, StepSketch>>): Plan {
  const plan = planOf(steps);
  return { ...plan, steps: plan.steps.map(step => ({ ...step, container })) };
}

/** One that gives each attempt a container of its own, or none. */
const containers = (parts: Readonly<Record<string, Part>>, bindsInputs = true): HeldExecutor => ({
  ...playing(parts),
  imageOf: async () => ({ ok: true, image: 'i' }),
  bindsInputs: () => bindsInputs,
});

/** A folder that is large by its bytes, in which there are few files. */
function withFolder(): TempProject {
  const project = TempProject.create();
  fill(join(project.root, 'data'));
  return project;
}

function fill(folder: string): void {
  mkdirSync(folder, { mode: 0o755 });
  for (const name of ['large', 'small']) writeFileSync(join(folder, name), 'x', { mode: 0o644 });
  truncateSync(join(folder, 'large'), LARGE_BYTES);
}

const bindAt = ({ attempt }: HeldStep, path: string): Bind | undefined =>
  attempt.binds?.find(({ target }) => target === `/sluice/work/${path}`);

const placeOf = ({ attempt }: HeldStep, path: string): string => join(attempt.workdir, path);

const reading = contained({ s: { in: { data: './data' }, out: { x: 'file' } } });

test('large files and folders of the project are bound in place, a small one is copied', async () => {
  await using project = TempProject.create({ 'raw.bin': 'start', 'small.txt': 'small' });
  truncateSync(join(project.root, 'raw.bin'), LARGE_BYTES);
  mkdirSync(join(project.root, 'many'));
  const many = join(project.root, 'many');
  writeFileSync(join(many, '0'), 'x');
  for (let n = 1; n < LARGE_FILES; n += 1) linkSync(join(many, '0'), join(many, `${n}`));
  const ins = { raw: './raw.bin', many: './many', small: './small.txt' };
  const executor = containers({
    s: step => {
      for (const [path, at] of [
        ['raw.bin', 'in/raw.bin'],
        ['many', 'in/many'],
      ] as const) {
        const source = join(project.root, path);
        const { dev, ino } = statSync(source, { bigint: true });
        expect(bindAt(step, at)).toMatchObject({
          source,
          writable: false,
          identity: `${dev}:${ino}`,
        });
      }
      expect(statSync(placeOf(step, 'in/raw.bin')).size).toBe(0);
      expect(readdirSync(placeOf(step, 'in/many'))).toEqual([]);
      expect(bindAt(step, 'in/small.txt')).toBeUndefined();
      expect(readFileSync(placeOf(step, 'in/small.txt'), 'utf8')).toBe('small');
      step.exit(0);
    },
  });
  const run = await project.start(contained({ s: { in: ins } }), executor);
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
  expect(readdirSync(join(project.root, 'many')).length).toBe(LARGE_FILES);
});

test('of files that a command names, what is large is bound as well', async () => {
  await using project = withFolder();
  const executor = containers({
    s: step => {
      expect(bindAt(step, 'data/large')).toMatchObject({
        source: join(project.root, 'data/large'),
      });
      step.exit(0);
    },
  });
  const run = await project.start(contained({ s: { files: ['data/large'] } }), executor);
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
});

test('of what a step has made, a large file is bound where it is stored, a large folder where it is built', async () => {
  await using project = TempProject.create();
  const plan = contained({
    make: { out: { file: 'file', folder: 'folder' } },
    use: { in: { file: 'make.file', folder: 'make.folder' } },
  });
  const make: Part = step => {
    step.write('out/file', 'start');
    truncateSync(placeOf(step, 'out/file'), LARGE_BYTES);
    fill(placeOf(step, 'out/folder'));
    step.exit(0);
  };
  const use: Part = step => {
    expect(bindAt(step, 'in/file')?.source).toContain(join(project.home, 'blobs'));
    const { source = '', identity } = bindAt(step, 'in/folder') ?? {};
    expect(dirname(source)).toBe(dirname(step.attempt.workdir));
    expect(identity).toBe(identityAt(source));
    expect(readdirSync(source)).toEqual(['large', 'small']);
    expect(readdirSync(placeOf(step, 'in/folder'))).toEqual([]);
    step.exit(0);
  };
  const run = await project.start(plan, containers({ make, use }));
  expect(await run.outcomes()).toEqual({ make: 'succeeded', use: 'succeeded' });
  expect(readdirSync(join(project.home, 'work'))).toEqual([]);
});

test.each<[string, { readonly change?: (folder: string) => void; readonly binds?: boolean }]>([
  ['whose container may stand already', { binds: false }],
  [
    'of which not everybody may read all',
    { change: folder => chmodSync(join(folder, 'small'), 0o640) },
  ],
  ['which not everybody may enter', { change: folder => chmodSync(folder, 0o754) }],
  ['with what some may execute', { change: folder => chmodSync(join(folder, 'small'), 0o754) }],
])('a large folder %s is copied', async (_, { change, binds }) => {
  await using project = withFolder();
  change?.(join(project.root, 'data'));
  const s: Part = step => {
    expect(bindAt(step, 'in/data')).toBeUndefined();
    expect(readdirSync(placeOf(step, 'in/data'))).toEqual(['large', 'small']);
    step.write('out/x', '1');
    step.exit(0);
  };
  const run = await project.start(reading, containers({ s }, binds));
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
});

test('a large folder in which the step writes or finds something else is copied', async () => {
  await using project = withFolder();
  const plan = contained({ s: { files: ['data', 'data/small'], out: { x: 'file' } } });
  const s: Part = step => {
    expect(bindAt(step, 'data')).toBeUndefined();
    expect(readdirSync(placeOf(step, 'data'))).toEqual(['large', 'small']);
    step.write('out/x', '1');
    step.exit(0);
  };
  const [only] = plan.steps;
  if (only === undefined) throw new Error('no step');
  const outputs = { x: { type: 'file', path: 'data/x', to: null, description: null } };
  const writing = { ...plan, steps: [{ ...only, files: ['data'], outputs }] };
  const write: Part = step => {
    expect(bindAt(step, 'data')).toMatchObject({ source: placeOf(step, 'data') });
    step.write('data/x', '1');
    step.exit(0);
  };
  expect(await (await project.start(plan, containers({ s }))).outcomes()).toEqual({
    s: 'succeeded',
  });
  const run = await project.start(writing, containers({ s: write }));
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
});

test.each<[string, (folder: string) => void]>([
  ['edited', folder => writeFileSync(join(folder, 'small'), 'y')],
  [
    'edited and put back',
    folder => {
      const { atime, mtime } = statSync(join(folder, 'small'));
      writeFileSync(join(folder, 'small'), 'y');
      writeFileSync(join(folder, 'small'), 'x');
      utimesSync(join(folder, 'small'), atime, mtime);
    },
  ],
  [
    'given a file that is taken away again',
    folder => {
      writeFileSync(join(folder, 'more'), 'x');
      rmSync(join(folder, 'more'));
    },
  ],
])('a folder that is %s while the step runs: nothing is published', async (_, change) => {
  await using project = withFolder();
  const s: Part = step => {
    change(join(project.root, 'data'));
    step.write('out/x', 'mixed');
    step.exit(0);
  };
  const run = await project.start(reading, containers({ s }));
  const [finished] = await run.eventsOf('step-finished');
  expect(finished?.outcome).toMatchObject({
    kind: 'failed',
    failure: { class: 'unstable-input', paths: expect.arrayContaining(['in/data']) },
  });
  expect(readdirSync(join(project.home, 'traces'))).toEqual([]);
});

test('who goes on with the container of a dead run looks at what is bound as well', async () => {
  await using project = withFolder();
  const s: Part = step => {
    const stamps = readRecord(step.attempt.workdir)?.stamps ?? [];
    const stamped = Iterator.from(stamps).map(([path]) => path);
    const data = join(project.root, 'data');
    expect([...stamped]).toEqual(expect.arrayContaining([data, join(data, 'small')]));
    step.write('out/x', '1');
    step.exit(0);
  };
  const run = await project.start(reading, containers({ s }));
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
});

test('what a probe says of a folder that is edited and put back meanwhile does not count', async () => {
  await using project = withFolder();
  const data = join(project.root, 'data');
  const probes: string[] = [];
  const s: Part = step => {
    if (step.attempt.command.at(-1) === 'probe') {
      probes.push('asked');
      if (probes.length === 1) {
        renameSync(join(data, 'small'), join(data, 'other'));
        renameSync(join(data, 'other'), join(data, 'small'));
      }
      step.print('state');
    } else step.write('out/x', '1');
    step.exit(0);
  };
  const sketch = {
    kind: 'source',
    probe: 'probe',
    in: { data: './data' },
    out: { x: 'file' },
  } as const;
  const run = await project.start(contained({ s: sketch }), containers({ s }));
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
  // Once more because of that, and once when it has been executed.
  expect(probes).toHaveLength(3);
});
