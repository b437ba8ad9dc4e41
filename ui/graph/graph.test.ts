import { describe, expect, test } from 'vitest';
import type { Late } from '../../schema/expression.ts';
import { stepId } from '../../schema/id.ts';
import type { InputSource, Plan, PlanStep } from '../../schema/plan.ts';
import { type GraphFormat, renderGraph } from './graph.ts';

type Sketch = {
  readonly in?: Readonly<Record<string, readonly string[]>>;
  readonly needs?: readonly string[];
  readonly name?: string;
  readonly kind?: PlanStep['kind'];
  readonly condition?: Late<boolean>;
};

const source = (text: string): InputSource => {
  if (text.startsWith('./')) return { kind: 'project', path: text.slice(2) };
  const dot = text.lastIndexOf('.');
  return { kind: 'output', step: stepId(text.slice(0, dot)), port: text.slice(dot + 1) };
};

const stepOf = (
  id: string,
  { in: inputs = {}, needs = [], name = id, kind = 'pure', condition }: Sketch,
): PlanStep => ({
  id: stepId(id),
  name,
  kind,
  description: null,
  definition: { kind: 'inline' },
  command: { kind: 'argv', words: [] },
  params: {},
  inputs: Object.fromEntries(
    Object.entries(inputs).map(([port, from]) => [
      port,
      { type: 'file', many: false, from: from.map(source), paths: [] },
    ]),
  ),
  outputs: {},
  files: [],
  env: {},
  secrets: [],
  condition: condition ?? { kind: 'known', value: true },
  needs: needs.map(stepId),
  cache: { enabled: true, salt: null },
  policy: {
    resources: {
      cpus: 1,
      memoryBytes: null,
      gpus: 0,
      gpuMemoryBytes: null,
      shmBytes: null,
      diskBytes: null,
    },
    timeoutMs: null,
    retries: { max: 0, on: [], backoffMs: 0 },
    pool: null,
  },
  container: null,
  probe: null,
  check: null,
  state: null,
});

const planOf = (steps: Readonly<Record<string, Sketch>>, name = 'digits'): Plan => ({
  format: 1,
  pipeline: { name, path: 'pipelines/digits.yaml', description: null },
  params: {},
  steps: Object.entries(steps).map(([id, sketch]) => stepOf(id, sketch)),
  outputs: {},
});

const ACCURATE: Late<boolean> = {
  kind: 'late',
  parts: [
    {
      kind: 'expression',
      quote: 'none',
      expression: {
        kind: 'binary',
        operator: '>=',
        left: { kind: 'result', step: 'eval', port: 'metrics', fields: ['accuracy'] },
        right: { kind: 'literal', value: 0.95 },
      },
    },
  ],
};

const DIGITS = planOf({
  ingest: { in: { source: ['./digits.csv'] }, kind: 'source' },
  split: { in: { data: ['ingest.data'] }, needs: ['ingest'] },
  'train[lr=0.1]': {
    name: 'train',
    in: { train: ['split.train'], check: ['split.validation'] },
    needs: ['split'],
  },
  'train[lr=0.01]': {
    name: 'train',
    in: { train: ['split.train'], check: ['split.validation'] },
    needs: ['split'],
  },
  eval: {
    in: { models: ['train[lr=0.1].model', 'train[lr=0.01].model'], data: ['split.test'] },
    needs: ['split', 'train[lr=0.01]', 'train[lr=0.1]'],
  },
  package: {
    in: { model: ['train[lr=0.1].model'] },
    needs: ['eval', 'train[lr=0.1]'],
    condition: ACCURATE,
    kind: 'effect',
  },
});

describe('text', () => {
  test('shows steps by layer with what they take, a matrix as one step', () => {
    expect(renderGraph(DIGITS, 'text')).toBe(`digits: 5 steps in 5 layers

1  ingest  (run, source)
     source ← ./digits.csv
2  split  (run)
     data ← ingest.data
3  train ×2  (run)
     train ← split.train
     check ← split.validation
4  eval  (run)
     models ← train[*].model
     data   ← split.test
5  package  (run, effect)
     model ← train[lr=0.1].model
     if eval.metrics.accuracy >= 0.95
     after eval`);
  });
});

test('what differs between instances is not shown as that of the first', () => {
  const late = (step: string): Late<boolean> => ({
    kind: 'late',
    parts: [
      {
        kind: 'expression',
        quote: 'none',
        expression: {
          kind: 'binary',
          operator: '&&',
          left: { kind: 'literal', value: true },
          right: { kind: 'result', step, port: 'v', fields: ['ok'] },
        },
      },
    ],
  });
  const text = renderGraph(
    planOf({
      s: {},
      'p[i=1]/q': { name: 'p/q' },
      'p[i=2]/q': { name: 'p/q' },
      'p[i=1]/r': { name: 'p/r', in: { x: ['p[i=1]/q.o'] }, condition: late('p[i=1]/q') },
      'p[i=2]/r': { name: 'p/r', in: { x: ['p[i=2]/q.o'] }, condition: late('p[i=2]/q') },
      'a[i=1]': { name: 'a', condition: late('p[i=1]/q') },
      'a[i=2]': { name: 'a' },
      picked: { in: { x: ['a[i=2].m', 's.o', 'a[i=1].m'] } },
      all: { in: { x: ['a[i=1].m', 'a[i=2].m', 's.o'] } },
    }),
    'text',
  );
  expect(text).toContain('x ← p/q.o\n     if p/q.v.ok');
  expect(text).toContain('if p/q.v.ok (others differ)');
  expect(text).toContain('x ← a[i=2].m, s.o, a[i=1].m');
  expect(text).toContain('x ← a[*].m, s.o');
});

test('mermaid draws boxes and named arrows', () => {
  expect(renderGraph(DIGITS, 'mermaid').split('\n')).toEqual([
    'flowchart LR',
    '  n0(["ingest"])',
    '  n1["split"]',
    '  n2["train ×2"]',
    '  n3["eval"]',
    '  n4{{"package<br/>if eval.metrics.accuracy #62;= 0.95"}}',
    '  n0 -->|"data"| n1',
    '  n1 -->|"train, validation"| n2',
    '  n2 -->|"model"| n3',
    '  n1 -->|"test"| n3',
    '  n2 -->|"model"| n4',
    '  n3 -.-> n4',
  ]);
});

test('dot quotes what it names', () => {
  const dot = renderGraph(planOf({ 'a"b\\': {}, c: { in: { x: ['a"b\\.y'] } } }), 'dot');
  expect(dot).toContain('"a\\"b\\\\" -> "c" [label="y"];');
});

test('json is a document with a version', () => {
  const { format, name, nodes, edges } = JSON.parse(renderGraph(DIGITS, 'json'));
  expect({ format, name, nodes: nodes.length, edges: edges.length }).toEqual({
    format: 1,
    name: 'digits',
    nodes: 5,
    edges: 6,
  });
});

test('an svg has every step once, and no name can add markup', () => {
  const svg = renderGraph(planOf({ '<script>&"': {}, b: { in: { x: ['<script>&".y'] } } }), 'svg');
  expect(svg).not.toContain('<script');
  expect(svg.match(/<g>/g)).toHaveLength(2);
  expect(svg).toContain('&lt;script&gt;&amp;&quot;');
});

test('many ports between two steps are named as far as there is room', () => {
  const ports = Array.from({ length: 40 }, (_, at) => `port-${at}`);
  const inputs = Object.fromEntries(ports.map(port => [port, [`a.${port}`]]));
  const svg = renderGraph(planOf({ a: {}, b: { in: inputs } }), 'svg');
  expect(svg).toContain(`<title>${ports.join(', ')}</title>port-0, port-1, port-2, port-3, p…<`);
});

/** Longer than calls can lie inside one another. */
const CHAIN = planOf(
  Object.fromEntries(
    Array.from({ length: 12_000 }, (_, n): [string, Sketch] => [
      `s${n}`,
      n === 0 ? {} : { in: { x: [`s${n - 1}.y`, 's0.z'] } },
    ]),
  ),
);
test.each<GraphFormat>(['text', 'mermaid', 'dot', 'json', 'svg'])(
  'a chain of 12,000 steps that all need the first is drawn as %s',
  format => {
    expect(renderGraph(CHAIN, format).length).toBeGreaterThan(12_000);
  },
);

test('a pipeline without steps is drawn as well', () => {
  for (const format of ['text', 'mermaid', 'dot', 'json', 'svg'] as const) {
    expect(renderGraph(planOf({}), format)).not.toContain('NaN');
  }
});
