/**
 * Holds a running step at a place of its command, without anybody sleeping: the step says on one
 * pipe that it is there and reads from another until the test lets it go.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';

export class Gate implements Disposable {
  /** Shell text that waits here; it passes at once when the gate has been opened. */
  readonly wait: string;
  /** Of the pipe that is waited on; removed, nobody who comes later waits. */
  readonly path: string;
  readonly #arrivals: Socket;
  readonly #go: number;

  constructor(folder: string, name = 'gate') {
    this.path = join(folder, name);
    const arrived = `${this.path}.arrived`;
    execFileSync('mkfifo', [this.path, arrived]);
    // Open for both directions: then neither side has to wait for the other to open its end.
    const both = constants.O_RDWR | constants.O_NONBLOCK;
    this.#arrivals = new Socket({ fd: openSync(arrived, both), writable: false });
    this.#arrivals.pause();
    this.#go = openSync(this.path, both);
    this.wait = `if [ -p '${this.path}' ]; then exec 9< '${this.path}'; echo > '${arrived}'; read _ <&9; exec 9<&-; fi`;
  }

  /** Resolves when a step stands at the gate; rejects with what its run came to when none ever will. */
  arrived(ended: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#arrivals.once('data', () => {
        this.#arrivals.pause();
        resolve();
      });
      this.#arrivals.resume();
      const fail = (end: unknown) => reject(new Error(`nobody came to the gate: ${inspect(end)}`));
      ended.then(fail, fail);
    });
  }

  /** Lets go whoever stands here, and everybody who comes later. */
  open(): void {
    rmSync(this.path, { force: true });
    writeSync(this.#go, 'go\n');
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { force: true });
    this.#arrivals.destroy();
    // Who still reads sees the end.
    closeSync(this.#go);
  }
}
