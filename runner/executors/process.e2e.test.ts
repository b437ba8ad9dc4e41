import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { plainAttempt } from '../testing/plain-attempt.ts';
import { describeExecutor } from './conformance.ts';
import type { Attempt } from './executor.ts';
import { processExecutor } from './process.ts';

describeExecutor('process', () => processExecutor({ graceMs: 300 }));

const attemptIn = (workdir: string, script: string, changes: Partial<Attempt> = {}): Attempt => ({
  ...plainAttempt(workdir, script),
  ...changes,
});

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-process-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const never = new AbortController().signal;

test('a process that has left the group and holds the streams open is ended as well', () =>
  inFolder(async folder => {
    let printed = '';
    const attempt = attemptIn(folder, 'setsid sleep 3000 & echo $!', {
      onOutput: (_, chunk) => {
        printed += chunk.toString('utf8');
      },
    });
    expect(await processExecutor().execute(attempt, never)).toEqual({ kind: 'exited', code: 0 });
    expect(() => readFileSync(`/proc/${Number(printed)}/environ`)).toThrow();
  }));

test('a process that has left the group and its environment is ended where it still works there', () =>
  inFolder(async folder => {
    let printed = '';
    const isOut = '[ "$(cut -d" " -f5 /proc/$!/stat)" = $! ]';
    const script = `env -i setsid sleep 3000 & echo $!; until ${isOut}; do :; done`;
    const attempt = attemptIn(folder, script, {
      onOutput: (_, chunk) => {
        printed += chunk.toString('utf8');
      },
    });
    await processExecutor().execute(attempt, never);
    expect(() => readFileSync(`/proc/${Number(printed)}/environ`)).toThrow();
  }));

test('a person who looks around in a terminal is not taken for one of its processes', () =>
  inFolder(async folder => {
    const pidFile = join(folder, 'pid');
    const go = join(folder, 'go');
    const executor = processExecutor();
    let hasBegun = () => {};
    const begun = new Promise<void>(resolve => {
      hasBegun = resolve;
    });
    const script = `echo; while [ ! -e ${go} ]; do sleep 0.01; done`;
    const running = executor.execute(attemptIn(folder, script, { onOutput: hasBegun }), never);
    await begun;
    const looking = `cd ${folder}; echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 3000`;
    const terminal = spawn('script', ['-qefc', looking, '/dev/null'], { stdio: 'ignore' });
    const closed = new Promise(resolve => terminal.once('exit', resolve));
    await vi.waitUntil(() => existsSync(pidFile), { timeout: 10_000 });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    writeFileSync(go, '');
    expect(await running).toEqual({ kind: 'exited', code: 0 });
    const isThere = existsSync(`/proc/${pid}/environ`);
    if (isThere) process.kill(pid);
    await closed;
    expect(isThere).toBe(true);
  }));

test.each<[string, (folder: string) => { cwd: string; env: Record<string, string> }]>([
  [
    'a program with windows that a person has begun there',
    cwd => ({ cwd, env: { TERM: 'xterm', PWD: cwd } }),
  ],
  [
    'a program that a person has begun elsewhere, after a visit there',
    folder => ({ cwd: '/', env: { PWD: '/', OLDPWD: `${folder}/out`, _: `${folder}/out/see` } }),
  ],
])('%s is not taken for one of its processes', (_, begin) =>
  inFolder(async folder => {
    const go = join(folder, 'go');
    const { promise: begun, resolve: hasBegun } = Promise.withResolvers<void>();
    const script = `echo; while [ ! -e ${go} ]; do sleep 0.01; done`;
    const attempt = attemptIn(folder, script, { onOutput: () => hasBegun() });
    const running = processExecutor().execute(attempt, never);
    await begun;
    const theirs = spawn('sleep', ['3000'], { ...begin(folder), detached: true, stdio: 'ignore' });
    const ended = new Promise(resolve => theirs.once('exit', (_code, signal) => resolve(signal)));
    writeFileSync(go, '');
    expect(await running).toEqual({ kind: 'exited', code: 0 });
    theirs.kill('SIGTERM');
    expect(await ended).toBe('SIGTERM');
  }),
);

test('who left the group before another attempt ended is ended with its own', () =>
  inFolder(async folder => {
    const executor = processExecutor();
    let printed = '';
    let hasPrinted = () => {};
    const isAway = new Promise<void>(resolve => {
      hasPrinted = resolve;
    });
    const go = join(folder, 'go');
    const script = `setsid sleep 3000 & echo $!; while [ ! -e ${go} ]; do sleep 0.01; done`;
    const attempt = attemptIn(join(folder, 'first'), script, {
      onOutput: (_, chunk) => {
        printed += chunk.toString('utf8');
        hasPrinted();
      },
    });
    mkdirSync(attempt.workdir);
    mkdirSync(join(folder, 'second'));
    const first = executor.execute(attempt, never);
    await isAway;
    await executor.execute(attemptIn(join(folder, 'second'), 'true'), never);
    expect(existsSync(`/proc/${Number(printed)}`)).toBe(true);
    writeFileSync(go, '');
    expect(await first).toEqual({ kind: 'exited', code: 0 });
    expect(() => readFileSync(`/proc/${Number(printed)}/environ`)).toThrow();
  }));

test('a hundred megabytes of output pass without being gathered in memory', () =>
  inFolder(async folder => {
    let bytes = 0;
    let most = 0;
    const before = process.memoryUsage().rss;
    const attempt = attemptIn(folder, 'head -c 100000000 /dev/zero', {
      onOutput: (_, chunk) => {
        bytes += chunk.length;
        most = Math.max(most, process.memoryUsage().rss);
      },
    });
    await processExecutor().execute(attempt, never);
    expect(bytes).toBe(100_000_000);
    expect(most - before).toBeLessThan(90_000_000);
  }));

test('the process that leads the attempt is named once', () =>
  inFolder(async folder => {
    const pids: number[] = [];
    await processExecutor().execute(
      attemptIn(folder, 'true', { onStarted: pid => pids.push(pid) }),
      never,
    );
    expect(pids).toHaveLength(1);
  }));

test.each([
  ['./missing.sh', /files/],
  ['/etc/passwd', /chmod|interpreter/],
  ['', /^the first word of its command is empty$/],
])('%j is not started, and the message teaches', (program, words) =>
  inFolder(async folder => {
    const attempt = attemptIn(folder, '', { command: [program] });
    expect(await processExecutor().execute(attempt, never)).toMatchObject({
      kind: 'not-started',
      message: expect.stringMatching(words),
    });
  }),
);

test('a word with a NUL byte is not started, and nothing is thrown', () =>
  inFolder(async folder => {
    const attempt = attemptIn(folder, '', { command: ['/bin/echo', 'a\0b'] });
    expect(await processExecutor().execute(attempt, never)).toMatchObject({ kind: 'not-started' });
  }));
