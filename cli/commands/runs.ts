/** `sluice runs`: the recorded runs, newest first. */
import { listRuns, type RecordedRun, runIds, runsFolder } from '../../runner/history.ts';
import { formatAgo, formatDuration } from '../../ui/duration.ts';
import { cutText } from '../../ui/log-text.ts';
import { countsText } from '../../ui/run-lines.ts';
import { makeStyle } from '../../ui/style.ts';
import { renderTable } from '../../ui/table.ts';
import { paramsText, sampleText } from '../../ui/words.ts';
import { type Define, examples } from '../command.ts';
import { jsonOption, positiveInteger } from '../options.ts';
import { requireProject } from '../project.ts';

export const define: Define = (program, invocation) => {
  program
    .command('runs')
    .description('The runs so far, newest first.')
    .option('-n, --limit <count>', 'how many', '20')
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice runs', 'sluice runs --limit 100 --json'))
    .action(async options => {
      const { cwd, terminal, finish } = invocation();
      const { home, part } = requireProject(cwd);
      const { cut } = makeStyle(terminal).sign;
      const runs = listRuns(part, positiveInteger('--limit', options.limit));
      if (options.json) terminal.out(JSON.stringify({ format: 1, runs }, null, 2));
      else if (runs.length === 0) terminal.out('no runs yet');
      else
        terminal.out(
          renderTable(
            [
              ['run', 'pipeline', 'result', 'started', 'took', 'steps', 'asked for'],
              ...runs.map(entry => row(entry, cut)),
            ],
            terminal,
          ),
        );
      if (runs.length === 0 && part !== home && runIds(home).length > 0) {
        terminal.err(
          `note: the runs in ${runsFolder(home)} are another project's, or of before each project on this store had its own`,
        );
      }
      finish(0);
    });
};

/** Enough to tell runs apart; `show` has all of it. */
const ASKED_WIDTH = 40;

function row(
  { run, pipeline: name, sample, given, startedAt, finished }: RecordedRun,
  cut: string,
): readonly string[] {
  const asked = cutText(paramsText(given), ASKED_WIDTH, cut);
  const started = formatAgo(startedAt, new Date());
  const pipeline = sample === undefined ? name : `${name} ${sampleText(sample)}`;
  if (finished === undefined) return [run, pipeline, 'unfinished', started, '', '', asked];
  const steps = countsText(finished.counts);
  return [
    run,
    pipeline,
    finished.result,
    started,
    formatDuration(finished.durationMs),
    steps,
    asked,
  ];
}
