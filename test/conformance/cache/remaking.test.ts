/** Damage that is found late, when somebody reads: what is needed is made again, and no more. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CacheProject } from './project.ts';

/** One bit of every stored file is wrong; sizes are right, so nobody notices without reading. */
function flipEverything(project: CacheProject): void {
  const blobs = project.files.path('.sluice/blobs');
  for (const entry of readdirSync(blobs, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
  }
}

type Steps = Readonly<Record<string, readonly string[]>>;

/** Each step writes its own name, and after it what it takes. */
function pipeline(project: CacheProject, steps: Steps, variant: string): void {
  const entries = Object.entries(steps).map(([name, needs]) => {
    const inputs = needs.map((need, index) => [`i${index}`, `${need}.x`] as const);
    const read = inputs.map(([port]) => `\${{ in.${port} }}`).join(' ');
    const isLast = name === 'last';
    const run = `${project.mark(name)}; echo ${name} | cat - ${read} > \${{ out.x }}${isLast ? variant : ''}`;
    const x = isLast ? { type: 'file', to: 'out.txt' } : 'file';
    return [name, { run, in: Object.fromEntries(inputs), out: { x } }];
  });
  project.pipeline({ steps: Object.fromEntries(entries) });
}

test.each<[string, Steps, string]>([
  [
    'of one step are all damaged',
    { a: [], b: [], c: [], d: [], e: [], f: [], last: ['a', 'b', 'c', 'd', 'e', 'f'] },
    'last\na\nb\nc\nd\ne\nf\n',
  ],
  [
    'of a chain of steps are all damaged',
    { a: [], b: ['a'], c: ['b'], d: ['c'], e: ['d'], f: ['e'], last: ['f'] },
    'last\nf\ne\nd\nc\nb\na\n',
  ],
  [
    'of steps with needs in common are all damaged',
    { a: [], b: ['a'], c: ['a'], d: ['b', 'c'], last: ['d', 'a'] },
    'last\nd\nb\na\nc\na\na\n',
  ],
])('the inputs %s: each maker executes once more', async (_, steps, content) => {
  using project = new CacheProject({});
  pipeline(project, steps, '');
  expect((await project.run()).executed).toEqual(Object.keys(steps));
  flipEverything(project);
  pipeline(project, steps, '; true');
  const ran = await project.run();
  expect(ran).toMatchObject({ code: 0, executed: Object.keys(steps) });
  expect(project.files.read('out.txt')).toBe(content);
  expect((await project.run()).executed).toEqual([]);
});
