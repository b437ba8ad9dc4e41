/** `sluice data`: the dataset versions that pipelines have registered; restores any of them. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { closest } from '../../compiler/closest.ts';
import { parseDigest } from '../../schema/id.ts';
import { formatAgo, formatBytes } from '../../ui/duration.ts';
import { renderTable } from '../../ui/table.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { type DatasetVersion, readRegistry } from '../dataset-registry.ts';
import { DATASETS, stateOf } from '../effect-state.ts';
import { withStore } from '../open-store.ts';
import { jsonOption } from '../options.ts';
import { type Project, requireProject } from '../project.ts';
import { describeStoreError } from '../store-words.ts';
import { usageError, worldError, writing } from '../usage.ts';

export const define: Define = (program, invocation) => {
  const data = program
    .command('data')
    .description('Dataset versions: list them, show one, restore one.')
    .addHelpText(
      'after',
      examples('sluice data list', 'sluice data restore digits/1 -o old-digits'),
    );

  data
    .command('list', { isDefault: true })
    .description('Every dataset, or every version of one.')
    .argument('[name]', 'a dataset')
    .addOption(jsonOption())
    .action((name, options) => {
      const call = invocation();
      list(call, name, options.json);
      call.finish(0);
    });

  data
    .command('show')
    .description('One version: counts, schema, labels, and what differs from the version before.')
    .argument('<version>', '`name/number`, or `name` for the latest')
    .addOption(jsonOption())
    .action((named, options) => {
      const { cwd, terminal, finish } = invocation();
      const version = chooseVersion(requireProject(cwd), named);
      terminal.out(options.json ? JSON.stringify(version, null, 2) : page(version));
      finish(0);
    });

  data
    .command('restore')
    .description('Put a version into a folder, verified byte for byte.')
    .argument('<version>', '`name/number`, or `name` for the latest')
    .option('-o, --output <path>', 'where; default: ./<name>-<number>')
    .addOption(jsonOption())
    .action(async (named, options) => {
      const call = invocation();
      call.finish(await restore(call, named, options));
    });
};

function list(
  { cwd, terminal }: Invocation,
  name: string | undefined,
  json: true | undefined,
): void {
  const registry = readRegistry(stateOf(requireProject(cwd), DATASETS));
  const chosen = name === undefined ? [...registry.values()].flat() : versionsOf(registry, name);
  if (json) terminal.out(JSON.stringify({ format: 1, versions: chosen }, null, 2));
  else if (chosen.length === 0)
    terminal.out('no dataset version yet: the `version` step registers them');
  else terminal.out(table(chosen, new Date()));
}

function table(versions: readonly DatasetVersion[], now: Date): string {
  const rows = versions.map(({ name, number, rows: count, state, bytes, created, description }) => [
    `${name}/${number}`,
    String(count),
    state,
    formatBytes(bytes),
    formatAgo(created.at, now),
    description,
  ]);
  const header = ['version', 'rows', 'state', 'size', 'registered', ''];
  return renderTable([header, ...rows], { right: [1] });
}

function page(version: DatasetVersion): string {
  const { created, diff } = version;
  const facts = [
    ['version', `${version.name}/${version.number}`],
    ['rows', String(version.rows)],
    ['state', version.state],
    ['size', `${formatBytes(version.bytes)} in ${version.files} files`],
    ['digest', version.digest],
    ['registered', `${created.at} by run ${created.run}`],
    ['parents', version.parents.join(', ')],
    ['columns', brief(version.columns.map(({ name, type }) => `${name} ${type}`))],
    ['label', version.label ?? 'none'],
    ['labels', brief(Object.entries(version.labels).map(([label, count]) => `${label}: ${count}`))],
  ].filter(([, value]) => value !== '');
  return `${renderTable(facts)}${diff === null ? '' : `\n\n${diffLines(version)}`}`;
}

/** A line that a terminal has room for. */
const brief = (items: readonly string[]): string =>
  items.length <= 12
    ? items.join(', ')
    : `${items.slice(0, 10).join(', ')}, … ${items.length} in all`;

function diffLines({ diff }: DatasetVersion): string {
  if (diff === null) return '';
  const { rows, files, columns, labels } = diff;
  const retyped = columns.retyped.map(({ name, from, to }) => `${name} ${from} → ${to}`);
  const counts = Object.entries(labels).map(([label, { from, to }]) => `${label}: ${from} → ${to}`);
  const facts = [
    ['rows', rows === null ? 'unknown' : `+${rows.added} -${rows.removed}`],
    ['files', `+${files.added} -${files.removed} ~${files.changed}`],
    [
      'columns',
      brief([
        ...columns.added.map(name => `+${name}`),
        ...columns.removed.map(name => `-${name}`),
        ...retyped,
      ]),
    ],
    ['labels', brief(counts)],
  ].filter(([, value]) => value !== '');
  return `Compared with version ${diff.from}:\n${renderTable(facts, { indent: 2 })}`;
}

async function restore(
  { cwd, terminal }: Invocation,
  named: string,
  { output, json }: { readonly output?: string | undefined; readonly json?: true | undefined },
): Promise<number> {
  const project = requireProject(cwd);
  const version = chooseVersion(project, named);
  const digest = parseDigest(version.digest.replace(/^tree:/, ''));
  if (digest === undefined) throw worldError(`the entry of ${named} holds no digest`);
  const target = resolve(cwd, output ?? `${version.name}-${version.number}`);
  if (existsSync(target)) throw usageError(`${target} exists`, 'name another path: `-o <path>`');
  await writing(dirname(target), () => mkdir(dirname(target), { recursive: true }));
  const { bytes, files } = version;
  const artifact = { kind: 'tree', digest, executable: false, bytes, files } as const;
  const made = await withStore({ home: project.home, terminal }, store =>
    store.materialise(artifact, target, { readOnly: false }),
  );
  if (!made.ok) {
    const { message, help } = describeStoreError(made.error);
    throw worldError(message, help);
  }
  const { name, number, rows } = version;
  terminal.out(
    json
      ? JSON.stringify(
          { format: 1, name, number, rows, digest: version.digest, path: target },
          null,
          2,
        )
      : `${target}  (${name}/${number}, ${rows} rows)`,
  );
  return 0;
}

function chooseVersion(project: Project, named: string): DatasetVersion {
  const [name = '', number] = named.split('/');
  const versions = versionsOf(readRegistry(stateOf(project, DATASETS)), name);
  const found =
    number === undefined
      ? versions.at(-1)
      : versions.find(known => String(known.number) === number);
  if (found !== undefined) return found;
  const numbers = versions.map(known => known.number).join(', ');
  throw usageError(`\`${name}\` has no version ${number}`, `it has ${numbers}`);
}

function versionsOf(
  registry: ReadonlyMap<string, readonly DatasetVersion[]>,
  name: string,
): readonly DatasetVersion[] {
  const versions = registry.get(name);
  if (versions !== undefined) return versions;
  const known = [...registry.keys()];
  const near = closest(name, known);
  const help =
    near === undefined ? `there is ${known.join(', ') || 'none yet'}` : `did you mean \`${near}\`?`;
  throw usageError(`there is no dataset \`${name}\``, help);
}
