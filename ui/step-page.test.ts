import { expect, test } from 'vitest';
import type { InputDeclaration, Manifest } from '../schema/manifest.ts';
import { renderStepPage } from './step-page.ts';
import { makeStyle } from './style.ts';

const port = (type: string, optional: boolean): InputDeclaration => ({
  type,
  many: false,
  optional,
  description: null,
});

function useOf(inputs: Readonly<Record<string, InputDeclaration>>, uses?: string): string {
  const manifest: Manifest = {
    step: 'crop',
    version: '1.0.0',
    kind: 'pure',
    description: null,
    params: {},
    in: inputs,
    out: {},
    run: ['node', 'main.ts'],
    container: null,
    includes: [],
    packages: [],
    probe: null,
    check: null,
    state: null,
  };
  const page = renderStepPage(
    manifest,
    makeStyle({ color: false, unicode: true }),
    uses === undefined ? {} : { uses },
  );
  return page.slice(page.indexOf('Use\n') + 4);
}

test('what has to be wired is in the example, and what is optional is not', () => {
  expect(useOf({ data: port('dataset', false), more: port('dataset', true) })).toBe(
    '  crop:\n    uses: crop\n    in: { data: <step.port> }',
  );
});

test('where every input is optional the first is the example', () => {
  expect(useOf({ source: port('file', true), folder: port('dir', true) })).toBe(
    '  crop:\n    uses: crop\n    in: { source: ./<file> }',
  );
});

test('a step of a project is used by its path', () => {
  expect(useOf({}, './steps/crop')).toBe('  crop:\n    uses: ./steps/crop');
});
