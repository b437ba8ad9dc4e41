import { expect, test } from 'vitest';
import { bindings, scope, text } from './expression/sample.ts';
import { expressionValue, type Meaning, textValue } from './value.ts';

/** Names that are declared, and have no value. */
const nothing = (problems: Meaning['problems'] = []): Meaning => ({
  scope,
  bindings: { ...bindings, variable: () => undefined },
  located: expression => expression,
  problems,
});

test('a value that is missing without a word is our mistake, not a step less', () => {
  expect(() => textValue(text('${{ params.seed }}'), 'text', nothing())).toThrow(/^bug: /);
  expect(() =>
    expressionValue(text('params.seed > 1'), ['bool'], 'a condition', nothing()),
  ).toThrow(/^bug: /);
});

test('what was reported may be missing', () => {
  const reported = nothing([{ kind: 'profile-without-settings', asked: '--profile', name: 'ci' }]);
  expect(textValue(text('${{ params.seed }}'), 'text', reported)).toBeUndefined();
});
