/**
 * A project whose steps leave marks when they execute, and the real command line on it: for the
 * scenarios that are about Sluice's own words. A run can be started under another clock.
 */

import type { RunEvent, Stamped } from '../../../schema/event.ts';
import { type Files, type Running, TempProject } from '../../harness/temp-project.ts';
import { Gate } from './gate.ts';
import { Marks } from './marks.ts';

export type Ran = {
  readonly code: number | null;
  /** By their marks, sorted. */
  readonly executed: readonly string[];
  /** Step → outcome, by the event stream. */
  readonly outcomes: Readonly<Record<string, string>>;
  readonly events: readonly Stamped<RunEvent>[];
  /** Codes of warnings, in order. */
  readonly warnings: readonly string[];
  readonly stderr: string;
};

type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** The runner's clock is ahead by this. */
  readonly aheadMs?: number;
};

export class CacheProject implements Disposable {
  readonly files: TempProject;
  readonly #marks = new Marks();
  readonly #gates: Gate[] = [];

  constructor(files: Files) {
    this.files = TempProject.create(files);
  }

  /** Shell text that leaves the mark of a step. */
  mark(step: string): string {
    return this.#marks.mark(step);
  }

  gate(name = 'gate'): Gate {
    const gate = new Gate(this.#marks.folder, name);
    this.#gates.push(gate);
    return gate;
  }

  /** Writes the project's pipeline: as text, or its keys beyond version and name. */
  pipeline(document: string | Readonly<Record<string, unknown>>): void {
    const text =
      typeof document === 'string'
        ? document
        : JSON.stringify({ sluice: 1, name: 'p', ...document }, null, 2);
    this.files.write('pipelines/p.yaml', text);
  }

  start(args: readonly string[] = [], options: RunOptions = {}): Running {
    const env = {
      ...options.env,
      ...(options.aheadMs && { NODE_OPTIONS: ahead(options.aheadMs) }),
    };
    return this.files.start(['run', '--json', ...args], env);
  }

  run(args: readonly string[] = [], options: RunOptions = {}): Promise<Ran> {
    return this.ended(this.start(args, options));
  }

  /** What a started run came to. */
  async ended(running: Running): Promise<Ran> {
    const { code, stdout, stderr } = await running.finished;
    const events: readonly Stamped<RunEvent>[] = stdout
      .split('\n')
      .filter(line => line.startsWith('{') && line.endsWith('}'))
      .map(line => JSON.parse(line));
    const finished = events.filter(event => event.type === 'step-finished');
    return {
      code,
      executed: this.#marks.take(),
      outcomes: Object.fromEntries(finished.map(({ step, outcome }) => [step, outcome.kind])),
      events,
      warnings: events.flatMap(event => (event.type === 'warning' ? [event.code] : [])),
      stderr,
    };
  }

  [Symbol.dispose](): void {
    for (const gate of this.#gates) gate[Symbol.dispose]();
    this.#marks[Symbol.dispose]();
    this.files[Symbol.dispose]();
  }
}

/** Node options under which a process believes that it is later, or earlier, than it is. */
function ahead(ms: number): string {
  const code = `const Real = Date;
globalThis.Date = class extends Real {
  constructor(...args) { args.length > 0 ? super(...args) : super(Real.now() + ${ms}); }
  static now() { return Real.now() + ${ms}; }
};`;
  return `--import=data:text/javascript,${encodeURIComponent(code)}`;
}
