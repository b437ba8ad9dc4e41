import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import {
  decodeModel,
  encodeModel,
  floatData,
  floatTensor,
  intTensor,
  type OnnxModel,
} from './onnx.ts';
import { bytesField, floatField, intField, join, messageField, textField } from './protobuf.ts';

const name = fc.string({ minLength: 1, maxLength: 8 });
const float = fc.float({ noNaN: true });
const int = fc.maxSafeInteger();
const size = fc.nat({ max: 2 ** 40 });

const attribute = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), value: int }),
  fc.record({ kind: fc.constant('float' as const), value: float }),
  fc.record({ kind: fc.constant('ints' as const), values: fc.array(int) }),
  fc.record({ kind: fc.constant('floats' as const), values: fc.array(float) }),
  fc.record({ kind: fc.constant('text' as const), text: fc.string() }),
);
const dictionary = <T>(values: fc.Arbitrary<T>) =>
  fc.dictionary(name, values, { noNullPrototype: true, maxKeys: 4 });
const port = fc.record({
  name,
  type: fc.constantFrom('float32' as const, 'int64' as const, 'type-16' as const),
  shape: fc.array(fc.oneof(size, name, fc.constant(null))),
});
const tensor = fc.oneof(
  fc
    .tuple(name, fc.array(float))
    .map(([of, values]) => floatTensor(of, [values.length], Float32Array.from(values))),
  fc.tuple(name, fc.array(int)).map(([of, values]) => intTensor(of, values)),
);
const model: fc.Arbitrary<OnnxModel> = fc.record({
  opset: fc.integer({ min: 1, max: 30 }),
  producer: fc.string(),
  graph: fc.record({
    name: fc.string(),
    nodes: fc.array(
      fc.record({
        op: name,
        inputs: fc.array(name),
        outputs: fc.array(name),
        attributes: dictionary(attribute),
      }),
    ),
    initializers: fc.array(tensor),
    inputs: fc.array(port),
    outputs: fc.array(port),
  }),
  metadata: dictionary(fc.string()),
});

test('what is written is what is read', () => {
  fc.assert(
    fc.property(model, written => {
      expect(decodeModel(encodeModel(written))).toEqual(written);
    }),
  );
});

test('bytes that are no model are refused, wherever they are cut off', () => {
  const bytes = encodeModel(DOUBLED);
  for (let length = 0; length < bytes.length; length += 1) {
    const cut = bytes.subarray(0, length);
    try {
      decodeModel(cut);
    } catch (error) {
      expect(String(error)).toMatch(/not (protobuf|an ONNX model)/);
    }
  }
  expect(() => decodeModel(new Uint8Array())).toThrow('not an ONNX model');
  expect(() => decodeModel(new TextEncoder().encode('{"format": 1}'))).toThrow('not protobuf');
});

test('any bytes are either a model or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        decodeModel(bytes);
      } catch (error) {
        expect(String(error)).toMatch(/not (protobuf|an ONNX model)/);
      }
    }),
  );
});

const DOUBLED: OnnxModel = {
  opset: 17,
  producer: 'test',
  graph: {
    name: 'doubled',
    nodes: [
      { op: 'Mul', inputs: ['x', 'two'], outputs: ['y'], attributes: {} },
      {
        op: 'ReduceMax',
        inputs: ['y'],
        outputs: ['z'],
        attributes: {
          axes: { kind: 'ints', values: [-1] },
          keepdims: { kind: 'int', value: 0 },
        },
      },
    ],
    initializers: [floatTensor('two', [], Float32Array.of(2))],
    inputs: [{ name: 'x', type: 'float32', shape: ['rows', 3] }],
    outputs: [{ name: 'z', type: 'float32', shape: ['rows'] }],
  },
  metadata: { labels: '["a"]' },
};

test('onnxruntime runs what is written, negative integers and free dimensions included', async () => {
  const session = await InferenceSession.create(encodeModel(DOUBLED));
  const x = new Tensor('float32', Float32Array.of(1, 5, 2, -3, -2, -4), [2, 3]);
  expect([...((await session.run({ x }))['z']?.data ?? [])]).toEqual([10, -4]);
});

test('a view over a larger buffer is written as what it shows', () => {
  const view = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  expect([...floatData(floatTensor('t', [2], view))]).toEqual([2, 3]);
});

test('what other writers do is understood: unpacked lists, typed tensors, unknown fields', () => {
  const dims = [intField(1, 1), intField(1, 2)];
  const typed = [...dims, intField(2, 1), floatField(4, 0.5), floatField(4, -2), textField(8, 't')];
  const integers = [intField(1, 2), intField(2, 7), intField(7, -1), intField(7, 300)];
  const other = join([
    messageField(7, [messageField(5, typed), messageField(5, integers), textField(10, 'prose')]),
    messageField(8, [textField(1, 'ai.onnx.ml'), intField(2, 3)]),
    messageField(8, [intField(2, 13)]),
    bytesField(99, Uint8Array.of(1, 2)),
  ]);
  const { graph, opset } = decodeModel(other);
  expect(opset).toBe(13);
  expect(graph.initializers[0]).toEqual(floatTensor('t', [1, 2], Float32Array.of(0.5, -2)));
  expect(graph.initializers[1]).toEqual({ ...intTensor('', [-1, 300]), dims: [2] });
});
