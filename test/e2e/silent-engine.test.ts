/** An engine, or a registry behind it, that never answers: nobody has to wait for it. */
import { expect, test } from 'vitest';
import { NOT_FOUND, silentEngine } from '../harness/silent-engine.ts';
import { TempProject } from '../harness/temp-project.ts';

const PIPELINE = `sluice: 1
name: p
steps:
  a:
    run: echo x > \${{ out.result }}
    out: { result: file }
    container: registry.invalid/team/tool:1
`;

test('Ctrl-C ends a run whose registry says nothing about a tag', async () => {
  await using engine = await silentEngine(request => {
    if (request.includes('_ping')) return { status: 200, body: 'OK' };
    if (request.includes('/containers/json')) return { status: 200, body: '[]' };
    return request.includes('/distribution/') ? undefined : NOT_FOUND;
  });
  using project = TempProject.create({ 'pipelines/p.yaml': PIPELINE });
  const env = { DOCKER_HOST: engine.address, SLUICE_EXECUTOR: 'docker' };
  const running = project.start(['run'], env);
  await engine.asked(/distribution/);
  running.child.kill('SIGINT');
  expect((await running.finished).code).toBe(130);
});

test.each([
  ['ssh://user@host', 'through `unix://` and `tcp://`'],
  ['tcp://127.0.0.1:many', 'through `unix://` and `tcp://`'],
])('DOCKER_HOST=%s is told as what it is', async (DOCKER_HOST, words) => {
  using project = TempProject.create({ 'pipelines/p.yaml': PIPELINE });
  const env = { DOCKER_HOST, SLUICE_EXECUTOR: 'docker' };
  for (const [command, code] of [
    ['run', 3],
    ['plan', 0],
    ['doctor', 0],
  ] as const) {
    const said = await project.sluice([command], env);
    expect(said.code).toBe(code);
    expect(said.stdout + said.stderr).toContain(words);
  }
});
