/**
 * Remembers a run below `.sluice/runs/<id>/`: its plan and its events, enough to replay its screen.
 * A recorder that cannot write says so once and is silent from then on; the run goes on. What is
 * told in one turn of the event loop is written at its end, in one call.
 */
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Stamped } from '../schema/event.ts';
import type { Plan } from '../schema/plan.ts';

export type Recorder = {
  readonly record: (event: Stamped) => void;
  /** Writes what has been told so far. */
  readonly flush: () => void;
  readonly close: () => void;
};

export function openRecorder(
  folder: string,
  plan: Plan,
  onFailure: (message: string) => void,
): Recorder {
  let fd: number | undefined;
  let lines = '';
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      fd = undefined;
      onFailure(wording(error));
    }
  };
  guarded(() => {
    // The last one by itself: made with all above it, a read-only disk says that it is not there.
    mkdirSync(dirname(folder), { recursive: true });
    if (!existsSync(folder)) mkdirSync(folder);
    writeFileSync(join(folder, 'plan.json'), `${JSON.stringify(plan)}\n`);
    fd = openSync(join(folder, 'events.jsonl'), 'a');
  });
  const flush = () =>
    guarded(() => {
      const told = lines;
      lines = '';
      if (fd !== undefined && told !== '') writeFileSync(fd, told);
    });
  return {
    record: event => {
      if (lines === '') setImmediate(flush);
      lines += `${JSON.stringify(event)}\n`;
    },
    flush,
    close: () => {
      flush();
      guarded(() => {
        if (fd !== undefined) closeSync(fd);
        fd = undefined;
      });
    },
  };
}

const wording = (error: unknown): string =>
  `this run cannot be recorded, and goes on: ${error instanceof Error ? error.message : String(error)}`;
