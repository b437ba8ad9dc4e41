/**
 * ONNX files: a model as plain data, written to and read from its protobuf form. Reads whole what
 * this project writes; of other models it reads everything but subgraphs, sparse tensors and data
 * kept outside the file. Unaware of what the operators mean.
 */
import * as wire from './protobuf.ts';

export type OnnxModel = {
  /** Version of the default operator set. */
  readonly opset: number;
  readonly producer: string;
  readonly graph: OnnxGraph;
  readonly metadata: Readonly<Record<string, string>>;
};

type OnnxGraph = {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
};

export type OnnxNode = {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
};

export type OnnxAttribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'ints' | 'floats'; readonly values: readonly number[] }
  | { readonly kind: 'text'; readonly text: string };

/** An input or output; a dimension is a size, a name for one that may vary, or null. */
export type OnnxPort = {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string | null)[];
};

/** `data` is little-endian, as in the file; `floatData` and `tensorOf…` convert. */
export type OnnxTensor = {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
};

/** TensorProto.DataType; those that have no name here keep their number. */
const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float64: 11 };
type ElementType = keyof typeof ELEMENT_TYPES | `type-${number}`;

/** onnxruntime takes files up to the IR version it was built with; 8 came with opset 15 to 18. */
const IR_VERSION = 8;

/** A tensor of float32. The typed array may be a view: only its own elements are taken. */
export const floatTensor = (
  name: string,
  dims: readonly number[],
  values: Float32Array,
): OnnxTensor => ({ name, type: 'float32', dims, data: littleEndian(values.length * 4, values) });

function littleEndian(length: number, values: Float32Array): Uint8Array {
  const data = new Uint8Array(length);
  const view = new DataView(data.buffer);
  for (let i = 0; i < values.length; i += 1) view.setFloat32(i * 4, values[i] as number, true);
  return data;
}

/** A list of int64, the form in which operators take axes and shapes. */
export function intTensor(name: string, values: readonly number[]): OnnxTensor {
  const data = new Uint8Array(values.length * 8);
  const view = new DataView(data.buffer);
  for (const [i, value] of values.entries()) view.setBigInt64(i * 8, BigInt(value), true);
  return { name, type: 'int64', dims: [values.length], data };
}

/** The values of a float32 tensor. */
export function floatData({ name, type, data }: OnnxTensor): Float32Array {
  if (type !== 'float32') throw new Error(`bug: tensor ${name} holds ${type}`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Float32Array.from({ length: data.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
}

/** The file's bytes. The same model gives the same bytes. */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  return wire.join([
    wire.intField(1, IR_VERSION),
    wire.textField(2, model.producer),
    wire.messageField(7, encodeGraph(model.graph)),
    wire.messageField(8, [wire.textField(1, ''), wire.intField(2, model.opset)]),
    ...Object.entries(model.metadata).map(([key, value]) =>
      wire.messageField(14, [wire.textField(1, key), wire.textField(2, value)]),
    ),
  ]);
}

const encodeGraph = (graph: OnnxGraph): Uint8Array[] => [
  ...graph.nodes.map(node => wire.messageField(1, encodeNode(node))),
  wire.textField(2, graph.name),
  ...graph.initializers.map(tensor => wire.messageField(5, encodeTensor(tensor))),
  ...graph.inputs.map(port => wire.messageField(11, encodePort(port))),
  ...graph.outputs.map(port => wire.messageField(12, encodePort(port))),
];

const encodeNode = ({ op, inputs, outputs, attributes }: OnnxNode): Uint8Array[] => [
  ...inputs.map(name => wire.textField(1, name)),
  ...outputs.map(name => wire.textField(2, name)),
  wire.textField(4, op),
  ...Object.entries(attributes).map(([name, attribute]) =>
    wire.messageField(5, [wire.textField(1, name), ...encodeAttribute(attribute)]),
  ),
];

function encodeAttribute(attribute: OnnxAttribute): Uint8Array[] {
  switch (attribute.kind) {
    case 'float':
      return [wire.floatField(2, attribute.value), wire.intField(20, 1)];
    case 'int':
      return [wire.intField(3, attribute.value), wire.intField(20, 2)];
    case 'text':
      return [wire.textField(4, attribute.text), wire.intField(20, 3)];
    case 'floats':
      return [wire.packedFloats(7, attribute.values), wire.intField(20, 6)];
    case 'ints':
      return [wire.packedInts(8, attribute.values), wire.intField(20, 7)];
  }
}

const encodeTensor = ({ name, type, dims, data }: OnnxTensor): Uint8Array[] => [
  wire.packedInts(1, dims),
  wire.intField(2, elementNumber(type)),
  wire.textField(8, name),
  wire.bytesField(9, data),
];

const encodePort = ({ name, type, shape }: OnnxPort): Uint8Array[] => [
  wire.textField(1, name),
  wire.messageField(2, [
    wire.messageField(1, [
      wire.intField(1, elementNumber(type)),
      wire.messageField(
        2,
        shape.map(dim => wire.messageField(1, encodeDimension(dim))),
      ),
    ]),
  ]),
];

function encodeDimension(dim: number | string | null): Uint8Array[] {
  if (dim === null) return [];
  return [typeof dim === 'number' ? wire.intField(1, dim) : wire.textField(2, dim)];
}

const elementNumber = (type: ElementType): number =>
  type in ELEMENT_TYPES
    ? ELEMENT_TYPES[type as keyof typeof ELEMENT_TYPES]
    : Number(type.slice('type-'.length));

/** A file's bytes as a model. Throws `not …` for what is no ONNX file. */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const model = wire.decode(bytes);
  const graph = wire.messages(model, 7)[0];
  if (graph === undefined) throw new Error('not an ONNX model: it has no graph');
  const opsets = wire.messages(model, 8).filter(set => ['', 'ai.onnx'].includes(wire.text(set, 1)));
  return {
    opset: opsets[0] === undefined ? 1 : wire.int(opsets[0], 2),
    producer: wire.text(model, 2),
    graph: decodeGraph(graph),
    metadata: Object.fromEntries(
      wire.messages(model, 14).map(entry => [wire.text(entry, 1), wire.text(entry, 2)]),
    ),
  };
}

const decodeGraph = (graph: wire.Message): OnnxGraph => ({
  name: wire.text(graph, 2),
  nodes: wire.messages(graph, 1).map(node => ({
    op: wire.text(node, 4),
    inputs: wire.texts(node, 1),
    outputs: wire.texts(node, 2),
    attributes: Object.fromEntries(wire.messages(node, 5).flatMap(decodeAttribute)),
  })),
  initializers: wire.messages(graph, 5).map(decodeTensor),
  inputs: wire.messages(graph, 11).map(decodePort),
  outputs: wire.messages(graph, 12).map(decodePort),
});

function decodeAttribute(attribute: wire.Message): [string, OnnxAttribute][] {
  const name = wire.text(attribute, 1);
  switch (wire.int(attribute, 20)) {
    case 1:
      return [[name, { kind: 'float', value: wire.floats(attribute, 2)[0] ?? 0 }]];
    case 2:
      return [[name, { kind: 'int', value: wire.int(attribute, 3) }]];
    case 3:
      return [[name, { kind: 'text', text: wire.text(attribute, 4) }]];
    case 6:
      return [[name, { kind: 'floats', values: wire.floats(attribute, 7) }]];
    case 7:
      return [[name, { kind: 'ints', values: wire.ints(attribute, 8) }]];
    default:
      return []; // tensors and subgraphs: see the header
  }
}

/** Other writers may use the typed lists instead of `raw_data`. */
function decodeTensor(tensor: wire.Message): OnnxTensor {
  const name = wire.text(tensor, 8);
  const dims = wire.ints(tensor, 1);
  const type = elementType(wire.int(tensor, 2));
  const [listed, integers] = [wire.floats(tensor, 4), wire.ints(tensor, 7)];
  if (listed.length > 0) return floatTensor(name, dims, Float32Array.from(listed));
  if (integers.length > 0) return { ...intTensor(name, integers), dims };
  return { name, type, dims, data: wire.blobs(tensor, 9)[0] ?? new Uint8Array() };
}

function decodePort(port: wire.Message): OnnxPort {
  const tensor = wire.messages(port, 2).flatMap(type => wire.messages(type, 1))[0];
  const shape = tensor === undefined ? [] : wire.messages(tensor, 2);
  return {
    name: wire.text(port, 1),
    type: elementType(tensor === undefined ? 0 : wire.int(tensor, 1)),
    shape: shape.flatMap(dims => wire.messages(dims, 1)).map(decodeDimension),
  };
}

function decodeDimension(dim: wire.Message): number | string | null {
  if (dim.has(1)) return wire.int(dim, 1);
  return dim.has(2) ? wire.text(dim, 2) : null;
}

function elementType(number: number): ElementType {
  for (const [name, known] of Object.entries(ELEMENT_TYPES)) {
    if (known === number) return name as ElementType;
  }
  return `type-${number}`;
}
