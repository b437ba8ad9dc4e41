/**
 * A project in a folder of its own, and the real command line on it. A failed test prints what the
 * command said; `KEEP=1` keeps the folder and names it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunEvent, Stamped } from '../../schema/event.ts';

export const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export type Finished = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type Files = Readonly<Record<string, string | Uint8Array>>;

export class TempProject implements Disposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static create(files: Files): TempProject {
    // A space in the path: people have them.
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'sluice test-')));
    const project = new TempProject(root);
    for (const [path, content] of Object.entries(files)) project.write(path, content);
    return project;
  }

  write(path: string, content: string | Uint8Array): void {
    const target = join(this.root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  /** Starts `sluice` here and returns at once: for tests that interrupt or kill it. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const child = spawn(join(REPOSITORY, 'sluice'), args, {
      cwd: this.root,
      env: { ...process.env, LANG: 'C.UTF-8', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return runningOf(child);
  }

  /** Both streams as one, as stdout: of two pipes nobody can tell what was printed first. */
  startInOneStream(args: readonly string[]): Running {
    const script = ['-c', 'exec "$0" "$@" 2>&1', join(REPOSITORY, 'sluice'), ...args];
    const child = spawn('sh', script, {
      cwd: this.root,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return runningOf(child);
  }

  sluice(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return this.start(args, env).finished;
  }

  /** Runs a shell here: for tests of what stands around `sluice`. */
  shell(script: string): Promise<Finished> {
    const child = spawn('sh', ['-c', script], {
      cwd: this.root,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return runningOf(child).finished;
  }

  /** Runs `sluice run --json` and returns its events; fails loudly when one is not JSON. */
  async events(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly code: number | null; readonly events: readonly Stamped<RunEvent>[] }> {
    const { code, stdout } = await this.sluice(['run', '--json', ...args], env);
    const events = stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line));
    return { code, events };
  }

  /** Step → outcome of a run: `{ train: 'succeeded' }`. */
  async outcomes(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Readonly<Record<string, string>>> {
    const { events } = await this.events(args, env);
    const finished = events.filter(event => event.type === 'step-finished');
    return Object.fromEntries(finished.map(({ step, outcome }) => [step, outcome.kind]));
  }

  [Symbol.dispose](): void {
    if (process.env['KEEP']) console.info(`kept ${this.root}`);
    else rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

export type Running = {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when what was printed so far (both streams) contains `text`; rejects at its end. */
  readonly printed: (text: string) => Promise<void>;
};

function runningOf(child: ChildProcess): Running {
  let stdout = '';
  let stderr = '';
  let ended = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  child.stdout?.on('data', chunk => {
    stdout += chunk;
    wake();
  });
  child.stderr?.on('data', chunk => {
    stderr += chunk;
    wake();
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      ended = true;
      wake();
      resolve({ code, signal, stdout, stderr });
    });
  });
  const printed = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if ((stdout + stderr).includes(text)) resolve();
        else if (ended) reject(new Error(`ended without printing ${text}:\n${stdout}${stderr}`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
    });
  return { child, finished, printed };
}
