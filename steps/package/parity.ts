/**
 * Does the model answer the same as a server runs it? ONNX Runtime rewrites the graph before it
 * runs it, and some rewrites have been wrong: a product that drops a transpose, for one. So the answers of the
 * untouched graph are compared with those at each level, and the strongest that agrees is served.
 * Unaware of where the rows come from.
 */

import { type OptimisationLevel, openClassifier } from '../sdk/inference.ts';
import { answersOf, type Probabilities } from '../sdk/metrics-probability.ts';

/** Float32 sums in another order differ by about 1e-6; a wrong rewrite by much more. */
const TOLERANCE = 1e-4;

type LevelCheck = {
  readonly level: OptimisationLevel;
  /** Largest difference of a probability; null where the model did not run at this level. */
  readonly deviation: number | null;
  /** Rows whose answer differs. */
  readonly changed: number;
};

export type Parity = {
  readonly rows: number;
  readonly samples: 'dataset' | 'synthetic';
  readonly tolerance: number;
  /** In the order tried, the strongest first; the last is the one that is served. */
  readonly checks: readonly LevelCheck[];
  readonly served: OptimisationLevel;
};

export type ParityRequest = {
  readonly folder: string;
  readonly rows: Float32Array;
  readonly count: number;
  readonly samples: Parity['samples'];
};

const STRONGEST_FIRST = ['all', 'extended', 'basic'] as const;

export async function checkParity(request: ParityRequest): Promise<Parity> {
  const expected = await answersAt(request, 'disabled');
  const checks: LevelCheck[] = [];
  for (const level of STRONGEST_FIRST) {
    const check = { level, ...differenceOf(expected, await attempt(request, level)) };
    checks.push(check);
    if (check.deviation !== null && check.deviation <= TOLERANCE) break;
  }
  const last = checks.at(-1);
  const agrees = last !== undefined && last.deviation !== null && last.deviation <= TOLERANCE;
  return {
    rows: request.count,
    samples: request.samples,
    tolerance: TOLERANCE,
    checks,
    served: agrees ? last.level : 'disabled',
  };
}

/** Undefined where a rewrite broke the model so that it does not even run. */
async function attempt(
  request: ParityRequest,
  level: OptimisationLevel,
): Promise<Probabilities | undefined> {
  try {
    return await answersAt(request, level);
  } catch {
    // It ran at `disabled`, so whatever ONNX Runtime throws here is the rewrite's doing.
    return undefined;
  }
}

async function answersAt(
  { folder, rows, count }: ParityRequest,
  level: OptimisationLevel,
): Promise<Probabilities> {
  const classifier = await openClassifier({ folder, level });
  try {
    return await classifier.predict(rows, count);
  } finally {
    await classifier.close();
  }
}

function differenceOf(
  expected: Probabilities,
  given: Probabilities | undefined,
): Pick<LevelCheck, 'deviation' | 'changed'> {
  if (given === undefined) return { deviation: null, changed: expected.count };
  let deviation = 0;
  for (const [index, value] of expected.values.entries()) {
    deviation = Math.max(deviation, Math.abs(value - (given.values[index] ?? 0)));
  }
  const answers = answersOf(given);
  const changed = answersOf(expected).filter((answer, row) => answer !== answers[row]).length;
  return { deviation, changed };
}

/** Said where the server is held back. */
export function parityWarning({ checks, served }: Parity): string | undefined {
  const first = checks[0];
  if (first === undefined || served === first.level) return undefined;
  const how =
    first.deviation === null
      ? 'the model does not run'
      : `probabilities differ by up to ${first.deviation.toExponential(1)}`;
  return `at ONNX Runtime's optimisation level \`${first.level}\` ${how}; config.pbtxt pins level \`${served}\`, where they agree`;
}
