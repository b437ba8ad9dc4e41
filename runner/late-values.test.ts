import { expect, test } from 'vitest';
import type { Expression } from '../schema/expression.ts';
import type { PlanStep } from '../schema/plan.ts';
import { heldExecutor } from './testing/held-executor.ts';
import { planOf } from './testing/plan-of.ts';
import { TempProject } from './testing/temp-project.ts';

const late = (...fields: readonly string[]) => {
  const expression: Expression = { kind: 'result', step: 'a', port: 'v', fields };
  return { kind: 'late', parts: [{ kind: 'expression', expression, quote: 'none' }] } as const;
};

/** How a step ends that reads what `a` has left at `a.v`. */
async function outcomeOf(content: string, reads: Partial<PlanStep>) {
  await using project = TempProject.create();
  const sketch = planOf({
    a: { out: { v: 'value' } },
    b: { out: { o: 'file' }, needs: ['a'] },
  });
  const plan = {
    ...sketch,
    steps: sketch.steps.map(step => (step.id === 'b' ? { ...step, ...reads } : step)),
  };
  const executor = heldExecutor(step => {
    step.write(step.step === 'a' ? 'out/v' : 'out/o', content);
    step.exit(0);
    return true;
  });
  const run = await project.start(plan, executor);
  const finished = (await run.eventsOf('step-finished')).find(({ step }) => step === 'b');
  return finished?.outcome;
}

test('a text with a NUL is no parameter, because no process could be given it', async () => {
  const reads = { params: { x: late('x') } };
  expect(await outcomeOf('{"x": "a\\u0000b"}', reads)).toMatchObject({
    kind: 'failed',
    failure: {
      class: 'bad-expression',
      message: expect.stringMatching(/^parameter `x`: .* holds a NUL/),
    },
  });
  expect(await outcomeOf('{"x": ["a\\u0000b"]}', reads)).toMatchObject({ kind: 'succeeded' });
});

const BIG = '{"big": 12345678901234567890, "inf": 1e400, "fine": 9007199254740991, "float": 1e300}';

test.each([
  ['big', '12345678901234567890'],
  ['inf', '1e400'],
])('a number that no computer number holds is not rounded: %s', async (field, written) => {
  expect(await outcomeOf(BIG, { params: { x: late(field) } })).toMatchObject({
    kind: 'failed',
    failure: {
      class: 'bad-expression',
      message: `\`a.v.${field}\` is ${written} in \`out/v\`, and no computer number is exactly that; let \`a\` write it as a text, in quotes`,
    },
  });
});

test('it is found inside what is read as well, and a whole result', async () => {
  const message = (name: string) => ({
    failure: { message: expect.stringContaining(`\`${name}\` is 9007199254740993 in`) },
  });
  expect(await outcomeOf('{"a": [1, 9007199254740993]}', { params: { x: late() } })).toMatchObject(
    message('a.v.a["1"]'),
  );
  expect(await outcomeOf('9007199254740993', { params: { x: late() } })).toMatchObject(
    message('a.v'),
  );
});

test('the fields beside it are read as ever', async () => {
  for (const field of ['fine', 'float'])
    expect(await outcomeOf(BIG, { params: { x: late(field) } })).toMatchObject({
      kind: 'succeeded',
    });
});
