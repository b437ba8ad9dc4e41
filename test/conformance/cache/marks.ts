/**
 * Who has executed: each step's command itself appends its name to a file outside of the project.
 * The suite counts these lines and does not believe what a tool says of itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Marks implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-marks-'));
  readonly #log = join(this.folder, 'executed');
  #seen = 0;

  constructor() {
    writeFileSync(this.#log, '');
  }

  /** Shell text that leaves the mark of a step. */
  mark(step: string): string {
    return `echo ${step} >> '${this.#log}'`;
  }

  /** The steps that have executed since the last call, sorted; one that did twice is there twice. */
  take(): readonly string[] {
    const all = readFileSync(this.#log, 'utf8').split('\n').slice(0, -1);
    const fresh = all.slice(this.#seen);
    this.#seen = all.length;
    return fresh.sort();
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
