import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { foretell } from './testing/foretell.ts';
import { known, planOf } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

const plan = planOf({
  clean: { in: { raw: './raw.csv' }, out: { data: 'file' } },
  train: { in: { data: 'clean.data' }, out: { model: 'file' } },
  ship: { in: { model: 'train.model' } },
  note: { needs: ['clean'] },
});

const parts = { clean: { 'out/data': 'd' }, train: { 'out/model': 'm' } };

test('before the first run: what comes first never ran, and the rest is known later', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  expect(await foretell(project, plan)).toMatchObject({
    clean: { kind: 'execute', because: { kind: 'never-run' } },
    train: { kind: 'known-later', waitsFor: ['clean'] },
    ship: { kind: 'known-later', waitsFor: ['clean'] },
    note: { kind: 'execute', because: { kind: 'never-run' } },
  });
});

test('after a run everything is up to date, and it says which run made it', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const run = await project.start(plan, playing(parts));
  await run.summary;
  const before = readdirSync(project.home, { recursive: true }).length;
  expect(await foretell(project, plan)).toMatchObject({
    clean: { kind: 'up-to-date', made: { run: run.run } },
    train: { kind: 'up-to-date' },
    ship: { kind: 'up-to-date' },
    note: { kind: 'up-to-date' },
  });
  expect(readdirSync(project.home, { recursive: true })).toHaveLength(before);
});

test('a change names its cause, and early cutoff is not guessed at', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  await (await project.start(plan, playing(parts))).summary;
  project.write('raw.csv', 'v2');
  expect(await foretell(project, plan)).toMatchObject({
    clean: { kind: 'execute', because: { kind: 'changed', changes: [{ part: 'input raw' }] } },
    train: { kind: 'known-later', waitsFor: ['clean'] },
    note: { kind: 'up-to-date' },
  });
});

test('what somebody has edited or put where outputs go is named before it is moved', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const placing = planOf({
    clean: { in: { raw: './raw.csv' }, out: { data: 'file' }, to: { data: 'shown/data.csv' } },
  });
  const parts = { clean: { 'out/data': 'd' } };
  const clean = async () => (await foretell(project, placing))['clean'];
  project.write('shown/data.csv', 'mine');
  const there = { inTheWay: [{ to: 'shown/data.csv', isOwned: false }] };
  expect(await clean()).toMatchObject({ kind: 'execute', ...there });
  await (await project.start(placing, playing(parts))).summary;
  expect(await clean()).toMatchObject({ kind: 'up-to-date', inTheWay: [] });
  project.write('shown/data.csv', 'edited');
  const edited = { inTheWay: [{ to: 'shown/data.csv', isOwned: true }] };
  expect(await clean()).toMatchObject({ kind: 'restore', ...edited });
  rmSync(join(project.home, 'placed.jsonl'));
  project.write('shown/data.csv', 'd');
  expect(await clean()).toMatchObject({ kind: 'up-to-date', inTheWay: [] });
  project.write('shown/data.csv', 'edited');
  project.write('raw.csv', 'v2');
  expect(await clean()).toMatchObject({ kind: 'execute', ...there });
  rmSync(join(project.root, 'shown'), { recursive: true });
  expect(await clean()).toMatchObject({ kind: 'execute', inTheWay: [] });
});

test('what a run would skip, what cannot be judged, and what is asked of the world', async () => {
  await using project = TempProject.create();
  const asked = planOf({
    gate: { condition: known(false), out: { x: 'file' } },
    eats: { in: { x: 'gate.x' } },
    lost: { in: { raw: './nowhere.csv' } },
    after: { needs: ['lost'] },
    source: { kind: 'source', probe: 'probe' },
  });
  expect(await foretell(project, asked)).toMatchObject({
    gate: { kind: 'skipped', because: 'condition' },
    eats: { kind: 'skipped', because: 'need-skipped', need: 'gate' },
    lost: { kind: 'fails', failure: { class: 'not-started' } },
    after: { kind: 'skipped', because: 'need-failed', need: 'lost' },
    source: { kind: 'asked-later', asks: 'probe' },
  });
});
