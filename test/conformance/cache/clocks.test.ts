/** Clocks that are wrong, and times of files that say nothing. */
import { renameSync, utimesSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

function made(): CacheProject {
  const project = new CacheProject({ 'in.txt': 'one\n' });
  const run = `${project.mark('a')}; cat \${{ in.x }} > \${{ out.y }}`;
  const out = { y: { type: 'file', to: 'out.txt' } };
  project.pipeline({ steps: { a: { run, in: { x: './in.txt' }, out } } });
  return project;
}

const HOUR = 3_600_000;
const YEAR = 8_766 * HOUR;

describe('a clock that', () => {
  test.each([
    ['is a year ahead', YEAR, 0],
    ['is a year behind', -YEAR, 0],
    ['goes back by a year between two runs', YEAR, 0],
    ['goes forward by a year between two runs', -YEAR, YEAR],
  ])('%s: hits stay hits, edits stay edits', async (_, first, second) => {
    using project = made();
    expect((await project.run([], { aheadMs: first })).executed).toEqual(['a']);
    expect((await project.run([], { aheadMs: second })).executed).toEqual([]);
    project.files.write('in.txt', 'two\n');
    expect((await project.run([], { aheadMs: second })).executed).toEqual(['a']);
    expect((await project.run([], { aheadMs: first })).executed).toEqual([]);
    expect(project.files.read('out.txt')).toBe('two\n');
  });

  test('is behind does not make a later result the older one', async () => {
    using project = made();
    const run = `${project.mark('a')}; date +%N > \${{ out.y }}`;
    project.pipeline({ steps: { a: { run, out: { y: { type: 'file', to: 'out.txt' } } } } });
    await project.run([], { aheadMs: YEAR });
    await project.run(['--force'], { aheadMs: -YEAR });
    const agreed = project.files.read('out.txt');
    // Whichever it is, it stays the one.
    for (const aheadMs of [0, YEAR, -YEAR]) {
      expect((await project.run([], { aheadMs })).executed).toEqual([]);
      expect(project.files.read('out.txt')).toBe(agreed);
    }
  });
});

test('the latest run is the one that ran last, also when the clock was ahead before', async () => {
  using project = made();
  await project.run([], { aheadMs: YEAR });
  project.files.write('in.txt', 'two\n');
  await project.run();
  const latest = () => project.files.sluice(['get', 'a.y', '-o', '-']);
  expect((await latest()).stdout).toBe('two\n');
  await project.files.sluice(['store', 'gc', '--keep-runs', '1']);
  expect((await latest()).stdout).toBe('two\n');
});

describe('what is remembered of a file by its times', () => {
  /** Paths that the stat cache knows something of. */
  function remembered(project: CacheProject): readonly unknown[] {
    const database = new DatabaseSync(project.files.path('.sluice/stat-cache.db'));
    const rows = database.prepare('select path from folder').all();
    database.close();
    return rows.map(({ path }) => path);
  }

  const past = new Date(Date.now() - HOUR);

  /** In an hour the file's times are old enough to be trusted. */
  const LATER = { aheadMs: HOUR };

  test('is not believed when content changes under the same size and mtime', async () => {
    using project = made();
    utimesSync(project.files.path('in.txt'), past, past);
    await project.run([], LATER);
    expect(remembered(project)).toContain(project.files.path('in.txt'));
    project.files.write('in.txt', 'two\n');
    utimesSync(project.files.path('in.txt'), past, past);
    expect((await project.run([], LATER)).executed).toEqual(['a']);
    expect(project.files.read('out.txt')).toBe('two\n');
  });

  test('is not believed of another file of the same size and times under that name', async () => {
    using project = made();
    utimesSync(project.files.path('in.txt'), past, past);
    await project.run([], LATER);
    project.files.write('new.txt', 'two\n');
    utimesSync(project.files.path('new.txt'), past, past);
    renameSync(project.files.path('new.txt'), project.files.path('in.txt'));
    expect((await project.run([], LATER)).executed).toEqual(['a']);
    expect(project.files.read('out.txt')).toBe('two\n');
  });

  test('is not remembered at all of a file that was written a moment ago', async () => {
    using project = made();
    await project.run();
    expect(remembered(project)).not.toContain(project.files.path('in.txt'));
  });
});
