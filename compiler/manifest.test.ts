import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { expect, test } from 'vitest';
import { parseManifest } from './manifest.ts';

const parse = (yaml: string) => parseManifest('step.yaml', Buffer.from(yaml));
const HEAD = 'step: crop\nversion: 1.0.0\nrun: [node, main.js]\n';
const codes = (yaml: string) => parse(HEAD + yaml).problems.map(problem => problem.kind);

const shipped = globSync('*/step.yaml', { cwd: new URL('../steps', import.meta.url) }).map(dirname);

test.each(shipped)('the manifest of %s is sound', name => {
  const bytes = readFileSync(new URL(`../steps/${name}/step.yaml`, import.meta.url));
  const { value, problems } = parseManifest(`steps/${name}/step.yaml`, bytes);
  expect(problems).toEqual([]);
  expect(value?.manifest.step).toBe(name);
});

test('ports have a short form and a long one', () => {
  const { value } = parse(
    `${HEAD}params: { label: "" }\nin: { data: dataset@labelled, all: { type: file, many: true, optional: true } }\nout:\n  same: { like: data, state: { when: label, set: split, unset: labelled }, role: test, path: out/x }\n  report: report`,
  );
  expect(value?.manifest.in).toEqual({
    data: { type: 'dataset@labelled', many: false, optional: false, description: null },
    all: { type: 'file', many: true, optional: true, description: null },
  });
  expect(value?.manifest.out).toEqual({
    same: {
      type: { kind: 'like', port: 'data' },
      state: { kind: 'when', param: 'label', set: 'split', unset: 'labelled' },
      role: 'test',
      path: 'out/x',
      description: null,
    },
    report: { type: { kind: 'fixed', type: 'report' }, state: null, path: null, description: null },
  });
  expect(value?.places.get('out.same')).toMatchObject({ line: 7, column: 3 });
});

test('an effect says how it is checked and where it may write', () => {
  const { value } = parse(
    `${HEAD}kind: effect\ncheck: { run: [test, -e, x] }\nstate: deployments\n`,
  );
  expect(value?.manifest).toMatchObject({
    check: { run: ['test', '-e', 'x'] },
    state: 'deployments',
  });
  expect(parse(`${HEAD}kind: effect\ncheck: receipt`).value?.manifest.check).toBe('receipt');
});

test.each([
  ['version: 1', ['duplicate-key']],
  ['check: receipt', ['misplaced-key']],
  ['kind: effect\ncheck: reciept', ['unknown-value']],
  ['out: { a: { like: b } }', ['unknown-in-manifest']],
  ['in: { b: { type: fle } }\nout: { a: { like: b } }', ['bad-port-type']],
  ['out: { a: { type: file, like: b } }', ['exclusive-keys']],
  ['out: { a: { type: file, state: raw } }', ['misplaced-key']],
  ['in: { a: { type: file, roles: [train] } }', ['misplaced-key']],
  ['in: { a: { type: dataset, roles: [tain] } }', ['unknown-value']],
  ['out: { a: { type: dataset, state: { when: x } } }', ['missing-key', 'missing-key']],
  ['includes: [../sdk, /etc, C:\\x, "a\\\\b"]', ['bad-include', 'bad-include', 'bad-include']],
  ['container: { build: x }', ['unknown-key']],
  ['params: { a: { type: int } }', ['no-default']],
  ['params: { a: { type: int, required: true, pattern: x } }', ['constraint-mismatch']],
])('%s is refused', (yaml, expected) => {
  expect(new Set(codes(yaml))).toEqual(new Set(expected));
});

test('what has to be there is asked for, once each', () => {
  expect(parse('kind: pure').problems.map(problem => problem.kind)).toEqual([
    'missing-key',
    'missing-key',
    'missing-key',
  ]);
  expect(parse('').problems.map(problem => problem.kind)).toEqual(['empty-file']);
});
