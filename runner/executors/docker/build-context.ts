/**
 * What an image is built from: the Dockerfile and the files of its folder that `.dockerignore` lets
 * through. Its digest is the image's identity in keys, on every machine. Unaware of the engine.
 */
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  createReadStream,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import picomatch from 'picomatch';
import { byCodeUnit, canonicalJson } from '../../../schema/canonical-json.ts';
import { sha256 } from '../../../schema/id.ts';

export type BuildContext = {
  /** Absolute. */
  readonly folder: string;
  /** Relative to the folder, sorted. */
  readonly files: readonly string[];
  readonly dockerfile: string;
  readonly digest: string;
};

/** What no image is built from: they change without anybody having changed anything. */
const NEVER = ['.git', '.sluice'];

/** Throws what node:fs throws where the Dockerfile or a file cannot be read. */
export async function readContext(dockerfile: string): Promise<BuildContext> {
  const folder = dirname(dockerfile);
  const name = basename(dockerfile);
  accessSync(dockerfile, constants.R_OK);
  const files = contextFiles(folder, name);
  const contents: Record<string, string> = {};
  for (const file of files) contents[file] = await contentOf(join(folder, file));
  const digest = sha256(`sluice-build\n${canonicalJson({ dockerfile: name, contents })}`);
  return { folder, files, dockerfile: name, digest };
}

function contextFiles(folder: string, dockerfile: string): readonly string[] {
  const isIgnored = ignoreRules(textOf(join(folder, '.dockerignore')));
  const found: string[] = [];
  const open = [''];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (NEVER.includes(path)) continue;
      // A folder that is ignored may hold what an exception lets through again.
      if (entry.isDirectory()) open.push(path);
      else if (path === dockerfile || !isIgnored(path)) found.push(path);
    }
  }
  return found.sort(byCodeUnit);
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // None: everything is let through.
  }
};

/** The last rule that fits a path, or a folder above it, decides; `!` lets through again. */
export function ignoreRules(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const ignores = !line.startsWith('!');
      const pattern = line
        .replace(/^!/, '')
        .replace(/^\.?\//, '')
        .replace(/\/$/, '');
      return { ignores, fits: picomatch([pattern, `${pattern}/**`], { dot: true }) };
    });
  return path => rules.findLast(({ fits }) => fits(path))?.ignores ?? false;
}

async function contentOf(path: string): Promise<string> {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return `link:${readlinkSync(path)}`;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `${(stat.mode & 0o100) === 0 ? 'file' : 'program'}:${hash.digest('hex')}`;
}
