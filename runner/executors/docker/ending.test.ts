import { expect, test } from 'vitest';
import type { Termination } from '../executor.ts';
import { type Ending, startRefusal, terminationOf } from './ending.ts';

const ending = (changes: Partial<Ending>): Ending => ({
  code: 0,
  oomKilled: false,
  machineOutOfMemory: false,
  aborted: false,
  timedOut: false,
  lastWords: '',
  program: 'train',
  ...changes,
});

test.each<[Partial<Ending>, Termination]>([
  [{}, { kind: 'exited', code: 0 }],
  [{ code: 3 }, { kind: 'exited', code: 3 }],
  [{ code: 127 }, { kind: 'exited', code: 127 }],
  [{ code: 255 }, { kind: 'exited', code: 255 }],
  [{ code: 139 }, { kind: 'killed', signal: 'SIGSEGV' }],
  [{ code: 137 }, { kind: 'killed', signal: 'SIGKILL' }],
  [{ code: 137, machineOutOfMemory: true }, { kind: 'out-of-memory' }],
  [
    { code: 1, machineOutOfMemory: true },
    { kind: 'exited', code: 1 },
  ],
  [{ code: 137, oomKilled: true }, { kind: 'out-of-memory' }],
  [{ code: 0, oomKilled: true }, { kind: 'out-of-memory' }],
  [{ code: 143, timedOut: true }, { kind: 'timed-out' }],
  [{ code: 0, timedOut: true, oomKilled: true }, { kind: 'timed-out' }],
  [{ code: 0, aborted: true, timedOut: true, oomKilled: true }, { kind: 'cancelled' }],
])('%j ends as %j', (changes, termination) => {
  expect(terminationOf(ending(changes))).toEqual(termination);
});

test.each([
  ['train', 'No such file or directory', /`train` was not found in the container's image/],
  ['./train.sh', 'No such file or directory', /has to be listed in `files`/],
  ['./train.sh', 'Permission denied', /chmod \+x/],
  ['./train', 'Exec format error', /may not be executed/],
])('%s that the init cannot start (%s) was not started', (program, reason, words) => {
  const lastWords = `warning\n[FATAL tini (7)] exec ${program} failed: ${reason}\n`;
  expect(terminationOf(ending({ code: 127, lastWords, program }))).toEqual({
    kind: 'not-started',
    message: expect.stringMatching(words),
  });
});

test.each([
  ['could not select device driver "" with capabilities: [[gpu]]', /NVIDIA Container Toolkit/],
  ['exec: "x": executable file not found in $PATH: unknown', /was not found/],
  ['invalid mount config: bind source path does not exist: /a', /same machine/],
  ['no space left on device', /did not start it: no space left/],
])('a start refused with "%s" is told in words that lead on', (message, words) => {
  expect(startRefusal(message, 'x')).toMatch(words);
});
