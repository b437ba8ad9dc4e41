import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addPins, pinOf, readPins, writePins } from './pins.ts';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-pins-'));
  path = join(folder, 'sluice.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what is pinned is read again, in the order of names, whoever added it', () => {
  writePins(path, { 'python:3': B });
  addPins(path, { node: A });
  expect(readPins(path)).toEqual({ 'node:latest': A, 'python:3': B });
  const text = readFileSync(path, 'utf8');
  expect(text.indexOf('node')).toBeLessThan(text.indexOf('python'));
  expect(text.endsWith('}\n')).toBe(true);
});

test('a tag that is not written is the one that is meant', () => {
  expect(pinOf({ 'node:latest': A }, 'node')).toBe(A);
  expect(pinOf({ 'node:latest': A }, 'node:24')).toBeUndefined();
});

test('no file is no pins', () => {
  expect(readPins(path)).toEqual({});
});

test.each([
  'not JSON',
  '[]',
  '{}',
  '{ "format": 2, "images": {} }',
  '{ "format": 1 }',
  '{ "format": 1, "images": { "a:1": "sha256:short" } }',
  '{ "format": 1, "images": { "a:1": 7 } }',
])('%s is not understood, and not guessed at', text => {
  writeFileSync(path, text);
  expect(readPins(path)).toBeUndefined();
});
