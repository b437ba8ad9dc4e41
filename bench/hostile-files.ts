/**
 * Pipelines in one file, by what is hostile about them. Unaware of what becomes of them.
 */
import { LIMITS } from '../compiler/limits.ts';
import { type Cases, filled, HEAD, repeated, x } from './hostile-text.ts';

const step = (body: string): string => `steps:\n  a:\n    run: "true"\n${body}`;
const variables = (count: number) => `env:\n${repeated(count, at => `  A${at}: "x"\n`)}steps:\n`;
const params = (count: number) => `params:\n${repeated(count, at => `  p${at}: 1\n`)}steps:\n`;
const LONG_NAME = 'abcdefghijklmnopqrstuvwxyz'.repeat(2);

export const FILES: Cases = {
  'steps, small': () =>
    filled(at => `  s${at}: { run: "echo > \${{ out.x }}", out: { x: file } }\n`),
  'steps, a chain': () =>
    filled(
      at =>
        `  s${at}: { run: "x \${{ out.x }}", in: { a: s${Math.max(0, at - 1)}.x }, out: { x: file } }\n`,
    ),
  'steps, in block style': () =>
    filled(
      at => `  s${at}:\n    run: x \${{ out.x }}\n    out:\n      x: file\n    env: { A: "1" }\n`,
    ),
  'a ring': () => filled(at => `  s${at}: { run: "true", needs: [s${at + 1}] }\n`),
  'wrong steps': () => filled(at => `  s${at}: { run: "true", needs: [stepp${at}] }\n`),
  'wrong ports': () =>
    filled(at => `  s${at}: { run: "true", in: { a: s${at + 1}.xx }, out: { x: file } }\n`),
  'wrong long names': () =>
    filled(at => `  ${LONG_NAME}${at}: { run: "true", needs: [${LONG_NAME}x${at}] }\n`),
  'wrong keys': () => filled(at => `  s${at}: { run: "true", rnu${at}: 1 }\n`),
  'wrong parameters': () =>
    filled(at => `  s${at}: { run: "echo \${{ params.pp${at} }}" }\n`, params(LIMITS.entries)),
  'wrong expressions in one text': () =>
    `${HEAD}${params(LIMITS.entries)}  a:\n    run: "${repeated(45_000, at => `\${{ params.pp${at} }} `)}"\n`,
  'unclosed expressions': () => `${HEAD}${step('')}    if: "${'${{ '.repeat(250_000)}"\n`,
  'wrong parameters of library steps': () =>
    filled(at => `  s${at}: { uses: split, with: { partz${at}: 1 } }\n`),
  'missing inputs': () => filled(at => `  s${at}: { run: "true", in: { a: ./data/${at}.csv } }\n`),
  patterns: () => filled(at => `      - src/**/x${at}/*.py\n`, step('    files:\n')),
  variables: () => filled(at => `  s${at}: { run: "true" }\n`, variables(70_000)),
  'variables of every step': () =>
    filled(at => `  s${at}: { run: "true", env: { B: "${at}" } }\n`, variables(LIMITS.variables)),
  'variables of every instance': () =>
    `${HEAD}${variables(LIMITS.variables)}  t: { run: "true", matrix: { a: "\${{ range(50000) }}" }, env: { B: "\${{ matrix.a }}" } }\n`,
  'variables by default': () =>
    filled(
      at => `  s${at}: { run: "true" }\n`,
      `defaults:\n  env:\n${repeated(LIMITS.variables, at => `    A${at}: "x"\n`)}steps:\n`,
    ),
  ports: () => filled(at => `      p${at}: file\n`, step('    out:\n')),
  'ports of every instance': () =>
    `${HEAD}${step('    matrix: { i: "${{ range(20000) }}" }\n    out:\n')}${repeated(LIMITS.entries, at => `      p${at}: file\n`)}`,
  'a long fan-in': () =>
    filled(
      () => '        - a.x\n',
      `${step('    out: { x: file }\n')}  b:\n    run: "true"\n    in:\n      l:\n`,
    ),
  'many axes': () => filled(at => `      x${at}: [1]\n`, step('    matrix:\n')),
  'axes of two': () =>
    `${HEAD}${step(`    matrix: { ${repeated(LIMITS.axes, at => `a${at}: [1, 2], `)}}\n`)}`,
  'a long axis': () => filled(at => `        - ${at}\n`, step('    matrix:\n      x:\n')),
  'many exclusions': () =>
    filled(
      at => `        - { x: ${at % 300}, y: ${Math.floor(at / 300)} }\n`,
      step(
        '    matrix:\n      x: "${{ range(300) }}"\n      y: "${{ range(300) }}"\n      exclude:\n',
      ),
    ),
  'many inclusions': () =>
    filled(at => `        - { x: ${at} }\n`, step('    matrix:\n      x: [a]\n      include:\n')),
  'many outputs': () =>
    filled(at => `  o${at}: a.x\n`, `${step('    out: { x: file }\n')}outputs:\n`),
  'many secrets': () => filled(at => `      - S${at}\n`, step('    secrets:\n')),
  'the same key': () => filled(() => '  s: { run: "true" }\n'),
  aliases: () => filled(at => `  b${at}: *a\n`, 'steps:\n  a: &a { run: "true" }\n'),
  comments: () => filled(() => '# x\n'),
  tabs: () => filled(() => '\t'),
  colons: () => filled(() => ':', ''),
  brackets: () => filled(() => '[', 'steps: '),
  'one long text': () => filled(() => '      echo hello\n', 'steps:\n  a:\n    run: |\n'),
  'wrong wires to one wide step': () =>
    filled(
      () => '        - b.x\n',
      `steps:\n  b:\n    run: x\n    out:\n${repeated(LIMITS.entries, at => `      p${at}: file\n`)}  c:\n    run: x\n    in:\n      l:\n`,
    ),
  'a deep place': () =>
    `${HEAD}${step(`    out: { x: { type: file, to: "o${'/d'.repeat(120_000)}" } }\n`)}`,
  'a deep input': () => `${HEAD}${step(`    in: { x: ./o${'/d'.repeat(120_000)} }\n`)}`,
  'deep places of every instance': () =>
    `${HEAD}${step(`    matrix: { i: "\${{ range(100000) }}" }\n    out: { x: { type: file, to: "\${{ matrix.i }}${'/d'.repeat(LIMITS.folders)}" } }\n`)}`,
  'all in one place': () =>
    filled(at => `  s${at}: { run: x, out: { o: { type: file, to: out/x } } }\n`),
  'conditions on results': () =>
    filled(
      at => `  s${at}: { run: x, if: "a.v > ${at}" }\n`,
      'steps:\n  a: { run: x, out: { v: value } }\n',
    ),
  'long sums': () =>
    filled(
      at => `  s${at}: { run: "${x(`${repeated(60, i => `${i} + `)}params.a`)}" }\n`,
      'params: { a: 1 }\nsteps:\n',
    ),
  'conditions of 30 terms': () =>
    filled(
      at => `  s${at}: { run: x, if: "${repeated(29, i => `a.v > ${i} || `)}a.v > ${at}" }\n`,
      'steps:\n  a: { run: x, out: { v: value } }\n',
    ),
  'a text of long parameters': () =>
    `${HEAD}params: { l: "${'x'.repeat(100_000)}" }\nsteps:\n  a: { run: "${repeated(45_000, () => x('params.l'))}" }\n`,
  'equal long lists': () =>
    `${HEAD}params: { l: { type: list, default: [${'1, '.repeat(50_000)}] } }\nsteps:\n  a: { run: "${repeated(2_000, () => x('[params.l, params.l] == [params.l, params.l]'))}" }\n`,
  'a ring of all': () =>
    `${HEAD}steps:\n${repeated(24_000, at => `  s${at}: { run: x, needs: [s${(at + 1) % 24_000}] }\n`)}`,
  'rings through each other': () =>
    `${HEAD}steps:\n${repeated(12_000, at => `  s${at}: { run: x, needs: [s${(at + 1) % 12_000}, s${(at * 7 + 3) % 12_000}] }\n`)}`,
  'mistakes at the end': () => {
    const end = repeated(600, at => `  s${at}: { rnu: x }\n`);
    return filled(at => `  t${at}: { run: x }\n`, 'steps:\n', LIMITS.fileBytes - end.length) + end;
  },
  'wrong long values': () =>
    filled(at => `  s${at}: { run: x, timeout: "${'a'.repeat(2_000)}${at}" }\n`),
  'wrong long paths': () =>
    filled(at => `  s${at}: { run: x, in: { a: "./${'a/'.repeat(1_000)}${at}" } }\n`),
  'more than everyday YAML': () =>
    `${HEAD}steps: { ${repeated(15_000, at => `"s${at}": { run: !!str x }, `)} }\n`,
};
