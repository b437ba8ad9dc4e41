/** The tool's own memory is damaged, and its results must still be right. */
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Playground } from '../playground.ts';
import { copying, expectHit, expectOutput, type Scenario, succeed } from '../scenario.ts';

/** Long enough to be found in a store, and compressible by nobody. */
const CONTENT = `${Array.from({ length: 200 }, (_, index) => (index * 2_654_435_761) % 4_294_967_296).join('\n')}\n`;

/** Changes every file of the tool's store; those that vanish become undefined. */
function damage(play: Playground, change: (bytes: Buffer) => Buffer | undefined): void {
  for (const path of play.tool.store.flatMap(place => filesBelow(play.path(place)))) {
    const bytes = readFileSync(path);
    if (bytes.length === 0) continue;
    chmodSync(path, statSync(path).mode | 0o200);
    const changed = change(bytes);
    if (changed === undefined) rmSync(path);
    else writeFileSync(path, changed);
  }
}

function filesBelow(path: string): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
}

/** Only files that hold content: a flipped bit in a settings file is another story. */
const holding = (text: string, change: (bytes: Buffer) => Buffer | undefined) => (bytes: Buffer) =>
  bytes.includes(text) ? change(bytes) : bytes;

function flipMiddle(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}

const scenario = (name: string, change: (bytes: Buffer) => Buffer | undefined): Scenario => ({
  name,
  about: 'safe',
  play: async play => {
    play.write('in.txt', CONTENT);
    play.tasks({ a: copying });
    await succeed(play);
    damage(play, change);
    rmSync(play.path('out.txt'));
    await expectOutput(play, CONTENT);
    await expectHit(play);
  },
});

export const DAMAGES: readonly Scenario[] = [
  scenario('one bit flips in every file of the store', flipMiddle),
  scenario('one bit flips in the stored content', holding(CONTENT.slice(0, 60), flipMiddle)),
  scenario('every file of the store is cut in half', bytes => bytes.subarray(0, bytes.length >> 1)),
  scenario('every file of the store is empty', bytes => bytes.subarray(0, 0)),
  scenario('every file of the store is gone', () => undefined),
];
