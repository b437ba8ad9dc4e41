/** What docs/containers.md tells to type works on a real engine. */
import { expect, test } from 'vitest';
import { address } from '../harness/containers.ts';
import { follow } from '../harness/documents.ts';
import { TempProject } from '../harness/temp-project.ts';

test.skipIf(address === null)('docs/containers.md can be followed to its end', async () => {
  using project = TempProject.create({});
  await project.sluice(['init', '--from', 'digits']);
  const env = { DOCKER_HOST: address ?? '' };
  expect(await follow(project, 'docs/containers.md', env)).toBe(2);
  expect(await project.outcomes(['digits'], { ...env, SLUICE_EXECUTOR: 'docker' })).toMatchObject({
    train: 'up-to-date',
  });
});
