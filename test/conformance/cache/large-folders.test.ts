/** A large folder is not copied for each step of root: what must hold all the same. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const canMount = spawnSync('unshare', ['-m', 'true']).status === 0 && process.getuid?.() === 0;

beforeAll(() => {
  if (canMount) return;
  const message = 'folders that are shown in place are NOT tested here: only root may mount them';
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\n!!! ${message}\n\n`);
});

const FILES = 1_200;
const OUTSIDE = ['shown-only-to-the-step-itself'];

type Sketch = { readonly before?: string; readonly steps?: number };

/** Steps that tell which folder they see, how many files there are, and what one of them holds. */
function looking({ before = ':', steps = 1 }: Sketch = {}): CacheProject {
  const project = new CacheProject({ 'data/sub/7': '7\n' });
  for (let n = 1; n < FILES; n += 1) writeFileSync(project.files.path('data', `${n}`), `${n}\n`);
  const step = (name: string) => [
    name,
    {
      run: `${project.mark(name)}; ${before}; cd \${{ in.x }}; ( stat -c %i .; ls | wc -l; cat sub/7 ) > "$OLDPWD"/\${{ out.y }}`,
      in: { x: './data' },
      out: { y: { type: 'file', to: `${name}.txt` } },
      resources: { cpus: 0.01 },
    },
  ];
  const names = Array.from({ length: steps }, (_, index) => `s${index}`);
  project.pipeline({ steps: Object.fromEntries(names.map(step)) });
  return project;
}

const inPlace = (project: CacheProject): string =>
  `${statSync(project.files.path('data')).ino}\n${FILES}\n7\n`;

/** Below the folder, as this process sees them. */
const mounts = (project: CacheProject): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => line.includes(project.files.root.replaceAll(' ', '\\040')));

function expectNothingLeft(project: CacheProject): void {
  expect(readdirSync(project.files.path('.sluice/work'))).toEqual([]);
  expect(mounts(project)).toEqual([]);
  expect(readdirSync(project.files.path('data'), { recursive: true })).toHaveLength(FILES + 1);
}

/** A run whose step waits at the gate where `:` stands in its command. */
async function held(project: CacheProject) {
  const gate = project.gate();
  project.pipeline(project.files.read('pipelines/p.yaml').replace(' :;', ` ${gate.wait};`));
  const running = project.start();
  await gate.arrived(running.finished);
  return { gate, running };
}

describe.runIf(canMount)('a large folder', () => {
  test('is shown to the step in place, and to nobody else', async () => {
    using project = looking();
    const { gate, running } = await held(project);
    const [seen = ''] = globSync(project.files.path('.sluice/work/*/*/in/x'));
    expect(readdirSync(seen)).toEqual(OUTSIDE);
    expect(mounts(project)).toEqual([]);
    gate.open();
    expect(await project.ended(running)).toMatchObject({ code: 0, executed: ['s0'] });
    expect(project.files.read('s0.txt')).toBe(inPlace(project));
    expectNothingLeft(project);
    expect(await project.run()).toMatchObject({ code: 0, executed: [] });
  });

  test.each([
    ['variables that a shell has of its own', { IFS: ':', OPTIND: '5', PPID: '77', PWD: '/' }],
    ['variables that a shell counts with', { OLDPWD: '/x', SHLVL: '9', UID: '7', SHELLOPTS: 'a' }],
    ['variables that a loader heeds', { LD_LIBRARY_PATH: '/x', LD_BIND_NOW: '1' }],
  ])('is shown to a step, and %s are as declared', async (_, env) => {
    using project = looking();
    // No shell, and nothing that is started by one.
    const script =
      'open F, ">out/y"; print F join "\\n", (stat "in/x")[1], map "$_=$ENV{$_}", keys %ENV';
    const step = {
      run: ['/usr/bin/perl', '-e', script],
      in: { x: './data' },
      out: { y: { type: 'file', to: 's0.txt' } },
      env,
    };
    project.pipeline({ steps: { s0: step } });
    expect(await project.run()).toMatchObject({ code: 0 });
    const [inode, ...variables] = project.files.read('s0.txt').split('\n');
    expect(Number(inode)).toBe(statSync(project.files.path('data')).ino);
    const declared = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    expect(variables).toEqual(expect.arrayContaining(declared));
    expectNothingLeft(project);
  });

  test('holds the program that the step is', async () => {
    using project = looking();
    const prog = '#!/bin/sh\nls in/x | wc -l > out/y\n';
    writeFileSync(project.files.path('data/prog'), prog, { mode: 0o755 });
    const step = { in: { x: './data' }, out: { y: { type: 'file', to: 's0.txt' } } };
    project.pipeline({ steps: { s0: { run: ['in/x/prog'], ...step } } });
    expect(await project.run()).toMatchObject({ code: 0 });
    expect(project.files.read('s0.txt')).toBe(`${FILES + 1}\n`);
  });

  test('is shown to many steps at once', async () => {
    using project = looking({ steps: 30 });
    const { code, executed } = await project.run();
    expect(code).toBe(0);
    expect(executed).toHaveLength(30);
    for (const name of executed) expect(project.files.read(`${name}.txt`)).toBe(inPlace(project));
    expectNothingLeft(project);
  });

  test('stays as it is, whatever the step does there', async () => {
    const tries = 'echo x > in/x/1; touch in/x/new; rm -rf in/x; mv in/x out; :';
    using project = looking({ before: `( ${tries} ) 2> /dev/null` });
    expect(await project.run()).toMatchObject({ code: 0, executed: ['s0'] });
    expect(project.files.read('s0.txt')).toBe(inPlace(project));
    expect(project.files.read('data/1')).toBe('1\n');
    expectNothingLeft(project);
  });

  test.each<[string, (data: string) => void]>([
    ['a file in it is edited', data => appendFileSync(`${data}/sub/7`, 'more')],
    [
      'something is laid into it and taken away again',
      data => {
        mkdirSync(`${data}/sub/new`);
        rmSync(`${data}/sub/new`, { recursive: true });
      },
    ],
    [
      'another is in its place for a moment',
      data => {
        renameSync(data, `${data}.aside`);
        mkdirSync(data);
        rmSync(data, { recursive: true });
        renameSync(`${data}.aside`, data);
      },
    ],
  ])('%s while the step runs: that result is not published', async (_, change) => {
    using project = looking();
    const { gate, running } = await held(project);
    change(project.files.path('data'));
    gate.open();
    const ran = await project.ended(running);
    expect(ran).toMatchObject({ code: 1, executed: ['s0'], outcomes: { s0: 'failed' } });
    expect(JSON.stringify(ran.events)).toContain('"class":"unstable-input"');
    expect(await project.run()).toMatchObject({ code: 0, executed: ['s0'] });
    expect(project.files.read('s0.txt')).toMatch(inPlace(project).trim());
  });

  test('in which something is mounted is copied with that', async () => {
    using project = looking();
    const sub = project.files.path('data/sub');
    spawnSync('mount', ['-t', 'tmpfs', 'none', sub]);
    try {
      writeFileSync(`${sub}/7`, 'mounted\n');
      expect(await project.run()).toMatchObject({ code: 0, executed: ['s0'] });
    } finally {
      spawnSync('umount', [sub]);
    }
    expect(project.files.read('s0.txt')).not.toContain(statSync(project.files.path('data')).ino);
    expect(project.files.read('s0.txt')).toMatch(/\nmounted\n$/);
    expectNothingLeft(project);
  });

  test('outlives a runner that is killed, and what clears up after it', async () => {
    using project = looking();
    const { gate, running: killed } = await held(project);
    killed.child.kill('SIGKILL');
    await killed.finished;
    // The step of the dead run still stands there, and sees the folder.
    expect(mounts(project)).toEqual([]);
    const next = project.start();
    await gate.arrived(next.finished);
    gate.open();
    expect(await project.ended(next)).toMatchObject({ code: 0, outcomes: { s0: 'succeeded' } });
    expect(project.files.read('s0.txt')).toBe(inPlace(project));
    expectNothingLeft(project);
  });
});

/** One step makes a folder, others count what is in it and may try to change it. */
function handingOn(before = ':', takers = 3): CacheProject {
  const project = new CacheProject({});
  const make = `mkdir -p \${{ out.x }}/sub; cd \${{ out.x }}; seq ${FILES} | xargs touch`;
  const take = `cd \${{ in.x }}; ( stat -c %i .; ls | wc -l ) > "$OLDPWD"/\${{ out.y }}`;
  const step = (name: string) => [
    name,
    {
      run: `${project.mark(name)}; ${before}; ${take}`,
      in: { x: 'make.x' },
      out: { y: { type: 'file', to: `${name}.txt` } },
      resources: { cpus: 0.01 },
    },
  ];
  const steps = Object.fromEntries(Array.from({ length: takers }, (_, at) => step(`s${at}`)));
  project.pipeline({ steps: { make: { run: make, out: { x: 'dir' } }, ...steps } });
  return project;
}

const seenBy = (project: CacheProject, names: readonly string[]): ReadonlySet<string> =>
  new Set(names.map(name => project.files.read(`${name}.txt`)));

describe.runIf(canMount)('a large folder that a step has made', () => {
  test('is one folder for all that take it, which none of them changes', async () => {
    const tries = 'touch in/x/1 in/x/new; rm -rf in/x; chmod 777 in/x; :';
    using project = handingOn(`( ${tries} ) 2> /dev/null`);
    const { code, executed } = await project.run();
    expect({ code, executed }).toEqual({ code: 0, executed: ['s0', 's1', 's2'] });
    const [seen = '', ...others] = seenBy(project, executed);
    expect(others).toEqual([]);
    expect(seen).toMatch(new RegExp(`\n${FILES + 1}\n$`));
    expect(readdirSync(project.files.path('.sluice/work'))).toEqual([]);
  });

  test('is built anew when somebody has changed it: what was made with it is not published', async () => {
    using project = handingOn(':', 1);
    const { gate, running } = await held(project);
    const [tree = ''] = globSync(project.files.path('.sluice/work/*/tree-*'));
    writeFileSync(`${tree}/sub/new`, '');
    rmSync(`${tree}/sub/new`);
    gate.open();
    const ran = await project.ended(running);
    expect(ran.outcomes).toEqual({ make: 'succeeded', s0: 'failed' });
    expect(JSON.stringify(ran.events)).toContain('"class":"unstable-input"');
    expect(await project.run()).toMatchObject({ code: 0, executed: ['s0'] });
  });

  test('goes with the run that was killed, and the next builds its own', async () => {
    using project = handingOn(':', 1);
    const { gate, running: killed } = await held(project);
    killed.child.kill('SIGKILL');
    await killed.finished;
    const next = project.start();
    await gate.arrived(next.finished);
    expect(globSync(project.files.path('.sluice/work/*/tree-*'))).toHaveLength(1);
    gate.open();
    expect(await project.ended(next)).toMatchObject({ code: 0 });
    expect(readdirSync(project.files.path('.sluice/work'))).toEqual([]);
    expect(mounts(project)).toEqual([]);
  });
});
