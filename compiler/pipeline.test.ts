import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parsePipeline } from './pipeline.ts';
import { describeSyntax } from './problems/syntax.ts';

const parse = (yaml: string) => parsePipeline('p.yaml', Buffer.from(yaml));
const good = (yaml: string) => {
  const { value, problems } = parse(yaml);
  expect(problems).toEqual([]);
  if (value === undefined) throw new Error('no value');
  return value;
};
const codes = (yaml: string) => parse(yaml).problems.map(problem => problem.kind);
const step = (keys: string) =>
  `sluice: 1\nsteps:\n  a:\n    run: date\n${keys.replace(/^/gm, '    ')}\n`;

test('the pipeline that ships is read whole', () => {
  const bytes = readFileSync(new URL('../pipelines/digits.yaml', import.meta.url));
  const { value, problems } = parsePipeline('pipelines/digits.yaml', bytes);
  expect(problems).toEqual([]);
  expect([...(value?.steps.keys() ?? [])].slice(0, 3)).toEqual(['ingest', 'version', 'split']);
  expect(value?.params.get('epochs')?.value.declaration).toMatchObject({
    type: 'int',
    default: 40,
    min: 1,
    max: 1000,
  });
});

test('a parameter without a type has that of its default, as it is written', () => {
  const { params } = good(
    'sluice: 1\nparams: { a: 1, b: 1.0, c: 1e3, d: true, e: x, f: [1], g: "1" }\nsteps: { s: { run: x } }',
  );
  expect([...params].map(([name, { value }]) => `${name} ${value.declaration.type}`)).toEqual([
    'a int',
    'b float',
    'c float',
    'd bool',
    'e string',
    'f list',
    'g string',
  ]);
});

test('the name is that of the file unless it is given', () => {
  const bytes = Buffer.from('sluice: 1\nsteps: { s: { run: x } }');
  expect(parsePipeline('pipelines/wine.yaml', bytes).value?.name.value).toBe('wine');
});

test('numbers in the environment are the text that is written', () => {
  const { steps } = good(step('env: { A: 1.10, B: 0o17, C: true, D: "x" }'));
  const env = steps.get('a')?.value.env;
  expect([...(env?.values() ?? [])].map(({ value }) => value.value)).toEqual([
    '1.10',
    '0o17',
    'true',
    'x',
  ]);
});

test('durations, retries and caches have their short forms', () => {
  const { steps } = good(step('timeout: 1h30m\nretries: 2\ncache: false'));
  expect(steps.get('a')?.value).toMatchObject({
    timeout: { value: 5_400_000 },
    retries: { max: 2, on: null, backoffMs: null },
    cache: { value: { enabled: false, salt: null } },
  });
});

test('an image is short for a container, a type for an output', () => {
  const { steps } = good(step('container: node:24\nout: { m: model/onnx }'));
  expect(steps.get('a')?.value.container?.image?.value).toBe('node:24');
  expect(steps.get('a')?.value.out.get('m')?.value).toMatchObject({
    type: { value: 'model/onnx' },
    path: null,
  });
});

test('what is wrong is left out, said once, and noted as broken; the rest is read', () => {
  const { value, problems } = parse(
    'sluice: 1\nparams: { a: 1, b: .inf }\nsteps:\n  x: { run: x, timeout: soon, in: { ok: y.z, no: 3 } }\n  y: { runn: x }\n  z: { uses: t, with: { n: 9007199254740993, m: 1 } }',
  );
  expect(problems.map(problem => problem.kind)).toEqual([
    'number-not-finite',
    'bad-quantity',
    'wrong-shape',
    'unknown-key',
    'number-not-exact',
  ]);
  expect([...(value?.params.keys() ?? [])]).toEqual(['a']);
  expect([...(value?.steps.keys() ?? [])]).toEqual(['x', 'y', 'z']);
  expect(value?.steps.get('y')?.value.body).toEqual({ kind: 'broken' });
  expect([...(value?.steps.get('x')?.value.in.keys() ?? [])]).toEqual(['ok']);
  expect([...(value?.steps.get('z')?.value.with.keys() ?? [])]).toEqual(['m']);
  expect([...(value?.broken ?? [])].sort()).toEqual([
    'params.b',
    'steps.x.in.no',
    'steps.x.timeout',
    'steps.y',
    'steps.y.run',
    'steps.y.runn',
    'steps.z.with.n',
  ]);
});

test('a value that several steps share through an alias is wrong once', () => {
  expect(
    codes('sluice: 1\nsteps:\n  a: &a { run: x, timeout: soon }\n  b: *a\n  c: { <<: *a }'),
  ).toEqual(['bad-quantity']);
});

test('a misspelt key is one problem, not also a missing one', () => {
  expect(codes('slice: 1\nstep: { a: { run: x } }')).toEqual(['unknown-key', 'unknown-key']);
  expect(codes(step('retries: { maxx: 1 }'))).toEqual(['unknown-key']);
  expect(
    codes('sluice: 1\nparams: { a: { type: int, defualt: 1 } }\nsteps: { s: { run: x } }'),
  ).toEqual(['unknown-key']);
});

test('an entry with a slip in its structure is left out, and what stands around it is read', () => {
  const yaml = 'sluice: 1\nname: Bad\nsteps:\n  a:\n    run: x\n   b: 1\n  c: { rnu: 1 }\n';
  expect(codes(yaml)).toEqual(['bad-name', 'yaml-syntax', 'unknown-key']);
  expect(parse(yaml).value?.broken).toContain('steps.a');
});

test('where nobody can tell what belongs to a slip, nothing behind it is made up', () => {
  const yaml = 'sluice: 1\nname: Bad\nsteps:\n    a:\n      run: x\n  b: 1\n  c: { rnu: 1 }\n';
  expect(codes(yaml)).toEqual(['bad-name', 'yaml-syntax']);
  expect(parse(yaml).value).toBeUndefined();
});

test('a typo in a key is repaired by replacing the key', () => {
  const yaml = step('timout: 2h');
  const [problem] = parse(yaml).problems;
  const edit = problem && describeSyntax(problem).fixes[0]?.edits[0];
  expect(yaml.slice(edit?.at.start, edit?.at.end)).toBe('timout');
  expect(edit?.text).toBe('timeout');
});

test('names that objects have are names where names fit, and nothing is inherited', () => {
  const { steps, params } = good(
    'sluice: 1\nparams: { constructor: { default: { __proto__: { x: 1 } }, type: map } }\nsteps: { constructor: { uses: t, with: { __proto__: 1, toString: 2 } } }',
  );
  expect([...(steps.get('constructor')?.value.with.keys() ?? [])]).toEqual([
    '__proto__',
    'toString',
  ]);
  const map = params.get('constructor')?.value.declaration.default;
  expect(Object.keys(map ?? {})).toEqual(['__proto__']);
  expect(
    parse('sluice: 1\n__proto__: 1\nsteps: { valueOf: { run: x } }').problems.map(p => p.kind),
  ).toEqual(['unknown-key', 'bad-name']);
});

test.each([
  '',
  '-a',
  'a-',
  'a--b',
  'A',
  'a_b',
  'a/b',
  'a.b',
  'tr\u0430in',
  'a b',
  'é',
  'x'.repeat(101),
  '../a',
  '1',
])('`%s` is no name of a step', name => {
  const yaml = `sluice: 1\nsteps: { ${JSON.stringify(name)}: { run: x } }`;
  expect(codes(yaml)).toEqual(['bad-name']);
});

test('each key of a step is refused where it does not belong', () => {
  expect(
    codes('sluice: 1\nsteps: { a: { uses: x, files: [a], out: { a: file }, kind: pure } }'),
  ).toEqual(['misplaced-key', 'misplaced-key', 'misplaced-key']);
  expect(codes(step('with: { a: 1 }'))).toEqual(['misplaced-key']);
  expect(codes(step('kind: source\nprobe: date'))).toEqual([]);
  expect(codes(step('kind: pure\nprobe: date'))).toEqual(['misplaced-key']);
});

test.each([
  ['a name', (long: string) => `sluice: 1\nsteps: { ? ${long}\n: { run: x } }`, 'a-'],
  ['a duration', (long: string) => step(`timeout: ${long}`), '1s'],
  ['a type', (long: string) => step(`out: { a: ? ${long} }`), 'file/'],
  ['a size', (long: string) => step(`resources: { memory: ${long} }`), '1GiB'],
  ['a value', (long: string) => step(`kind: ${long}`), 'pure'],
])('%s of a million characters is refused in a few words', (_, yaml, unit) => {
  const { problems } = parse(yaml(unit.repeat(1_000_000 / unit.length)));
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) expect(describeSyntax(problem).message.length).toBeLessThan(500);
});

test('problems come in the order of their places and not without end', () => {
  const yaml = `sluice: 1\nsteps:\n${Array.from({ length: 2000 }, (_, i) => `  s${i}: { runn: x }`).join('\n')}`;
  const { problems } = parse(yaml);
  expect(problems).toHaveLength(500);
  const starts = problems.map(problem => problem.at.start);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
});

test('a default of a text is the text that is written', () => {
  const { params } = good(
    `sluice: 1
params:
  version: { type: string, default: 1.10, enum: [1.10, 007, true, null] }
  number: { type: string, default: 007 }
  inferred: 1.10
steps: { a: { run: a } }`,
  );
  const declared = (name: string) => params.get(name)?.value.declaration;
  expect(declared('version')).toMatchObject({
    default: '1.10',
    enum: ['1.10', '007', 'true', null],
  });
  expect(declared('number')?.default).toBe('007');
  expect(declared('inferred')).toMatchObject({ type: 'float', default: 1.1 });
});
