/**
 * Projects of several files, and commands that do more than check, by what is hostile about them.
 * Unaware of what becomes of them.
 */
import { LIMITS } from '../compiler/limits.ts';
import {
  type Cases,
  filled,
  HEAD,
  type Hostile,
  manifest,
  range,
  repeated,
  x,
} from './hostile-text.ts';

/** What is left for the file that uses the others. */
const REST = LIMITS.fileBytes - 150_000;

const users = filled(at => `  s${at}: { uses: ./s }\n`, 'steps:\n', REST);
const usedBy = (pipeline: string, definition: string): Hostile => ({
  files: { 'pipelines/p.yaml': pipeline, 's/step.yaml': definition },
});

/** One in another: each file by its place in the chain. */
const nested = (depth: number, level: (at: number) => string): Hostile => ({
  files: Object.fromEntries(
    Array.from({ length: depth }, (_, at) => [
      at === 0 ? 'pipelines/p.yaml' : `p${at}.yaml`,
      HEAD + level(at),
    ]),
  ),
});

const inner = (type: string): string =>
  `sluice: 1\nname: q\nsteps:\n  a:\n    run: x\n    out:\n${repeated(LIMITS.entries, at => `      p${at}: ${type}\n`)}outputs:\n${repeated(LIMITS.entries, at => `  o${at}: a.p${at}\n`)}`;
const readers = (type: string, step: (at: number) => string): Hostile => ({
  files: {
    'pipelines/p.yaml': filled(step, 'steps:\n  n: { uses: ./q.yaml }\n', REST),
    'q.yaml': inner(type),
  },
});

const asked = (pipeline: string, ...argv: readonly string[]): Hostile => ({
  files: { 'pipelines/p.yaml': pipeline },
  argv,
});

const chain = (): string =>
  filled(
    at =>
      `  s${at}: { run: "x", ${at === 0 ? '' : `in: { a: s${at - 1}.x }, `}out: { x: file } }\n`,
  );
const matrix = (): string =>
  `${HEAD}steps:\n  a: { run: x, matrix: { i: ${range(99_000)} }, out: { x: file } }\n  b: { run: x, in: { l: "a[*].x" } }\n`;

const graphs: Cases = Object.fromEntries(
  ['text', 'mermaid', 'dot', 'svg', 'json'].flatMap(format => [
    [`a chain as ${format}`, () => asked(chain(), 'graph', '--format', format)],
    [`a matrix as ${format}`, () => asked(matrix(), 'graph', '--format', format)],
  ]),
);

export const PROJECTS: Cases = {
  'a wide definition': () => usedBy(users, manifest('params', '{ type: int, default: 1 }')),
  'a wide definition, as often as it may be': () =>
    usedBy(
      `${HEAD}steps:\n  a: { uses: ./s, matrix: { i: ${range(1_600)} }, with: { p1: "${x('matrix.i')}" } }\n`,
      manifest('params', '{ type: int, default: 1 }'),
    ),
  'a wide definition of every instance': () =>
    usedBy(
      `${HEAD}steps:\n  a: { uses: ./s, matrix: { i: ${range(99_999)} }, with: { p1: "${x('matrix.i')}" } }\n`,
      manifest('params', '{ type: int, default: 1 }'),
    ),
  'inputs of a wide definition': () =>
    usedBy(users, manifest('in', '{ type: file, optional: true }')),
  'missing inputs of a wide definition': () => usedBy(users, manifest('in', '{ type: file }')),
  'outputs that are like inputs': () =>
    usedBy(
      filled(at => `  s${at}: { uses: ./s, in: { p0: s${at + 1}.o0 } }\n`, 'steps:\n', REST),
      `${manifest('in', '{ type: file, optional: true }', 500)}out:\n${repeated(500, at => `  o${at}: { like: p${at} }\n`)}`,
    ),
  'a definition of many words': () =>
    usedBy(
      users,
      `step: s\nversion: 1.0.0\nparams: { a: { type: int, default: 1 } }\nrun: [${repeated(5_000, () => `"${x('params.a')}", `)}]\n`,
    ),
  'wires to outputs of a nested pipeline': () =>
    readers('file', at => `  s${at}: { run: x, in: { a: n.o${at % LIMITS.entries} } }\n`),
  'results of a nested pipeline': () =>
    readers('value', at => `  s${at}: { run: x, if: "n.o${at % LIMITS.entries} > 1" }\n`),
  'a pipeline in every instance': () => ({
    files: {
      'pipelines/p.yaml': `${HEAD}steps: { n: { uses: ./q.yaml, matrix: { i: ${range(90)} } } }\n`,
      'q.yaml': `${HEAD}steps:\n${repeated(1_000, at => `  s${at}: { run: x, ${at > 0 ? `in: { a: s${at - 1}.x }, ` : ''}out: { x: file } }\n`)}`,
    },
  }),
  'pipelines in pipelines': () =>
    nested(3_000, at => `steps: { a: { uses: ./p${at + 1}.yaml } }\n`),
  'three pipelines in each': () =>
    nested(11, at => {
      const uses = at === 10 ? 'run: x' : `uses: ./p${at + 1}.yaml`;
      return `steps: { a: { ${uses} }, b: { ${uses} }, c: { ${uses} } }\n`;
    }),
  'conditions around conditions': () =>
    nested(
      100,
      at =>
        `steps:\n  r: { run: x, out: { v: value } }\n${at === 99 ? `  a: { run: x, matrix: { i: ${range(20_000)} } }` : `  a: { uses: ./p${at + 1}.yaml, if: "r.v > ${at}" }`}\n`,
    ),
  'large pipelines side by side': () => ({
    files: {
      'pipelines/p.yaml': `${HEAD}steps:\n${repeated(20, at => `  n${at}: { uses: ./q${at}.yaml }\n`)}`,
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, at) => [
          `q${at}.yaml`,
          filled(step => `  s${step}: { run: "true" }\n`, 'steps:\n', 900_000),
        ]),
      ),
    },
  }),
  'large configs': () => ({
    files: {
      'pipelines/p.yaml': `${HEAD}steps: { a: { run: x } }\n`,
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, at) => [
          `configs/c${at}.yaml`,
          `steps:\n${repeated(30_000, step => `  p${step}: { timeout: 1h }\n`)}`,
        ]),
      ),
    },
    argv: ['check', ...Array.from({ length: 20 }, (_, at) => ['-c', `c${at}`]).flat()],
  }),
  'settings that are none': () => ({
    files: {
      'pipelines/p.yaml': `${HEAD}steps: { a: { run: "true" } }\n`,
      'sluice.yaml': filled(at => `p${at}: 1\n`, '').slice(HEAD.length),
    },
  }),
  'unknown pools': () => ({
    files: {
      'pipelines/p.yaml': filled(at => `  s${at}: { run: x, pool: q${at} }\n`, 'steps:\n', REST),
      'sluice.yaml': `pools:\n${repeated(LIMITS.entries, at => `  q${at}: 1\n`)}`,
    },
  }),
  'many -p': () =>
    asked(
      `${HEAD}params:\n${repeated(LIMITS.entries, at => `  p${at}: 1\n`)}steps: { a: { run: x } }\n`,
      'check',
      ...Array.from({ length: 20_000 }, (_, at) => ['-p', `q${at}=1`]).flat(),
    ),
  'a long -p': () =>
    asked(
      `${HEAD}params: { a: { type: list, default: [] } }\nsteps: { a: { run: x, matrix: { i: "${x('params.a')}" } } }\n`,
      'check',
      '-p',
      `a=[${repeated(15_000, at => `${at},`)}0]`,
    ),
  'mistakes at the end, for GitHub': () => {
    const end = repeated(600, at => `  s${at}: { rnu: x }\n`);
    const most = LIMITS.fileBytes - end.length;
    const text = filled(at => `  t${at}: { run: x }\n`, 'steps:\n', most) + end;
    return asked(text, 'check', '--format', 'github');
  },
  'many fixes': () =>
    asked(
      filled(at => `  s${at}: { run: x, nedes: [] }\n`),
      'check',
      '--fix',
    ),
  'a sample of nothing': () =>
    asked(
      filled(
        at =>
          `  s${at}: { run: x, in: { a: d${at}.x }, kind: effect }\n  d${at}: { run: x, out: { x: dataset } }\n`,
      ),
      ...['plan', '--sample', '5%'],
    ),
  'a chain, planned': () => asked(chain(), 'plan'),
  'a matrix, planned': () => asked(matrix(), 'plan'),
  ...graphs,
};
