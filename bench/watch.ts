/**
 * From saving a file to the first step that starts, on the digits pipeline, through the real command
 * line: three kinds of save, each many times. `node bench/watch.ts` prints a table; nothing is
 * asserted.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const SLUICE = join(REPOSITORY, 'sluice');
const ROUNDS = 7;

/** Waits for a line that holds `text`, from where it last stopped. */
function linesOf(stream: Readable | null) {
  if (stream === null) throw new Error('bug: its output is a pipe');
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  return async (text: string): Promise<void> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the watch ended before ${text}`);
      if (value.includes(text)) return;
    }
  };
}

const inPlace = (path: string, text: string): void => writeFileSync(path, text);

function byRenaming(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}

const scratch = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  const digits = join(scratch, 'digits');
  mkdirSync(digits);
  spawnSync(SLUICE, ['init', '--from', 'digits'], { cwd: digits });
  const pipeline = join(digits, 'pipelines/digits.yaml');
  const data = join(digits, 'examples/digits/digits.csv');
  const child = spawn(SLUICE, ['watch', '--json'], {
    cwd: digits,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const event = linesOf(child.stdout);
  const said = linesOf(child.stderr);
  await event('"run-finished"');
  await said('Watching');
  let seed = 100;
  const seeded = () => {
    seed += 1;
    return readFileSync(pipeline, 'utf8').replace(/seed: \d+/, `seed: ${seed}`);
  };
  const measured = async (what: string, save: () => void): Promise<void> => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = performance.now();
      save();
      await event('"step-started"');
      times.push(performance.now() - start);
      await event('"run-finished"');
      await said('Watching');
    }
    const sorted = times.toSorted((a, b) => a - b);
    const median = (sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(0).padStart(6);
    const worst = (sorted.at(-1) ?? 0).toFixed(0).padStart(6);
    console.info(`${what.padEnd(42)}${median}${worst}   target < 300`);
  };
  console.info(`${cpus().length} cores, Node ${process.version}; milliseconds, median and worst\n`);
  await measured('pipeline saved in place', () => inPlace(pipeline, seeded()));
  await measured('pipeline saved by renaming', () => byRenaming(pipeline, seeded()));
  await measured('a row added to the data', () =>
    appendFileSync(data, `${'0,'.repeat(64)}${readFileSync(data).length % 10}\n`),
  );
  child.kill('SIGINT');
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}
