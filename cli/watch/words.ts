/**
 * What watching says between rounds, on the side of the terminal where it disturbs no data. Unaware
 * of when there is something to say.
 */
import { relative } from 'node:path';
import { metricChangeLines } from '../../ui/metric-change.ts';
import { makeStyle } from '../../ui/style.ts';
import { visible } from '../../ui/visible.ts';
import type { Terminal } from '../terminal.ts';
import type { Typing } from './keys.ts';
import type { MetricMemory } from './metric-memory.ts';
import type { SessionWords } from './session-ports.ts';

export type WordsOptions = {
  readonly terminal: Terminal;
  readonly root: string;
  readonly pipeline: string;
  readonly metrics: MetricMemory;
  readonly hasKeys: boolean;
  /** Says it where it disturbs nothing; with a screen that is one line. */
  readonly say: (text: string) => void;
  /** Many lines: they wait for the end of a screen. */
  readonly print: (text: string) => void;
};

/** Paths that a line names before it only counts. */
const NAMED = 3;

export function sessionWords(options: WordsOptions): SessionWords {
  const { terminal, root, pipeline, metrics, hasKeys, say, print } = options;
  const style = makeStyle(terminal);
  const named = (paths: readonly string[]): string => {
    const names = paths.map(path => visible(relative(root, path) || '.'));
    const more = names.length - NAMED;
    return `${names.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  };
  return {
    broken: (diagnostics, hasGoodPlan) => {
      print(diagnostics);
      const wait = hasGoodPlan ? 'The last plan that compiled stays.' : 'There is no plan yet.';
      say(style.warn(`${wait} Watching for the repair.`));
    },
    warned: print,
    changed: (paths, kept) => {
      if (paths.length > 0) say(style.live(`${style.sign.arrow} changed: ${named(paths)}`));
      if (kept.length > 0) say(style.dim(`  goes on, because it still holds: ${kept.join(', ')}`));
    },
    unchanged: () => say(style.good(`${style.sign.good} whole again, and as it was`)),
    notice: text => say(style.warn(visible(text))),
    roundEnded: async () => {
      const lines = metricChangeLines(await metrics.comparisons(), style);
      if (lines.length > 0) print(lines.join('\n'));
    },
    idle: filter => {
      const what = `Watching ${filter === '' ? pipeline : `${pipeline}, only ${visible(filter)}`}.`;
      const keys = hasKeys ? KEYS : 'Ctrl-C ends.';
      const isNarrow =
        what.length + 2 + keys.length > (terminal.columns ?? Number.POSITIVE_INFINITY);
      say(style.dim(`${what}${isNarrow ? '\n' : '  '}${keys}`));
    },
  };
}

const KEYS = 'a all   f failed   r rerun   p filter   enter now   q quit';

/** Before what is being typed; '' where nothing is. */
export const promptOf = (typing: Typing): string =>
  typing === undefined ? '' : `${PROMPTS[typing.for]}: ${typing.text}`;

const PROMPTS = { filter: 'Only steps with', rerun: 'Execute once more the steps with' };
