/**
 * NVIDIA Triton's model repository: `config.pbtxt` for its ONNX Runtime backend and the labels
 * file. Protobuf text format, as model_config.proto has it. Unaware of files and checksums.
 */
import type { OptimisationLevel } from '../sdk/inference.ts';
import type { ModelCard } from '../sdk/model.ts';
import { StepError } from '../sdk/step.ts';

export type ServingChoice = {
  readonly name: string;
  /** Rows in one request at most. */
  readonly maxBatch: number;
  /** Copies of the model that answer side by side. */
  readonly instances: number;
  readonly device: 'cpu' | 'gpu' | 'auto';
  /** How long a request waits for others to share a batch with; 0: not at all. */
  readonly queueDelayMicroseconds: number;
  readonly level: OptimisationLevel;
};

/** How the backend names ONNX Runtime's levels; `all` is what it does unasked. */
const GRAPH_LEVELS = { all: undefined, extended: 1, basic: -1, disabled: 2 } as const;

const INSTANCE_KINDS = { cpu: 'KIND_CPU', gpu: 'KIND_GPU', auto: 'KIND_AUTO' } as const;

export function tritonConfig(card: ModelCard, choice: ServingChoice): string {
  const level = GRAPH_LEVELS[choice.level];
  return lines([
    `name: ${quoted(choice.name)}`,
    'platform: "onnxruntime_onnx"',
    `default_model_filename: "model.onnx"`,
    `max_batch_size: ${choice.maxBatch}`,
    'input [',
    '  {',
    `    name: ${quoted(card.input)}`,
    '    data_type: TYPE_FP32',
    // Without the batch dimension: max_batch_size adds it.
    `    dims: [ ${card.features.length} ]`,
    '  }',
    ']',
    'output [',
    '  {',
    `    name: ${quoted(card.output)}`,
    '    data_type: TYPE_FP32',
    `    dims: [ ${card.labels.length} ]`,
    `    label_filename: "${LABELS_FILE}"`,
    '  }',
    ']',
    'instance_group [',
    '  {',
    `    count: ${choice.instances}`,
    `    kind: ${INSTANCE_KINDS[choice.device]}`,
    '  }',
    ']',
    ...(choice.queueDelayMicroseconds > 0
      ? [
          'dynamic_batching {',
          `  max_queue_delay_microseconds: ${choice.queueDelayMicroseconds}`,
          '}',
        ]
      : []),
    ...(level === undefined
      ? []
      : ['optimization {', '  graph {', `    level: ${level}`, '  }', '}']),
  ]);
}

export const LABELS_FILE = 'labels.txt';

/** One class a line, in the order of the output. */
export function labelsText(labels: readonly string[]): string {
  const broken = labels.find(label => /[\r\n]/.test(label));
  if (broken !== undefined) {
    throw new StepError(
      `the class ${JSON.stringify(broken)} holds a line break, and a labels file has one class a line`,
      'rename the class in a step before `train`',
    );
  }
  return lines(labels);
}

const lines = (all: readonly string[]): string => all.map(line => `${line}\n`).join('');

/** A string of the text format: JSON's escapes are among its own, for what names can hold. */
const quoted = (content: string): string => JSON.stringify(content);
