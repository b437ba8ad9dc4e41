import { expect, test } from 'vitest';
import type { Json } from '../schema/canonical-json.ts';
import type { Expression } from '../schema/expression.ts';
import { heldExecutor } from './testing/held-executor.ts';
import { planOf } from './testing/plan-of.ts';
import { TempProject } from './testing/temp-project.ts';

const read: Expression = { kind: 'result', step: 'a', port: 'v', fields: ['x'] };

const isTrue: Expression = { kind: 'literal', value: true };

/** How a step ends whose condition is `condition`, where `a` has left `x` at `a.v`. */
async function outcomeOf(condition: Expression, x: Json) {
  await using project = TempProject.create();
  const parts = [{ kind: 'expression', expression: condition, quote: 'none' }] as const;
  const plan = planOf({
    a: { out: { v: 'value' } },
    b: { out: { o: 'file' }, condition: { kind: 'late', parts }, needs: ['a'] },
  });
  const executor = heldExecutor(step => {
    step.write(step.step === 'a' ? 'out/v' : 'out/o', JSON.stringify({ x }));
    step.exit(0);
    return true;
  });
  const run = await project.start(plan, executor);
  const finished = (await run.eventsOf('step-finished')).find(({ step }) => step === 'b');
  return finished?.outcome;
}

test.each<[Json, string]>([
  [3, 'a number: 3'],
  ['true', 'a string: "true"'],
  ['x'.repeat(100), 'a string'],
  [null, 'null'],
  [[1], 'a list'],
  [{ y: true }, 'a map'],
])('a condition that is %j fails and says so, rather than skipping the step', async (x, named) => {
  expect(await outcomeOf(read, x)).toMatchObject({
    kind: 'failed',
    failure: {
      class: 'bad-expression',
      message: `a condition is a boolean, and \`a.v.x\` is ${named}`,
    },
  });
});

test.each<[string, Expression]>([
  ['`&&` decides by', { kind: 'binary', operator: '&&', left: isTrue, right: read }],
  ['`||` decides by', { kind: 'binary', operator: '||', left: read, right: isTrue }],
])('what only takes part in a condition is named as well: %s', async (what, condition) => {
  expect(await outcomeOf(condition, 3)).toMatchObject({
    failure: { message: `${what} a boolean, and \`a.v.x\` is a number: 3` },
  });
});

test.each([
  [true, 'succeeded'],
  [false, 'skipped'],
])('a condition that is %s is no mistake', async (x, kind) => {
  expect(await outcomeOf(read, x)).toMatchObject({ kind });
});
