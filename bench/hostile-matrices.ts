/**
 * Pipelines in one small file that multiply: instances by what each of them has. Unaware of what
 * becomes of them.
 */
import { type Cases, filled, HEAD, range, repeated, x } from './hostile-text.ts';

/** With one more step there are as many as there may be. */
const ALL = 99_999;

const sum = (terms: number): string => `${repeated(terms, () => 'matrix.i + ')}matrix.i`;
const matrix = (count: number): string => `matrix: { i: ${range(count)} }`;
const gathering = (count: number): string =>
  `${HEAD}steps:\n  a: { run: x, ${matrix(count)}, out: { x: file } }\n`;

export const MATRICES: Cases = {
  'an axis of which half is left out, last first': () =>
    `${HEAD}steps:\n  a:\n    run: x\n    matrix:\n      i: [${repeated(40_000, at => `${at}, `)}40000]\n      exclude:\n${repeated(30_000, at => `        - { i: ${39_999 - at} }\n`)}`,
  'sums of every instance': () => `${HEAD}steps:\n  a: { run: "${x(sum(23))}", ${matrix(ALL)} }\n`,
  'too many sums of every instance': () =>
    `${HEAD}steps:\n  a: { run: "${repeated(400, () => x(sum(60)))}", ${matrix(ALL)} }\n`,
  'sums of a result': () =>
    `${HEAD}steps:\n  r: { run: x, out: { v: value } }\n  a: { run: "${x(`${sum(22)} + r.v`)}", ${matrix(ALL)} }\n`,
  'ranges of every instance': () =>
    `${HEAD}steps:\n  a: { run: "${x('len(range(99000 + matrix.i % 2))')}", ${matrix(ALL)} }\n`,
  'one list for every instance': () =>
    `${HEAD}params: { l: { type: list, default: [${'1, '.repeat(95)}] } }\nsteps:\n  a: { run: "${x('join(params.l)')}", ${matrix(50_000)} }\n`,
  'a few of everything of every instance': () =>
    `${HEAD}steps:\n  r: { run: x, out: { v: value, f: file } }\n  a: { run: "x ${x('matrix.i')}", if: "r.v > 1", env: { A: "${x('matrix.i')}", B: "${x('r.v')}" }, in: { a: r.f, b: r.v }, out: { m: { type: file, to: "o/${x('matrix.i')}/x" } }, cache: { salt: "${x('matrix.i')}" }, ${matrix(ALL)} }\n`,
  'six variables of every instance': () =>
    `${HEAD}steps:\n  a: { run: x, env: { ${repeated(6, at => `V${at}: "${x('matrix.i')}", `)} }, ${matrix(ALL)} }\n`,
  'resources of every instance': () =>
    `${HEAD}steps:\n  a: { run: x, resources: { cpus: "${x('1 + matrix.i')}", memory: "${x('1 + matrix.i')}", disk: "${x('1 + matrix.i')}" }, ${matrix(ALL)} }\n`,
  'outputs of every instance': () =>
    `${HEAD}steps:\n  a: { run: x, ${matrix(50_000)}, out: { ${repeated(8, at => `p${at}: { type: file, path: "x${at}/${x('matrix.i')}", to: "o/${at}/${x('matrix.i')}" }, `)} } }\n`,
  'too many outputs of every instance': () =>
    `${HEAD}steps:\n  a: { run: x, ${matrix(50_000)}, out: { ${repeated(60, at => `p${at}: { type: file, path: "x${at}/${x('matrix.i')}" }, `)} } }\n`,
  'inputs of every instance': () =>
    `${HEAD}steps:\n  b: { run: x, ${matrix(50_000)}, out: { ${repeated(4, at => `p${at}: file, `)} } }\n  a: { run: x, ${matrix(50_000)}, in: { ${repeated(4, at => `q${at}: "b[i=${x('matrix.i')}].p${at}", `)} } }\n`,
  'too many inputs of every instance': () =>
    `${HEAD}steps:\n  b: { run: x, ${matrix(50_000)}, out: { ${repeated(10, at => `p${at}: file, `)} } }\n  a: { run: x, ${matrix(50_000)}, in: { ${repeated(10, at => `q${at}: "b[i=${x('matrix.i')}].p${at}", `)} } }\n`,
  'a fan-in of all by fifty': () =>
    `${gathering(19_000)}${repeated(50, at => `  g${at}: { run: x, in: { l: "a[*].x" } }\n`)}`,
  'a fan-in of all by a thousand': () =>
    `${gathering(90_000)}${repeated(1_000, at => `  g${at}: { run: x, in: { l: "a[*].x" } }\n`)}`,
  'fan-ins of fan-ins': () =>
    `${gathering(9_000)}${repeated(50, at => `  g${at}: { run: x, in: { l: "a[*].x", m: "a[*].x" }, out: { x: file } }\n`)}${repeated(50, at => `  h${at}: { run: x, in: { ${repeated(50, g => `p${g}: g${g}.x, `)} } }\n`)}`,
  'a fan-in by every instance': () =>
    `${gathering(1_900)}  b: { run: x, ${matrix(1_900)}, in: { l: "a[*].x" } }\n`,
  'needs of all by all': () =>
    `${HEAD}steps:\n  a: { run: x, ${matrix(1_900)} }\n  b: { run: x, needs: [a], ${matrix(1_900)} }\n`,
  'long names of every instance': () =>
    `${HEAD}steps:\n  ${'a'.repeat(100)}: { run: x, matrix: { ${'i'.repeat(100)}: ${range(90_000)} }, out: { ${'x'.repeat(100)}: file } }\n  b: { run: x, in: { ${repeated(8, at => `p${at}: "${'a'.repeat(100)}[*].${'x'.repeat(100)}", `)} } }\n`,
  'a long axis value': () =>
    `${HEAD}steps:\n  a: { run: "${x('matrix.l')}", matrix: { l: [${'x'.repeat(10_000)}], i: ${range(60_000)} } }\n`,
  'a long parameter of every instance': () =>
    `${HEAD}params: { l: "${'x'.repeat(100_000)}" }\nsteps:\n  a: { run: "${x('params.l')} ${x('matrix.i')}", ${matrix(ALL)} }\n`,
  'a list of chosen instances': () =>
    filled(
      at => `        - b[i=${at % 50_000}].x\n`,
      `steps:\n  b: { run: x, ${matrix(50_000)}, out: { x: file } }\n  c:\n    run: x\n    in:\n      l:\n`,
    ),
  'steps that choose instances': () =>
    filled(
      at => `  s${at}: { run: x, in: { a: "b[i=${at % 50_000}].x" } }\n`,
      `steps:\n  b: { run: x, ${matrix(50_000)}, out: { x: file } }\n`,
    ),
  'axes chosen in every way': () =>
    `${HEAD}steps:\n  b: { run: x, matrix: { ${repeated(16, at => `a${at}: [1, 2], `)} }, out: { x: file } }\n${repeated(4_000, at => `  s${at}: { run: x, in: { a: "b[${chosen(at * 37 + 1)}].x" } }\n`)}`,
  'exclusions of many axes': () =>
    `${HEAD}steps:\n  a:\n    run: x\n    matrix:\n${repeated(15, at => `      a${at}: [1, 2]\n`)}      exclude:\n${repeated(2_500, at => `        - { ${repeated(15, bit => `a${bit}: ${1 + (((at * 7_919) >> bit) & 1)}, `)} }\n`)}`,
};

/** Those of sixteen axes whose bits are set. */
const chosen = (bits: number): string =>
  Array.from({ length: 16 }, (_, bit) => bit)
    .filter(bit => (bits >> bit) & 1)
    .map(bit => `a${bit}=1`)
    .join();
