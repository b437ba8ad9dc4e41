/** What a command that answers in JSON has said, without a word beside it. */
import { expect } from 'vitest';
import type { TempProject } from './temp-project.ts';

export const answer = async (project: TempProject, args: readonly string[]) => {
  const { code, stdout, stderr } = await project.sluice(args);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};
