import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Store } from '../store/store.ts';
import { planOf } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

const plan = planOf({
  report: {
    in: { raw: './raw.txt' },
    out: { text: 'file', site: 'dir' },
    to: { text: 'docs/report.md', site: 'public' },
  },
});

const write = (text: string, pages: readonly string[] = ['index.html']) =>
  playing({
    report: {
      'out/text': text,
      ...Object.fromEntries(pages.map(page => [`out/site/${page}`, text])),
    },
  });

test('outputs are placed in the project, and stay when nothing changed', async () => {
  await using project = TempProject.create({ 'raw.txt': '1' });
  await (await project.start(plan, write('one'))).summary;
  expect(project.read('docs/report.md')).toBe('one');
  expect(project.read('public/index.html')).toBe('one');
  expect(await (await project.start(plan, write(''))).outcomes()).toEqual({ report: 'up-to-date' });
});

test('a placed file that was removed comes back from the store', async () => {
  await using project = TempProject.create({ 'raw.txt': '1' });
  await (await project.start(plan, write('one'))).summary;
  rmSync(join(project.root, 'docs'), { recursive: true });
  const run = await project.start(plan, write(''));
  expect(await run.outcomes()).toEqual({ report: 'restored' });
  expect(project.read('docs/report.md')).toBe('one');
});

test('a placed folder is owned exactly: what is no longer made goes', async () => {
  await using project = TempProject.create({ 'raw.txt': '1' });
  await (await project.start(plan, write('one', ['index.html', 'old.html']))).summary;
  project.write('raw.txt', '2');
  const run = await project.start(plan, write('two'));
  await run.summary;
  expect(readdirSync(join(project.root, 'public'))).toEqual(['index.html']);
  expect(await run.eventsOf('warning')).toEqual([]);
});

test('what somebody edited by hand is kept, named, and then replaced', async () => {
  await using project = TempProject.create({ 'raw.txt': '1' });
  await (await project.start(plan, write('one'))).summary;
  project.write('docs/report.md', 'my notes');
  project.write('public/mine.html', 'mine');
  const run = await project.start(plan, write(''));
  expect(await run.outcomes()).toEqual({ report: 'restored' });
  expect(project.read('docs/report.md')).toBe('one');
  const kept = readdirSync(join(project.home, 'replaced'));
  expect(kept).toHaveLength(2);
  const [report = '', site = ''] = kept.sort((a, b) => (a.includes('docs') ? -1 : b ? 1 : 0));
  expect(project.read(`.sluice/replaced/${report}`)).toBe('my notes');
  expect(project.read(`.sluice/replaced/${site}/mine.html`)).toBe('mine');
  expect((await run.eventsOf('warning')).map(({ code }) => code)).toEqual([
    'replaced-file',
    'replaced-file',
  ]);
});

test('a file that was there before we placed anything is kept as well', async () => {
  await using project = TempProject.create({ 'raw.txt': '1', 'docs/report.md': 'older' });
  const run = await project.start(plan, write('one'));
  expect(await run.eventsOf('warning')).toMatchObject([{ code: 'replaced-file' }]);
  expect(project.read('docs/report.md')).toBe('one');
  const [kept = ''] = readdirSync(join(project.home, 'replaced'));
  expect(project.read(`.sluice/replaced/${kept}`)).toBe('older');
});

test('nothing is left beside what was placed', async () => {
  await using project = TempProject.create({ 'raw.txt': '1' });
  await (await project.start(plan, write('one'))).summary;
  project.write('raw.txt', '2');
  await (await project.start(plan, write('two'))).summary;
  expect(readdirSync(project.root).sort()).toEqual(['.sluice', 'docs', 'public', 'raw.txt']);
  expect(readdirSync(join(project.root, 'docs'))).toEqual(['report.md']);
  expect(existsSync(join(project.home, 'replaced'))).toBe(false);
});

test('what somebody writes there while the new result is being built is kept as well', async () => {
  await using project = TempProject.create({ 'raw.txt': '1' });
  await (await project.start(plan, write('one'))).summary;
  project.write('raw.txt', '2');
  const store = await project.store();
  const materialise: Store['materialise'] = (artifact, target, options) => {
    if (artifact.kind === 'file' && target.includes('placing')) {
      project.write('docs/report.md', 'my notes');
    }
    return store.materialise(artifact, target, options);
  };
  const run = await project.start(plan, write('two'), {
    store: { ...store, materialise },
  });
  expect(await run.eventsOf('warning')).toMatchObject([{ code: 'replaced-file' }]);
  expect(project.read('docs/report.md')).toBe('two');
  const [kept = ''] = readdirSync(join(project.home, 'replaced'));
  expect(project.read(`.sluice/replaced/${kept}`)).toBe('my notes');
});

test('what is ours is asked of the record as it is now, not as it was', async () => {
  await using project = TempProject.create({ 'raw.txt': '1' });
  await (await project.start(plan, write('one'))).summary;
  rmSync(join(project.root, '.sluice/placed.jsonl'));
  project.write('raw.txt', '2');
  await (await project.start(plan, write('two'))).summary;
  expect(project.read('docs/report.md')).toBe('two');
  expect(readdirSync(join(project.root, '.sluice/replaced'))).toHaveLength(2);
});
