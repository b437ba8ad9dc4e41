/**
 * What the compiler makes of files that no person writes: through the real command line, one
 * process each, in a project that holds nothing else. `node bench/hostile.ts [name…]` prints a
 * table: `wall s` is what somebody waits, and means little on a busy machine; `cpu s` is the time of
 * all threads together, which is more where the garbage is collected beside the work. Nothing is
 * asserted; `>` marks what makes somebody wait for more than 2 s, or takes more than 512 MB.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { FILES } from './hostile-files.ts';
import { MATRICES } from './hostile-matrices.ts';
import { PROJECTS } from './hostile-projects.ts';
import type { Hostile } from './hostile-text.ts';

const SLUICE = resolve(import.meta.dirname, '../sluice');
const MOST_SECONDS = 2;
const MOST_MEGABYTES = 512;

type Measured = {
  readonly wall: number;
  readonly cpu: number;
  readonly megabytes: number;
  readonly said: string;
};

/** Processor time and peak memory of the command, from `/proc` as `time` tells them. */
async function measure({ files, argv = ['check'] }: Hostile): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-hostile-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const report = join(folder, 'usage.json');
    const watcher = `process.on('exit', () => { const u = process.resourceUsage();
      require('fs').writeFileSync(${JSON.stringify(report)}, JSON.stringify(u)); });`;
    const preload = join(folder, 'usage.cjs');
    writeFileSync(preload, watcher);
    const start = performance.now();
    const child = spawn(SLUICE, argv, {
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
    const wall = (performance.now() - start) / 1000;
    const usage: NodeJS.ResourceUsage = JSON.parse(readFileSync(report, 'utf8'));
    const cpu = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
    return { wall, cpu, megabytes: usage.maxRSS / 1024, said: said.split('\n')[0] ?? '' };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const wanted = process.argv.slice(2);
console.info('                                           MB text  wall s   cpu s   peak MB');
for (const [name, make] of Object.entries({ ...FILES, ...MATRICES, ...PROJECTS })) {
  if (wanted.length > 0 && !wanted.some(word => name.includes(word))) continue;
  const made = make();
  const project = typeof made === 'string' ? { files: { 'pipelines/p.yaml': made } } : made;
  const { wall, cpu, megabytes, said } = await measure(project);
  const mark = wall > MOST_SECONDS || megabytes > MOST_MEGABYTES ? '>' : ' ';
  const size = Object.values(project.files).reduce((sum, text) => sum + text.length, 0) / 1e6;
  const cells = [size.toFixed(2), wall.toFixed(2), cpu.toFixed(2)].map(cell => cell.padStart(7));
  console.info(
    `${mark} ${name.padEnd(40)} ${cells.join(' ')} ${megabytes.toFixed(0).padStart(9)}   ${said.slice(0, 80)}`,
  );
}
