/**
 * Runs graphs with onnxruntime, on float32 tensors alone. Unaware of what the graphs compute.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel, type OnnxModel } from '../sdk/onnx.ts';

type FloatTensor = { readonly shape: readonly number[]; readonly values: Float32Array };

/** Feeds by input name → results by output name. */
export type GraphRun = (
  feeds: Readonly<Record<string, FloatTensor>>,
) => Promise<ReadonlyMap<string, Float32Array>>;

/**
 * How the runtime divides a matrix product among threads decides the order of its sums: another
 * number of threads gives other last bits (measured: products longer than 128). So the number is a
 * parameter of the training and never what a machine happens to grant.
 */
export async function openGraph(model: OnnxModel, threads: number): Promise<GraphRun> {
  const session = await InferenceSession.create(encodeModel(model), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Threads that wait by spinning make two of them slower than one on a machine that is shared.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return async feeds => {
    const tensors = Object.entries(feeds).map(
      ([name, { shape, values }]) => [name, new Tensor('float32', values, shape)] as const,
    );
    const results = await session.run(Object.fromEntries(tensors));
    return new Map(
      Object.entries(results).map(([name, { data }]) => {
        if (!(data instanceof Float32Array)) throw new Error(`bug: result ${name} is not float32`);
        return [name, data];
      }),
    );
  };
}

/** A result by name. */
export function resultOf(results: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const values = results.get(name);
  if (values === undefined) throw new Error(`bug: the graph has no result ${name}`);
  return values;
}
