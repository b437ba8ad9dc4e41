/** What is done to the project while an output is put into it. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tryLock } from '../store/lock.ts';
import { removeTree } from '../store/remove-tree.ts';
import type { Store } from '../store/store.ts';
import { planOf } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

const plan = planOf({
  report: { in: { raw: './raw.txt' }, out: { site: 'dir' }, to: { site: 'docs/site' } },
});

const write = (text: string) => playing({ report: { 'out/site/page': text } });

/** A project in which `one` was placed, and everything is ready to place something else. */
async function placedOnce(): Promise<TempProject> {
  const project = TempProject.create({ 'raw.txt': '1' });
  await (await project.start(plan, write('one'))).summary;
  project.write('raw.txt', '2');
  return project;
}

/** The store, and what happens when an output has been built. */
async function afterBuilding(project: TempProject, act: () => void): Promise<Store> {
  const store = await project.store();
  return {
    ...store,
    materialise: async (artifact, path, options) => {
      const built = await store.materialise(artifact, path, options);
      if (path.includes('placing')) act();
      return built;
    },
  };
}

/** Every file below a folder, as text. */
const textsIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

test('what somebody writes while it is judged whose the old content was is not lost', async () => {
  await using project = await placedOnce();
  let isBuilt = false;
  const building = await afterBuilding(project, () => {
    isBuilt = true;
  });
  const store: Store = {
    ...building,
    digest: async path => {
      const found = await building.digest(path);
      if (isBuilt) project.write('docs/site/mine', 'my notes');
      return found;
    },
  };
  await (await project.start(plan, write('two'), { store })).summary;
  expect(isBuilt).toBe(true);
  expect(textsIn(project.root)).toContain('my notes');
});

test('a folder above that becomes a link out of the project is not followed', async () => {
  await using project = await placedOnce();
  const outside = mkdtempSync(join(tmpdir(), 'sluice-outside-'));
  try {
    mkdirSync(join(outside, 'site'));
    const store = await afterBuilding(project, () => {
      renameSync(join(project.root, 'docs'), join(project.root, 'docs-before'));
      symlinkSync(outside, join(project.root, 'docs'));
    });
    const run = await project.start(plan, write('two'), { store });
    expect(await run.outcomes()).toEqual({ report: 'failed' });
    expect(JSON.stringify(run.events)).toContain('`docs` leads out of the project');
    expect(readdirSync(outside)).toEqual(['site']);
    expect(readdirSync(join(outside, 'site'))).toEqual([]);
  } finally {
    removeTree(outside);
  }
});

test('while another run places something nothing is swapped, and the wait can be ended', async () => {
  await using project = await placedOnce();
  const other = await tryLock(join(project.home, 'placing.lock'), 'exclusive');
  const stop = new AbortController();
  const store = await afterBuilding(project, () => stop.abort());
  const run = await project.start(plan, write('two'), { store, signal: stop.signal });
  expect(await run.outcomes()).toEqual({ report: 'cancelled' });
  expect(project.read('docs/site/page')).toBe('one');
  if (other.ok) other.value?.release();
  expect(await (await project.start(plan, write('two'))).outcomes()).toEqual({
    report: 'restored',
  });
  expect(project.read('docs/site/page')).toBe('two');
});

test('what is in the way of a long place is kept under a name that no file system refuses', async () => {
  const to = `${'folder'.repeat(30)}/${'ü'.repeat(120)}.txt`;
  const long = planOf({ report: { out: { text: 'file' }, to: { text: to } } });
  await using project = TempProject.create({ [to]: 'mine' });
  const run = await project.start(long, playing({ report: { 'out/text': 'made' } }));
  expect(await run.outcomes()).toEqual({ report: 'succeeded' });
  expect(project.read(to)).toBe('made');
  expect(textsIn(join(project.home, 'replaced'))).toEqual(['mine']);
});

test('who never placed anything there does not say that it was edited', async () => {
  await using project = TempProject.create({ 'raw.txt': '1', 'docs/site/page': 'mine' });
  const run = await project.start(plan, write('one'));
  expect(await run.eventsOf('warning')).toMatchObject([
    { message: expect.stringContaining('docs/site was there before') },
  ]);
});
