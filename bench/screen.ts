/**
 * What the screen costs: a real run in a real terminal whose step prints as fast as it can, or
 * reports a metric at every turn, or does nothing. `node bench/screen.ts` prints a table; nothing is
 * asserted. Processor time is that of Sluice alone, without the step's.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pty } from '../test/harness/pty.ts';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const SLUICE = join(REPOSITORY, 'sluice');
/** Ink is loaded and the first frame drawn by then. */
const WARM_UP_MS = 2_500;
const MEASURED_MS = 8_000;
/** Linux counts processor time in hundredths. */
const TICK_MS = 10;

const PRINTER = `
const perTick = Number(process.argv[2]) / 50;
const line = n => 'epoch 3 batch ' + n + ' loss 0.12345 lr 0.001 some more words of a usual log line\\n';
let n = 0;
setInterval(() => {
  let text = '';
  for (let i = 0; i < perTick; i++) text += line(n++);
  process.stdout.write(text);
}, 20);
setTimeout(() => process.exit(0), ${WARM_UP_MS + MEASURED_MS + 60_000});
`;

type Usage = { readonly cpuMs: number; readonly memoryMb: number };

function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    memoryMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
  };
}

async function measure(what: string, linesPerSecond: number, words: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-screen-'));
  try {
    mkdirSync(join(folder, 'pipelines'));
    writeFileSync(join(folder, 'print.cjs'), PRINTER);
    writeFileSync(
      join(folder, 'pipelines/p.yaml'),
      [
        'sluice: 1',
        'name: p',
        'steps:',
        '  print:',
        `    run: '"${process.execPath}" print.cjs ${linesPerSecond}; echo > \${{ out.o }}'`,
        '    files: [print.cjs]',
        '    out: { o: file }',
        '',
      ].join('\n'),
    );
    const command = `'${SLUICE}' run ${words}`;
    await using pty = Pty.start({ command, cwd: folder, columns: 120, rows: 40 });
    await sleep(WARM_UP_MS);
    const before = usageOf(pty.pid);
    const sentBefore = pty.sent.length;
    await sleep(MEASURED_MS);
    const after = usageOf(pty.pid);
    const share = (100 * (after.cpuMs - before.cpuMs)) / MEASURED_MS;
    const written = ((pty.sent.length - sentBefore) / MEASURED_MS).toFixed(1);
    console.info(
      [
        what.padEnd(34),
        `${share.toFixed(1).padStart(6)} % of a core`,
        `${before.memoryMb.toFixed(0).padStart(5)} → ${after.memoryMb.toFixed(0)} MiB`.padEnd(18),
        `${written.padStart(7)} kB/s to the terminal`,
      ].join('  '),
    );
    pty.press('\x03');
    pty.press('\x03');
    await pty.exited;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

await measure('screen, a silent step', 0, '');
await measure('screen, 1,000 lines/s', 1_000, '');
await measure('screen, 50,000 lines/s', 50_000, '');
await measure('plain, 50,000 lines/s', 50_000, '--ui plain');
