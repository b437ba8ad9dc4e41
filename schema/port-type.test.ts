import { expect, test } from 'vitest';
import { fits, formatPortType, parsePortType } from './port-type.ts';

const type = (text: string) => parsePortType(text) ?? expect.fail(`${text} is no type`);

test.each([
  ['dataset/table', 'dataset', true],
  ['dataset', 'dataset/table', false],
  ['dataset/tables', 'dataset/table', false],
  ['model/onnx', 'model/onnx', true],
  ['file', 'dir', false],
  ['dataset@labelled', 'dataset@labelled', true],
  ['dataset@split', 'dataset@labelled', true],
  ['dataset@refined', 'dataset@labelled', false],
  ['dataset', 'dataset@raw', false],
  ['dataset@raw', 'dataset', true],
  ['dataset/table@split', 'dataset@refined', true],
])('%s into a port of %s: %s', (given, wanted, expected) => {
  expect(fits(type(given), type(wanted))).toBe(expected);
});

test.each([
  '',
  'thing',
  'dataset@',
  'dataset@ready',
  'model@raw',
  '/file',
  'file/',
  'File',
  'a b',
  'file@raw',
])('`%s` is no type', text => {
  expect(parsePortType(text)).toBeUndefined();
});

test.each(['file', 'dataset/table@labelled', 'package/triton', 'model/onnx/quantised'])(
  '%s is written as it is read',
  text => {
    expect(formatPortType(type(text))).toBe(text);
  },
);
