/** An engine that is stopped under a running step, and comes back. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectEngine } from '../../runner/executors/docker/engine.ts';
import { address, openDocker, runIn } from '../harness/containers.ts';
import { startEngine, stopEngine } from '../harness/engine.ts';

test.skipIf(address === null)(
  'a step whose engine was stopped is lost, and the engine is awaited so that another try can begin',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-restart-'));
    try {
      const host = await startEngine(folder);
      const engine = connectEngine({ DOCKER_HOST: host });
      const begun = Promise.withResolvers<void>();
      // It would exit well when it is asked to end: such a result must not count.
      const ending = runIn(
        openDocker('/nowhere', engine),
        "trap 'exit 0' TERM; echo begun; while :; do sleep 0.1; done",
        {
          labels: { run: 'restarted' },
          onOutput: () => begun.resolve(),
        },
      );
      await begun.promise;
      const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
      process.kill(pid, 'SIGTERM');
      while (isRunning(pid)) await new Promise(resolve => setImmediate(resolve));
      await startEngine(folder);
      const { termination } = await ending;
      expect(termination).toMatchObject({
        kind: 'lost',
        message: expect.stringContaining('engine went away'),
      });
      const filters = { label: ['dev.sluice.run=restarted'] };
      expect(await engine.client.listContainers({ all: true, filters })).toEqual([]);
      const { stdout } = await runIn(openDocker('/nowhere', engine), 'echo again');
      expect(stdout).toBe('again\n');
    } finally {
      await stopEngine(folder);
    }
  },
);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
