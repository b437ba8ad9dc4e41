import { describe, expect, test } from 'vitest';
import type { ModelCard } from '../sdk/model.ts';
import { labelsText, type ServingChoice, tritonConfig } from './triton.ts';

const CARD: ModelCard = {
  format: 1,
  file: 'model.onnx',
  input: 'features',
  shape: [null, 64],
  output: 'probabilities',
  labels: ['0', '1', '2'],
  features: Array.from({ length: 64 }, (_, index) => `p${index}`),
  image: null,
  kind: 'mlp',
  parameters: 4810,
  opset: 17,
  training: {},
  metrics: {},
  baseline: {},
};

const CHOICE: ServingChoice = {
  name: 'digits',
  maxBatch: 64,
  instances: 2,
  device: 'cpu',
  queueDelayMicroseconds: 100,
  level: 'all',
};

test('the configuration is the one Triton reads', () => {
  expect(tritonConfig(CARD, CHOICE)).toBe(`name: "digits"
platform: "onnxruntime_onnx"
default_model_filename: "model.onnx"
max_batch_size: 64
input [
  {
    name: "features"
    data_type: TYPE_FP32
    dims: [ 64 ]
  }
]
output [
  {
    name: "probabilities"
    data_type: TYPE_FP32
    dims: [ 3 ]
    label_filename: "labels.txt"
  }
]
instance_group [
  {
    count: 2
    kind: KIND_CPU
  }
]
dynamic_batching {
  max_queue_delay_microseconds: 100
}
`);
});

describe('the optimisation level is pinned under the number the backend knows it by', () => {
  test.each([
    ['extended', 1],
    ['basic', -1],
    ['disabled', 2],
  ] as const)('%s is %i', (level, number) => {
    expect(tritonConfig(CARD, { ...CHOICE, level })).toContain(
      `optimization {\n  graph {\n    level: ${number}\n  }\n}\n`,
    );
  });

  test('all is what it does unasked', () => {
    expect(tritonConfig(CARD, CHOICE)).not.toContain('optimization');
  });
});

test('without a queue delay requests are not batched', () => {
  const config = tritonConfig(CARD, { ...CHOICE, queueDelayMicroseconds: 0 });
  expect(config).not.toContain('dynamic_batching');
});

test('labels stand one a line, and a label with a line break is refused', () => {
  expect(labelsText(['a', 'b c'])).toBe('a\nb c\n');
  expect(() => labelsText(['a\nb'])).toThrow('holds a line break');
});
