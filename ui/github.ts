/**
 * The reader for GitHub Actions: one folded group per executed step, annotations for what went
 * wrong, and a page for the run's summary. Unaware of the environment: told where the pipeline lies.
 */
import type { RunEvent, Stamped } from '../schema/event.ts';
import { gather } from './gathered.ts';
import { logText } from './log-text.ts';
import { failureFacts, finishedLine, headLine, reopenedLine, summaryLine } from './run-lines.ts';
import { type FinishedStep, initial, reduce } from './run-state.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { describeFailure, describeHint } from './words.ts';

export type GithubOptions = {
  readonly write: (text: string) => void;
  readonly style: Style;
  readonly again: (step: string) => string;
  /** Project-relative path of the pipeline: where annotations stand. */
  readonly pipelinePath: string | undefined;
  /** Nobody else may know it: what a step prints between two of it is no command. */
  readonly token: string;
};

export function githubReader(options: GithubOptions): (event: Stamped<RunEvent>) => void {
  const { write, style } = options;
  let state = initial;
  let width = 0;
  const printed = gather();

  return event => {
    state = reduce(state, event);
    switch (event.type) {
      case 'run-started':
        width = event.steps.reduce((most, { id }) => Math.max(most, id.length), 0);
        write(headLine(state));
        break;
      case 'step-output':
        printed.add(event);
        break;
      case 'warning': {
        const subject = event.step === null ? '' : `${event.step}: `;
        write(annotation('warning', event.code, `${subject}${event.message}`, options));
        break;
      }
      case 'step-hint': {
        const message = `${event.step}: ${describeHint(event.hint)}`;
        write(annotation('warning', event.hint.kind, message, options));
        break;
      }
      case 'step-reopened':
        if (event.because === 'asked') write(reopenedLine(event.step, width, style));
        break;
      case 'step-finished': {
        const entry = state.finished.last;
        if (entry !== undefined) tell(entry, printed.take(event.step), width, options);
        break;
      }
      case 'run-finished':
        write(summaryLine(state, style));
        break;
    }
  };
}

/** A failure's log stands open, that of any other step behind a click. */
function tell(entry: FinishedStep, text: string, width: number, options: GithubOptions): void {
  const { write, token } = options;
  const line = finishedLine(entry, width, options);
  const isFailed = entry.outcome.kind === 'failed';
  if (text === '') write(line);
  else {
    const quoted = `::stop-commands::${token}\n${text}\n::${token}::`;
    write(isFailed ? `${line}\n${quoted}` : `::group::${line}\n${quoted}\n::endgroup::`);
  }
  if (entry.outcome.kind !== 'failed') return;
  const { what, help } = describeFailure(entry.outcome.failure, entry.tail);
  const message = [what, ...entry.tail.slice(-ANNOTATED).map(logText), help ?? '']
    .filter(Boolean)
    .join('\n');
  write(failureFacts(entry, options));
  write(annotation('error', `${entry.step} failed`, message, options));
}

/** Lines of the log that an annotation shows. */
const ANNOTATED = 8;

function annotation(
  level: 'error' | 'warning',
  title: string,
  message: string,
  { pipelinePath }: Pick<GithubOptions, 'pipelinePath'>,
): string {
  const file = pipelinePath === undefined ? '' : `file=${property(pipelinePath)},`;
  return `::${level} ${file}title=${property(title)}::${data(message)}`;
}

/** https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts: what must be escaped. */
const data = (text: string): string =>
  visible(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
