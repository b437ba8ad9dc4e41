import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Resources } from '../../../schema/plan.ts';
import {
  address,
  containerOf,
  engine,
  newFolder,
  openAlone,
  openDocker,
  runIn,
  shellAttempt,
} from '../../../test/harness/containers.ts';
import { describeExecutor } from '../conformance.ts';
import type { Attempt } from '../executor.ts';

const MIB = 1024 * 1024;
const never = new AbortController().signal;

const limits = (changes: Partial<Resources>): { readonly resources: Resources } => ({
  resources: { ...shellAttempt('').resources, ...changes },
});

const containersOf = async (label: string) =>
  engine.client.listContainers({ all: true, filters: { label: [label] } });

describe.skipIf(address === null)('on a real engine', () => {
  describeExecutor('docker', openDocker, {
    setting: () => ({ container: containerOf() }),
    alone: () => openAlone(),
  });

  describe('a step is confined', () => {
    test('it writes only where it may', async () => {
      const { stdout } = await runIn(
        openDocker(),
        'for f in /x /etc/x /bin/x; do (: > $f) 2>/dev/null || echo no; done; for f in /tmp/x /run/x x; do : > $f && echo yes; done',
      );
      expect(stdout).toBe('no\nno\nno\nyes\nyes\nyes\n');
    });

    test('it has no capabilities and gains no privileges', async () => {
      const { stdout } = await runIn(
        openDocker(),
        'grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status',
      );
      expect(stdout.replace(/\t/g, ' ').trim().split('\n')).toEqual([
        'CapEff: 0000000000000000',
        'CapBnd: 0000000000000000',
        'NoNewPrivs: 1',
      ]);
    });

    test('it has no network but itself', async () => {
      const { stdout } = await runIn(openDocker(), 'ls /sys/class/net');
      expect(stdout).toBe('lo\n');
    });

    test('it is the calling user, and what it makes is theirs', async () => {
      const attempt = shellAttempt('id -u; echo x > made');
      await openDocker().execute(attempt, new AbortController().signal);
      expect(statSync(join(attempt.workdir, 'made')).uid).toBe(process.getuid?.());
    });

    test('it may be another user where the pipeline says so', async () => {
      const container = containerOf({ user: '1234:5678' });
      const { stdout } = await runIn(openDocker(), 'id -u; id -g', { container });
      expect(stdout).toBe('1234\n5678\n');
    });

    test('it has as many processes as it may, and no more', async () => {
      const container = containerOf({ pids: 12 });
      const script = 'for i in $(seq 30); do sleep 5 & done; jobs | wc -l';
      const { stderr } = await runIn(openDocker(), script, { container });
      expect(stderr).toMatch(/can't fork|Resource temporarily unavailable/);
    });

    test('it has the shared memory that it asks for', async () => {
      const { stdout } = await runIn(
        openDocker(),
        "df -k /dev/shm | awk 'NR == 2 { print $2 }'",
        limits({ shmBytes: 96 * MIB }),
      );
      expect(Number(stdout)).toBe(96 * 1024);
    });

    test('what the pipeline loosens is loosened', async () => {
      const container = containerOf({
        writableRoot: true,
        capabilities: ['SYS_PTRACE'],
        network: 'bridge',
      });
      const { stdout } = await runIn(
        openDocker(),
        ': > /x && echo written; grep CapBnd /proc/self/status; ls /sys/class/net',
        { container },
      );
      expect(stdout).toContain('written');
      expect(stdout).toContain('0000000000080000');
      expect(stdout).toContain('eth0');
    });

    test('binds are read-only unless they are said to be writable', async () => {
      const folder = newFolder();
      for (const name of ['in', 'out']) mkdirSync(join(folder, name));
      writeFileSync(join(folder, 'in/a'), 'a');
      const at = (path: string, writable: boolean) => ({
        source: join(folder, path),
        target: `/sluice/work/${path}`,
        writable,
      });
      const { stdout } = await runIn(
        openDocker(),
        '(echo b > in/a) 2>/dev/null || echo no; (: > x) 2>/dev/null || echo no; cat in/a > out/a',
        { binds: [at('.', false), at('out', true)] },
      );
      expect(stdout).toBe('no\nno\n');
      expect(readFileSync(join(folder, 'out/a'), 'utf8')).toBe('a');
    });
  });

  describe('ends are told apart', () => {
    test('a step that outgrows its memory', async () => {
      const { termination } = await runIn(
        openDocker(),
        'tail /dev/zero',
        limits({ memoryBytes: 32 * MIB }),
      );
      expect(termination).toEqual({ kind: 'out-of-memory' });
    });

    test('a child that outgrows it while the step itself exits well', async () => {
      const { termination } = await runIn(
        openDocker(),
        '(tail /dev/zero) & wait $!; exit 0',
        limits({ memoryBytes: 32 * MIB }),
      );
      expect(termination).toEqual({ kind: 'out-of-memory' });
    });

    test('a kill that has nothing to do with memory', async () => {
      const { termination } = await runIn(openDocker(), 'kill -KILL $$');
      expect(termination).toEqual({ kind: 'killed', signal: 'SIGKILL' });
    });

    test('a program that may not be executed', async () => {
      const { termination } = await runIn(openDocker(), '', { command: ['/etc/passwd'] });
      expect(termination).toMatchObject({
        kind: 'not-started',
        message: expect.stringContaining('chmod +x'),
      });
    });

    test('an image that is nowhere', async () => {
      const container = containerOf({ image: 'localhost/nobody/made-this:1' });
      const { termination } = await runIn(openDocker(), 'true', { container });
      expect(termination).toMatchObject({
        kind: 'not-started',
        message: expect.stringContaining('is not on this machine'),
      });
    });

    test('a registry that cannot be reached', async () => {
      const container = containerOf({ image: 'registry.invalid/team/train:1' });
      const { termination } = await runIn(openDocker(), 'true', { container });
      expect(termination).toMatchObject({
        kind: 'not-started',
        message: expect.stringContaining('registry.invalid cannot be reached'),
      });
    });

    test('a container that somebody takes away is lost', async () => {
      const label = `dev.sluice.run=taken-${process.pid}`;
      const ending = runIn(openDocker(), 'echo begun; sleep 300', {
        labels: { run: `taken-${process.pid}` },
        onOutput: () => {
          void containersOf(label).then(([found]) =>
            engine.client.getContainer(found?.Id ?? '').remove({ force: true }),
          );
        },
      });
      expect((await ending).termination.kind).toBe('lost');
    });

    test('no engine at all', async () => {
      const { connectEngine } = await import('./engine.ts');
      const nobody = connectEngine({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
      const { termination } = await runIn(openDocker('/nowhere', nobody), 'true');
      expect(termination).toMatchObject({
        kind: 'not-started',
        message: expect.stringContaining('no container engine answers at unix:///nowhere'),
      });
    });
  });

  test('nothing is left behind, however an attempt ends', async () => {
    const run = `clean-${process.pid}`;
    const labels = { run };
    const abort = new AbortController();
    const executor = openDocker();
    const endOf = async (script: string, changes: Partial<Attempt> = {}, signal = never) => {
      const workdir = newFolder();
      await runIn(executor, script, { labels, workdir, ...changes }, signal);
      await executor.release?.(workdir);
    };
    const onOutput = () => abort.abort();
    await Promise.all([
      endOf('exit 3'),
      endOf('', { command: ['no-such-program'] }),
      endOf('sleep 300', { timeoutMs: 300 }),
      endOf('echo x; sleep 300', { onOutput }, abort.signal),
    ]);
    expect(await containersOf(`dev.sluice.run=${run}`)).toEqual([]);
  });

  test('containers of dead runs are removed, those of living ones stay', async () => {
    const home = `/nowhere/${process.pid}`;
    const executor = openDocker();
    const abort = new AbortController();
    const start = (run: string) => {
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      const changes = { labels: { home, run, key: 'k' }, onRunning: () => resolve() };
      const ended = runIn(executor, 'sleep 300', changes, abort.signal);
      return { begun, ended };
    };
    const runs = ['dead', 'alive'].map(start);
    await Promise.all(runs.map(({ begun }) => begun));
    const orphans = (await executor.orphans?.(home, async run => run === 'dead')) ?? [];
    expect(orphans).toMatchObject([{ labels: { run: 'dead', step: 'tried' } }]);
    const handle = orphans[0]?.handle;
    const { State } = await engine.client.getContainer(handle?.id ?? '').inspect();
    expect(handle?.startedAt).toEqual(new Date(State.StartedAt));
    await Promise.all(orphans.map(({ end }) => end()));
    const left = await containersOf(`dev.sluice.home=${home}`);
    expect(left.map(({ Labels }) => Labels['dev.sluice.run'])).toEqual(['alive']);
    abort.abort();
    await Promise.all(runs.map(({ ended }) => ended));
  });
});
