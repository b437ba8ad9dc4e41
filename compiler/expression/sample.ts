/** Names and values for tests of expressions: a few of every sort. */
import type { Json } from '../../schema/canonical-json.ts';
import type { Text } from '../syntax.ts';
import { type Bindings, literal } from './lower.ts';
import { GIT_NAMES, type Scope } from './scope.ts';

/** A text that is written as it reads, so that places in it are places in the source. */
export const text = (value: string): Text => {
  const part = (start: number, end: number) => ({
    file: 'p.yaml',
    start,
    end,
    line: 1,
    column: start + 1,
  });
  return { value, part, span: part(0, value.length) };
};

const PARAMS: Record<string, Json> = {
  seed: 7,
  lr: 0.1,
  fast: true,
  name: 'digits',
  evil: "a'; rm -rf ~ #\n$(id)",
  zero: 0,
  sizes: [1, 2],
  shape: { width: 3 },
  'target-accuracy': 0.95,
};

export const scope: Scope = {
  place: 'a test',
  roots: {
    params: new Map([
      ['seed', 'int'],
      ['lr', 'float'],
      ['fast', 'bool'],
      ['name', 'string'],
      ['evil', 'string'],
      ['zero', 'int'],
      ['sizes', 'list'],
      ['shape', 'map'],
      ['target-accuracy', 'float'],
    ]),
    env: new Map([['SEED', 'string']]),
    git: GIT_NAMES,
    in: new Map([['train', 'string']]),
    out: new Map([['model', 'string']]),
  },
  steps: {
    names: () => ['eval', 'train', 'sweep'],
    find: name =>
      name === 'eval'
        ? {
            kind: 'ports',
            ports: new Map([
              ['metrics', 'metrics'],
              ['model', 'model/onnx'],
              ['best', 'value'],
            ]),
          }
        : name === 'sweep'
          ? { kind: 'matrix' }
          : name === 'train'
            ? { kind: 'broken' }
            : undefined,
  },
  results: 'allowed',
};

export const bindings: Bindings = {
  variable: (root, name) =>
    root === 'params' ? literal(PARAMS[name] ?? null) : literal(`${root} ${name}`),
  path: (side, port) => `${side}/${port}`,
  step: name => name,
};
