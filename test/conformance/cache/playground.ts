/**
 * A project in a folder of its own with one tool to build it: what a scenario is played on. Unaware
 * of which tool that is.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Gate } from './gate.ts';
import { Marks } from './marks.ts';
import type { Tasks, Tool } from './tool.ts';

export type Environment = Readonly<Record<string, string>>;

export type Built = {
  readonly ok: boolean;
  /** Tasks whose command was executed, sorted. */
  readonly executed: readonly string[];
  readonly printed: string;
};

export class Playground implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-play-')));
  readonly tool: Tool;
  readonly #marks = new Marks();
  readonly #gates: Gate[] = [];

  constructor(tool: Tool) {
    this.tool = tool;
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  gate(name: string): Gate {
    const gate = new Gate(this.#marks.folder, name);
    this.#gates.push(gate);
    return gate;
  }

  /** Says what there is to build; each task also leaves its mark. */
  tasks(tasks: Tasks, env: Environment = {}): void {
    const marked = Object.entries(tasks).map(([name, task]) => [
      name,
      { ...task, command: `${this.#marks.mark(name)}; ${task.command}` },
    ]);
    this.tool.configure(this.root, Object.fromEntries(marked), env);
  }

  /** Builds everything. */
  build(env: Environment = {}): Promise<Built> {
    return this.start(env).built;
  }

  start(env: Environment = {}): { readonly built: Promise<Built>; readonly kill: () => void } {
    const [program, ...args] = this.tool.command;
    const child = spawn(program, args, {
      cwd: this.root,
      env: { ...process.env, NO_COLOR: '1', ...this.tool.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', chunk => {
        printed += chunk;
      });
    }
    const built = new Promise<Built>((resolve, reject) => {
      child.once('error', reject);
      // Not `close`: what a killed tool leaves running may hold the pipes open.
      child.once('exit', code =>
        resolve({ ok: code === 0, executed: this.#marks.take(), printed }),
      );
    });
    return { built, kill: () => child.kill('SIGKILL') };
  }

  [Symbol.dispose](): void {
    for (const gate of this.#gates) gate[Symbol.dispose]();
    this.#marks[Symbol.dispose]();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}
