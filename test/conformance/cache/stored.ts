/** A project of which everything is stored, and the ways to get at what is. Unaware of scenarios. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { CacheProject } from './project.ts';

/** Two steps in a row; the second's output is placed. */
export async function made(): Promise<CacheProject> {
  const project = new CacheProject({ 'in.txt': 'content\n' });
  project.pipeline(document(project));
  expect(await project.run()).toMatchObject({ code: 0, executed: ['a', 'b'] });
  return project;
}

const document = (project: CacheProject) => ({
  steps: {
    a: {
      run: `${project.mark('a')}; tr a-z A-Z < \${{ in.x }} > \${{ out.y }}`,
      in: { x: './in.txt' },
      out: { y: 'file' },
    },
    b: {
      run: `${project.mark('b')}; tr A-Z N-ZA-M < \${{ in.x }} > \${{ out.y }}`,
      in: { x: 'a.y' },
      out: { y: { type: 'file', to: 'out.txt' } },
    },
  },
});

export const RESULT = 'PBAGRAG\n';

export const below = (project: CacheProject, folder: string): readonly string[] =>
  readdirSync(project.files.path('.sluice', folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();

/** The stored file that holds `content`. */
export function blobOf(project: CacheProject, content: string): string {
  const path = below(project, 'blobs').find(file => readFileSync(file, 'utf8') === content);
  if (path === undefined) throw new Error(`no blob holds ${content}`);
  return path;
}

export function overwrite(path: string, content: string | Uint8Array): void {
  chmodSync(path, 0o644);
  writeFileSync(path, content);
}

/** Whatever was done: the next run ends well with the right output, and the one after it hits. */
export async function expectRecovery(project: CacheProject): Promise<readonly string[]> {
  const ran = await project.run();
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(project.files.read('out.txt')).toBe(RESULT);
  expect((await project.run()).executed).toEqual([]);
  return ran.executed;
}
