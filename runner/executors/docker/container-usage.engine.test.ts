import type Docker from 'dockerode';
import { describe, expect, test } from 'vitest';
import {
  address,
  engine,
  openDocker,
  runIn,
  shellAttempt,
} from '../../../test/harness/containers.ts';
import type { Gauge, Reading } from '../executor.ts';
import { containerGauge } from './container-usage.ts';

const MB = 1_000_000;

/** A shell variable of 50 MB, and some work. */
const USE =
  "x=$(head -c 50000000 /dev/zero | tr '\\0' x); i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";

/** The only container that runs a step of this name. */
async function containerOf(step: string): Promise<Docker.Container> {
  const filters = { label: [`dev.sluice.step=${step}`] };
  const [found] = await engine.client.listContainers({ filters });
  return engine.client.getContainer(found?.Id ?? expect.fail('no container'));
}

/** What `read` says of a container that has said that it is ready; ends it then. */
async function whenReady<T>(read: (gauge: Gauge) => Promise<T>): Promise<T | undefined> {
  const abort = new AbortController();
  let gauge: Gauge | undefined;
  let reading: Promise<T> | undefined;
  const changes = {
    onRunning: (given: Gauge) => {
      gauge = given;
    },
    onOutput: () => {
      if (gauge !== undefined) reading ??= read(gauge).finally(() => abort.abort());
    },
  };
  // The shell has to stay: with the last command it would become that.
  await runIn(openDocker(), `${USE}; echo ready; sleep 300; :`, changes, abort.signal);
  return reading;
}

describe.skipIf(address === null)('what a container uses', () => {
  const plausible = (reading: Reading | undefined) => {
    expect(reading?.memoryBytes).toBeGreaterThan(50 * MB);
    expect(reading?.memoryBytes).toBeLessThan(500 * MB);
    expect(reading?.cpuMs).toBeGreaterThan(50);
  };

  test('is read from the files of the kernel', async () => {
    plausible(await whenReady(gauge => gauge.read('quick')));
  });

  test('is asked of the engine where this machine does not show those files', async () => {
    const reading = await whenReady(async () => {
      const container = await containerOf(shellAttempt('').step);
      const { Id, ...found } = await container.inspect();
      const State = { ...found.State, Pid: process.pid };
      const inspect = async () => ({ ...found, Id, State });
      const elsewhere = Object.assign(engine.client.getContainer(Id), { inspect });
      return containerGauge(elsewhere).read('quick');
    });
    plausible(reading);
  });

  test('is unknown once it has ended', async () => {
    let gauge: Gauge | undefined;
    const changes = {
      onRunning: (given: Gauge) => {
        gauge = given;
      },
    };
    await runIn(openDocker(), ':', changes);
    expect(await gauge?.read('quick')).toBeUndefined();
  });

  test('is half a processor at most, where the pipeline says half', async () => {
    const { resources } = shellAttempt('');
    const files = '/sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us';
    const script = `cat ${files} 2>/dev/null; :`;
    const half = await runIn(openDocker(), script, { resources: { ...resources, cpuLimit: 0.5 } });
    expect(half.stdout).toMatch(/^50000\b/);
    const free = await runIn(openDocker(), script);
    expect(free.stdout).toMatch(/^(max|-1)\b/);
  });
});
