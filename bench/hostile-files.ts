/**
 * Files that no person writes, each as large as a file may be, by name: what `hostile.ts` has the
 * compiler read. Unaware of what becomes of them.
 */
import { LIMITS } from '../compiler/limits.ts';

const repeated = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('');

const HEAD = 'sluice: 1\nname: p\n';

/** As many lines as a file may hold. */
function filled(line: (at: number) => string, head = 'steps:\n'): string {
  const lines = [HEAD + head];
  let size = lines.join('').length;
  for (let at = 0; ; at++) {
    const next = line(at);
    size += next.length;
    if (size > LIMITS.fileBytes) return lines.join('');
    lines.push(next);
  }
}

const step = (body: string): string => `steps:\n  a:\n    run: "true"\n${body}`;
const variables = (count: number) => `env:\n${repeated(count, at => `  A${at}: "x"\n`)}steps:\n`;
const params = (count: number) => `params:\n${repeated(count, at => `  p${at}: 1\n`)}steps:\n`;
const manifest = (key: string, value: string) =>
  `step: s\nversion: 1.0.0\nrun: [x]\n${key}:\n${repeated(LIMITS.entries, at => `  p${at}: ${value}\n`)}`;
const LONG_NAME = 'abcdefghijklmnopqrstuvwxyz'.repeat(2);

/** Path → text. */
export type Hostile = Readonly<Record<string, string>>;

/** A text alone is a pipeline's. */
export const CASES: Readonly<Record<string, () => string | Hostile>> = {
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
  'a wide definition': () => ({
    'pipelines/p.yaml': filled(at => `  s${at}: { uses: ./s }\n`),
    's/step.yaml': manifest('params', '{ type: int, default: 1 }'),
  }),
  'a wide definition of every instance': () => ({
    'pipelines/p.yaml': `${HEAD}steps:\n  a: { uses: ./s, matrix: { i: "\${{ range(100000) }}" }, with: { p1: "\${{ matrix.i }}" } }\n`,
    's/step.yaml': manifest('params', '{ type: int, default: 1 }'),
  }),
  'inputs of a wide definition': () => ({
    'pipelines/p.yaml': filled(at => `  s${at}: { uses: ./s }\n`),
    's/step.yaml': manifest('in', '{ type: file, optional: true }'),
  }),
  'pipelines in pipelines': () =>
    Object.fromEntries(
      Array.from({ length: 3_000 }, (_, at) => [
        at === 0 ? 'pipelines/p.yaml' : `p${at}.yaml`,
        `${HEAD}steps: { a: { uses: ./p${at + 1}.yaml } }\n`,
      ]),
    ),
  'settings that are none': () => ({
    'pipelines/p.yaml': `${HEAD}${step('')}`,
    'sluice.yaml': filled(at => `p${at}: 1\n`, '').slice(HEAD.length),
  }),
};
