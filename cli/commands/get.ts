/** `sluice get <step.port>`: an output of a recorded run, as a file or folder of the user's. */
import { createReadStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readEvents } from '../../runner/history.ts';
import type { RunId } from '../../schema/id.ts';
import type { Artifact } from '../../schema/trace.ts';
import type { Store, StoreError } from '../../store/store.ts';
import { formatBytes } from '../../ui/duration.ts';
import { chooseRunsOn } from '../chosen-run.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { nearNames } from '../near-names.ts';
import { withStore } from '../open-store.ts';
import { sampleOption, sliceOf } from '../options.ts';
import { requireProject } from '../project.ts';
import { describeStoreError } from '../store-words.ts';
import { type CommandError, usageError, worldError, writing } from '../usage.ts';

export const define: Define = (program, invocation) => {
  program
    .command('get')
    .description(
      'An output of the latest run on all of the data (or of --run), as a file or folder. `-o -` prints a file.',
    )
    .argument('<step.port>', 'for example eval.report')
    .option('-o, --output <path>', 'where to put it; default: ./<step>.<port>')
    .option('--run <run>', 'an id, its start or end, or `latest`')
    .addOption(sampleOption('of the latest run on a slice of the data'))
    .addHelpText(
      'after',
      examples('sluice get eval.metrics -o -', 'sluice get train.model -o model'),
    )
    .action(async (named, options) => {
      const call = invocation();
      call.finish(await get(call, named, options));
    });
};

async function get(
  { cwd, terminal }: Invocation,
  named: string,
  options: {
    readonly output?: string | undefined;
    readonly run?: string | undefined;
    readonly sample?: number | undefined;
  },
): Promise<number> {
  const { home, part } = requireProject(cwd);
  const runs = chooseRunsOn(part, options.run, sliceOf(options.sample));
  const { run, artifact } = await findOutput(part, runs, named);
  if (run !== runs[0]) terminal.err(`run ${runs[0]} has no \`${named}\`: this is of run ${run}`);
  return withStore({ home, terminal }, async store => {
    if (options.output === '-') {
      if (artifact.kind === 'tree') {
        throw usageError(
          `\`${named}\` is a folder, which cannot be printed`,
          'name a path: `-o <path>`',
        );
      }
      const failure = await print(artifact, store);
      if (failure !== undefined) throw unavailable(failure, named, run);
      return 0;
    }
    const target = resolve(cwd, options.output ?? named.replaceAll('/', '_'));
    if (existsSync(target)) throw usageError(`${target} exists`, 'name another path: `-o <path>`');
    await writing(dirname(target), () => mkdir(dirname(target), { recursive: true }));
    const made = await store.materialise(artifact, target, { readOnly: false });
    if (!made.ok) throw unavailable(made.error, named, run);
    terminal.out(`${target}  (${formatBytes(artifact.bytes)}, run ${run})`);
    return 0;
  });
}

async function print(artifact: Artifact, store: Store): Promise<StoreError | undefined> {
  const located = await store.locate(artifact);
  if (!located.ok) return located.error;
  if (located.value !== undefined) {
    await pipeline(createReadStream(located.value), process.stdout, { end: false });
    return undefined;
  }
  const bytes = await store.read(artifact);
  if (!bytes.ok) return bytes.error;
  process.stdout.write(bytes.value);
  return undefined;
}

function unavailable(error: StoreError, named: string, run: RunId): CommandError {
  if (error.kind === 'absent') {
    const step = named.slice(0, named.lastIndexOf('.'));
    return worldError(
      `the bytes of \`${named}\` are not in the store any more; what run ${run} knew of them is`,
      `with the settings of that run, \`sluice run --step ${step}\` makes them again: that step will be executed`,
    );
  }
  const { message, help } = describeStoreError(error);
  return worldError(message, help);
}

/** Of the latest run that has it: a run may have been of a part, or ended early. */
async function findOutput(part: string, runs: readonly [RunId, ...RunId[]], named: string) {
  for (const run of runs) {
    const artifact = (await outputsOf(part, run)).get(named);
    if (artifact !== undefined) return { run, artifact };
  }
  const [run] = runs;
  const names = [...(await outputsOf(part, run)).keys()];
  throw usageError(`run ${run} has no output \`${named}\``, nearNames(named, names, 'it has'));
}

async function outputsOf(part: string, run: RunId): Promise<ReadonlyMap<string, Artifact>> {
  const outputs = new Map<string, Artifact>();
  for await (const event of readEvents(part, run)) {
    if (event.type !== 'step-finished') continue;
    for (const [port, artifact] of Object.entries(event.outputs)) {
      outputs.set(`${event.step}.${port}`, artifact);
    }
  }
  return outputs;
}
