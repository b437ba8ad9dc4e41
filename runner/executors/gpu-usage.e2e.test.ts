import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gpuMeter } from './gpu-usage.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-smi-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** A meter whose `nvidia-smi` is the script; it notes each start of it. */
function meterOf(script: string) {
  const path = join(folder, 'nvidia-smi');
  writeFileSync(path, `#!/bin/sh\necho "$$ $*" >>"${folder}/started"\n${script}\n`);
  chmodSync(path, 0o755);
  return gpuMeter({ PATH: `${folder}:${process.env['PATH']}` }, 2_000);
}

const started = () => readFileSync(join(folder, 'started'), 'utf8').trim().split('\n');
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const TWO = `echo '0, GPU-a, 100, 10, 50, 40'; echo '1, GPU-b, 100, 20, 60, 50'`;

test('one program serves all readings, which see their own devices, and rests when nobody reads', async () => {
  const meter = meterOf(`${TWO}; exec sleep 300`);
  expect(meter.read(['GPU-b'])).toEqual({ gpus: [], failure: undefined });
  await vi.waitFor(() => expect(meter.read(['GPU-b']).gpus).toHaveLength(1), 10_000);
  expect(meter.read(['GPU-b', 'GPU-a']).gpus.map(({ utilization }) => utilization)).toEqual([
    0.6, 0.5,
  ]);
  expect(started()).toHaveLength(1);
  expect(started()[0]).toMatch(/--query-gpu=index,uuid,.* --loop-ms=2000$/);
  meter.rest();
  await vi.waitFor(
    () => expect(isAlive(Number.parseInt(started()[0] ?? '', 10))).toBe(false),
    10_000,
  );
});

test('what comes after a rest is told anew', async () => {
  const meter = meterOf(`${TWO}; exec sleep 300`);
  meter.read(['GPU-a']);
  meter.rest();
  expect(meter.read(['GPU-a']).gpus).toEqual([]);
  await vi.waitFor(() => expect(meter.read(['GPU-a']).gpus).toHaveLength(1), 10_000);
  meter.rest();
});

test('one that ends by itself is said once, and not tried again', async () => {
  const meter = meterOf('echo failed >&2; exit 9');
  meter.read(['GPU-a']);
  const failure = await vi.waitFor(() => {
    const { failure } = meter.read(['GPU-a']);
    expect(failure).toBeDefined();
    return failure;
  }, 10_000);
  expect(failure).toBe('what its GPUs do cannot be told: nvidia-smi ended (exit 9)');
  expect(meter.read(['GPU-a'])).toEqual({ gpus: [], failure: undefined });
  expect(started()).toHaveLength(1);
});

test('one that is not there is said', async () => {
  const meter = gpuMeter({ PATH: folder }, 2_000);
  meter.read(['GPU-a']);
  await vi.waitFor(
    () => expect(meter.read(['GPU-a']).failure).toMatch(/could not be started/),
    10_000,
  );
});

test('one that hangs is said, and ended', async () => {
  const meter = meterOf('exec sleep 300');
  meter.read(['GPU-a']);
  await vi.waitFor(() => expect(started()).toHaveLength(1), 10_000);
  const later = performance.now() + 20_000;
  vi.spyOn(performance, 'now').mockReturnValue(later);
  expect(meter.read(['GPU-a']).failure).toMatch(/nvidia-smi does not answer/);
  vi.restoreAllMocks();
  await vi.waitFor(
    () => expect(isAlive(Number.parseInt(started()[0] ?? '', 10))).toBe(false),
    10_000,
  );
});
