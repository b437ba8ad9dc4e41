/**
 * Remembers a run below `.sluice/runs/<id>/`: its plan and its events, enough to replay its screen.
 * A recorder that cannot write says so once and is silent from then on; the run goes on.
 */
import { createWriteStream, existsSync, mkdirSync, type WriteStream, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
    onFailure(wording(error));
  };
  try {
    // The last one by itself: made with all above it, a read-only disk says that it is not there.
    mkdirSync(dirname(folder), { recursive: true });
    if (!existsSync(folder)) mkdirSync(folder);
    writeFileSync(join(folder, 'plan.json'), `${JSON.stringify(plan)}\n`);
    stream = createWriteStream(join(folder, 'events.jsonl'), { flags: 'a' });
    stream.on('error', fail);
  } catch (error) {
    onFailure(wording(error));
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

const wording = (error: unknown): string =>
  `this run cannot be recorded, and goes on: ${error instanceof Error ? error.message : String(error)}`;
