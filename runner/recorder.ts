/**
 * Remembers a run below `.sluice/runs/<id>/`: its plan and its events, enough to replay its screen.
 * A recorder that cannot write says so once and is silent from then on; the run goes on.
 */
import { createWriteStream, mkdirSync, type WriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stamped } from '../schema/event.ts';
import type { Plan } from '../schema/plan.ts';

export type Recorder = {
  readonly record: (event: Stamped) => void;
  /** Settles when everything recorded is in the file. */
  readonly close: () => Promise<void>;
};

export function openRecorder(
  folder: string,
  plan: Plan,
  onFailure: (message: string) => void,
): Recorder {
  let stream: WriteStream | undefined;
  const fail = (error: unknown) => {
    if (stream === undefined) return;
    stream.destroy();
    stream = undefined;
    onFailure(error instanceof Error ? error.message : String(error));
  };
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'plan.json'), `${JSON.stringify(plan)}\n`);
    stream = createWriteStream(join(folder, 'events.jsonl'), { flags: 'a' });
    stream.on('error', fail);
  } catch (error) {
    onFailure(error instanceof Error ? error.message : String(error));
  }
  return {
    record: event => void stream?.write(`${JSON.stringify(event)}\n`),
    close: () =>
      new Promise(resolve => {
        if (stream === undefined) return resolve();
        stream.once('close', resolve);
        stream.end();
      }),
  };
}
