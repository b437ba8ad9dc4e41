/**
 * Runs a classifier's ONNX model over many rows, in batches, with ONNX Runtime. Used by every step
 * that asks a model something. Unaware of datasets and of what the answers are compared with.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Probabilities } from './metrics-probability.ts';
import { type ModelCard, readModel } from './model.ts';
import { StepError } from './step.ts';

/** How far ONNX Runtime may rewrite the graph before it runs it. */
export type OptimisationLevel = 'disabled' | 'basic' | 'extended' | 'all';

export type ClassifierRequest = {
  /** A model artifact: see model.ts. */
  readonly folder: string;
  /** Default: `all`, as servers do. */
  readonly level?: OptimisationLevel;
};

export type Classifier = {
  readonly card: ModelCard;
  /** `rows` holds `count` × features numbers, row by row. */
  predict(
    rows: Float32Array,
    count: number,
    onProgress?: (share: number) => void,
  ): Promise<Probabilities>;
  close(): Promise<void>;
};

const BATCH_ROWS = 1024;

/** Loads the model; what does not load or does not fit its card is the model's fault. */
export async function openClassifier(request: ClassifierRequest): Promise<Classifier> {
  const { card, modelFile } = readModel(request.folder);
  const session = await openSession(modelFile, request);
  const { input, output } = card;
  const [features, classes] = [card.features.length, card.labels.length];
  if (!session.inputNames.includes(input) || !session.outputNames.includes(output)) {
    throw new StepError(
      `the model has inputs ${session.inputNames.join(', ')} and outputs ${session.outputNames.join(', ')}, and its model.json says \`${input}\` and \`${output}\``,
    );
  }
  const runBatch = async (rows: Float32Array): Promise<Float32Array> => {
    const count = rows.length / features;
    const tensor = new Tensor('float32', rows, [count, features]);
    const answer = (await session.run({ [input]: tensor }, [output]))[output];
    const data = answer?.data;
    if (!(data instanceof Float32Array) || data.length !== count * classes) {
      throw new StepError(
        `the model's \`${output}\` is ${answer?.type ?? 'absent'} [${answer?.dims.join(', ') ?? ''}], and ${count} rows of ${classes} classes need float32 [${count}, ${classes}]`,
      );
    }
    return data;
  };
  return {
    card,
    predict: async (rows, count, onProgress) => {
      const values = new Float32Array(count * classes);
      for (let from = 0; from < count; from += BATCH_ROWS) {
        const to = Math.min(count, from + BATCH_ROWS);
        values.set(await runBatch(rows.slice(from * features, to * features)), from * classes);
        onProgress?.(to / count);
      }
      checkFinite(values, classes);
      return { values, count, classes };
    },
    close: () => session.release(),
  };
}

async function openSession(
  file: string,
  { level = 'all' }: ClassifierRequest,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, {
      graphOptimizationLevel: level,
      // What a step is granted is in no key, and sums taken by several threads may differ in their
      // last bits: one thread, so that a hit is what an execution would have given.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
      // A thread that spins for work takes it from the steps that run beside this one.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new StepError(
      `ONNX Runtime cannot load the model: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function checkFinite(values: Float32Array, classes: number): void {
  const place = values.findIndex(value => !Number.isFinite(value));
  if (place >= 0) {
    throw new StepError(
      `the model answers row ${Math.floor(place / classes) + 1} with ${values[place]}, which is no probability`,
      'its training diverged, or the row holds values far beyond what it was trained on',
    );
  }
}
