/** `sluice logs <run> [step]`: what steps printed, from their log files, as it was or plain. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readEvents } from '../../runner/history.ts';
import type { RunId } from '../../schema/id.ts';
import { plainText } from '../../ui/log-text.ts';
import { chooseRun } from '../chosen-run.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { nearNames } from '../near-names.ts';
import { requireProject } from '../project.ts';
import { usageError } from '../usage.ts';

export const define: Define = (program, invocation) => {
  program
    .command('logs')
    .description('What steps printed in a run.')
    .argument('[run]', 'an id, its start or end, or `latest`', 'latest')
    .argument('[step]', 'only this step')
    .option('--plain', 'without colours, and of progress bars only the last state')
    .addHelpText(
      'after',
      examples(
        'sluice logs latest train',
        'sluice logs k3f9',
        'sluice logs latest train --plain > train.log',
      ),
    )
    .action(async (named, step, { plain }) => {
      const call = invocation();
      call.finish(await logs(call, { named, step, isPlain: plain === true }));
    });
};

async function logs(
  { cwd, terminal }: Invocation,
  {
    named,
    step,
    isPlain,
  }: { readonly named: string; readonly step: string | undefined; readonly isPlain: boolean },
): Promise<number> {
  const { part, root } = requireProject(cwd);
  const run = chooseRun(
    part,
    named,
    step === undefined
      ? '`sluice runs` lists them; a step is named behind its run: `sluice logs latest <step>`'
      : undefined,
  );
  const paths = await logPaths(part, run);
  const wanted = step === undefined ? [...paths.keys()] : [requireStep(step, paths)];
  const logs = wanted.flatMap(id => {
    const log = paths.get(id);
    const path = log ? join(root, log) : undefined;
    return path !== undefined && existsSync(path) ? [{ id, path }] : [];
  });
  if (step !== undefined && logs.length === 0)
    terminal.err(`\`${step}\` printed nothing in run ${run}: it was not executed`);
  if (step === undefined && paths.size > 0 && [...paths.values()].every(log => log === null))
    terminal.err(`no step printed anything in run ${run}: none was executed`);
  const printed = async function* () {
    for (const { id, path } of logs) {
      if (step === undefined) terminal.err(`==> ${id} <==`);
      else if (statSync(path).size === 0) terminal.err(`\`${id}\` printed nothing in run ${run}`);
      yield* contents(path, isPlain);
    }
  };
  // One pipeline for all of them: each would leave listeners on the same standard output.
  await pipeline(printed, process.stdout, { end: false });
  return 0;
}

/** Step → where its log lies; null for what was not executed. */
async function logPaths(part: string, run: RunId): Promise<ReadonlyMap<string, string | null>> {
  const paths = new Map<string, string | null>();
  for await (const event of readEvents(part, run)) {
    if (event.type === 'step-finished') paths.set(event.step, event.log);
  }
  return paths;
}

const contents = (path: string, isPlain: boolean): AsyncIterable<string | Buffer> =>
  isPlain ? plainText(createReadStream(path, 'utf8')) : createReadStream(path);

function requireStep(step: string, logs: ReadonlyMap<string, unknown>): string {
  if (logs.has(step)) return step;
  throw usageError(`no step \`${step}\` in that run`, nearNames(step, [...logs.keys()], 'it had'));
}
