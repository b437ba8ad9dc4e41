/** What the system refuses to a run: one clear message or a miss, and the next run carries on. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { REPOSITORY } from '../../harness/temp-project.ts';
import { CacheProject } from './project.ts';

const SLUICE = join(REPOSITORY, 'sluice');

/** Somebody whom this machine does not know, and to whom no file belongs. */
const STRANGER = 65_534;

const AS_STRANGER = `setpriv --reuid ${STRANGER} --regid ${STRANGER} --clear-groups`;

const canChange = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;

beforeAll(() => {
  if (canChange) return;
  const message =
    'files that may not be read are NOT tested here: only root is somebody else as well';
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\n!!! ${message}\n\n`);
});

/** A project that belongs to the stranger; what root writes later does not. */
function strangers(content = 'one\n'): CacheProject {
  const project = new CacheProject({ 'in.txt': content });
  project.pipeline({
    steps: {
      a: {
        run: 'cat ${{ in.x }} > ${{ out.y }}',
        in: { x: './in.txt' },
        out: { y: { type: 'file', to: 'out.txt' } },
      },
    },
  });
  chmodSync(dirname(project.files.root), 0o711);
  for (const name of ['.', ...readdirSync(project.files.root, { recursive: true }).map(String)]) {
    chownSync(project.files.path(name), STRANGER, STRANGER);
  }
  return project;
}

/** What root has made there, and kept. */
const ofRoot = (project: CacheProject): readonly string[] =>
  readdirSync(project.files.root, { recursive: true })
    .map(String)
    .filter(path => lstatSync(project.files.path(path)).uid === 0);

const run = (project: CacheProject) => project.files.shell(`${AS_STRANGER} '${SLUICE}' run`);

function close(project: CacheProject, folder: string): readonly string[] {
  const paths = readdirSync(project.files.path(folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
  for (const path of paths) {
    chownSync(path, 0, 0);
    chmodSync(path, 0o600);
  }
  return paths;
}

describe.runIf(canChange)('a file that may not be read', () => {
  test('is named where it is an input, and nothing else is said', async () => {
    using project = strangers();
    chownSync(project.files.path('in.txt'), 0, 0);
    chmodSync(project.files.path('in.txt'), 0o600);
    const { code, stdout, stderr } = await run(project);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/in\.txt/);
    expect(stdout + stderr).toMatch(/may not be read|denied/);
    expect(stdout + stderr).not.toMatch(/\n {4}at /);
    chmodSync(project.files.path('in.txt'), 0o644);
    expect((await run(project)).code).toBe(0);
    expect(project.files.read('out.txt')).toBe('one\n');
  });

  test.each([
    ['small content', 'blobs', 'one\n'],
    ['large content', 'blobs', 'many\n'.repeat(300_000)],
    ['a trace', 'traces', 'one\n'],
  ])('that is %s: in the store it is a miss, and is made again', async (_, folder, content) => {
    using project = strangers(content);
    expect((await run(project)).code).toBe(0);
    expect(close(project, `.sluice/${folder}`)).not.toEqual([]);
    project.files.write('out.txt', '');
    chownSync(project.files.path('out.txt'), STRANGER, STRANGER);
    const { code, stdout, stderr } = await run(project);
    expect(code, stdout + stderr).toBe(0);
    expect(project.files.read('out.txt') === content).toBe(true);
    expect(stdout + stderr).not.toMatch(/\n {4}at /);
  });
});

test.runIf(canChange && spawnSync('unshare', ['-m', 'true']).status === 0)(
  'a disk that was mounted in the folder of a step, which its user may not take off, stays as it is',
  async () => {
    using project = strangers();
    const isMounted = 'mkdir m; until [ -e m/a ]; do sleep 0.01; done';
    const out = { y: { type: 'file', to: 'out.txt' } };
    project.pipeline({ steps: { a: { run: `${isMounted}; echo done > \${{ out.y }}`, out } } });
    project.files.write('mine/a', 'mine\n');
    spawnSync('chown', ['-R', String(STRANGER), project.files.path('mine')]);
    const running = run(project);
    const point = await vi.waitUntil(() => folderCalled(project, 'm'), { timeout: 20_000 });
    try {
      spawnSync('mount', ['--bind', project.files.path('mine'), point]);
      const { code, stdout, stderr } = await running;
      expect(code, stdout + stderr).toBe(0);
      expect(stdout + stderr).toMatch(/\.sluice\/work\/.* cannot be removed/);
      expect(project.files.read('mine/a')).toBe('mine\n');
    } finally {
      spawnSync('umount', [point]);
    }
    const again = await run(project);
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(readdirSync(project.files.path('.sluice/work'))).toEqual([]);
  },
);

/** In what steps work in; undefined while there is none. */
function folderCalled(project: CacheProject, name: string): string | undefined {
  const work = project.files.path('.sluice/work');
  if (!existsSync(work)) return undefined;
  const found = readdirSync(work, { recursive: true }).map(String);
  const path = found.find(one => one.endsWith(`/${name}`));
  return path === undefined ? undefined : join(work, path);
}

describe('a process that may hold few files open', () => {
  test('stores folders of many files all the same', async () => {
    using project = new CacheProject({});
    const many = (name: string) => ({
      run: `mkdir \${{ out.all }}; for i in $(seq 300); do echo ${name}-$i > \${{ out.all }}/$i; done`,
      out: { all: { type: 'dir', to: name } },
    });
    project.pipeline({ steps: { a: many('one'), b: many('two') } });
    const { code, stdout, stderr } = await project.files.shell(`ulimit -n 100; '${SLUICE}' run`);
    expect(code, stdout + stderr).toBe(0);
    expect(readdirSync(project.files.path('two'))).toHaveLength(300);
    expect((await project.run()).outcomes).toEqual({ a: 'up-to-date', b: 'up-to-date' });
  });

  test.runIf(process.platform === 'linux').each([63, 40, 200])(
    'runs a step where somebody has left one open to it, and the step gets none of it: %i',
    async number => {
      using project = new CacheProject({ 'secret.txt': 'secret\n' });
      const run = 'ls /proc/self/fd > ${{ out.x }}; readlink /proc/self/fd/* | grep -c secret || :';
      project.pipeline({ steps: { a: { run, out: { x: { type: 'file', to: 'open.txt' } } } } });
      const open = `exec ${number}< secret.txt; ulimit -n 64; exec '${SLUICE}' run --json`;
      const { code, stdout, stderr } = await project.files.shell(`bash -c "${open}"`);
      expect(code, stdout + stderr).toBe(0);
      expect(stdout).toMatch(/"text":"0\\n"/);
    },
  );

  test('runs many steps at once', async () => {
    using project = new CacheProject({});
    const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
    const gates = names.map(name => project.gate(name));
    const steps = names.map((name, index) => [
      name,
      {
        run: `${gates[index]?.wait}; echo x > \${{ out.x }}`,
        out: { x: 'file' },
        resources: { cpus: 0.01 },
      },
    ]);
    project.pipeline({ steps: Object.fromEntries(steps) });
    const running = project.files.shell(`ulimit -n 256; '${SLUICE}' run`);
    await Promise.all(gates.map(gate => gate.arrived(running)));
    for (const gate of gates) gate.open();
    expect(await running).toMatchObject({ code: 0, stderr: '' });
  });

  test('is told what it lacks where that is next to none', async () => {
    using project = new CacheProject({});
    project.pipeline({ steps: { a: { run: 'echo x > ${{ out.x }}', out: { x: 'file' } } } });
    const few = await project.files.shell(`ulimit -n 20; '${SLUICE}' run`);
    expect(few).toMatchObject({ code: 3, stdout: '' });
    expect(few.stderr).toBe(
      'error: a process may have 20 files open here, and sluice needs 64\nhelp: raise the limit: ulimit -n 1024\n',
    );
    const enough = await project.files.shell(`ulimit -n 64; '${SLUICE}' run`);
    expect(enough).toMatchObject({ code: 0, stderr: '' });
  });
});

describe.runIf(canChange)('a run of root in the project of somebody else', () => {
  test('leaves nothing there that its owner could not read and replace', async () => {
    using project = strangers();
    project.pipeline(project.files.read('pipelines/p.yaml').replace('out.txt', 'out/deep/x.txt'));
    const asRoot = `umask 077; '${SLUICE}' run`;
    expect((await project.files.shell(asRoot)).code).toBe(0);
    expect(ofRoot(project)).toEqual([]);
    project.files.write('in.txt', 'two\n');
    chownSync(project.files.path('in.txt'), STRANGER, STRANGER);
    expect((await run(project)).code).toBe(0);
    expect(project.files.read('out/deep/x.txt')).toBe('two\n');
  });
});
