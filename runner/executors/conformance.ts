/**
 * What every executor is held to (executor.ts). Called from the test of each, with whatever it needs
 * to be real; the attempts are shell commands, so that they run on any of them.
 */
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { plainAttempt } from '../testing/plain-attempt.ts';
import { type Alone, expectNoLeak, LEAKS_TIMEOUT_MS, onlyExecutor } from './conformance-leaks.ts';
import type { Attempt, Executor, Gauge, Reading, Termination } from './executor.ts';

/** What an executor's own surroundings add to any environment. */
const SURROUNDINGS = ['PWD', 'OLDPWD', '_', 'SHLVL', 'HOSTNAME', 'TINI_KILL_PROCESS_GROUP'];

type Circumstances = {
  /** What attempts need to be given for this executor, such as a container. */
  readonly setting?: () => Partial<Attempt>;
  /** Where what is made keeps something for later, or shares something. */
  readonly alone?: () => Alone;
};

export function describeExecutor(
  name: string,
  make: () => Executor,
  { setting = () => ({}), alone = () => onlyExecutor(make()) }: Circumstances = {},
): void {
  describe(`the ${name} executor`, () => {
    let workdir = '';
    beforeEach(() => {
      workdir = mkdtempSync(join(tmpdir(), 'sluice-executor-'));
    });
    const opened: (() => Promise<void> | undefined)[] = [];
    afterEach(async () => {
      for (const release of opened.splice(0)) await release();
      rmSync(workdir, { recursive: true, force: true });
    });
    const open = async (executor: Executor, attempt: Attempt) => {
      await executor.reserve?.(attempt);
      opened.push(() => executor.release?.(attempt.workdir));
    };

    const shell = async (
      script: string,
      signal: AbortSignal = new AbortController().signal,
      changes: Partial<Attempt> = {},
    ) => {
      const executor = make();
      const attempt = { ...plainAttempt(workdir, script), ...setting(), ...changes };
      await open(executor, attempt);
      return perform(executor, attempt, signal);
    };
    const file = (path: string) => join(workdir, path);

    test.each([0, 3, 126, 255])('exit code %d is told as it is', async code => {
      const { termination } = await shell(`exit ${code}`);
      expect(termination).toEqual({ kind: 'exited', code });
    });

    test('a signal that ended it is told by name', async () => {
      const { termination } = await shell('kill -SEGV $$');
      expect(termination).toEqual({ kind: 'killed', signal: 'SIGSEGV' });
    });

    test('output comes whole, each stream in order, before the end is told', async () => {
      const { stdout, stderr } = await shell('for i in 1 2 3; do echo o$i; echo e$i >&2; done');
      expect(stdout).toBe('o1\no2\no3\n');
      expect(stderr).toBe('e1\ne2\ne3\n');
    });

    test('it sees the environment it was given and nothing else', async () => {
      const env = { PATH: process.env['PATH'] ?? '', HOME: workdir, ONLY: 'this' };
      const { stdout } = await shell('env | sort', undefined, { env });
      const names = stdout.split('\n').flatMap(line => line.split('=')[0] || []);
      expect(names.filter(each => !SURROUNDINGS.includes(each))).toEqual(['HOME', 'ONLY', 'PATH']);
    });

    test('it runs in its working directory', async () => {
      await shell('echo here > file');
      expect(readFileSync(file('file'), 'utf8')).toBe('here\n');
    });

    test('a program that is not there is not started, and the message names it', async () => {
      const command = ['no-such-program-anywhere'] as const;
      const { termination } = await shell('', undefined, { command });
      expect(termination).toMatchObject({
        kind: 'not-started',
        message: expect.stringContaining('no-such-program-anywhere'),
      });
    });

    test('what takes too long is ended as timed out, even if it then exits well', async () => {
      const script = "trap 'exit 0' TERM; while :; do sleep 0.02; done";
      const { termination } = await shell(script, undefined, { timeoutMs: 100 });
      expect(termination).toEqual({ kind: 'timed-out' });
    });

    test('after an abort it may tidy up, and the answer is cancelled', async () => {
      const abort = new AbortController();
      const script =
        "trap 'echo tidy > tidied; exit 0' TERM; : > ready; while :; do sleep 0.02; done";
      const ending = shell(script, abort.signal);
      await appears(workdir, 'ready');
      abort.abort();
      expect((await ending).termination).toEqual({ kind: 'cancelled' });
      expect(existsSync(file('tidied'))).toBe(true);
    });

    test('what does not heed an abort is killed after the grace period', async () => {
      const abort = new AbortController();
      const ending = shell("trap '' TERM; : > ready; while :; do sleep 0.02; done", abort.signal);
      await appears(workdir, 'ready');
      abort.abort();
      expect((await ending).termination).toEqual({ kind: 'cancelled' });
    });

    test('an abort before the start starts nothing', async () => {
      const { termination } = await shell(': > ran', AbortSignal.abort());
      expect(termination).toEqual({ kind: 'cancelled' });
      expect(existsSync(file('ran'))).toBe(false);
    });

    test('an abort that loses the race is an abort all the same', async () => {
      const abort = new AbortController();
      const { termination } = await shell('echo done', abort.signal, {
        onOutput: () => abort.abort(),
      });
      expect(termination).toEqual({ kind: 'cancelled' });
    });

    test('insisting kills at once', async () => {
      const abort = new AbortController();
      const kill = new AbortController();
      const ending = shell("trap '' TERM; : > ready; while :; do sleep 0.02; done", abort.signal, {
        kill: kill.signal,
      });
      await appears(workdir, 'ready');
      abort.abort();
      kill.abort();
      expect((await ending).termination).toEqual({ kind: 'cancelled' });
    });

    test('nothing that it has started is left when the end is told', async () => {
      const mark = randomUUID();
      const sleeper = `/bin/sh -c 'sleep 300; :' ${mark} &`;
      const { stdout } = await shell(`${sleeper} (${sleeper}) ; echo begun`);
      expect(stdout).toBe('begun\n');
      expect(processesMarked(mark)).toEqual([]);
    });

    test('bytes that are no text come as they are', async () => {
      const chunks: Buffer[] = [];
      await shell("printf '\\000\\377\\001\\n\\200'", undefined, {
        onOutput: (_, chunk) => chunks.push(chunk),
      });
      expect([...Buffer.concat(chunks)]).toEqual([0, 255, 1, 10, 128]);
    });

    test('ten megabytes come whole', async () => {
      let bytes = 0;
      await shell('head -c 10000000 /dev/zero', undefined, {
        onOutput: (_, chunk) => {
          bytes += chunk.length;
        },
      });
      expect(bytes).toBe(10_000_000);
    });

    test('names of files may be in any script, and what it makes belongs to who asked', async () => {
      await shell('mkdir -p "Größe 大" && echo x > "Größe 大/ß.txt"');
      const path = file('Größe 大/ß.txt');
      expect(readFileSync(path, 'utf8')).toBe('x\n');
      expect(statSync(path).uid).toBe(process.getuid?.());
    });

    test('many attempts at once do not mix their output', async () => {
      const attempts = Array.from({ length: 6 }, (_, n) => {
        const own = mkdtempSync(join(workdir, 'own-'));
        const script = `for i in 1 2 3; do echo ${n}; done`;
        return shell(script, undefined, { workdir: own, env: { HOME: `${own}/home` } });
      });
      const printed = (await Promise.all(attempts)).map(({ stdout }) => stdout);
      expect(printed).toEqual(attempts.map((_, n) => `${n}\n`.repeat(3)));
    });

    test(
      'a thousand attempts, however they end, leave nothing behind',
      { timeout: LEAKS_TIMEOUT_MS },
      () => expectNoLeak(alone, { workdir, setting }),
    );

    test('while it runs, what it uses can be read', async () => {
      const abort = new AbortController();
      let gauge: Gauge | undefined;
      let reading: Promise<Reading | undefined> | undefined;
      const script = 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo ready; sleep 300; :';
      await shell(script, abort.signal, {
        onRunning: given => {
          gauge = given;
        },
        onOutput: () => {
          reading ??= gauge?.read('exact').finally(() => abort.abort());
        },
      });
      const { cpuMs = 0, memoryBytes = 0 } = (await reading) ?? {};
      expect(cpuMs).toBeGreaterThan(10);
      expect(memoryBytes).toBeGreaterThan(1_000);
      expect(memoryBytes).toBeLessThan(100_000_000);
    });

    test('an argument reaches the program as it is', async () => {
      const word = `a 'b' "c" $d \`e\` \\ * \n end`;
      const command = ['/bin/sh', '-c', 'printf %s "$1"', 'sh', word] as const;
      expect((await shell('', undefined, { command })).stdout).toBe(word);
    });
  });
}

type Performed = {
  readonly termination: Termination;
  readonly stdout: string;
  readonly stderr: string;
};

async function perform(
  executor: Executor,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Performed> {
  const printed = { stdout: '', stderr: '' };
  const termination = await executor.execute(
    {
      ...attempt,
      onOutput: (stream, chunk) => {
        printed[stream] += chunk.toString('utf8');
        attempt.onOutput(stream, chunk);
      },
    },
    signal,
  );
  return { termination, ...printed };
}

/** Settles when the file is there. */
function appears(folder: string, name: string): Promise<void> {
  return new Promise(resolve => {
    const watcher = watch(folder, () => look());
    const look = () => {
      if (!existsSync(join(folder, name))) return;
      watcher.close();
      resolve();
    };
    look();
  });
}

/** Command lines of living processes that carry the mark; those of containers are seen as well. */
function processesMarked(mark: string): readonly string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(commandLineOf)
    .filter(line => line.includes(mark));
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8'); // Empty for a zombie.
  } catch {
    return '';
  }
}
