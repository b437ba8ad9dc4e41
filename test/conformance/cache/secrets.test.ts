/** A secret's value stands nowhere but where its step has put it. */
import { expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const VALUE = 'hunter2secret';
const OUT = '${{ out.x }}';

/** A step that has the secret and gives it away in one of the ways that steps can. */
const careless = (run: string, type: string, more: Readonly<Record<string, unknown>> = {}) => ({
  run,
  secrets: ['TOKEN'],
  out: { x: type },
  ...more,
});

const steps = {
  pipe: careless(`mkdir -p ${OUT}; mkfifo ${OUT}/$TOKEN`, 'dir'),
  link: careless(`mkdir -p ${OUT}; ln -s /$TOKEN ${OUT}/l`, 'dir'),
  nan: careless(`echo "{\\"$TOKEN\\": NaN}" > ${OUT}`, 'metrics'),
  program: careless('$TOKEN; cat $TOKEN/none.txt', 'file'),
  metrics: careless(`echo "{\\"v\\": \\"$TOKEN\\"}" > ${OUT}`, 'metrics'),
  condition: { if: "${{ metrics.x.v == 'x' }}", run: 'true' },
  expression: { if: '${{ metrics.x.v > 3 }}', run: 'true' },
  probe: careless(`echo ok > ${OUT}`, 'file', { kind: 'source', probe: 'echo "$TOKEN"' }),
  check: { kind: 'effect', check: 'echo $TOKEN >&2; false', run: 'true', secrets: ['TOKEN'] },
};

test('a secret that a step gives away is on no screen, in no record and in no trace', async () => {
  using project = new CacheProject({});
  project.pipeline({ steps });
  const env = { TOKEN: VALUE };
  const shown = [await project.run(['-k'], { env }), await project.run(['-k'], { env })];
  expect(shown[0]?.outcomes).toMatchObject({
    pipe: 'failed',
    metrics: 'succeeded',
    condition: 'skipped',
    expression: 'failed',
    probe: 'succeeded',
  });
  expect(
    JSON.stringify(shown)
      .split('\\n')
      .filter(line => line.includes(VALUE)),
  ).toEqual([]);
  // The metrics are what that step has made, and its own to answer for.
  const { stdout } = await project.files.shell(
    `grep -rl ${VALUE} .sluice | grep -v ^.sluice/blobs`,
  );
  expect(stdout).toBe('');
});

test('a secret that a probe prints may rotate: that is no news of the source', async () => {
  using project = new CacheProject({});
  const { probe } = steps;
  project.pipeline({ steps: { a: { ...probe, run: `${project.mark('a')}; ${probe.run}` } } });
  expect((await project.run([], { env: { TOKEN: VALUE } })).executed).toEqual(['a']);
  expect((await project.run([], { env: { TOKEN: 'another-value' } })).executed).toEqual([]);
});
