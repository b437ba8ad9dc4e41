/**
 * What goes into a step and what comes out of it, as a pipeline writes it (language.md §4).
 * References stay text. Unaware of other steps.
 */
import {
  DATASET_STATES,
  type DatasetState,
  parsePortType,
  ROOT_TYPES,
} from '../../schema/port-type.ts';
import type { Entries, OutputSyntax, Spanned, Text } from '../syntax.ts';
import { readNamed } from './names.ts';
import { readDescription } from './policy.ts';
import {
  type Field,
  type Reader,
  readChoice,
  readFields,
  readFilled,
  readText,
  readTexts,
  refuse,
  refuseMissing,
  refuseShape,
  spanned,
} from './reader.ts';

type Wire = { readonly many: boolean; readonly items: readonly Text[] };

export const readWires = (reader: Reader, field: Field): Entries<Wire> | undefined =>
  readNamed(reader, field, 'input', entry => readWire(reader, entry));

function readWire(reader: Reader, field: Field): Wire | undefined {
  const { node } = field;
  if (node.kind === 'text') return { many: false, items: [node] };
  if (node.kind !== 'list') return refuseShape(reader, field, 'wire');
  const items = readTexts(reader, field);
  return items && { many: true, items };
}

export const OUTPUT_KEYS = ['type', 'state', 'path', 'to', 'description'] as const;

export const readOutputs = (reader: Reader, field: Field): Entries<OutputSyntax> | undefined =>
  readNamed(reader, field, 'output', entry => readOutput(reader, entry));

function readOutput(reader: Reader, field: Field): OutputSyntax | undefined {
  if (field.node.kind === 'text') {
    const type = readPortType(reader, field);
    return type && { type, path: null, to: null, description: null };
  }
  const fields = readFields(reader, field, OUTPUT_KEYS, 'output');
  if (fields === undefined) return undefined;
  const typeField = fields('type');
  if (typeField === undefined) return refuseMissing(reader, field, ['type']);
  const type = readPortType(reader, typeField);
  const stateField = fields('state');
  const state = stateField && readState(reader, stateField, type);
  const text = (key: string): Text | null => {
    const inner = fields(key);
    return (inner && readFilled(reader, inner)) ?? null;
  };
  const [path, to] = [text('path'), text('to')];
  if (type === undefined) return refuse(reader, field);
  const description = readDescription(reader, fields);
  return { type, ...(state !== undefined && { state }), path, to, description };
}

const LONGEST_TYPE = 200;

export function readPortType(reader: Reader, field: Field): Spanned<string> | undefined {
  const text = readText(reader, field);
  if (text === undefined) return undefined;
  if (text.value.length <= LONGEST_TYPE && parsePortType(text.value) !== undefined)
    return spanned(text);
  const at = text.span;
  return refuse(reader, field, {
    kind: 'bad-port-type',
    at,
    text: text.value,
    known: near(text.value),
  });
}

/** What the text was probably meant to be: its own tail behind each known root, or a known state. */
function near(text: string): readonly string[] {
  const small = text.toLowerCase();
  if (small.length <= LONGEST_TYPE && parsePortType(small) !== undefined) return [small];
  const [, , tail = '', state = ''] = /^([^/@]*)([^@]*)(@.*)?$/.exec(text) ?? [];
  const states = state === '' ? [''] : ['', ...DATASET_STATES.map(known => `@${known}`)];
  return ROOT_TYPES.flatMap(root =>
    (root === 'dataset' ? states : ['']).map(known => `${root}${tail}${known}`),
  ).filter(type => parsePortType(type) !== undefined);
}

function readState(
  reader: Reader,
  field: Field,
  type: Spanned<string> | undefined,
): DatasetState | undefined {
  const state = readChoice(reader, field, DATASET_STATES);
  if (state === undefined || type === undefined) return state?.value;
  if (parsePortType(type.value)?.path.split('/')[0] === 'dataset') return state.value;
  const { path, key: at } = field;
  return refuse(reader, field, {
    kind: 'misplaced-key',
    at,
    path: path.slice(0, -1),
    key: 'state',
    reason: 'needs-dataset',
  });
}
