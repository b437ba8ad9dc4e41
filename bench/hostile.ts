/**
 * What the compiler makes of files that no person writes, each as large as a file may be: through
 * the real command line, one process each, in an empty project. `node bench/hostile.ts [name…]`
 * prints a table; nothing is asserted, and `>` marks what takes more than 2 s or 512 MB.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LIMITS } from '../compiler/limits.ts';

const SLUICE = resolve(import.meta.dirname, '../sluice');
const MOST_SECONDS = 2;
const MOST_MEGABYTES = 512;

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
const LONG_NAME = 'abcdefghijklmnopqrstuvwxyz'.repeat(2);

const CASES: Readonly<Record<string, () => string>> = {
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
    `${HEAD}${params(LIMITS.entries)}  a:\n    run: "${repeated(60_000, at => `\${{ params.pp${at} }} `)}"\n`,
  'unclosed expressions': () => `${HEAD}${step('')}    if: "${'${{ '.repeat(400_000)}"\n`,
  'wrong parameters of library steps': () =>
    filled(at => `  s${at}: { uses: split, with: { partz${at}: 1 } }\n`),
  'missing inputs': () => filled(at => `  s${at}: { run: "true", in: { a: ./data/${at}.csv } }\n`),
  patterns: () => filled(at => `      - src/**/x${at}/*.py\n`, step('    files:\n')),
  variables: () => filled(at => `  s${at}: { run: "true" }\n`, variables(100_000)),
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
};

type Measured = { readonly seconds: number; readonly megabytes: number; readonly said: string };

/** Processor time and peak memory of the command, from `/proc` as `time` tells them. */
async function measure(text: string): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-hostile-'));
  try {
    mkdirSync(join(folder, 'pipelines'));
    writeFileSync(join(folder, 'pipelines/p.yaml'), text);
    const report = join(folder, 'usage.json');
    const watcher = `process.on('exit', () => { const u = process.resourceUsage();
      require('fs').writeFileSync(${JSON.stringify(report)}, JSON.stringify(u)); });`;
    const preload = join(folder, 'usage.cjs');
    writeFileSync(preload, watcher);
    const child = spawn(SLUICE, ['check'], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: `--require=${preload}`, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', chunk => {
        said += chunk;
      });
    await new Promise(settle => child.once('close', settle));
    const usage: NodeJS.ResourceUsage = JSON.parse(readFileSync(report, 'utf8'));
    const seconds = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
    return { seconds, megabytes: usage.maxRSS / 1024, said: said.split('\n')[0] ?? '' };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const wanted = process.argv.slice(2);
console.info('                                     MB text   cpu s   peak MB');
for (const [name, make] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.some(word => name.includes(word))) continue;
  const text = make();
  const { seconds, megabytes, said } = await measure(text);
  const mark = seconds > MOST_SECONDS || megabytes > MOST_MEGABYTES ? '>' : ' ';
  console.info(
    `${mark} ${name.padEnd(34)} ${(text.length / 1e6).toFixed(2).padStart(7)} ${seconds.toFixed(2).padStart(7)} ${megabytes.toFixed(0).padStart(9)}   ${said.slice(0, 80)}`,
  );
}
