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
