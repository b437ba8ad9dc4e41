/**
 * `sluice watch --json` in a project, as a test sees it: events and words as they come. Waiting is
 * always for something that was printed; a watch that ends too early fails the wait with its output.
 */
import type { RunEvent, Stamped } from '../../schema/event.ts';
import type { Running, TempProject } from './temp-project.ts';

export type Heard = {
  /** `step: outcome` of each round, in order; of the last one as far as it went. */
  readonly rounds: readonly Readonly<Record<string, string>>[];
  readonly events: readonly Stamped<RunEvent>[];
  readonly said: string;
  /** Times that it has come to rest. */
  readonly rests: number;
};

export class Watching implements AsyncDisposable {
  readonly #running: Running;
  #printed = '';
  readonly #waiting = new Set<() => void>();

  constructor(project: TempProject, args: readonly string[] = []) {
    this.#running = project.startInOneStream(['watch', '--json', ...args]);
    const { child } = this.#running;
    child.stdout?.on('data', chunk => {
      this.#printed += chunk;
      this.#wake();
    });
    child.once('close', () => this.#wake());
  }

  get heard(): Heard {
    const lines = this.#printed.slice(0, this.#printed.lastIndexOf('\n') + 1).split('\n');
    const isEvent = (line: string) => line.startsWith('{"');
    const events: Stamped<RunEvent>[] = lines.filter(isEvent).map(line => JSON.parse(line));
    const said = lines.filter(line => !isEvent(line)).join('\n');
    const rounds: Record<string, string>[] = [];
    for (const event of events) {
      if (event.type === 'run-started') rounds.push({});
      if (event.type === 'step-finished')
        Object.assign(rounds.at(-1) ?? {}, { [event.step]: event.outcome.kind });
    }
    return {
      rounds,
      events,
      said,
      // What is broken says at the end of its line that it watches for the repair: that is no rest yet.
      rests: said.match(/^Watching /gm)?.length ?? 0,
    };
  }

  /** Settles as soon as what was heard is as `isThere` wants it. */
  until(what: string, isThere: (heard: Heard) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (isThere(this.heard)) resolve();
        else if (this.#running.child.exitCode !== null)
          reject(new Error(`ended before ${what}:\n${this.#printed}`));
        else return;
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Until a step of the latest round executes. */
  started(step: string): Promise<void> {
    return this.until(`${step} starts`, ({ events }) => {
      const round = events.slice(events.findLastIndex(({ type }) => type === 'run-started'));
      return round.some(event => event.type === 'step-started' && event.step === step);
    });
  }

  /** Until it has come to rest so many times more than when it was asked. */
  async rested(times = 1): Promise<void> {
    const wanted = this.heard.rests + times;
    await this.until('rest', ({ rests }) => rests >= wanted);
  }

  /** Does something and waits for the rest that follows it. */
  async after(act: () => void): Promise<Heard> {
    const rest = this.rested();
    act();
    await rest;
    return this.heard;
  }

  async interrupt(): Promise<number | null> {
    this.#running.child.kill('SIGINT');
    return (await this.#running.finished).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running.child.kill('SIGKILL');
    await this.#running.finished;
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }
}
