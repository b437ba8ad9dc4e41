/** A forecast of a test's plan, by step. */
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Plan } from '../../schema/plan.ts';
import { type Answer, forecast } from '../forecast.ts';
import { playing } from './playing.ts';
import type { TempProject } from './temp-project.ts';

export async function foretell(
  project: TempProject,
  plan: Plan,
): Promise<Readonly<Record<string, Answer>>> {
  const executor = playing();
  const answers = await forecast({
    plan,
    project: project.root,
    home: project.home,
    libraryFolder: join(project.root, 'library'),
    store: await project.store(),
    executor,
    environment: { PATH: process.env['PATH'] },
    force: undefined,
    only: undefined,
  });
  expect(executor.started).toEqual([]);
  return Object.fromEntries(answers.map(({ step, answer }) => [step, answer]));
}
