/**
 * The split step: reads what matters about the rows, deals them, writes the parts and proves that
 * they are disjoint. Unaware of models.
 */
import { writeFileSync } from 'node:fs';
import type { Json } from '../../schema/canonical-json.ts';
import { type DatasetMeta, readDataset, readRows } from '../sdk/dataset.ts';
import { randomFrom } from '../sdk/random.ts';
import { runStep, type Step, StepError } from '../sdk/step.ts';
import { writeSubset } from '../sdk/subset.ts';
import { deal } from './deal.ts';
import { proveDisjoint } from './proof.ts';
import { splitReport } from './report.ts';
import { PORTS, type Port, type Share, sharesOf } from './shares.ts';
import { type Rows, readUnits } from './units.ts';

await runStep(async step => {
  const whole = readDataset(step.input('data'));
  const { folder, meta } = whole;
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
    const head = { state: 'split', part: port, step: 'split@1.0.0' } as const;
    const isOwn = (_: readonly string[], row: number) => portOf(row) === port;
    const part = await writeSubset(whole, step.output(port), head, isOwn);
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
    // Of what nobody asked for nobody has to be told.
    if (Object.hasOwn(step.param<Record<string, Json>>('parts'), meta.part ?? '')) {
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
