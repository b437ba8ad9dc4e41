import { expect, test } from 'vitest';
import { familiarName, isLocalName, parseReference, withTag } from './reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['python', 'python', undefined, undefined, 'docker.io'],
  ['python:3.12', 'python', '3.12', undefined, 'docker.io'],
  ['team/train:1', 'team/train', '1', undefined, 'docker.io'],
  ['ghcr.io/team/train:1', 'ghcr.io/team/train', '1', undefined, 'ghcr.io'],
  ['localhost:5000/train', 'localhost:5000/train', undefined, undefined, 'localhost:5000'],
  ['localhost/train:1', 'localhost/train', '1', undefined, 'localhost'],
  [`python:3@${DIGEST}`, 'python', '3', DIGEST, 'docker.io'],
  [`quay.io/a/b@${DIGEST}`, 'quay.io/a/b', undefined, DIGEST, 'quay.io'],
])('%s is taken apart', (text, name, tag, digest, registry) => {
  expect(parseReference(text)).toEqual({ name, tag, digest, registry });
});

test('a name without a tag means latest, one with a digest means that', () => {
  expect(withTag('python')).toBe('python:latest');
  expect(withTag('localhost:5000/a')).toBe('localhost:5000/a:latest');
  expect(withTag('python:3')).toBe('python:3');
  expect(withTag(`python@${DIGEST}`)).toBe(`python@${DIGEST}`);
});

test('names of one image are one name', () => {
  const names = [
    'python',
    'library/python',
    'docker.io/library/python',
    'index.docker.io/library/python',
  ];
  expect(new Set(names.map(familiarName))).toEqual(new Set(['python']));
});

test('only what is built here has a local name', () => {
  expect(isLocalName('localhost/sluice/steps:1')).toBe(true);
  expect(isLocalName('localhost:5000/steps:1')).toBe(false);
  expect(isLocalName('steps:1')).toBe(false);
});
