/**
 * A second reader of a store, written from docs/store-format.md alone: it shares no code with the
 * first. What it finds of a real project is what lies there, down to the last byte.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** RFC 8785: names by UTF-16 code units, numbers and strings as ECMAScript writes them. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`);
  return `{${fields.join(',')}}`;
}

/** § Blobs. */
function blob(store: string, digest: string): Buffer {
  const path = join(store, 'blobs', digest.slice(0, 2), digest.slice(2));
  const bytes = readFileSync(path);
  if (sha256(bytes) !== digest) throw new Error(`${path} is damaged`);
  if ((lstatSync(path).mode & 0o777) !== 0o444) throw new Error(`${path} may be written`);
  return bytes;
}

type Found = Readonly<Record<string, string>>;
type Totals = { bytes: number; files: number };

const HEADER = 'sluice-tree 1\n';

/** § Folders: what a listing says lies below `at`, and that its totals are true. */
function tree(store: string, digest: string, at = ''): { found: Found; totals: Totals } {
  const text = blob(store, digest).toString('utf8');
  if (!text.startsWith(HEADER)) throw new Error(`${digest} is no listing`);
  let found: Found = {};
  const totals = { bytes: 0, files: 0 };
  const names: Buffer[] = [];
  const fields = text.slice(HEADER.length).split('\0').slice(0, -1);
  for (let field = fields.shift(); field !== undefined; field = fields.shift()) {
    const kind = field.slice(0, 2);
    const words = kind === 'l ' ? [] : field.slice(2).split(' ', kind === 'd ' ? 3 : 2);
    const name = field.slice(2 + words.reduce((sum, word) => sum + word.length + 1, 0));
    names.push(Buffer.from(name));
    const [content = '', bytes, files = '1'] = words;
    if (kind === 'l ') {
      found = { ...found, [at + name]: `link ${fields.shift()}` };
      continue;
    }
    totals.bytes += Number(bytes);
    totals.files += Number(files);
    if (kind === 'd ') {
      const below = tree(store, content, `${at}${name}/`);
      expect(below.totals).toEqual({ bytes: Number(bytes), files: Number(files) });
      found = { ...found, ...below.found, [at + name]: 'folder' };
    } else {
      const size = blob(store, content).byteLength;
      expect(size).toBe(Number(bytes));
      found = { ...found, [at + name]: `${kind === 'x ' ? 'program' : 'file'} ${content}` };
    }
  }
  expect(names.toSorted(Buffer.compare)).toEqual(names);
  return { found, totals };
}

type Output = { kind: string; digest: string; executable: boolean; bytes: number; files: number };
type Trace = { key: string; format: number; fingerprint: object; outputs: Record<string, Output> };

/** § Traces: all of them, each checked by the four rules. */
function traces(store: string): readonly Trace[] {
  const folders = readdirSync(join(store, 'traces')).flatMap(shard =>
    readdirSync(join(store, 'traces', shard)).map(rest => [shard, rest] as const),
  );
  return folders.flatMap(([shard, rest]) => {
    const folder = join(store, 'traces', shard, rest);
    return readdirSync(folder).map(name => {
      const bytes = readFileSync(join(folder, name));
      expect(name).toBe(`${sha256(bytes)}.json`);
      const trace: Trace = JSON.parse(bytes.toString('utf8'));
      expect(bytes.toString('utf8')).toBe(`${canonical(trace)}\n`);
      expect(trace).toMatchObject({ format: 1, key: shard + rest });
      expect(sha256(`sluice-key\n${canonical(trace.fingerprint)}`)).toBe(trace.key);
      return trace;
    });
  });
}

/** What lies in a folder of the project, told in the same words. */
function onDisk(root: string, at = ''): Found {
  const entries = readdirSync(root).map((name): Found => {
    const path = join(root, name);
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return { [at + name]: `link ${readlinkSync(path)}` };
    if (stat.isDirectory()) {
      return { [at + name]: 'folder', ...onDisk(path, `${at}${name}/`) };
    }
    const kind = (stat.mode & 0o100) === 0 ? 'file' : 'program';
    return { [at + name]: `${kind} ${sha256(readFileSync(path))}` };
  });
  return Object.assign({}, ...entries);
}

const SITE = [
  'mkdir -p $O/empty $O/Äpfel $O/deep/er',
  'echo one > "$O/a b"; echo two > $O/Äpfel/ü; echo two > $O/deep/er/same; : > $O/nothing',
  "printf '#!/bin/sh\\n' > $O/run; chmod 755 $O/run",
  'ln -s deep/er/same $O/link; ln -s ../nowhere $O/deep/dangling',
  // Sorted by bytes, not by UTF-16 units: the first takes four bytes, the second three.
  'touch "$O/$(printf \'\\360\\220\\200\\200\')" "$O/$(printf \'\\357\\274\\241\')" $O/B $O/a',
  'head -c 2000000 /dev/zero > $O/large',
].join('; ');

test('a second implementation reads the store by its document alone', async () => {
  using project = new CacheProject({ 'in.txt': 'content\n' });
  project.pipeline({
    steps: {
      site: {
        run: `O=\${{ out.site }}; ${SITE}`,
        in: { x: './in.txt' },
        out: { site: { type: 'dir', to: 'site' } },
      },
      word: {
        run: 'wc -c < ${{ in.x }}/large > ${{ out.n }}',
        in: { x: 'site.site' },
        out: { n: { type: 'file', to: 'n' } },
      },
    },
  });
  expect(await project.run()).toMatchObject({ code: 0 });
  const store = project.files.path('.sluice');
  expect(readFileSync(join(store, 'format'), 'utf8')).toBe('sluice-store 1\n');
  const outputs = Object.assign({}, ...traces(store).map(trace => trace.outputs));
  expect(Object.keys(outputs).sort()).toEqual(['n', 'site']);
  const { found, totals } = tree(store, outputs.site.digest);
  expect(found).toEqual(onDisk(project.files.path('site')));
  expect(outputs.site).toEqual({
    kind: 'tree',
    digest: outputs.site.digest,
    executable: false,
    ...totals,
  });
  expect(blob(store, outputs.n.digest).toString()).toBe(project.files.read('n'));
  expect(
    existsSync(join(store, 'blobs', sha256(HEADER).slice(0, 2), sha256(HEADER).slice(2))),
  ).toBe(true);
});
