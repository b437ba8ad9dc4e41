import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeQuietly } from '../clearing.ts';
import { plainAttempt } from '../testing/plain-attempt.ts';
import { describeExecutor } from './conformance.ts';
import type { Attempt, Share } from './executor.ts';
import { processExecutor } from './process.ts';
import { prepareShare } from './sharing.ts';

const canShare =
  process.getuid?.() === 0 && spawnSync('/usr/bin/unshare', ['--mount', 'true']).status === 0;
if (!canShare)
  process.stderr.write('\n!!! showing files in place is NOT tested: not root here\n\n');

describe.runIf(canShare)('files and folders that are shown in place', () => {
  // Words that a shell would take apart.
  const folder = mkdtempSync(join(tmpdir(), `sluice share $(x) 'y" `));
  const source = join(folder, 'the source');
  const target = join(folder, 'a -- target');
  const data: Share = { source: join(folder, 'a folder'), target: join(folder, "it's data") };
  const never = new AbortController().signal;

  beforeAll(async () => {
    writeFileSync(source, 'shown\n');
    expect(await prepareShare({ source, target })).toBe(true);
    mkdirSync(join(data.source, 'deep'), { recursive: true });
    writeFileSync(join(data.source, 'deep/a'), 'deep\n');
    expect(await prepareShare(data)).toBe(true);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function shell(script: string, changes: Partial<Attempt> = {}) {
    let printed = '';
    const workdir = mkdtempSync(join(folder, 'work-'));
    const termination = await processExecutor({ graceMs: 300 }).execute(
      {
        ...plainAttempt(workdir, script),
        command: ['/bin/sh', '-c', script, 'sh', source, target],
        shared: [{ source, target }, data],
        onOutput: (_, chunk) => {
          printed += chunk.toString('utf8');
        },
        ...changes,
      },
      never,
    );
    return { termination, printed };
  }

  describeExecutor(
    'process (with files and folders shown)',
    () => processExecutor({ graceMs: 300 }),
    {
      setting: () => ({ shared: [{ source, target }, data] }),
    },
  );

  test('are read as what they are, and not written', async () => {
    const script =
      'cat "$2"; ls -i "$1" "$2" | cut -d" " -f1 | uniq | wc -l; echo x > "$2" || exit 3';
    const { termination, printed } = await shell(script);
    expect(termination).toEqual({ kind: 'exited', code: 3 });
    expect(printed).toMatch(/^shown\n1\n.*Read-only/s);
    expect(readFileSync(source, 'utf8')).toBe('shown\n');
  });

  test('are no files for anybody else: who is handed the path fails, and reads nothing else', async () => {
    await shell('cat "$2"');
    expect(() => readFileSync(target)).toThrow(/ENXIO/);
  });

  test('are folders with all that is in them, and nothing of them is written or taken away', async () => {
    const script = `cd "it's data" && find . && ls -id . && cat deep/a; touch new; rm -rf deep; exit 3`;
    const { termination, printed } = await shell(script, { workdir: folder });
    expect(termination).toEqual({ kind: 'exited', code: 3 });
    const inode = statSync(data.source).ino;
    const seen = `^\\.\n\\./deep\n\\./deep/a\n${inode} \\.\ndeep\n`;
    expect(printed).toMatch(new RegExp(seen));
    expect(printed.match(/Read-only file system/g)).toHaveLength(2);
    expect(readdirSync(data.source, { recursive: true })).toEqual(['deep', 'deep/a']);
  });

  test('are for anybody else folders with nothing but what cannot be read, and says why', async () => {
    await shell('ls');
    expect(readdirSync(data.target)).toEqual(['shown-only-to-the-step-itself']);
    const outside = spawnSync('cp', ['-r', data.target, join(folder, 'copy')], { uid: 65_534 });
    expect(outside.status).not.toBe(0);
    const all = spawnSync('sh', ['-c', 'cat "$1"/*', 'sh', data.target]);
    expect(all.stderr.toString()).toMatch(/shown-only-to-the-step-itself.*No such device/);
  });

  test('leave no mount behind', async () => {
    await shell('cat "$2"; kill -9 $$');
    const table = readFileSync('/proc/self/mountinfo', 'utf8');
    // What made the folder's name unlike any other: all else is in octal there.
    expect(table).not.toContain(folder.slice(-6));
  });

  test('are left alone by what clears the folder of the step, also while the step goes on', async () => {
    const workdir = mkdtempSync(join(folder, 'cleared-'));
    const place = { ...data, target: join(workdir, 'in') };
    expect(await prepareShare(place)).toBe(true);
    let removed: boolean | undefined;
    const onOutput = () => {
      removed ??= removeQuietly(workdir);
    };
    await shell('echo held; cat in/deep/a', { shared: [place], workdir, onOutput });
    expect(removed).toBe(true);
    expect(existsSync(workdir)).toBe(false);
    expect(readFileSync(join(data.source, 'deep/a'), 'utf8')).toBe('deep\n');
  });

  test('another folder that is in the place of the one that is meant is not shown', async () => {
    const { dev, ino } = statSync(data.source, { bigint: true });
    const meant = { ...data, identity: `${dev}:${ino}` };
    expect((await shell('', { shared: [meant] })).termination).toMatchObject({ code: 0 });
    const instead = join(folder, 'folder instead');
    mkdirSync(instead);
    const replaced = { ...meant, source: instead, name: 'data' };
    expect(await shell('echo ran', { shared: [{ source, target }, replaced] })).toEqual({
      termination: { kind: 'input-replaced', path: 'data' },
      printed: '',
    });
    const fresh = { ...meant, source: instead, target: join(folder, 'fresh folder') };
    expect(await prepareShare(fresh)).toBe(false);
    expect(existsSync(fresh.target)).toBe(false);
  });

  test('a target that cannot be mounted on is told as not started', async () => {
    const { termination, printed } = await shell('echo ran', {
      shared: [{ source: join(folder, 'nowhere'), target }],
    });
    expect(termination).toMatchObject({ kind: 'not-started' });
    expect(printed).not.toContain('ran');
  });

  test('another file that is in the place of the one that is meant is not shown', async () => {
    const { dev, ino } = statSync(source, { bigint: true });
    const meant = { source, target, identity: `${dev}:${ino}` };
    expect(await shell('cat "$2"', { shared: [meant] })).toEqual({
      termination: { kind: 'exited', code: 0 },
      printed: 'shown\n',
    });
    const instead = join(folder, 'instead');
    writeFileSync(instead, 'other\n');
    expect(await shell('cat "$2"', { shared: [{ ...meant, source: instead }] })).toEqual({
      termination: { kind: 'input-replaced', path: instead },
      printed: '',
    });
    const gone = { ...meant, source: join(folder, 'gone') };
    const { termination } = await shell('cat "$2"', { shared: [gone] });
    expect(termination).toEqual({ kind: 'input-replaced', path: gone.source });
    const fresh = { ...meant, source: instead, target: join(folder, 'fresh') };
    expect(await prepareShare(fresh)).toBe(false);
    expect(await prepareShare({ ...fresh, source })).toBe(true);
  });

  test('a source that cannot be shown leaves nothing at the target', async () => {
    const other = join(folder, 'other');
    const nowhere = { source: join(folder, 'nowhere') };
    expect(await prepareShare({ ...nowhere, target: other })).toBe(false);
    mkdirSync(other); // Would fail if something were there.
  });

  test('and the environment is the one that was given, whatever a shell or a loader makes of it', async () => {
    const env = {
      Z: 'first',
      ...{ IFS: ':', OPTIND: '5', PPID: '77', PWD: '/x', OLDPWD: '/y', SHLVL: '9', _: '' },
      ...{ SHELLOPTS: 'posix', BASHOPTS: 'x', UID: '1', EUID: '2', PATH: '/nowhere' },
      ...{ 'with.a-dot': 'äö\n=', PERL5OPT: '-d', LARGE: 'x'.repeat(100_000) },
      ...{ LD_LIBRARY_PATH: folder, LD_BIND_NOW: '1', LC_ALL: 'nowhere' },
    };
    for (let n = 0; n < 10; n += 1) Object.assign(env, { [`LARGE${n}`]: 'y'.repeat(100_000) });
    const command = ['/usr/bin/env', '-0'] as const;
    const { termination, printed } = await shell('', { env, command });
    expect(termination).toEqual({ kind: 'exited', code: 0 });
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}\0`);
    expect(printed).toBe(variables.join(''));
    expect(await shell('', { env: {}, command })).toMatchObject({ printed: '' });
  });

  test('of a variable that holds a NUL nothing is made up: it is not started', async () => {
    const { termination } = await shell('echo ran', { env: { A: 'a\0B=b' } });
    expect(termination).toMatchObject({ kind: 'not-started' });
  });

  test('what the loader is told for the step applies to nothing before it', async () => {
    const seen = async (shared: readonly Share[]) => {
      const env = { LD_DEBUG: 'libs', LD_PRELOAD: "it's data/deep/a" };
      const command = ['/bin/true'] as const;
      const { printed } = await shell('', { env, command, shared, workdir: folder });
      return new Set(printed.match(/calling init: .*|initialize program: .*/g));
    };
    const programs = [...(await seen([{ source, target }]))];
    expect(programs.filter(line => line.includes('program'))).toEqual([
      'initialize program: /bin/true',
    ]);
    expect(new Set(programs)).toEqual(await seen([]));
  });

  test('and streams and signals are those that it would have without', async () => {
    const script =
      'ls -l /proc/self/fd | tail -n +2 | wc -l; grep -E "^(Sig|Shd)" /proc/self/status';
    const facts = async (shared: readonly Share[]) =>
      (await shell(script, { shared })).printed.replace(/^SigQ.*$/m, '');
    expect(await facts([{ source, target }])).toBe(await facts([]));
  });

  test('a program that lies in what is shown is found there, by path and on PATH', async () => {
    const tools = { source: join(folder, 'tools'), target: join(folder, 'shown tools') };
    mkdirSync(tools.source);
    writeFileSync(join(tools.source, 'prog'), '#!/bin/sh\necho "ran $1"\n', { mode: 0o755 });
    writeFileSync(join(tools.source, 'plain'), '', { mode: 0o644 });
    expect(await prepareShare(tools)).toBe(true);
    const run = (program: string) =>
      shell('', {
        shared: [tools],
        workdir: folder,
        command: [program, 'it'],
        env: { PATH: 'shown tools:/usr/bin' },
      });
    const ran = { termination: { kind: 'exited', code: 0 }, printed: 'ran it\n' };
    expect(await run('shown tools/prog')).toEqual(ran);
    expect(await run('prog')).toEqual(ran);
    const message = (pattern: RegExp) => ({
      termination: { kind: 'not-started', message: expect.stringMatching(pattern) },
      printed: '',
    });
    expect(await run('shown tools/none')).toEqual(message(/no program at `shown tools\/none`/));
    expect(await run('none')).toEqual(message(/`none` was not found on PATH/));
    expect(await run('plain')).toEqual(message(/`plain` may not be executed/));
    expect(await run('')).toEqual(message(/first word of its command is empty/));
  });

  test('a program that is not executable is not started', async () => {
    const { termination } = await shell('', { command: ['/etc/passwd'] });
    expect(termination).toMatchObject({
      kind: 'not-started',
      message: expect.stringMatching(/chmod/),
    });
  });

  test('many are shown at once', async () => {
    const shared = Array.from({ length: 40 }, (_, index) => ({
      source: join(folder, `source ${index}`),
      target: join(folder, `target ${index}`),
    }));
    const isFolder = (index: number) => index % 2 === 1;
    const fileOf = (index: number, path: string) => (isFolder(index) ? join(path, 'a') : path);
    for (const [index, share] of shared.entries()) {
      if (isFolder(index)) mkdirSync(share.source);
      writeFileSync(fileOf(index, share.source), `${index}\n`);
      expect(await prepareShare(share)).toBe(true);
    }
    const words = shared.map((share, index) => fileOf(index, share.target));
    const { printed } = await shell('', { shared, command: ['/bin/cat', ...words] });
    expect(printed).toBe(shared.map((_, index) => `${index}\n`).join(''));
  });
});
