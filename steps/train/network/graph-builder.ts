/**
 * Builds one ONNX graph, node by node, with the shape of every value at hand, and its gradient: an
 * operation records how a gradient of its result becomes gradients of its operands (its
 * vector-Jacobian product, itself emitted as nodes); walking the record backwards differentiates
 * the whole. Unaware of which operations there are and of what runs the graph.
 */
import {
  floatTensor,
  intTensor,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxPort,
  type OnnxTensor,
} from '../../sdk/onnx.ts';

/** Opset 17 is the newest whose `Reduce…` operators every serving runtime of interest has. */
export const OPSET = 17;

/** A dimension whose size is known only when the graph runs: how many rows there are. */
export const ANY_ROWS = -1;

/** A tensor in the graph. `traced`: something that is learned has a part in it. */
export type Value = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly traced: boolean;
};

/** Given the gradient of a result, those of its operands; undefined for what is not traced. */
type Pullback = (gradient: Value) => readonly (Value | undefined)[];

type Record = {
  readonly result: Value;
  readonly operands: readonly Value[];
  readonly pull: Pullback;
};

/** Names with this start are the builder's own: a feature called `t1` must never collide. */
const RESERVED = '_';

export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxPort[] = [];
  readonly #outputs: OnnxPort[] = [];
  readonly #records: Record[] = [];
  #count = 0;

  /** A float32 input of the whole graph; `traced` makes it one that gradients lead to. */
  input(name: string, shape: readonly number[], traced = false): Value {
    this.#inputs.push({ name: free(name), type: 'float32', shape: shape.map(portDimension) });
    return { name, shape, traced };
  }

  /** A named tensor that is part of the graph. */
  initializer(name: string, shape: readonly number[], values: Float32Array): Value {
    this.#initializers.set(free(name), floatTensor(name, shape, values));
    return { name, shape, traced: false };
  }

  scalar(value: number): Value {
    const name = `${RESERVED}f${value}`;
    if (!this.#initializers.has(name)) {
      this.#initializers.set(name, floatTensor(name, [], Float32Array.of(value)));
    }
    return { name, shape: [], traced: false };
  }

  /** A list of integers that an operator takes as an input: axes, a shape, sizes. */
  ints(values: readonly number[]): Value {
    const name = `${RESERVED}i${values.join(',')}`;
    if (!this.#initializers.has(name)) this.#initializers.set(name, intTensor(name, values));
    return { name, shape: [values.length], traced: false };
  }

  /** One node with one result. */
  emit(
    op: string,
    operands: readonly Value[],
    shape: readonly number[],
    attributes: OnnxNode['attributes'] = {},
  ): Value {
    const [result] = this.emitMany(op, operands, [shape], attributes);
    return result as Value;
  }

  emitMany(
    op: string,
    operands: readonly Value[],
    shapes: readonly (readonly number[])[],
    attributes: OnnxNode['attributes'] = {},
  ): readonly Value[] {
    const traced = operands.some(operand => operand.traced);
    const results = shapes.map(shape => {
      this.#count += 1;
      return { name: `${RESERVED}t${this.#count}`, shape, traced };
    });
    const inputs = operands.map(operand => operand.name);
    this.#nodes.push({ op, inputs, outputs: results.map(result => result.name), attributes });
    return results;
  }

  /** Says how to differentiate `result`; called once by the operation that emitted it. */
  differentiable(result: Value, operands: readonly Value[], pull: Pullback): Value {
    if (result.traced) this.#records.push({ result, operands, pull });
    return result;
  }

  /**
   * The gradient of a scalar with respect to each of `sources`, as further nodes. The record ends
   * here: what is emitted from now on is not differentiated again.
   */
  gradients(scalar: Value, sources: readonly Value[]): readonly Value[] {
    const found = new Map<string, Value>([[scalar.name, this.scalar(1)]]);
    for (const { result, operands, pull } of this.#records.splice(0).reverse()) {
      const gradient = found.get(result.name);
      if (gradient === undefined) continue; // the scalar does not depend on it
      for (const [index, part] of pull(gradient).entries()) {
        const operand = operands[index];
        if (operand === undefined || part === undefined || !operand.traced) continue;
        const before = found.get(operand.name);
        const sum = before === undefined ? part : this.emit('Add', [before, part], part.shape);
        found.set(operand.name, sum);
      }
    }
    return sources.map(source => {
      const gradient = found.get(source.name);
      if (gradient === undefined) throw new Error(`bug: no gradient leads to ${source.name}`);
      return gradient;
    });
  }

  /** Gives a value a name of its own and makes it a result of the whole graph. */
  output(name: string, value: Value): void {
    const node = { op: 'Identity', inputs: [value.name], outputs: [free(name)], attributes: {} };
    this.#nodes.push(node);
    this.#outputs.push({ name, type: 'float32', shape: value.shape.map(portDimension) });
  }

  model(name: string, metadata: OnnxModel['metadata'] = {}): OnnxModel {
    return {
      opset: OPSET,
      producer: 'sluice',
      graph: {
        name,
        nodes: this.#nodes,
        initializers: [...this.#initializers.values()],
        inputs: this.#inputs,
        outputs: this.#outputs,
      },
      metadata,
    };
  }
}

function free(name: string): string {
  if (name.startsWith(RESERVED))
    throw new Error(`bug: \`${name}\` is the graph builder's own name`);
  return name;
}

const portDimension = (size: number): number | string => (size === ANY_ROWS ? 'rows' : size);

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const ints = (values: readonly number[]): OnnxAttribute => ({ kind: 'ints', values });
