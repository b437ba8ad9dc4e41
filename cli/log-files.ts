/** The logs of one run as a screen reads them. A log that is not there, or no longer, is empty. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { logFile } from '../runner/history.ts';
import type { RunId, StepId } from '../schema/id.ts';
import type { LogFiles } from '../ui/screen/log-window.ts';

export function logFilesOf(options: {
  readonly root: string;
  readonly part: string;
  readonly run: RunId;
}): LogFiles {
  const path = (step: StepId) => logFile(options.part, options.run, step);
  return {
    pathOf: step => relative(options.root, path(step)),
    sizeOf: step => statSync(path(step), { throwIfNoEntry: false })?.size ?? 0,
    read: (step, from, to) => {
      const length = Math.max(0, to - from);
      const bytes = Buffer.alloc(length);
      if (length === 0) return bytes;
      const file = openSync(path(step), 'r');
      try {
        return bytes.subarray(0, readSync(file, bytes, 0, length, from));
      } finally {
        closeSync(file);
      }
    },
  };
}
