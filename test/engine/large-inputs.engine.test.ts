/** Large inputs of steps in containers, through the real command line on a real engine. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  globSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { misledBind } from '../../runner/executors/docker/misled-bind.ts';
import { specificationOf } from '../../runner/executors/docker/specification.ts';
import { identityAt } from '../../runner/file-identity.ts';
import {
  address,
  engine,
  newFolder,
  openDocker,
  runIn,
  shellAttempt,
} from '../harness/containers.ts';
import { TEST_IMAGE } from '../harness/engine.ts';
import { TempProject } from '../harness/temp-project.ts';
import { until } from '../harness/until.ts';

const env = { DOCKER_HOST: address ?? '', SLUICE_EXECUTOR: 'docker' };
const FILES = 1_200;
const BYTES = 40 * 1024 * 1024;

const pipeline = (script: string): string => `sluice: 1
name: p
steps:
  look:
    run: |
${script.replace(/^/gm, '      ')}
    in: { many: ./many, raw: ./raw.bin }
    out: { result: { type: file, to: result.txt } }
    container: ${TEST_IMAGE}
`;

const SEEN = `cat in/many/sub/7; ls in/many | wc -l; wc -c < in/raw.bin; head -c 5 in/raw.bin`;
const IS_SEEN = /^7\s+1200\s+41943040\s+start$/;
const LOOK = `( ${SEEN} ) > out/result`;
const HELD = `while [ ! -e out/go ]; do sleep 0.05; done`;

/** What takes the folder begins to look only when it is let go. */
const MADE = `sluice: 1
name: p
steps:
  make: { run: 'mkdir out/x; cd out/x; seq ${FILES} | xargs touch', out: { x: dir } }
  look:
    run: touch out/begun; echo begun; ${HELD}; ls in/many | wc -l > out/result
    in: { many: make.x }
    out: { result: { type: file, to: result.txt } }
    container: ${TEST_IMAGE}
`;

function newProject(script: string): TempProject {
  const project = TempProject.create({ 'pipelines/p.yaml': pipeline(script), 'raw.bin': 'start' });
  truncateSync(project.path('raw.bin'), BYTES);
  mkdirSync(project.path('many/sub'), { recursive: true });
  for (let n = 1; n < FILES; n += 1) writeFileSync(project.path(`many/${n}`), `${n}\n`);
  writeFileSync(project.path('many/sub/7'), '7\n');
  return project;
}

/** Waits until the step has begun, and says where it works. */
async function workdirOf(project: TempProject): Promise<string> {
  const begun = () => globSync(project.path('.sluice/work/*/*/out/begun'));
  await until(() => begun().length > 0);
  return join(begun()[0] ?? '', '../..');
}

function moveAwayAndBack(project: TempProject): void {
  renameSync(project.path('many/sub'), project.path('many/other'));
  renameSync(project.path('many/other'), project.path('many/sub'));
}

/** Runs until the step has begun, does something, lets it go; returns how the run ended. */
async function meanwhile(project: TempProject, act: (workdir: string) => void) {
  const running = project.start(['run', '--json'], env);
  const workdir = await workdirOf(project);
  act(workdir);
  writeFileSync(join(workdir, 'out/go'), '');
  return running.finished;
}

describe.skipIf(address === null)('large inputs of a step in a container', () => {
  test('are seen whole, and nothing of them lies in its working directory', async () => {
    using project = newProject(`touch out/begun; ${HELD}; ${LOOK}`);
    const { code } = await meanwhile(project, workdir => {
      expect(readdirSync(join(workdir, 'in/many'))).toEqual([]);
      expect(statSync(join(workdir, 'in/raw.bin')).size).toBe(0);
    });
    expect(code).toBe(0);
    expect(project.read('result.txt')).toMatch(IS_SEEN);
    expect(readdirSync(project.path('many')).length).toBe(FILES);
    expect(await project.outcomes([], env)).toEqual({ look: 'up-to-date' });
  });

  test('cannot be written to, and stay as they are', async () => {
    using project = newProject(
      `echo x > in/many/1; touch in/many/new; echo x > in/raw.bin; ${LOOK}`,
    );
    expect(await project.outcomes([], env)).toEqual({ look: 'succeeded' });
    const { stdout: log } = await project.sluice(['logs', 'latest', 'look'], env);
    expect(log.match(/Read-only file system/g)).toHaveLength(3);
    expect(project.read('result.txt')).toMatch(IS_SEEN);
    expect(project.read('many/1')).toBe('1\n');
  });

  test.each<[string, (project: TempProject) => void]>([
    ['a file in a folder', project => appendFileSync(project.path('many/sub/7'), 'more')],
    ['a file', project => truncateSync(project.path('raw.bin'), BYTES + 1)],
    ['a folder that is moved away and back', moveAwayAndBack],
  ])('spoil its result when they are edited meanwhile: %s', async (_, edit) => {
    using project = newProject(`touch out/begun; ${HELD}; ${LOOK}`);
    const { code, stdout } = await meanwhile(project, () => edit(project));
    expect(code).toBe(1);
    expect(stdout).toContain('"class":"unstable-input"');
    expect(readdirSync(project.path('.sluice/traces'))).toEqual([]);
  });

  test.each<[string, (project: TempProject) => void, number]>([
    ['is as it was', () => undefined, 0],
    ['is so again', moveAwayAndBack, 1],
  ])(
    'are looked at by a run that goes on with the container of a dead one: all %s',
    async (_, edit, expected) => {
      using project = newProject(`touch out/begun; echo begun; ${HELD}; ${LOOK}`);
      const first = project.start(['run'], env);
      const workdir = await workdirOf(project);
      first.child.kill('SIGKILL');
      await first.finished;
      const second = project.start(['run', '--json'], env);
      await second.printed('"step-output"');
      edit(project);
      writeFileSync(join(workdir, 'out/go'), '');
      const { code, stdout } = await second.finished;
      expect(stdout).toContain('"code":"adopted"');
      expect(code).toBe(expected);
      if (expected === 0) expect(project.read('result.txt')).toMatch(IS_SEEN);
      else expect(stdout).toContain('"class":"unstable-input"');
    },
  );

  test('that a step has made are bound where they were built, also when another run goes on', async () => {
    using project = TempProject.create({ 'pipelines/p.yaml': MADE });
    const first = project.start(['run'], env);
    const workdir = await workdirOf(project);
    expect(readdirSync(join(workdir, 'in/many'))).toEqual([]);
    first.child.kill('SIGKILL');
    await first.finished;
    const second = project.start(['run', '--json'], env);
    await second.printed('"step-output"');
    writeFileSync(join(workdir, 'out/go'), '');
    const { code, stdout } = await second.finished;
    expect(stdout).toContain('"code":"adopted"');
    expect(code).toBe(0);
    expect(project.read('result.txt').trim()).toBe(`${FILES}`);
    expect(readdirSync(project.path('.sluice/work'))).toEqual([]);
  });

  test.each<[string, string, number]>([
    ['copied where something is mounted below them', 'many/sub', FILES],
    ['shown where they are all that is mounted', 'many', 0],
  ])('are %s', async (_, mounted, laidOut) => {
    using project = newProject(`touch out/begun; ${HELD}; ${LOOK}`);
    const point = project.path(mounted);
    execFileSync('mount', ['--bind', point, point]);
    try {
      const { code } = await meanwhile(project, workdir => {
        expect(readdirSync(join(workdir, 'in/many')).length).toBe(laidOut);
      });
      expect(code).toBe(0);
    } finally {
      execFileSync('umount', [point]);
    }
    expect(project.read('result.txt')).toMatch(IS_SEEN);
  });
});

const TARGET = '/sluice/shown';

describe.skipIf(address === null)('what an engine has mounted', () => {
  test('is not what was meant: the attempt is lost', async () => {
    const source = newFolder();
    const binds = [
      { source: newFolder(), target: '/sluice/work', writable: true },
      { source, target: TARGET, writable: false, identity: '0:0' },
    ];
    const { termination } = await runIn(openDocker(), 'sleep 20', { binds });
    expect(termination).toMatchObject({ kind: 'lost', message: expect.stringContaining(source) });
  });

  test('is looked at where the container sees it, wherever the path leads by then', async () => {
    const [folder, workdir] = [newFolder(), newFolder()];
    const [source, other] = [join(folder, 'a'), join(folder, 'b')];
    mkdirSync(source);
    mkdirSync(other);
    const bind = { source, target: TARGET, writable: false, identity: identityAt(source) };
    const binds = [{ source: workdir, target: '/sluice/work', writable: true }, bind];
    const attempt = shellAttempt('sleep 20', { workdir, binds });
    const made = await engine.client.createContainer(
      specificationOf(attempt, TEST_IMAGE, { uid: 0, gid: 0 }),
    );
    try {
      await made.start();
      expect(await misledBind(made, binds)).toBeUndefined();
      rmSync(source, { recursive: true });
      renameSync(other, source);
      const meant = [{ ...bind, identity: identityAt(source) }];
      expect(await misledBind(made, meant)).toMatchObject({ source });
    } finally {
      await made.remove({ force: true });
    }
  });

  test('holds nothing that is mounted below it', async () => {
    const [folder, workdir] = [newFolder(), newFolder()];
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub/file'), 'under');
    const bind = { source: folder, target: TARGET, writable: false, identity: identityAt(folder) };
    const binds = [{ source: workdir, target: '/sluice/work', writable: true }, bind];
    execFileSync('mount', ['-t', 'tmpfs', 'none', join(folder, 'sub')]);
    try {
      const seen = await runIn(openDocker(), `cat ${TARGET}/sub/file`, { workdir, binds });
      expect(seen.stdout).toBe('under');
    } finally {
      execFileSync('umount', [join(folder, 'sub')]);
    }
  });
});
