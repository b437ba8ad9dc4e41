/** The keys of watch mode, in a real terminal. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Pty } from '../harness/pty.ts';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

const PIPELINE = `sluice: 1
name: p
steps:
  first: { run: "cat \${{ in.x }} > \${{ out.y }}", in: { x: ./x.txt }, out: { y: file } }
  second: { run: "test -e \${{ in.z }} && cp \${{ in.z }} \${{ out.y }}", in: { z: ./z.txt }, out: { y: file } }
`;

const start = (project: TempProject) =>
  Pty.start({
    command: `'${join(REPOSITORY, 'sluice')}' watch`,
    cwd: project.root,
    columns: 100,
    rows: 40,
  });

const times = (text: string, rows: readonly string[]): number =>
  rows.join('\n').split(text).length - 1;

const KEYS = 'a all   f failed   r rerun   p filter   enter now   q quit';

test('a filter is typed, corrected, holds for the rounds that follow, and is lifted', async () => {
  using project = TempProject.create({ 'pipelines/p.yaml': PIPELINE, 'x.txt': 'x', 'z.txt': 'z' });
  await using terminal = start(project);
  await terminal.shows(KEYS);
  terminal.press('psexx');
  await terminal.shows('Only steps with: sexx');
  terminal.press('\u007f\u007f');
  await terminal.until('the correction', rows => times('Only steps with: se', rows) === 1);
  terminal.press('\r');
  await terminal.shows('Watching pipelines/p.yaml, only *se*.');
  project.write('z.txt', 'changed');
  await terminal.shows('second  done');
  await terminal.until('the second rest', rows => times('only *se*.', rows) === 2);
  terminal.press('pzzz\r');
  await terminal.shows('no step is called *zzz*');
  project.write('z.txt', 'changed again');
  await terminal.until('the third rest', rows => times('only *se*.', rows) === 3);
  project.write('pipelines/p.yaml', PIPELINE.replace('second', 'other'));
  await terminal.shows('no step is called *se*');
  await terminal.until('the fourth rest', rows => times('only *se*.', rows) === 4);
  expect(times('first ', terminal.everything())).toBe(1);
  terminal.press('a');
  await terminal.until('all of it', rows => times('Watching pipelines/p.yaml. ', rows) === 2);
  terminal.press('f');
  await terminal.shows('nothing has failed');
  terminal.press('q');
  expect(await terminal.exited).toBe(0);
  expect(terminal.sent).not.toContain('\u001b[3J');
});

test('what failed is tried again by a key', async () => {
  const failing = PIPELINE.replace('test -e', 'test ! -e');
  using project = TempProject.create({ 'pipelines/p.yaml': failing, 'x.txt': 'x', 'z.txt': 'z' });
  await using terminal = start(project);
  await terminal.shows(KEYS);
  terminal.press('f');
  await terminal.until('the second failure', rows => times('p failed', rows) === 2);
  expect(times('first ', terminal.everything())).toBe(1);
  await terminal.until('rest', rows => times(KEYS, rows) === 2);
  terminal.press('\u0003');
  expect(await terminal.exited).toBe(130);
});

test('a step is executed once more by a key and part of its name', async () => {
  using project = TempProject.create({ 'pipelines/p.yaml': PIPELINE, 'x.txt': 'x', 'z.txt': 'z' });
  await using terminal = start(project);
  await terminal.shows(KEYS);
  terminal.press('rnone\r');
  await terminal.shows('no step is called *none*');
  terminal.press('rsec');
  await terminal.shows('Execute once more the steps with: sec');
  terminal.press('\r');
  await terminal.shows('(forced)');
  await terminal.until('rest', rows => times(KEYS, rows) === 2);
  expect(times('first   up to date', terminal.everything())).toBe(1);
  terminal.press('q');
  expect(await terminal.exited).toBe(0);
});
