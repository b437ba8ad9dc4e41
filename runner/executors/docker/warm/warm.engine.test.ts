import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  address,
  containerOf,
  engine,
  newFolder,
  openAlone,
  openDocker,
  openPool,
  runIn,
} from '../../../../test/harness/containers.ts';
import { once, openWarm, unlimited } from '../../../../test/harness/warm-containers.ts';
import { describeExecutor } from '../../conformance.ts';

const MIB = 1024 * 1024;

describe.skipIf(address === null)('containers that stay warm', () => {
  const pool = openPool();
  const executor = openDocker('/nowhere', engine, pool);
  afterAll(() => pool.close());

  describeExecutor('warm docker', () => executor, {
    setting: () => ({ container: containerOf() }),
    alone: () => openAlone(openPool()),
  });

  test('one container serves step after step, each with a working directory of its own', async () => {
    await using warm = openWarm();
    const found: (readonly string[])[] = [];
    for (const name of ['a', 'b', 'c']) {
      const { stdout } = await once(
        warm.executor,
        `ls; : > ${name}; mkdir -p x/y`,
        {},
        {
          look: workdir => found.push(readdirSync(workdir).sort()),
        },
      );
      expect(stdout).toBe('');
    }
    expect(found).toEqual([
      ['a', 'x'],
      ['b', 'x'],
      ['c', 'x'],
    ]);
    expect(await warm.containers()).toHaveLength(1);
  });

  test('what runs in it runs as in a container of its own: environment, user, limits', async () => {
    await using warm = openWarm();
    const env = { A: '1', PATH: '/bin' };
    const script =
      'env | sort; id; grep -E "^(Cap|NoNew|Seccomp)" /proc/self/status; ulimit -a; pwd';
    const cold = await runIn(openDocker(), script, { env });
    await once(warm.executor, 'export B=2', { env: { C: '3' } });
    expect(await once(warm.executor, script, { env })).toEqual(cold);
  });

  test('a step may kill everything that it can: the guard is not among it', async () => {
    await using warm = openWarm();
    const { termination, stdout } = await once(warm.executor, 'kill -9 -1; echo still here');
    expect({ termination, stdout }).toEqual({
      termination: { kind: 'exited', code: 0 },
      stdout: 'still here\n',
    });
    expect(await warm.containers()).toHaveLength(1);
  });

  test('a child that outgrows the memory is told, and no later step pays for it', async () => {
    await using warm = openWarm();
    const resources = { ...unlimited, memoryBytes: 32 * MIB };
    const outgrown = await once(warm.executor, '(tail /dev/zero) & wait $!; exit 0', { resources });
    expect(outgrown.termination).toEqual({ kind: 'out-of-memory' });
    expect(await warm.containers()).toEqual([]);
    const next = await once(warm.executor, 'echo fine', { resources });
    expect(next.termination).toEqual({ kind: 'exited', code: 0 });
  });

  describe('with folders of its own', () => {
    const setting = () => {
      const workdir = newFolder();
      const scratch = join(newFolder(), 'scratch');
      const at = (path: string, writable: boolean) => ({
        source: join(workdir, path),
        target: join('/sluice/work', path),
        writable,
      });
      const binds = [
        at('.', false),
        at('.step', true),
        at('out', true),
        { source: scratch, target: '/sluice/work/.step/scratch', writable: true },
      ];
      const layOut = () => {
        for (const name of ['in', 'out', '.step/scratch']) {
          mkdirSync(join(workdir, name), { recursive: true });
        }
        mkdirSync(scratch, { recursive: true });
        writeFileSync(join(workdir, 'in/a'), 'given');
      };
      return { workdir, scratch, binds, layOut };
    };
    const script =
      '(echo x > in/a) 2>/dev/null || echo no; (: > y) 2>/dev/null || echo no; cat in/a > out/made; ls .step/scratch';

    test('what is read-only stays so in every step', async () => {
      await using warm = openWarm();
      for (const _ of [1, 2, 3]) {
        const { workdir, binds, layOut } = setting();
        const look = () => expect(readFileSync(join(workdir, 'out/made'), 'utf8')).toBe('given');
        const { stdout } = await once(warm.executor, script, { workdir, binds }, { layOut, look });
        expect(stdout).toBe('no\nno\n');
      }
      expect(await warm.containers()).toHaveLength(1);
    });

    test("they leave as soon as they are given back: what is left there then is nobody's", async () => {
      await using warm = openWarm();
      const first = setting();
      first.layOut();
      await runIn(warm.executor, ':', first);
      const givenBack = warm.executor.release?.(first.workdir);
      expect([first.workdir, first.scratch].filter(path => existsSync(path))).toEqual([]);
      await givenBack;
      expect(await warm.containers()).toHaveLength(1);
    });

    test('what is meant for another attempt of the same step stays for it, and for nobody else', async () => {
      await using warm = openWarm();
      const first = setting();
      await once(warm.executor, ': > .step/scratch/checkpoint', first, first);
      expect(readdirSync(first.scratch)).toEqual(['checkpoint']);
      const other = setting();
      expect((await once(warm.executor, 'ls .step/scratch', other, other)).stdout).toBe('');
      const again = await once(warm.executor, 'ls .step/scratch', first, first);
      expect(again.stdout).toBe('checkpoint\n');
    });
  });

  test.each([
    ['a writable root', { writableRoot: true }],
    ['a network', { network: 'bridge' as const }],
    ['a user', { user: '1234:1234' }],
    ['a capability', { capabilities: ['SYS_PTRACE'] }],
  ])('%s takes a container of its own', async (_, changes) => {
    await using warm = openWarm();
    const container = containerOf(changes);
    const { termination } = await once(warm.executor, 'exit 0', { container });
    expect(termination).toEqual({ kind: 'exited', code: 0 });
    expect(await warm.containers()).toEqual([]);
  });

  test('other limits are another container', async () => {
    await using warm = openWarm();
    await once(warm.executor, ':');
    await once(warm.executor, ':', { resources: { ...unlimited, memoryBytes: 64 * MIB } });
    expect(await warm.containers()).toHaveLength(2);
    await once(warm.executor, ':');
    expect(await warm.containers()).toHaveLength(2);
  });

  test('a step sees the devices that are leased to it, whatever waits', async () => {
    await using warm = openWarm();
    const resources = { ...unlimited, gpus: 1 };
    const seen: string[] = [];
    for (const device of ['GPU-one', 'GPU-one', 'GPU-two', 'GPU-one']) {
      const changes = { resources, devices: [device] };
      seen.push((await once(warm.executor, 'echo $NVIDIA_VISIBLE_DEVICES', changes)).stdout);
    }
    await once(warm.executor, ':');
    expect(seen).toEqual(['GPU-one\n', 'GPU-one\n', 'GPU-two\n', 'GPU-one\n']);
    expect(await warm.containers()).toHaveLength(2);
  });

  test('a container that nobody comes back to ends', async () => {
    await using warm = openWarm({ idleMs: 50 });
    await once(warm.executor, ':');
    const [id = ''] = await warm.containers();
    if (id !== '')
      await engine.client
        .getContainer(id)
        .wait({ condition: 'removed' })
        .catch(() => undefined);
    expect(await warm.containers()).toEqual([]);
  });

  test('when it is closed no container is left, whatever runs', async () => {
    const warm = openWarm();
    await once(warm.executor, ':');
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const running = runIn(warm.executor, 'echo begun; sleep 300', { onOutput: () => resolve() });
    await begun;
    await warm[Symbol.asyncDispose]();
    expect((await running).termination).toMatchObject({ kind: 'lost' });
    expect(await warm.containers()).toEqual([]);
  });

  test('a container that is taken away is lost, and the next step has another', async () => {
    await using warm = openWarm();
    const lost = await runIn(warm.executor, 'echo begun; sleep 300', {
      onOutput: () =>
        void warm
          .containers()
          .then(([id = '']) => engine.client.getContainer(id).remove({ force: true })),
    });
    expect(lost.termination).toMatchObject({ kind: 'lost' });
    expect((await once(warm.executor, 'echo on')).stdout).toBe('on\n');
  });
});
