import { expect, test } from 'vitest';
import { sessionWords } from './words.ts';

const KEYS = 'a all   f failed   r rerun   p filter   enter now   q quit';

function idleOn(columns: number | undefined): string {
  const said: string[] = [];
  const words = sessionWords({
    terminal: {
      out: () => undefined,
      err: () => undefined,
      color: false,
      unicode: true,
      width: 100,
      columns,
      interactive: true,
      verbosity: 'normal',
    },
    root: '/',
    pipeline: 'pipelines/train.yaml',
    metrics: { reader: () => undefined, comparisons: async () => [] } as never,
    hasKeys: true,
    say: text => said.push(text),
    print: text => said.push(text),
  });
  words.idle('');
  return said.join('');
}

test('the keys stand beside what is watched where they fit, else on a line of their own', () => {
  expect(idleOn(100)).toBe(`Watching pipelines/train.yaml.  ${KEYS}`);
  expect(idleOn(undefined)).toBe(`Watching pipelines/train.yaml.  ${KEYS}`);
  expect(idleOn(80)).toBe(`Watching pipelines/train.yaml.\n${KEYS}`);
});
