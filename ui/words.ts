/**
 * The words for what happened: outcomes, failures and reasons, one place for every reader. Each
 * failure class says what happened, why as far as is known, and what to do.
 */
import { assertNever } from '../schema/assert-never.ts';
import type {
  Failure,
  FalseCondition,
  Hint,
  MemoryAtEnd,
  Outcome,
  Reason,
} from '../schema/event.ts';
import { formatExpression } from '../schema/expression-text.ts';
import type { Change } from '../schema/fingerprint.ts';
import { formatBytes, formatDuration } from './duration.ts';
import { hintFromLog } from './hint.ts';
import { formatMetric } from './metric.ts';
import { formatShare } from './usage.ts';

/** One word or two for a row. */
export function outcomeWord(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'succeeded':
      return 'done';
    case 'up-to-date':
      return 'up to date';
    case 'restored':
      return 'restored';
    case 'failed':
      return 'FAILED';
    case 'cancelled':
      return 'cancelled';
    case 'skipped':
      return 'skipped';
    default:
      return assertNever(outcome);
  }
}

/** `5%`: reads back as exactly this fraction, for commands. */
export function shareText(fraction: number): string {
  const percent = Number(`${fraction}e2`);
  return Number(`${percent}e-2`) === fraction ? `${percent}%` : String(fraction);
}

/** What a run on a slice says of itself wherever it is named: a third is `33.3%`. */
export function sampleText(fraction: number): string {
  const exact = shareText(fraction);
  const share = exact.length > 8 ? `${Number((fraction * 100).toPrecision(3))}%` : exact;
  return `on a sample of ${share}`;
}

/** `epochs=60 seed=7`: as after `-p`. */
export const paramsText = (params: Readonly<Record<string, unknown>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');

/** Why a step was skipped, as the end of a line. */
export function skipReason(outcome: Extract<Outcome, { kind: 'skipped' }>): string {
  switch (outcome.because) {
    case 'condition':
      return outcome.condition === undefined
        ? 'its condition `if` is false'
        : `${conditionText(outcome.condition)} is false`;
    case 'sample':
      return 'effects behind a slice do not happen';
    case 'need-skipped':
      return `it needs \`${outcome.need}\`, which was skipped`;
    case 'need-failed':
      return `it needs \`${outcome.need}\`, which did not succeed`;
    case 'need-cancelled':
      return `it needs \`${outcome.need}\`, which was cancelled`;
    case 'not-reached':
      return 'the run ended before its turn';
    default:
      return assertNever(outcome.because);
  }
}

/** `eval.metrics.accuracy (0.9777) >= 0.999`: in full where rounded it would read like a bound. */
function conditionText({ expression, values }: FalseCondition): string {
  const plain = formatExpression(expression);
  return formatExpression(expression, name => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return '';
    const rounded = typeof value === 'number' ? formatMetric(value) : '';
    const isTelling = rounded !== '' && !plain.includes(rounded);
    return ` (${isTelling ? rounded : JSON.stringify(value)})`;
  });
}

/** `tail`: the last lines it printed, which often tell more than its exit code. */
export function describeFailure(
  failure: Failure,
  tail: readonly string[] = [],
): { what: string; help: string | undefined } {
  switch (failure.class) {
    case 'exit':
      return {
        what: `it exited with code ${failure.code}`,
        help: failure.hint ?? hintFromLog(tail) ?? exitHint(failure.code),
      };
    case 'killed':
      return {
        what: `it was killed by ${failure.signal}`,
        help:
          failure.signal === 'SIGKILL'
            ? 'something outside Sluice ended it: often the kernel, when memory ran out (`dmesg` tells)'
            : undefined,
      };
    case 'timed-out':
      return {
        what: `it was still running after its timeout of ${formatDuration(failure.timeoutMs)}`,
        help: 'raise `timeout:` of the step, or find out in its log where it stands',
      };
    case 'out-of-memory':
      return {
        what: memoryWords(failure),
        help: 'raise `resources: { memory: … }` of the step, or work on less at a time',
      };
    case 'out-of-disk':
      return {
        what: `it wrote ${formatBytes(failure.usedBytes)}, and its resources allow ${formatBytes(failure.limitBytes)} of disk`,
        help: 'raise `resources: { disk: … }` of the step, or look in its log for what it writes',
      };
    case 'not-started':
      return { what: `it could not be started: ${failure.message}`, help: undefined };
    case 'lost':
      return {
        what: `it was lost: ${failure.message}`,
        help: 'run again: what is finished is kept',
      };
    case 'bad-output':
      return {
        what: failure.message,
        help:
          failure.hint ??
          'a step must write each port in `out` to the path that `${{ out.<port> }}` names',
      };
    case 'unstable-input':
      return unstableInput(failure);
    case 'bad-expression':
      return { what: failure.message, help: undefined };
    case 'environment':
      return { what: failure.message, help: undefined };
    default:
      return assertNever(failure);
  }
}

function unstableInput({ paths, kept }: Extract<Failure, { class: 'unstable-input' }>) {
  const again = 'run again when the file is at rest';
  return kept === undefined
    ? { what: `${paths.join(', ')} changed while it was read, before the step began`, help: again }
    : {
        what: `${paths.join(', ')} changed while it ran, so its result belongs to no known input`,
        help: `the result is kept in ${kept}; ${again} (a step that edits its own input has to copy it first)`,
      };
}

/** Where memory grows quickly, the last look at it says little: then it is not quoted. */
function memoryWords({ usedBytes, limitBytes }: MemoryAtEnd): string {
  if (limitBytes === undefined) {
    return usedBytes === undefined
      ? 'it ran out of memory'
      : `it ran out of memory: the machine had no more, and it used ${formatBytes(usedBytes)}`;
  }
  if (usedBytes !== undefined && usedBytes > limitBytes) {
    return `it used ${formatBytes(usedBytes)} of memory, and its resources allow ${formatBytes(limitBytes)}`;
  }
  return usedBytes === undefined || usedBytes < limitBytes * TELLING
    ? `it ran out of memory: it may use ${formatBytes(limitBytes)}`
    : `it ran out of memory: it used ${formatShare(usedBytes, limitBytes)}`;
}

const TELLING = 0.8;

/** One sentence: what was seen, and what often helps. */
export function describeHint(hint: Hint): string {
  switch (hint.kind) {
    case 'gpu-starved':
      return `GPU ${hint.gpu} was busy ${percent(hint.utilization)} of the last ${formatDuration(hint.forMs)}: the step may be waiting for its data; more loader processes or a larger batch often help`;
    case 'gpu-memory-full':
      return `GPU ${hint.gpu} has ${formatShare(hint.usedBytes, hint.totalBytes)} of its memory in use: a little more and the step fails; a smaller batch needs less`;
    case 'gpu-hot':
      return `GPU ${hint.gpu} is at ${hint.celsius} °C, where devices slow down: look at its cooling`;
    case 'memory-full':
      return `it uses ${formatShare(hint.usedBytes, hint.limitBytes)} of memory: a little more and it is ended; raise \`resources: { memory: … }\``;
    default:
      return assertNever(hint);
  }
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** The shell's own codes, which say nothing to most people. */
function exitHint(code: number): string | undefined {
  if (code === 127)
    return 'exit 127 is the shell saying that it found no such command: is it installed and on PATH?';
  if (code === 126)
    return 'exit 126 is the shell saying that the file may not be executed: `chmod +x` it';
  if (code > 128 && code < 160)
    return `exit ${code} is how a shell reports a command killed by signal ${code - 128}`;
  return undefined;
}

/** Why a step executes, as a list of short phrases. */
export function describeReason(reason: Reason): readonly string[] {
  switch (reason.kind) {
    case 'never-run':
      return ['never run with these inputs'];
    case 'changed':
      return reason.changes.map(describeChange);
    case 'outputs-damaged':
      return [`its stored output ${reason.paths.join(', ')} is missing or damaged`];
    case 'forced':
      return ['forced'];
    case 'not-cached':
      return ['`cache: false`'];
    case 'drifted':
      return [`the world has drifted: ${reason.detail}`];
    default:
      return assertNever(reason);
  }
}

/** Of a step that was executed, a line that says why; of any other nothing. */
export const ranBecause = (reason: Reason | null): string =>
  reason === null ? '' : `ran because: ${describeReason(reason).join('; ')}`;

/** `param epochs 40 → 60`; of long texts the part that differs; digests only `changed`. */
export function describeChange({ part, before, after }: Change): string {
  if (before === undefined) return `${part} added${brief(after)}`;
  if (after === undefined) return `${part} removed`;
  if (isDigest(before) || isDigest(after)) return `${part} changed`;
  if (before.length + after.length <= BRIEF) return `${part} ${before} → ${after}`;
  const { from, to } = difference(before, after);
  return from.length > BRIEF || to.length > BRIEF
    ? `${part} changed`
    : `${part} … ${from} → ${to} …`;
}

/** The words in the middle, without those at both ends that are the same. */
function difference(before: string, after: string): { readonly from: string; readonly to: string } {
  const [old, now] = [before.split(' '), after.split(' ')];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter - 1 && old[start] === now[start]) start++;
  let end = 0;
  while (end < shorter - start - 1 && old.at(-1 - end) === now.at(-1 - end)) end++;
  // One word of what stays, so that it can be found again.
  const from = Math.max(0, start - 1);
  return {
    from: old.slice(from, old.length - end).join(' '),
    to: now.slice(start, now.length - end).join(' '),
  };
}

const brief = (text: string | undefined): string =>
  text === undefined || isDigest(text) || text.length > BRIEF ? '' : ` (${text})`;

const isDigest = (text: string): boolean => /[0-9a-f]{64}/.test(text);

/** What a line has room for. */
const BRIEF = 60;
