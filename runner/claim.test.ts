import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runId } from '../schema/id.ts';
import { workFolder } from './context.ts';
import { workLock } from './orphans.ts';
import { planOf } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

test('a run that cannot lock its working folder begins nothing there: another would take it for dead', async () => {
  await using project = TempProject.create({});
  const run = runId(new Date(0), 'abcde');
  // As a disk that is full at that moment, and no later: only the lock cannot be made.
  mkdirSync(workLock(workFolder({ home: join(project.root, '.sluice'), run })), {
    recursive: true,
  });
  const plan = planOf({ a: { out: { x: 'file' } } });
  const started = await project.start(plan, playing({ a: { 'out/x': 'made' } }), { run });
  expect(await started.outcomes()).toEqual({ a: 'failed' });
  expect(JSON.stringify(started.events)).toContain('the lock of its working directory');
});
