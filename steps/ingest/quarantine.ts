/**
 * What could not be taken in, written down completely: where, why and its text. Nothing is dropped
 * that does not pass through here. Unaware of what a row or a file is.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { csvRecord } from '../sdk/csv.ts';
import { StepError } from '../sdk/step.ts';

/** Enough of a bad row to recognise it. */
const MAX_TEXT = 4_000;

export type Quarantine = {
  /** `where` names a line or a file, `kind` is the reason without its particulars. */
  add(bad: {
    readonly where: string;
    readonly kind: string;
    readonly reason: string;
    readonly text: string;
  }): void;
  count(): number;
  /** Kind of reason → how often. */
  reasons(): ReadonlyMap<string, number>;
  /** Fails when more than this share of `total` was set aside. */
  close(total: number, maxShare: number): void;
};

/** `strict`: the first thing to set aside is an error instead. */
export function openQuarantine(path: string, strict: boolean): Quarantine {
  const file = openSync(path, 'w');
  const reasons = new Map<string, number>();
  const examples: string[] = [];
  let count = 0;
  writeSync(file, csvRecord(['where', 'reason', 'text']));
  return {
    add: ({ where, kind, reason, text }) => {
      if (strict) {
        throw new StepError(`${where}: ${reason}`, '`on-bad-row: quarantine` would set it aside');
      }
      count += 1;
      reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
      if (examples.length < 3) examples.push(`${where}: ${reason}`);
      writeSync(file, csvRecord([where, reason, text.slice(0, MAX_TEXT)]));
    },
    count: () => count,
    reasons: () => reasons,
    close: (total, maxShare) => {
      closeSync(file);
      if (count <= total * maxShare) return;
      throw new StepError(
        `${count} of ${total} could not be read, more than \`max-quarantined\` (${maxShare}) allows: ${examples.join('; ')}${count > examples.length ? '; …' : ''}`,
        'mend the source, or raise `max-quarantined` if it is meant to be so',
      );
    },
  };
}
