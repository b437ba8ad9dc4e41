/**
 * Remembers which paths of the project hold what we placed there, and with what content, in
 * `placed.jsonl`: a line for each, of which the last about a path counts. Lines are only
 * added: a kill costs at most the one that is being written, and runs side by side take none of each
 * other's away. A path of which nothing is known is somebody else's. Unaware of how things are placed.
 */
import { appendFileSync, closeSync, fstatSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRegular } from '../store/regular-file.ts';

/** So many lines may say nothing any more before the record is written anew. */
const SPARE_LINES = 1_000;

type Known = {
  readonly path: string;
  readonly ino: bigint;
  /** How far it has been read. */
  readonly bytes: number;
  readonly lines: number;
  /** Path → content that we placed there. */
  readonly placed: Map<string, string>;
};

/** What was read last: thousands of outputs are thousands of questions. */
let last: Known | undefined;

/** What we placed at a path of the project; undefined where we placed nothing. */
export const placedContent = (part: string, to: string): string | undefined =>
  known(join(part, 'placed.jsonl')).placed.get(to);

/** Who alone places meanwhile calls it. Throws what the system says. */
export function recordPlaced(part: string, to: string, content: string): void {
  const path = join(part, 'placed.jsonl');
  const { placed, lines } = known(path);
  if (placed.get(to) === content) return;
  // In front, because the line before it may be half of one.
  if (lines < 2 * placed.size + SPARE_LINES) appendFileSync(path, `\n${line(to, content)}`);
  else rewrite(path, placed.set(to, content));
}

const line = (to: string, content: string): string => JSON.stringify({ to, content });

function rewrite(path: string, placed: ReadonlyMap<string, string>): void {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, [...placed].map(([to, content]) => `\n${line(to, content)}`).join(''));
  renameSync(aside, path);
}

/** Others add to it meanwhile, or write it anew: only what was not read before is read. */
function known(path: string): Known {
  const nothing = { path, ino: 0n, bytes: 0, lines: 0, placed: new Map<string, string>() };
  const fd = openRegular(path);
  try {
    if (fd !== undefined) {
      const { ino, size } = fstatSync(fd, { bigint: true });
      const isSame = last?.path === path && last.ino === ino && last.bytes <= size;
      last = readOn(fd, { ...(isSame && last !== undefined ? last : nothing), ino }, Number(size));
      return last;
    }
  } catch {
    // Unreadable, and as if it were not there: then everything is kept.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  last = nothing;
  return last;
}

function readOn(fd: number, before: Known, bytes: number): Known {
  if (bytes === before.bytes) return before;
  const text = Buffer.alloc(bytes - before.bytes);
  readSync(fd, text, 0, text.length, before.bytes);
  const added = text.toString('utf8').split('\n').filter(Boolean);
  for (const { to, content } of added.map(read)) {
    if (typeof to === 'string' && typeof content === 'string') before.placed.set(to, content);
  }
  return { ...before, bytes, lines: before.lines + added.length };
}

/** Half a line says nothing. */
function read(line: string): { readonly to?: unknown; readonly content?: unknown } {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
