/**
 * Reads what steps have left at `metrics` and `value` ports, for the expressions of later steps.
 * Unaware of what is computed from it.
 */
import type { Json } from '../schema/canonical-json.ts';
import { fieldOf, type ReadResult } from '../schema/evaluate.ts';
import { parseJson } from '../schema/inexact.ts';
import type { OutputRef } from '../schema/plan.ts';
import type { Context } from './context.ts';
import { type Attempted, done, failed, stopped, storeFailure } from './stop.ts';

/** Loads the ports, so that evaluation need not wait for a disk. */
export async function readResults(
  ports: readonly OutputRef[],
  context: Context,
): Promise<Attempted<ReadResult>> {
  const values = new Map<string, Json>();
  for (const { step, port } of ports) {
    const artifact = context.outputs.get(step)?.[port];
    if (artifact === undefined) continue; // Evaluation names what is not there.
    const read = await context.store.read(artifact);
    if (!read.ok) {
      const failure = storeFailure(read.error, `\`${step}.${port}\``);
      const lost = read.error.kind === 'corrupt' || read.error.kind === 'absent';
      return lost ? stopped({ kind: 'damaged', producers: [step], failure }) : failed(failure);
    }
    const value = parseJson(read.value.toString('utf8'), fileOf(step, port, context));
    if (value === undefined) {
      return failed({ class: 'bad-expression', message: `\`${step}.${port}\` is not JSON` });
    }
    values.set(`${step}\n${port}`, value);
  }
  return done((step, port, fields) => {
    const value = values.get(`${step}\n${port}`);
    return value === undefined ? undefined : fieldOf(value, fields);
  });
}

/** Where the step has written it. */
const fileOf = (step: OutputRef['step'], port: string, { plan }: Context): string =>
  plan.steps.find(({ id }) => id === step)?.outputs[port]?.path ?? port;
