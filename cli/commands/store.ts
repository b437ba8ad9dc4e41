/** `sluice store`: what it holds, whether that is sound, and how to get room back. */
import { relative } from 'node:path';
import { parseSize } from '../../compiler/units.ts';
import { type Amount, collect } from '../../store/collect.ts';
import type { StoreError } from '../../store/store.ts';
import { storeStatus, type Verification, verify } from '../../store/verify.ts';
import { formatBytes } from '../../ui/duration.ts';
import { renderTable } from '../../ui/table.ts';
import { chooseRun } from '../chosen-run.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { jsonOption, positiveInteger } from '../options.ts';
import { requireProject } from '../project.ts';
import { dropOldLogs, pinnedRuns, pinRun, storeRoots, unpinRun } from '../store-roots.ts';
import { describeStoreError } from '../store-words.ts';
import { type CommandError, usageError, worldError } from '../usage.ts';

const DAMAGED = 3;

export const define: Define = (program, invocation) => {
  const store = program
    .command('store')
    .description('The store: status, verify, gc, pin.')
    .addHelpText(
      'after',
      examples('sluice store status', 'sluice store gc --keep-runs 5 --dry-run'),
    );

  store
    .command('status', { isDefault: true })
    .description('How much it holds.')
    .addOption(jsonOption())
    .action(async options => {
      const call = invocation();
      call.finish(await status(call, options.json));
    });

  store
    .command('verify')
    .description('Read every byte and say what is damaged. Exit 3 when something is.')
    .option('--repair', 'move what is damaged aside, so that it is made again when it is needed')
    .addOption(jsonOption())
    .action(async options => {
      const call = invocation();
      call.finish(await verifyCommand(call, options));
    });

  store
    .command('gc')
    .description(
      'Drop the bytes that no recent or pinned run and no dataset version reaches, and logs of other runs.',
    )
    .option('--keep-runs <count>', 'how many runs to keep whole', '10')
    .option('--max-size <size>', 'drop only until it is this small, oldest first: 20GiB')
    .option('--dry-run', 'say what would go')
    .addOption(jsonOption())
    .action(async options => {
      const call = invocation();
      call.finish(await gc(call, options));
    });

  store
    .command('pin')
    .description('Keep what a run made, whatever is collected. Without a run: list the pins.')
    .argument('[run]', 'an id, its start or end, or `latest`')
    .option('--remove', 'let go of it')
    .action(async (named, options) => {
      const call = invocation();
      call.finish(await pin(call, named, options.remove));
    });
};

async function status({ cwd, terminal }: Invocation, json: true | undefined): Promise<number> {
  const { home, part } = requireProject(cwd);
  const figures = await storeStatus(home);
  if (!figures.ok) throw inTheWay(figures.error);
  const { blobs, bytes, traces, quarantined, strays } = figures.value;
  const facts = [
    ['place', home],
    ['content', `${formatBytes(bytes)} in ${blobs} blobs`],
    ['results', `${traces} traces`],
    ['pinned runs', String((await pinnedRuns(part)).length)],
    ['quarantined', String(quarantined)],
    ['strays', String(strays.length)],
  ];
  terminal.out(
    json ? JSON.stringify({ format: 1, ...figures.value }, null, 2) : renderTable(facts),
  );
  return 0;
}

async function verifyCommand(
  { cwd, terminal }: Invocation,
  options: { readonly repair?: true | undefined; readonly json?: true | undefined },
): Promise<number> {
  const { home, root } = requireProject(cwd);
  const verified = await verify({ root: home, repair: options.repair === true });
  if (!verified.ok) throw inTheWay(verified.error);
  const found = verified.value;
  const damaged = found.corrupt.length + found.unreadable.length;
  if (options.json) terminal.out(JSON.stringify({ format: 1, ...found }, null, 2));
  else terminal.out(verificationText(found, path => relative(root, path)));
  return damaged > 0 && options.repair !== true ? DAMAGED : 0;
}

function verificationText(found: Verification, shown: (path: string) => string): string {
  const { blobs, bytes, traces, corrupt, unreadable, repaired } = found;
  const lines = [
    ...corrupt.map(digest => `damaged: blob ${digest}`),
    ...unreadable.map(path => `unreadable: ${shown(path)}`),
  ];
  if (lines.length === 0) {
    return `every byte is what it should be: ${formatBytes(bytes)} in ${blobs} blobs, ${traces} traces`;
  }
  lines.push(
    repaired
      ? 'moved to .sluice/quarantine; the steps that made them will execute when they are next needed'
      : 'no hit will use them; `sluice store verify --repair` moves them aside',
  );
  return lines.join('\n');
}

type Collected = {
  readonly dryRun: boolean;
  readonly removed: Amount & { readonly logBytes: number };
  readonly remaining: Amount;
};

async function gc(
  { cwd, terminal }: Invocation,
  options: {
    readonly keepRuns: string;
    readonly maxSize?: string | undefined;
    readonly dryRun?: true | undefined;
    readonly json?: true | undefined;
  },
): Promise<number> {
  const { home } = requireProject(cwd);
  const keepRuns = positiveInteger('--keep-runs', options.keepRuns);
  const maxBytes = options.maxSize === undefined ? undefined : sizeOf(options.maxSize);
  const dryRun = options.dryRun === true;
  const result = await collect({
    root: home,
    keep: () => storeRoots(home, keepRuns),
    maxBytes,
    dryRun,
  });
  if (result.kind === 'failed') throw inTheWay(result.error);
  if (result.kind === 'busy') {
    throw worldError('a run is using the store', 'collect when it has ended; nothing was touched');
  }
  const logs = await dropOldLogs(home, { keepRuns, dryRun });
  const { removed, remaining } = result;
  const collected = { dryRun, removed: { ...removed, logBytes: logs }, remaining };
  terminal.out(
    options.json ? JSON.stringify({ format: 1, ...collected }, null, 2) : collectionText(collected),
  );
  return 0;
}

function collectionText({ dryRun, removed, remaining }: Collected): string {
  const { blobs, bytes, logBytes } = removed;
  return (
    `${dryRun ? 'would drop' : 'dropped'} ${formatBytes(bytes)} in ${blobs} blobs and ${formatBytes(logBytes)} of logs; ` +
    `${formatBytes(remaining.bytes)} ${dryRun ? 'would stay' : 'stay'}. What was known stays known.`
  );
}

async function pin(
  { cwd, terminal }: Invocation,
  named: string | undefined,
  remove: true | undefined,
): Promise<number> {
  const { part } = requireProject(cwd);
  if (named === undefined) {
    const runs = await pinnedRuns(part);
    terminal.out(runs.length === 0 ? 'no run is pinned' : runs.join('\n'));
    return 0;
  }
  const run = chooseRun(part, named);
  await (remove ? unpinRun(part, run) : pinRun(part, run));
  terminal.out(`${run} is ${remove ? 'no longer ' : ''}pinned`);
  return 0;
}

function sizeOf(text: string): number {
  const size = parseSize(text);
  if (size !== undefined) return size;
  throw usageError(`--max-size takes a size, not \`${text}\``, 'write `500MB` or `20GiB`');
}

function inTheWay(error: StoreError): CommandError {
  if (error.kind === 'absent')
    return usageError('there is no store here yet', '`sluice run` makes one');
  const { message, help } = describeStoreError(error);
  return worldError(message, help);
}
