/**
 * A command in a real terminal: `script` makes the terminal, xterm shows what a person would see.
 * Everything that was written is kept, so that a test can also say what must never be sent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import xterm from '@xterm/headless';

export type PtyOptions = {
  /** For `/bin/sh`. */
  readonly command: string;
  readonly cwd: string;
  readonly columns: number;
  readonly rows: number;
  readonly env?: Readonly<Record<string, string>>;
};

/** A machine that is busy with other tests needs a while to start. */
const PATIENCE_MS = 30_000;

/** A command to the terminal that nobody else gives. */
const RESIZED = 7777;

/** Variables that would make a command believe it runs in CI or without a terminal of its own. */
const UNWANTED = ['CI', 'GITHUB_ACTIONS', 'GITLAB_CI', 'NO_COLOR', 'FORCE_COLOR', 'TMUX'];

export class Pty implements AsyncDisposable {
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #exited: Promise<number | null>;
  #isOver = false;
  #sent = '';
  readonly #waiting = new Set<() => void>();
  #resized: () => void = () => undefined;

  private constructor(child: ChildProcess, folder: string, size: { cols: number; rows: number }) {
    this.#child = child;
    this.#folder = folder;
    this.terminal = new xterm.Terminal({ ...size, scrollback: 10_000, allowProposedApi: true });
    this.terminal.parser.registerOscHandler(RESIZED, data => this.#follow(data));
    child.stdout?.on('data', (bytes: Buffer) => {
      this.#sent += bytes.toString('latin1');
      this.terminal.write(bytes, () => this.#wake());
    });
    this.#exited = new Promise(resolve => {
      child.once('close', code => {
        this.#isOver = true;
        this.terminal.write('', () => {
          this.#wake();
          resolve(code);
        });
      });
    });
  }

  static start({ command, cwd, columns, rows, env }: PtyOptions): Pty {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-pty-'));
    const line = `tty > '${folder}/tty'; echo $$ > '${folder}/pid'; stty rows ${rows} cols ${columns}; exec ${command}`;
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !UNWANTED.includes(name)),
    );
    const child = spawn('script', ['-qefc', line, '/dev/null'], {
      cwd,
      env: { ...inherited, TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new Pty(child, folder, { cols: columns, rows });
  }

  /** The command's own process. */
  get pid(): number {
    return Number(readFileSync(join(this.#folder, 'pid'), 'utf8'));
  }

  /** Every byte so far, one character each. */
  get sent(): string {
    return this.#sent;
  }

  /** The code of the command once it has ended. */
  get exited(): Promise<number | null> {
    return this.#exited;
  }

  press(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** What a person sees now: the rows of the terminal, without blanks at their ends. */
  screen(): readonly string[] {
    const { active } = this.terminal.buffer;
    return this.#rows(active.baseY, active.baseY + this.terminal.rows);
  }

  /** With everything that has scrolled away; blank rows at the end left out. */
  everything(): readonly string[] {
    const rows = this.#rows(0, this.terminal.buffer.active.length);
    return rows.slice(0, rows.findLastIndex(row => row !== '') + 1);
  }

  #rows(from: number, to: number): readonly string[] {
    const { active } = this.terminal.buffer;
    return Array.from(
      { length: to - from },
      (_, index) => active.getLine(from + index)?.translateToString(true) ?? '',
    );
  }

  /** Resolves when what is seen is as wanted; fails with the screen when it does not come to that. */
  until(what: string, isThere: (screen: readonly string[]) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (end: string) =>
        reject(new Error(`${end} without ${what}:\n${this.everything().join('\n')}`));
      const patience = setTimeout(() => fail(`${PATIENCE_MS} ms passed`), PATIENCE_MS);
      const check = () => {
        if (isThere(this.screen())) resolve();
        else if (this.#isOver) fail('it ended');
        else return;
        clearTimeout(patience);
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }

  shows(text: string | RegExp): Promise<void> {
    return this.until(`showing ${text}`, rows =>
      typeof text === 'string' ? rows.join('\n').includes(text) : text.test(rows.join('\n')),
    );
  }

  /**
   * As when a person drags the corner of the window. The terminal hears of it from its own input, at
   * the moment when the command does: what was written before was meant for the old size.
   */
  async resize(columns: number, rows: number): Promise<void> {
    const tty = readFileSync(join(this.#folder, 'tty'), 'utf8').trim();
    const size = `stty rows ${rows} cols ${columns}; printf '\\033]${RESIZED};${columns};${rows}\\007'`;
    const isResized = new Promise<void>(resolve => {
      this.#resized = resolve;
    });
    spawn('sh', ['-c', `exec < '${tty}' > '${tty}'; ${size}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await isResized;
  }

  #follow(data: string): boolean {
    const [columns = 0, rows = 0] = data.split(';').map(Number);
    this.terminal.resize(columns, rows);
    this.#resized();
    return true;
  }

  /** As when the window is closed: the terminal hangs up. */
  close(): void {
    this.#child.kill('SIGKILL');
  }

  #wake(): void {
    for (const check of this.#waiting) check();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.#child.kill('SIGKILL');
    await Promise.race([this.#exited, sleep(1_000, undefined, { ref: false })]);
    this.terminal.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
