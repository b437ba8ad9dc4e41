/**
 * Whom the system starts for a script: its `#!` line. Unaware of where programs are looked for.
 */
import { closeSync, openSync, readSync } from 'node:fs';

/** As much as Linux reads of it. */
const LINE_BYTES = 256;

/** The programs that a script is started by; none for what is no script, or cannot be read. */
export function interpretersOf(path: string): readonly string[] {
  try {
    return interpretersIn(beginningOf(path));
  } catch {
    return []; // Then it cannot be started either.
  }
}

/** `#!/bin/sh -e` names `/bin/sh`; `#!/usr/bin/env python3` names `env` and `python3`. */
export function interpretersIn(text: string): readonly string[] {
  const [, program, rest = ''] = /^#![ \t]*(\/\S+)([^\n]*)/.exec(text) ?? [];
  if (program === undefined) return [];
  if (!program.endsWith('/env')) return [program];
  const started = rest
    .trim()
    .split(/\s+/)
    .find(word => word !== '' && !word.startsWith('-') && !word.includes('='));
  return started === undefined ? [program] : [program, started];
}

function beginningOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(LINE_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
