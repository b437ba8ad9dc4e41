import { expect, test } from 'vitest';
import { stepId } from '../schema/id.ts';
import { MissingSecrets } from './missing-secrets.ts';
import { known, planOf } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

const plan = planOf({
  ingest: { out: { data: 'file' } },
  aside: { secrets: ['ASIDE'] },
  train: { in: { data: 'ingest.data' }, out: { model: 'file' }, secrets: ['WANDB'] },
  deploy: { in: { model: 'train.model' }, secrets: ['TOKEN', 'KEY'] },
  announce: { needs: ['deploy'], secrets: ['TOKEN'] },
});
const parts = { ingest: { 'out/data': 'd' }, train: { 'out/model': 'm' } };

const missing = (...set: readonly string[]) =>
  new MissingSecrets(plan.steps, new Map(set.map(name => [name, 'value'])));

const nobody = () => false;

test('a secret without a value is told when the first step executes that comes before', () => {
  const told = missing('WANDB', 'KEY');
  expect(told.before(stepId('aside'), nobody)).toEqual([]);
  expect(told.before(stepId('ingest'), nobody)).toEqual([
    { name: 'TOKEN', steps: ['deploy', 'announce'] },
  ]);
});

test('each is told once, and not by the step itself', () => {
  const told = missing('TOKEN');
  expect(told.before(stepId('train'), nobody)).toEqual([{ name: 'KEY', steps: ['deploy'] }]);
  expect(told.before(stepId('ingest'), nobody)).toEqual([{ name: 'WANDB', steps: ['train'] }]);
  expect(told.before(stepId('ingest'), nobody)).toEqual([]);
});

test('steps that have ended, or that a condition leaves out, are not spoken of', () => {
  const told = missing('WANDB', 'KEY');
  expect(told.before(stepId('ingest'), step => step === 'deploy')).toEqual([
    { name: 'TOKEN', steps: ['announce'] },
  ]);
  const left = planOf({ a: {}, b: { needs: ['a'], secrets: ['S'], condition: known(false) } });
  expect(new MissingSecrets(left.steps, new Map()).before(stepId('a'), nobody)).toEqual([]);
});

test('a run warns before it begins, and one that executes nothing is silent', async () => {
  await using project = TempProject.create({ '.env': 'WANDB=11\nASIDE=22\nKEY=33\nTOKEN=44\n' });
  await (await project.start(plan, playing(parts))).summary;
  project.write('.env', 'WANDB=11\n');
  const warnings = async (force?: 'all') => {
    const run = await project.start(plan, playing(parts), { force });
    await run.summary;
    const types = run.events.map(({ type }) => type);
    const told = run.events.filter(
      event => event.type === 'warning' && event.code === 'missing-secret',
    );
    return { told, isFirst: types.indexOf('warning') < types.indexOf('step-started') };
  };
  expect((await warnings()).told).toEqual([]);
  const { told, isFirst } = await warnings('all');
  expect(isFirst).toBe(true);
  expect(told).toMatchObject([
    {
      step: null,
      message: expect.stringMatching(/^`deploy`, `announce` fail if they have to execute.*`TOKEN`/),
    },
    { step: null, message: expect.stringMatching(/^`deploy` fails if it has to execute.*`KEY`/) },
  ]);
});
