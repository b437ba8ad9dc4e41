/**
 * A plan on disk: what `plan -o` saves and `run plan.json` makes true. Beside the plan stand the
 * fingerprints that were known when it was made, so that a world that has moved since is noticed
 * and named. Unaware of how plans are made or run.
 */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Forecast } from '../runner/forecast.ts';
import { explain, type Fingerprint } from '../schema/fingerprint.ts';
import type { Plan } from '../schema/plan.ts';
import { errorCode } from '../store/fault.ts';
import { describeChange } from '../ui/words.ts';
import { installation } from './project.ts';
import { usageError, writing } from './usage.ts';

const PLAN_FILE_FORMAT = 1;

export type PlanFile = {
  readonly format: typeof PLAN_FILE_FORMAT;
  readonly plan: Plan;
  /** Step → what its key was made of, where that was known. */
  readonly known: Readonly<Record<string, Fingerprint>>;
};

export async function writePlanFile(
  path: string,
  plan: Plan,
  forecasts: readonly Forecast[],
): Promise<void> {
  const file: PlanFile = { format: PLAN_FILE_FORMAT, plan, known: fingerprints(forecasts) };
  const text = `${JSON.stringify(file, null, 2)}\n`;
  await writing(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  });
}

const fingerprints = (forecasts: readonly Forecast[]): Readonly<Record<string, Fingerprint>> =>
  Object.fromEntries(
    forecasts.flatMap(({ step, answer }) => ('key' in answer ? [[step, answer.fingerprint]] : [])),
  );

/** Throws CommandError for a file that is no plan of this version. */
export async function readPlanFile(path: string): Promise<PlanFile> {
  const file = parsed(path);
  const { Ajv } = await import('ajv');
  const schema = readFileSync(join(installation(), 'schema', 'plan.schema.json'), 'utf8');
  const validate = new Ajv({ strict: false }).compile<Plan>(JSON.parse(schema));
  if (validate(file.plan)) return file;
  const [first] = validate.errors ?? [];
  throw usageError(
    `${path} is not a plan: ${first?.instancePath || 'it'} ${first?.message ?? 'is of another shape'}`,
    'make it with `sluice plan -o plan.json`, and do not edit it',
  );
}

function parsed(path: string): PlanFile {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8'));
    if (value?.format === PLAN_FILE_FORMAT && typeof value.known === 'object') return value;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw usageError(
        `there is no plan ${path}`,
        'save one with `sluice plan -o plan.json`; a pipeline is named without `.json`',
      );
    }
    // The system's or the parser's own words say more than ours could.
    throw usageError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  throw usageError(
    `${path} was not written by \`sluice plan -o\` of this version`,
    'make it again with `sluice plan -o plan.json`',
  );
}

/** What differs now from what the plan was made from, in words; empty when nothing moved. */
export function whatMoved({ known }: PlanFile, forecasts: readonly Forecast[]): readonly string[] {
  const now = new Map(Object.entries(fingerprints(forecasts)));
  return Object.entries(known).flatMap(([step, before]) => {
    const after = now.get(step);
    if (after === undefined) return [`${step}: what it takes is not known any more`];
    return explain(before, after).map(change => `${step}: ${describeChange(change)}`);
  });
}
