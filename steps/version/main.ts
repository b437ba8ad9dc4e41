/**
 * The version step: registers what it is given, hands it on unchanged, and leaves a receipt of what
 * it put into the registry. Unaware of how entries are kept.
 */
import { writeFileSync } from 'node:fs';
import { readDataset, readRows } from '../sdk/dataset.ts';
import { writeReceipt } from '../sdk/receipt.ts';
import { runStep, type Step, StepError } from '../sdk/step.ts';
import { contentsOf } from './contents.ts';
import { diffVersions } from './diff.ts';
import { handOver } from './handover.ts';
import { openRegistry, REGISTRY_FORMAT, type Registry, type VersionEntry } from './registry.ts';

await runStep(async step => {
  const { folder, meta } = readDataset(step.input('data'));
  const name = step.param<string>('name');
  const state = stateFolder(step);
  const registry = openRegistry(state);
  const parents = checkedParents(step.param('parents'), registry);
  const digest = step.inputDigest('data');
  const contents = await contentsOf(meta, readRows(folder));
  step.progress(0.5, 'comparing');
  const copied = handOver(folder, step.output('data'));
  const { columns, label, labels, rows, kind } = meta;
  const described = {
    rows,
    columns: columns.map(({ name: column, type }) => ({ name: column, type })),
    label,
    labels,
  };
  const { entry, files } = registry.register(name, digest, contents, (number, previous) => ({
    format: REGISTRY_FORMAT,
    name,
    number,
    digest,
    kind,
    state: meta.state,
    ...described,
    ...copied,
    description: step.param('description'),
    previous: previous?.number ?? null,
    parents,
    diff:
      previous === undefined
        ? null
        : diffVersions(previous.number, previous, described, {
            before: registry.contents(name, previous.digest),
            after: contents,
          }),
    created: step.call.provenance,
  }));
  writeFileSync(step.output('version'), `${JSON.stringify(withoutRun(entry), null, 2)}\n`);
  await writeReceipt(state, { files, links: [] });
  step.progress(1, `${name}/${entry.number}`);
});

function stateFolder({ call }: Step): string {
  if (call.state === null) {
    throw new StepError('there is no registry to write to', 'run it through `sluice run`');
  }
  return call.state;
}

function checkedParents(parents: readonly string[], registry: Registry): readonly string[] {
  for (const parent of parents) {
    const [, name, number] = /^([a-z0-9]+(?:-[a-z0-9]+)*)\/([1-9]\d*)$/.exec(parent) ?? [];
    if (name === undefined) {
      throw new StepError(`\`parents\` names \`${parent}\``, 'a version is written `name/number`');
    }
    if (!registry.versions(name).some(version => version.number === Number(number))) {
      throw new StepError(`there is no version \`${parent}\` to be a parent`);
    }
  }
  return parents;
}

/** What consumers see says nothing of when and where: the same data gives them the same value. */
function withoutRun({ created: _, ...entry }: VersionEntry) {
  return entry;
}
