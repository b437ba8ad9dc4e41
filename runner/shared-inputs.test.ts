import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HeldExecutor } from './testing/held-executor.ts';
import { planOf, type StepSketch } from './testing/plan-of.ts';
import { type Part, playing } from './testing/playing.ts';
import { LARGE, showing } from './testing/showing.ts';
import { TempProject } from './testing/temp-project.ts';

function withLarge(): TempProject {
  const project = TempProject.create({ 'raw.bin': 'start' });
  truncateSync(join(project.root, 'raw.bin'), LARGE);
  return project;
}

const reading = planOf({ s: { in: { raw: './raw.bin' }, out: { x: 'file' } } });

test('a large file of the project is shown in place, a small one is copied', async () => {
  await using project = withLarge();
  project.write('small.txt', 'small');
  const plan = planOf({ s: { in: { raw: './raw.bin', small: './small.txt' } } });
  const executor = showing({
    s: step => {
      const { workdir, shared } = step.attempt;
      expect(shared).toMatchObject([
        { source: join(project.root, 'raw.bin'), target: join(workdir, 'in/raw.bin') },
      ]);
      expect(readdirSync(join(workdir, 'in'))).toEqual(['small.txt']);
      step.exit(0);
    },
  });
  expect(await (await project.start(plan, executor)).outcomes()).toEqual({ s: 'succeeded' });
});

test('of a file of the project only the one that was read may be shown, whatever lies there then', async () => {
  await using project = withLarge();
  const source = join(project.root, 'raw.bin');
  const { dev, ino } = statSync(source, { bigint: true });
  const executor = showing({
    s: step => {
      expect(step.attempt.shared).toMatchObject([{ source, identity: `${dev}:${ino}` }]);
      step.write('out/x', 'read');
      step.exit(0);
    },
  });
  expect(await (await project.start(reading, executor)).outcomes()).toEqual({ s: 'succeeded' });
});

test.each<[string, (path: string) => void]>([
  [
    'edited and put back',
    path => {
      const { atime, mtime } = statSync(path);
      writeFileSync(path, 'other');
      writeFileSync(path, 'start');
      truncateSync(path, LARGE);
      utimesSync(path, atime, mtime);
    },
  ],
  ['edited', path => writeFileSync(path, 'other')],
])('one that is %s while the step runs: nothing is published', async (_, change) => {
  await using project = withLarge();
  const run = await project.start(
    reading,
    showing({
      s: step => {
        change(join(project.root, 'raw.bin'));
        step.write('out/x', 'mixed');
        step.exit(0);
      },
    }),
  );
  const [finished] = await run.eventsOf('step-finished');
  expect(finished?.outcome).toMatchObject({
    kind: 'failed',
    failure: { class: 'unstable-input', paths: expect.arrayContaining(['in/raw.bin']) },
  });
  expect(existsSync(join(project.home, 'traces'))).toBe(true);
  expect(readdirSync(join(project.home, 'traces'))).toEqual([]);
});

test('one in whose place another lay in that moment is named as it is in the project', async () => {
  await using project = withLarge();
  const s: Part = step => {
    const [share] = step.attempt.shared ?? [];
    step.end({ kind: 'input-replaced', path: share?.name ?? '' });
  };
  const run = await project.start(reading, showing({ s }));
  const [finished] = await run.eventsOf('step-finished');
  const failure = { class: 'unstable-input', paths: ['raw.bin'] };
  expect(finished?.outcome).toEqual({ kind: 'failed', failure });
});

/** A folder that is large by its bytes, in which there are few files. */
function withFolder(): TempProject {
  const project = TempProject.create();
  const data = join(project.root, 'data');
  mkdirSync(data, { mode: 0o755 });
  for (const name of ['large', 'small']) writeFileSync(join(data, name), '', { mode: 0o644 });
  truncateSync(join(data, 'large'), LARGE);
  return project;
}

const looking = planOf({ s: { in: { data: './data' }, out: { x: 'file' } } });

test('a large folder of the project is shown in place, and only the one that was read', async () => {
  await using project = withFolder();
  const source = join(project.root, 'data');
  const { dev, ino } = statSync(source, { bigint: true });
  const executor = showing({
    s: step => {
      const target = join(step.attempt.workdir, 'in/data');
      expect(step.attempt.shared).toMatchObject([{ source, target, identity: `${dev}:${ino}` }]);
      expect(existsSync(target)).toBe(false);
      step.write('out/x', 'seen');
      step.exit(0);
    },
  });
  expect(await (await project.start(looking, executor)).outcomes()).toEqual({ s: 'succeeded' });
});

test.each<[string, Partial<StepSketch>, ((folder: string) => void)?]>([
  ['of which not everybody may read all', {}, folder => chmodSync(join(folder, 'small'), 0o640)],
  ['which not everybody may enter', {}, folder => chmodSync(folder, 0o754)],
  ['of a step that names an engine outside of its namespace', { run: 'sudo /usr/bin/docker run' }],
  ['of a step that asks such an engine how things are', { kind: 'source', probe: 'nerdctl ps' }],
  ['in which another input lies', { files: ['data/small', 'data'], in: {} }],
])('a large folder %s is copied', async (_, sketch, change) => {
  await using project = withFolder();
  change?.(join(project.root, 'data'));
  const path = sketch.files === undefined ? 'in/data' : 'data';
  const s: Part = step => {
    expect(step.attempt.shared).toEqual([]);
    expect(readdirSync(join(step.attempt.workdir, path))).toEqual(['large', 'small']);
    step.print('state');
    step.write('out/x', '1');
    step.exit(0);
  };
  const executor: HeldExecutor = {
    ...playing({ s }),
    prepareShare: async ({ target }) => {
      mkdirSync(target);
      writeFileSync(join(target, 'unreadable'), '');
      return true;
    },
  };
  const plan = planOf({ s: { in: { data: './data' }, out: { x: 'file' }, ...sketch } });
  expect(await (await project.start(plan, executor)).outcomes()).toEqual({ s: 'succeeded' });
});

test('in a folder a file that comes and goes while the step runs: nothing is published', async () => {
  await using project = withFolder();
  const s: Part = step => {
    const more = join(project.root, 'data/more');
    writeFileSync(more, 'x');
    rmSync(more);
    step.write('out/x', 'mixed');
    step.exit(0);
  };
  const run = await project.start(looking, showing({ s }));
  const [finished] = await run.eventsOf('step-finished');
  expect(finished?.outcome).toMatchObject({
    kind: 'failed',
    failure: { class: 'unstable-input', paths: ['in/data'] },
  });
  expect(readdirSync(join(project.home, 'traces'))).toEqual([]);
});

const passing = planOf({
  make: { out: { big: 'file' } },
  use: { in: { big: 'make.big' }, out: { x: 'file' } },
});

const make: Part = step => {
  step.write('out/big', 'start');
  truncateSync(join(step.attempt.workdir, 'out/big'), LARGE);
  step.exit(0);
};

test('what a step has made is shown where it is stored', async () => {
  await using project = TempProject.create();
  const use: Part = step => {
    const [share] = step.attempt.shared ?? [];
    expect(share?.source).toContain(join(project.home, 'blobs'));
    expect(statSync(share?.source ?? '').size).toBe(LARGE);
    step.write('out/x', '1');
    step.exit(0);
  };
  const run = await project.start(passing, showing({ make, use }));
  expect(await run.outcomes()).toEqual({ make: 'succeeded', use: 'succeeded' });
});

test('stored bytes that are damaged are not shown: they are made again', async () => {
  await using project = TempProject.create();
  let source = '';
  const use: Part = step => {
    source = step.attempt.shared?.[0]?.source ?? '';
    expect(readFileSync(source).subarray(0, 5).toString()).toBe('start');
    step.exit(0);
  };
  const uncached = planOf({
    make: { out: { big: 'file' } },
    use: { in: { big: 'make.big' }, cache: { enabled: false, salt: null } },
  });
  await (await project.start(uncached, showing({ make, use }))).summary;
  chmodSync(source, 0o644);
  writeFileSync(source, 'other', { flag: 'r+' });
  const run = await project.start(uncached, showing({ make, use }));
  expect(await run.outcomes()).toEqual({ make: 'succeeded', use: 'succeeded' });
});

test('stored bytes that somebody writes to while a step reads them: nothing is published', async () => {
  await using project = TempProject.create();
  const use: Part = step => {
    const source = step.attempt.shared?.[0]?.source ?? '';
    chmodSync(source, 0o644);
    writeFileSync(source, 'other', { flag: 'r+' });
    step.write('out/x', 'mixed');
    step.exit(0);
  };
  const run = await project.start(passing, showing({ make, use }));
  expect(await run.outcomes()).toEqual({ make: 'succeeded', use: 'failed' });
});

test('where it cannot be shown it is copied', async () => {
  await using project = withLarge();
  const executor: HeldExecutor = {
    ...playing({
      s: step => {
        expect(step.attempt.shared).toEqual([]);
        expect(statSync(join(step.attempt.workdir, 'in/raw.bin')).size).toBe(LARGE);
        step.write('out/x', '1');
        step.exit(0);
      },
    }),
    prepareShare: () => Promise.resolve(false),
  };
  expect(await (await project.start(reading, executor)).outcomes()).toEqual({ s: 'succeeded' });
});
