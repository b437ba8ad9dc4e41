/**
 * Makes `docs/screen.svg`, the picture in the README: runs the real demo in a real terminal, takes
 * what is on its screen while the model trains, and writes it with its colours. Nothing in it is
 * drawn by hand. `npm run screenshot`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pty } from '../test/harness/pty.ts';
import { type Cell, screenSvg } from './screen-svg.ts';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const SLUICE = join(REPOSITORY, 'sluice');
const COLUMNS = 100;
const ROWS = 30;

/** The rows of the screen, cell by cell, without the blank ones at the end. */
function cellsOf({ terminal }: Pty): readonly (readonly Cell[])[] {
  const { active } = terminal.buffer;
  const rows = Array.from({ length: terminal.rows }, (_, index) => {
    const line = active.getLine(active.baseY + index);
    return Array.from({ length: terminal.cols }, (_, column): Cell => {
      const cell = line?.getCell(column);
      return {
        text: cell?.getChars() || ' ',
        color: cell?.isFgDefault() === false ? cell.getFgColor() : undefined,
        isBold: cell?.isBold() !== 0,
        isDim: cell?.isDim() !== 0,
      };
    });
  });
  const last = rows.findLastIndex(row => row.some(({ text }) => text !== ' '));
  return rows.slice(0, last + 1);
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-screenshot-'));
try {
  spawnSync(SLUICE, ['init', '--from', 'digits'], { cwd: folder });
  // A first run, so that the picture shows hits, estimates and a reason.
  spawnSync(SLUICE, ['run'], { cwd: folder });
  const words = ['run', 'digits', '-c', 'cnn'];
  await using pty = Pty.start({
    command: `'${SLUICE}' ${words.join(' ')}`,
    cwd: folder,
    columns: COLUMNS,
    rows: ROWS,
  });
  await pty.until('half of the training', rows => /train\s.* [5-9]\d%/.test(rows.join('\n')));
  writeFileSync(
    join(REPOSITORY, 'docs/screen.svg'),
    screenSvg({ rows: cellsOf(pty), columns: COLUMNS, prompt: `sluice ${words.join(' ')}` }),
  );
  await pty.exited;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
