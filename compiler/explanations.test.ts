import { expect, test } from 'vitest';
import { explainCode, explainedCodes } from './explanations.ts';
import { CODES } from './problems/problem.ts';

test('every code of the compiler has a page', () => {
  expect(CODES.filter(code => explainCode(code) === undefined)).toEqual([]);
});

test('no two codes of the compiler are the same', () => {
  expect(new Set(CODES).size).toBe(CODES.length);
});

test.each(explainedCodes())('the page of %s says what, why, and how to repair it', code => {
  const { title, why, example, repair } = explainCode(code) ?? {
    title: '',
    why: '',
    example: '',
    repair: '',
  };
  expect(title).toMatch(/^[A-Za-z`].*[^.]$/);
  expect(why).toMatch(/^\S.*[.]$/);
  expect(example).not.toBe('');
  expect(repair).not.toBe('');
  expect(repair).not.toBe(example);
  expect(`${title} ${why}`).not.toMatch(/\b(invalid|please|illegal|sorry)\b/i);
});

test('names that every object has are no codes', () => {
  expect(explainCode('constructor')).toBeUndefined();
  expect(explainCode('__proto__')).toBeUndefined();
});

/** Words that are nothing but code, wherever they stand. */
const CODE = /\$\{\{|\b(?:params|env|sluice\.yaml|step\.yaml|SLUICE_\w+)\b|\.sluice\b|--\w+/g;

test.each(explainedCodes())('the prose of %s marks what is code as code', code => {
  const { title = '', why = '' } = explainCode(code) ?? {};
  const prose = `${title} ${why}`.replaceAll(/`[^`]*`/g, '');
  expect(prose.match(CODE)).toBeNull();
});
