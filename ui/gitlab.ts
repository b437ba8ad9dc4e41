/**
 * The reader for GitLab CI: one folded section per executed step, in GitLab's own marks. A failing
 * step's section stands open. Unaware of the environment.
 */
import type { RunEvent, Stamped } from '../schema/event.ts';
import { gather } from './gathered.ts';
import { failureFacts, finishedLine, headLine, reopenedLine, summaryLine } from './run-lines.ts';
import { initial, reduce } from './run-state.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { describeHint } from './words.ts';

export type GitlabOptions = {
  readonly write: (text: string) => void;
  readonly style: Style;
  readonly again: (step: string) => string;
};

export function gitlabReader(options: GitlabOptions): (event: Stamped<RunEvent>) => void {
  const { write, style } = options;
  let state = initial;
  let width = 0;
  let started = 0;
  const printed = gather();

  return event => {
    state = reduce(state, event);
    switch (event.type) {
      case 'run-started':
        width = event.steps.reduce((most, { id }) => Math.max(most, id.length), 0);
        started = Date.parse(event.startedAt);
        write(headLine(state));
        break;
      case 'step-output':
        printed.add(event);
        break;
      case 'warning': {
        const subject = event.step === null ? '' : `${event.step}: `;
        write(`${style.warn(style.sign.warn)} ${subject}${visible(event.message)}`);
        break;
      }
      case 'step-hint':
        write(`${style.warn(style.sign.warn)} ${event.step}: ${describeHint(event.hint)}`);
        break;
      case 'step-reopened':
        if (event.because === 'asked') write(reopenedLine(event.step, width, style));
        break;
      case 'step-finished': {
        const entry = state.finished.last;
        if (entry === undefined) break;
        const line = finishedLine(entry, width, options);
        const text = printed.take(event.step);
        write(text === '' ? line : section({ event, started, line, text }));
        if (entry.outcome.kind === 'failed') write(failureFacts(entry, options));
        break;
      }
      case 'run-finished':
        write(summaryLine(state, style));
        break;
    }
  };
}

/** https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections */
function section(options: {
  readonly event: Stamped<Extract<RunEvent, { type: 'step-finished' }>>;
  /** Milliseconds since 1970 at which the run began. */
  readonly started: number;
  readonly line: string;
  readonly text: string;
}): string {
  const { event, started, line, text } = options;
  const ended = Math.floor((started + event.at) / 1000);
  const began = Math.floor((started + event.at - event.durationMs) / 1000);
  const name = `sluice_${event.seq}`;
  const clear = '\x1b[0K';
  const folded = event.outcome.kind === 'failed' ? '' : '[collapsed=true]';
  return [
    `${clear}section_start:${began}:${name}${folded}\r${clear}${line}`,
    text,
    `${clear}section_end:${ended}:${name}\r${clear}`,
  ].join('\n');
}
