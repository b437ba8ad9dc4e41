import { expect, test } from 'vitest';
import { sampleOption } from './options.ts';

const read = (text: string) => sampleOption().parseArg?.(text, undefined);

test.each([
  ['5%', 0.05],
  ['0.7%', 0.007],
  ['.5%', 0.005],
  ['0.05', 0.05],
  ['1/20', 0.05],
  ['100%', 1],
  ['1', 1],
  ['0.0001%', 0.000001],
])('--sample %s is a share of %d', (text, fraction) => {
  expect(read(text)).toBe(fraction);
});

test.each([
  '0',
  '0%',
  '150%',
  '-5%',
  '5 %',
  '1/0',
  '0/5',
  '3/2',
  'five',
  '',
  '1e-2',
  '0.00009%',
  '1/1000001',
])('--sample %j is refused, and it says how to write one', text => {
  const refused = expect.objectContaining({
    message: expect.stringContaining(`--sample ${text}`),
    help: expect.stringMatching(/write `5%`.*all of it$/),
  });
  expect(() => read(text)).toThrow(refused);
});

test('whoever writes a number without its sign is asked what is meant', () => {
  expect(() => read('5')).toThrow(
    expect.objectContaining({ help: expect.stringMatching(/mean `5%`\?$/) }),
  );
});
