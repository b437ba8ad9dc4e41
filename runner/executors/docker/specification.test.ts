import { expect, test } from 'vitest';
import { stepId } from '../../../schema/id.ts';
import type { Container } from '../../../schema/plan.ts';
import type { Attempt } from '../executor.ts';
import { specificationOf } from './specification.ts';

const user = { uid: 1000, gid: 100 };

const container = (changes: Partial<Container> = {}): Container => ({
  image: 'a:1',
  build: null,
  user: null,
  entrypoint: null,
  network: 'none',
  ...changes,
});

const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  step: stepId('train'),
  command: ['python', 'train.py'],
  workdir: '/home/ann/p/.sluice/work/r/1',
  env: { A: '1' },
  resources: {
    cpus: 1,
    memoryBytes: null,
    gpus: 0,
    gpuMemoryBytes: null,
    shmBytes: null,
    diskBytes: null,
  },
  timeoutMs: null,
  container: container(),
  onOutput: () => undefined,
  ...changes,
});

const made = (changes: Partial<Attempt> = {}) =>
  specificationOf(attempt(changes), 'sha256:x', user);

test('by default a container is denied all that it need not have', () => {
  expect(made()).toMatchObject({
    Image: 'sha256:x',
    User: '1000:100',
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: [],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 4096,
      Init: true,
      IpcMode: 'private',
    },
  });
});

test('nothing of this machine is in it but the binds', () => {
  const { HostConfig, Labels, ...seen } = made();
  expect(JSON.stringify(seen)).not.toContain('/home/ann');
  expect(HostConfig?.Mounts).toEqual([
    {
      Type: 'bind',
      Source: '/home/ann/p/.sluice/work/r/1',
      Target: '/sluice/work',
      ReadOnly: false,
    },
  ]);
  expect(Labels).toEqual({ 'dev.sluice.step': 'train' });
});

test('what the pipeline loosens is loosened, and nothing else', () => {
  const loosened = made({
    container: container({
      network: 'host',
      user: 'app',
      writableRoot: true,
      capabilities: ['SYS_NICE'],
      pids: 9,
    }),
  });
  expect(loosened).toMatchObject({
    User: 'app',
    HostConfig: {
      NetworkMode: 'host',
      ReadonlyRootfs: false,
      CapDrop: ['ALL'],
      CapAdd: ['SYS_NICE'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 9,
    },
  });
});

test('limits are those of the resources, and swap is no way around them', () => {
  const { resources } = attempt();
  const { HostConfig } = made({ resources: { ...resources, memoryBytes: 100, shmBytes: 50 } });
  expect(HostConfig).toMatchObject({ Memory: 100, MemorySwap: 100, ShmSize: 50 });
});

test.each([
  [undefined, undefined],
  [1, 1_000_000_000],
  [0.5, 500_000_000],
  [1.1, 1_100_000_000],
  [2 / 3, 666_666_667],
])('with %s processors written it gets at most so much of their time', (cpuLimit, nanos) => {
  const { resources } = attempt();
  const written = cpuLimit === undefined ? {} : { cpuLimit };
  expect(made({ resources: { ...resources, ...written } }).HostConfig?.NanoCpus).toBe(nanos);
});

test('devices are asked for by name: a number would always mean the first', () => {
  const { HostConfig } = made({ devices: ['GPU-a', 'GPU-b'] });
  expect(HostConfig?.DeviceRequests).toEqual([
    { Driver: '', DeviceIDs: ['GPU-a', 'GPU-b'], Capabilities: [['gpu']] },
  ]);
  expect(made().HostConfig).not.toHaveProperty('DeviceRequests');
});

test('the command is what runs; the entrypoint of an image does not come before it', () => {
  expect(made()).toMatchObject({ Entrypoint: [''], Cmd: ['python', 'train.py'] });
  const own = made({ container: container({ entrypoint: ['nice', '-n', '5'] }) });
  expect(own).toMatchObject({ Entrypoint: [''], Cmd: ['nice', '-n', '5', 'python', 'train.py'] });
});
