/** What the commands that look at a project answer, for people and as JSON. */

import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { answer } from '../harness/answer.ts';
import { TempProject } from '../harness/temp-project.ts';

const two = (second: string) => ({
  'pipelines/p.yaml': `sluice: 1
name: p
steps:
  a:
    run: echo x > \${{ out.x }}
    out: { x: file }
  b:
    run: ${second}
    in: { x: a.x }
    out: { y: file }
`,
});

describe('a run that has not ended', () => {
  test('is shown with the steps that run; cancelled, it counts them', async () => {
    using project = TempProject.create(two('echo begun; sleep 3600'));
    const running = project.start(['run', '-v']);
    await running.printed('begun');
    expect((await project.sluice(['show'])).stdout).toMatch(/^b +running\b/m);
    expect(await answer(project, ['show', '--json'])).toMatchObject({
      result: null,
      running: ['b'],
    });
    running.child.kill('SIGINT');
    await running.finished;
    expect((await project.sluice(['runs'])).stdout).toContain('1 executed, 1 cancelled');
    expect((await project.sluice(['show'])).stdout).toMatch(/^b +cancelled\b/m);
  });
});

test('a step that is made again in a run counts once, and is shown once', async () => {
  using project = TempProject.create(two('cat ${{ in.x }} > ${{ out.y }}'));
  await project.sluice(['run']);
  await project.sluice(['store', 'gc', '--keep-last', '0']);
  project.write(
    'pipelines/p.yaml',
    two('cat ${{ in.x }} ${{ in.x }} > ${{ out.y }}')['pipelines/p.yaml'],
  );
  const removed = execFileSync('sh', ['-c', 'rm -rf .sluice/blobs/*'], { cwd: project.root });
  expect(removed.toString()).toBe('');
  const again = await project.sluice(['run']);
  expect(again.stdout).toContain('2 executed in');
  expect((await project.sluice(['show'])).stdout.match(/^a /gm)).toHaveLength(1);
  expect((await project.sluice(['runs', '-n', '1'])).stdout).toContain('  2 executed');
});

describe('why a step ran is known after the run', () => {
  const asked = {
    'pipelines/p.yaml': `sluice: 1
name: p
params:
  top: { type: int, default: 5 }
steps:
  a: { run: 'echo \${{ params.top }} > \${{ out.x }}', out: { x: file } }
`,
  };
  const because = "ran because: command echo '5' > out/x → echo '3' > out/x";

  test('to `why` of a hit, for as long as the record of the run that made it is kept', async () => {
    using project = TempProject.create(asked);
    await project.sluice(['run']);
    expect((await project.sluice(['why', 'a'])).stdout).toContain('ran because: never run');
    await project.sluice(['run', '-p', 'top=3']);
    const why = ['why', 'a', '-p', 'top=3'];
    expect((await project.sluice(why)).stdout).toContain(because);
    expect(await answer(project, [...why, '--json'])).toMatchObject({
      forecasts: [{ ranBecause: { kind: 'changed', changes: [{ part: 'command' }] } }],
    });
    rmSync(project.path('.sluice', 'runs'), { recursive: true });
    const { code, stdout } = await project.sluice(why);
    expect(code).toBe(0);
    expect(stdout).toContain('made by run');
    expect(stdout).not.toContain('ran because');
  });

  test('`runs` tells them apart by the parameters that somebody asked for', async () => {
    using project = TempProject.create(asked);
    await project.sluice(['run']);
    await project.sluice(['run', '-p', 'top=3']);
    const [, newest, oldest] = (await project.sluice(['runs'])).stdout.split('\n');
    expect(newest).toMatch(/ 1 executed +top=3$/);
    expect(oldest).toMatch(/ 1 executed$/);
    expect(await answer(project, ['runs', '--json'])).toMatchObject({
      runs: [{ given: { top: 3 } }, { given: {} }],
    });
  });

  test('to `show`, of each step that was executed', async () => {
    using project = TempProject.create(asked);
    await project.sluice(['run']);
    await project.sluice(['run', '-p', 'top=3']);
    expect((await project.sluice(['show'])).stdout).toMatch(/x 2 B\n +ran because: command echo /);
    expect(await answer(project, ['show', '--json'])).toMatchObject({
      steps: [{ step: 'a', because: { kind: 'changed' } }],
    });
    await project.sluice(['run', '-p', 'top=3']);
    expect((await project.sluice(['show'])).stdout).not.toContain('ran because');
  });

  test('not of one that was ended before its turn', async () => {
    const waits = "run: 'echo begun; sleep 3600', pool: one";
    using project = TempProject.create({
      'sluice.yaml': 'pools: { one: 1 }\n',
      'pipelines/p.yaml': `sluice: 1\nname: p\nsteps:\n  a: { ${waits} }\n  b: { ${waits} }\n`,
    });
    const running = project.start(['run', '-v']);
    await running.printed('begun');
    running.child.kill('SIGINT');
    await running.finished;
    const { stdout } = await project.sluice(['show']);
    expect(stdout.match(/cancelled/g)?.length).toBeGreaterThan(1);
    expect(stdout.match(/ran because: /g)).toHaveLength(1);
  });
});

test('a false condition is told with its values, by the run, `plan`, `why` and `show`', async () => {
  using project = TempProject.create({
    'pipelines/p.yaml': `sluice: 1
name: p
params:
  least: { type: float, default: 0.9 }
steps:
  eval: { run: 'echo "{\\"accuracy\\": 0.95}" > \${{ out.metrics }}', out: { metrics: metrics } }
  ship: { if: '\${{ eval.metrics.accuracy >= params.least }}', run: 'true', needs: [eval] }
`,
  });
  await project.sluice(['run']);
  const told = 'eval.metrics.accuracy (0.95) >= 0.999 is false';
  const higher = ['-p', 'least=0.999'];
  expect((await project.sluice(['plan', ...higher])).stdout).toContain(told);
  expect((await project.sluice(['why', 'ship', ...higher])).stdout).toContain(told);
  expect((await project.sluice(['run', ...higher])).stdout).toContain(`skipped     ${told}`);
  expect((await project.sluice(['show'])).stdout).toContain(told);
});

test('quiet, a run that succeeds says nothing', async () => {
  using project = TempProject.create(two('cat ${{ in.x }} > ${{ out.y }}'));
  expect(await project.sluice(['-q', 'run'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  project.write('pipelines/p.yaml', two('exit 7')['pipelines/p.yaml']);
  const { code, stdout } = await project.sluice(['-q', 'run']);
  expect(code).toBe(1);
  expect(stdout).toContain('it exited with code 7');
});

describe('steps', () => {
  const MANIFEST = `step: crop
version: 1.0.0
description: Cuts columns.
in: { data: file }
out: { data: file }
run: [sh, main.sh]
`;

  test('shows the page of a step of your own, from wherever you are', async () => {
    using project = TempProject.create({ ...two('x'), 'steps/crop/step.yaml': MANIFEST });
    const { code, stdout } = await project.sluice(['steps', './steps/crop']);
    expect(code).toBe(0);
    expect(stdout).toContain('crop 1.0.0 (pure)\nCuts columns.');
    expect(stdout).toContain('    uses: ./steps/crop\n    in: { data: ./<file> }');
    const below = await answer(project, [
      '-C',
      project.path('pipelines'),
      'steps',
      'steps/crop',
      '--json',
    ]);
    expect(below).toMatchObject({ step: 'crop', in: { data: { type: 'file' } } });
  });

  test('says what is wrong with it, and where there is none', async () => {
    using project = TempProject.create({ 'steps/crop/step.yaml': `${MANIFEST}outt: {}\n` });
    const broken = await project.sluice(['steps', './steps/crop']);
    expect(broken).toMatchObject({ code: 2, stdout: '' });
    expect(broken.stderr).toMatch(/steps\/crop\/step\.yaml:7:1/);
    const absent = await project.sluice(['steps', './steps/crap']);
    expect(absent).toMatchObject({ code: 2, stdout: '' });
    expect(absent.stderr).toMatch(/^error: there is no step at `\.\/steps\/crap`\nhelp: /);
  });
});

test('data restore --json says what lies where', async () => {
  using project = TempProject.create({
    'rows.csv': 'a,b\n1,2\n3,4\n',
    'pipelines/p.yaml': `sluice: 1
name: p
steps:
  ingest: { uses: ingest, in: { source: ./rows.csv } }
  version: { uses: version, in: { data: ingest.data }, with: { name: rows } }
`,
  });
  expect((await project.sluice(['run'])).code).toBe(0);
  const restored = await answer(project, ['data', 'restore', 'rows', '--json']);
  expect(restored).toMatchObject({
    format: 1,
    name: 'rows',
    number: 1,
    rows: 2,
    path: project.path('rows-1'),
  });
  expect(project.read('rows-1/rows.csv')).toBe('a,b\n1,2\n3,4\n');
  expect(await project.sluice(['data', 'restore', 'rows', '-o', 'a/b'])).toMatchObject({ code: 0 });
  expect(project.read('a/b/rows.csv')).toBe('a,b\n1,2\n3,4\n');
});

describe('a run whose record is damaged', () => {
  test('is said to be so when it is named, and is not the latest', async () => {
    using project = TempProject.create({
      'pipelines/p.yaml': 'sluice: 1\nname: p\nsteps: { a: { run: "true" } }\n',
    });
    await project.sluice(['run']);
    await project.sluice(['run']);
    const [first = '', second = ''] = readdirSync(project.path('.sluice/runs')).sort();
    project.write(`.sluice/runs/${second}/events.jsonl`, '');
    for (const command of ['show', 'replay', 'logs']) {
      const told = await project.sluice([command, second]);
      expect(told).toMatchObject({ code: 3, stdout: '' });
      expect(told.stderr).toContain(`the record of run ${second} is empty or damaged`);
    }
    expect((await project.sluice(['show'])).stdout).toContain(first);
  });
});

describe('where nothing can be written', () => {
  test('a plan, a page and a pin say so in one sentence', async () => {
    using project = TempProject.create({
      'pipelines/p.yaml':
        'sluice: 1\nname: p\nsteps: { a: { run: "echo x > ${{ out.y }}", out: { y: file } } }\n',
      file: '',
    });
    await project.sluice(['run']);
    project.write('.sluice/pins', '');
    for (const args of [
      ['plan', '-o', 'file/plan.json'],
      ['plan', '-o', 'pipelines'],
      ['show', '--html', 'pipelines'],
      ['store', 'pin', 'latest'],
      ['get', 'a.y', '-o', 'file/y'],
    ]) {
      const told = await project.sluice(args);
      expect(told, args.join(' ')).toMatchObject({ code: 3 });
      expect(told.stderr).toMatch(/^error: .* cannot be written: [^\n]*\n$/);
    }
  });

  test('what is too large for memory is printed all the same', async () => {
    using project = TempProject.create({
      'pipelines/p.yaml':
        'sluice: 1\nname: p\nsteps: { a: { run: "head -c 20000000 /dev/zero > ${{ out.y }}", out: { y: file } } }\n',
    });
    await project.sluice(['run']);
    const { code, stdout } = await project.sluice(['get', 'a.y', '-o', '-']);
    expect({ code, bytes: stdout.length }).toEqual({ code: 0, bytes: 20_000_000 });
  });

  test('an output of a step with a path in its name lands in this folder', async () => {
    using project = TempProject.create({
      'pipelines/p.yaml':
        'sluice: 1\nname: p\nsteps: { a: { run: "echo x > ${{ out.y }}", out: { y: file }, matrix: { n: [../../x] } } }\n',
    });
    await project.sluice(['run']);
    const { code, stdout } = await project.sluice(['get', 'a[n="../../x"].y']);
    expect(code).toBe(0);
    expect(stdout).toContain(project.path('a[n=".._.._x"].y'));
  });

  test('folders that are missing are made', async () => {
    using project = TempProject.create({
      'pipelines/p.yaml':
        'sluice: 1\nname: p\nsteps: { a: { run: "echo x > ${{ out.y }}", out: { y: file } } }\n',
    });
    await project.sluice(['run']);
    expect(await project.sluice(['get', 'a.y', '-o', 'some/where/y'])).toMatchObject({ code: 0 });
    expect(project.read('some/where/y')).toBe('x\n');
    expect(await project.sluice(['plan', '-o', 'plans/p.json'])).toMatchObject({ code: 0 });
    expect(await project.sluice(['run', 'plans/p.json'])).toMatchObject({ code: 0 });
  });
});
