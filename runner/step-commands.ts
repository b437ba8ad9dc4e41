/**
 * What may be asked of a step while its run goes on, from whoever shows the run to whoever carries
 * it out. Neither knows the other; what nobody listens to is lost.
 */
import type { StepId } from '../schema/id.ts';

export type StepCommand = {
  readonly kind: /** Ends its attempt. */
    | 'cancel'
    /** Once more: its attempt is ended first, or what it has made is passed over. */
    | 'rerun';
  readonly step: StepId;
};

export class StepCommands {
  #obey: ((command: StepCommand) => void) | undefined;

  readonly send = (command: StepCommand): void => this.#obey?.(command);

  /** From now on this is who obeys; undefined: nobody. */
  follow(obey: ((command: StepCommand) => void) | undefined): void {
    this.#obey = obey;
  }
}
