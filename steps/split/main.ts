/**
 * The split step: reads what matters about the rows, deals them, writes the parts and proves that
 * they are disjoint. Unaware of models.
 */
import { constants, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Json } from '../../schema/canonical-json.ts';
import {
  columnIndex,
  type DatasetMeta,
  FILES_FOLDER,
  readDataset,
  readRows,
  writeDataset,
} from '../sdk/dataset.ts';
import { randomFrom } from '../sdk/random.ts';
import { runStep, type Step, StepError } from '../sdk/step.ts';
import { deal } from './deal.ts';
import { proveDisjoint } from './proof.ts';
import { splitReport } from './report.ts';
import { PORTS, type Port, type Share, sharesOf } from './shares.ts';
import { type Rows, readUnits } from './units.ts';

await runStep(async step => {
  const { folder, meta } = readDataset(step.input('data'));
  const shares = sharesOf({
    parts: step.param<Record<string, Json>>('parts'),
    folds: step.param('folds'),
    fold: step.param('fold'),
  });
  const rows = await readUnits(meta, readRows(folder), {
    stratify: step.param<string>('stratify') || undefined,
    group: step.param<string>('group') || undefined,
  });
  const shareOf = deal(rows, shares, randomFrom(step.param('seed')));
  const portOf = (row: number): Port => shares[shareOf[row] ?? 0]?.port ?? 'train';
  const parts = [];
  for (const port of PORTS) {
    const part = await writePart(step, folder, meta, { port, portOf });
    const asked = shares.filter(share => share.port === port);
    parts.push({ meta: part, asked: asked.reduce((sum, share) => sum + share.fraction, 0) });
    step.progress(parts.length / (PORTS.length + 1), port);
  }
  judgeParts(step, parts, rows);
  warnOfSmallStrata(step, rows, shares);
  const proof = await proveDisjoint(PORTS.map(port => step.output(port)));
  if (proof.shared > 0) throw new Error(`bug: ${proof.shared} rows are in more than one part`);
  const request = ['parts', 'folds', 'fold', 'stratify', 'group', 'seed'].map(
    name => `${name}: \`${JSON.stringify(step.call.params[name])}\``,
  );
  writeFileSync(step.output('report'), splitReport({ whole: meta, parts, rows, proof, request }));
});

async function writePart(
  step: Step,
  folder: string,
  meta: DatasetMeta,
  { port, portOf }: { readonly port: Port; readonly portOf: (row: number) => Port },
): Promise<DatasetMeta> {
  const into = step.output(port);
  const path = meta.kind === 'table' ? -1 : columnIndex(meta, 'path');
  async function* own(): AsyncGenerator<readonly string[]> {
    let index = 0;
    for await (const row of readRows(folder)) {
      if (portOf(index) === port) {
        if (path >= 0) copyExample(folder, into, row[path] ?? '');
        yield row;
      }
      index += 1;
    }
  }
  return await writeDataset(
    into,
    {
      kind: meta.kind,
      state: 'split',
      label: meta.label,
      classes: meta.classes,
      columns: meta.columns,
      part: port,
      provenance: { ...meta.provenance, steps: [...meta.provenance.steps, 'split@1.0.0'] },
    },
    own(),
  );
}

function copyExample(from: string, into: string, path: string): void {
  const to = join(into, FILES_FOLDER, path);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(join(from, FILES_FOLDER, path), to, constants.COPYFILE_FICLONE);
}

function judgeParts(
  step: Step,
  parts: readonly { readonly meta: DatasetMeta; readonly asked: number }[],
  rows: Rows,
): void {
  for (const { meta, asked } of parts) {
    if (meta.rows > 0) continue;
    if (asked > 0) {
      throw new StepError(
        `the part \`${meta.part}\` would be empty: ${asked} of ${rows.count} rows in ${rows.unitCount} units that stay together`,
        'more data, a larger fraction, or a finer `group`',
      );
    }
    // With folds nothing is held out unless asked for, so nobody has to be told.
    if (step.param<number>('folds') === 0) {
      step.warn(`the part \`${meta.part}\` is empty: \`parts\` gives it nothing`);
    }
  }
}

function warnOfSmallStrata(step: Step, rows: Rows, shares: readonly Share[]): void {
  const sizes = rows.strataNames.map(() => 0);
  for (const stratum of rows.strata) sizes[stratum] = (sizes[stratum] ?? 0) + 1;
  const wanted = shares.filter(({ fraction }) => fraction > 0).length;
  const small = rows.strataNames.filter((_, stratum) => (sizes[stratum] ?? 0) < wanted);
  if (small.length === 0) return;
  const shown = small
    .slice(0, 5)
    .map(name => `\`${name}\``)
    .join(', ');
  step.warn(
    `${small.length} of ${sizes.length} values of \`${step.param<string>('stratify')}\` have too few rows for every part: ${shown}${small.length > 5 ? ', …' : ''}`,
  );
}
