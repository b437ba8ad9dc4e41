/**
 * `sluice lock`: pins the images that a project's steps name to their content, in `sluice.lock`.
 * Without `--update` only what is not pinned yet; a pin moves only when it is told to.
 */
import { join } from 'node:path';
import { renderTable } from '../../ui/table.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { planProject } from '../compilation.ts';
import { LOCK_FILE } from '../executors.ts';
import { configOption, jsonOption, paramOption, profileOption } from '../options.ts';
import { requireProject } from '../project.ts';
import { worldError } from '../usage.ts';

type LockOptions = {
  readonly update?: true | undefined;
  readonly config: readonly string[];
  readonly param: readonly string[];
  readonly profile?: string | undefined;
  readonly json?: true | undefined;
};

export const define: Define = (program, invocation) => {
  program
    .command('lock')
    .description('Pin the images that steps name to their content, in sluice.lock.')
    .option('-u, --update', 'pin again what is pinned, where its tag has moved')
    .addOption(configOption())
    .addOption(paramOption())
    .addOption(profileOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice lock', 'sluice lock --update'))
    .action(async options => {
      const call = invocation();
      call.finish(await lock(call, options));
    });
};

/** What has become of one image's pin. */
type Row = {
  readonly image: string;
  readonly pin: string | null;
  readonly change: 'kept' | 'pinned' | 'moved' | 'this machine only' | 'in its name' | 'unknown';
  readonly detail: string;
};

async function lock(invocation: Invocation, options: LockOptions): Promise<number> {
  const { root, pipelines } = requireProject(invocation.cwd);
  const images = new Set<string>();
  for (const pipeline of pipelines) {
    const named = join(root, pipeline);
    const planned = await planProject(invocation, named, options);
    if (planned === undefined) return 2;
    for (const { container } of planned.plan.steps) {
      if (container?.image != null && container.build === null) images.add(container.image);
    }
  }
  const path = join(root, LOCK_FILE);
  const { readPins, writePins } = await import('../../runner/executors/docker/pins.ts');
  const pins = readPins(path) ?? {};
  const rows: Row[] = [];
  for (const image of [...images].sort()) {
    rows.push(await pinned(image, pins, options.update === true, invocation));
  }
  writePins(
    path,
    Object.fromEntries(rows.flatMap(({ image, pin }) => (pin === null ? [] : [[image, pin]]))),
  );
  show(rows, invocation, options);
  const missing = rows.find(({ change }) => change === 'unknown');
  if (missing !== undefined) throw worldError(missing.detail);
  return 0;
}

async function pinned(
  image: string,
  pins: Readonly<Record<string, string>>,
  update: boolean,
  { env }: Invocation,
): Promise<Row> {
  const { connectEngine } = await import('../../runner/executors/docker/engine.ts');
  const { currentMeaning } = await import('../../runner/executors/docker/images.ts');
  const { pinOf } = await import('../../runner/executors/docker/pins.ts');
  if (image.includes('@')) return { image, pin: null, change: 'in its name', detail: '' };
  const before = pinOf(pins, image) ?? null;
  if (before !== null && !update) return { image, pin: before, change: 'kept', detail: before };
  const now = await currentMeaning(image, { engine: connectEngine(env), env });
  if (!now.ok) return { image, pin: before, change: 'unknown', detail: now.message };
  const { from, identity } = now.value;
  if (from !== 'registry') {
    return { image, pin: null, change: 'this machine only', detail: 'used as it is; not pinned' };
  }
  if (before === identity) return { image, pin: before, change: 'kept', detail: before };
  const change = before === null ? 'pinned' : 'moved';
  const detail = before === null ? identity : `${before} → ${identity}`;
  return { image, pin: identity, change, detail };
}

function show(rows: readonly Row[], { terminal }: Invocation, options: LockOptions): void {
  if (options.json) terminal.out(JSON.stringify({ format: 1, images: rows }, null, 2));
  else if (rows.length === 0) terminal.out('no step names an image');
  else terminal.out(renderTable(rows.map(({ image, change, detail }) => [image, change, detail])));
}
