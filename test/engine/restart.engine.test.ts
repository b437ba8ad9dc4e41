/** An engine that is stopped under a running step, and comes back. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectEngine, type Engine } from '../../runner/executors/docker/engine.ts';
import { address, openDocker, runIn, type Seen } from '../harness/containers.ts';
import { startEngine, stopEngine } from '../harness/engine.ts';

/** A step that runs on an engine which the test may stop. */
async function onOwnEngine(
  script: string,
  work: (own: {
    readonly engine: Engine;
    readonly pid: number;
    readonly ending: Promise<Seen>;
    readonly cancel: AbortController;
    readonly insist: AbortController;
    readonly startAgain: () => Promise<unknown>;
  }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-restart-'));
  try {
    const engine = connectEngine({ DOCKER_HOST: await startEngine(folder) });
    const begun = Promise.withResolvers<void>();
    const [cancel, insist] = [new AbortController(), new AbortController()];
    const changes = { labels: LABELS, onOutput: () => begun.resolve(), kill: insist.signal };
    const ending = runIn(openDocker('/nowhere', engine), script, changes, cancel.signal);
    await begun.promise;
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    const startAgain = () => startEngine(folder);
    await work({ engine, pid, ending, cancel, insist, startAgain });
  } finally {
    await stopEngine(folder);
  }
}

const LABELS = { run: 'restarted' };

async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  while (isRunning(pid)) await new Promise(resolve => setImmediate(resolve));
}

describe.skipIf(address === null)('a step whose engine', () => {
  test('was stopped is lost, and the engine is awaited so that another try can begin', () =>
    // It would exit well when it is asked to end: such a result must not count.
    onOwnEngine(
      "trap 'exit 0' TERM; echo begun; while :; do sleep 0.1; done",
      async ({ engine, pid, ending, startAgain }) => {
        await stop(pid);
        await startAgain();
        expect((await ending).termination).toMatchObject({
          kind: 'lost',
          message: expect.stringContaining('engine went away'),
        });
        const filters = { label: ['dev.sluice.run=restarted'] };
        expect(await engine.client.listContainers({ all: true, filters })).toEqual([]);
        const { stdout } = await runIn(openDocker('/nowhere', engine), 'echo again');
        expect(stdout).toBe('again\n');
      },
    ));

  test('is away keeps nobody waiting who cancels it', () =>
    onOwnEngine('echo begun; sleep 300', async ({ pid, ending, cancel }) => {
      await stop(pid);
      const began = performance.now();
      cancel.abort();
      expect((await ending).termination).toEqual({ kind: 'cancelled' });
      // The engine itself is awaited for a minute.
      expect(performance.now() - began).toBeLessThan(40_000);
    }));

  test('hangs keeps nobody waiting who insists', () =>
    onOwnEngine('echo begun; sleep 300', async ({ pid, ending, cancel, insist }) => {
      process.kill(pid, 'SIGSTOP');
      try {
        cancel.abort();
        insist.abort();
        expect((await ending).termination).toEqual({ kind: 'cancelled' });
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    }));
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
