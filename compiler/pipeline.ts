/**
 * `pipelines/<name>.yaml`: bytes in, a ValidPipeline and all that is wrong with the file out
 * (language.md §2). Unaware of other files, of the library and of what names refer to.
 */
import { posix } from 'node:path';
import { leftOut } from './broken.ts';
import type { Entries, Spanned, StepSyntax, ValidPipeline } from './syntax.ts';
import { type Parsed, readDocument } from './validate/document.ts';
import { asIndented } from './validate/indented.ts';
import { readEntries, readName, readNamed } from './validate/names.ts';
import { readParams } from './validate/param.ts';
import {
  checkLabels,
  readDescription,
  readEnvironment,
  readSettings,
  SETTING_KEYS,
} from './validate/policy.ts';
import {
  type Field,
  type Fields,
  type Reader,
  readFields,
  readMap,
  readText,
  refuse,
  refuseMissing,
} from './validate/reader.ts';
import { readStep, STEP_KEYS } from './validate/step.ts';

export const PIPELINE_KEYS = [
  'sluice',
  'name',
  'description',
  'labels',
  'params',
  'env',
  'defaults',
  'steps',
  'outputs',
] as const;

const PIPELINE_NAMES: ReadonlySet<string> = new Set(PIPELINE_KEYS);
const STEP_NAMES: ReadonlySet<string> = new Set(STEP_KEYS);

/** `most`: bytes that the file may have, where a project says so. */
export const parsePipeline = (
  file: string,
  bytes: Uint8Array,
  most?: number,
): Parsed<ValidPipeline> => readDocument({ document: 'pipeline', file, bytes, most }, readPipeline);

function readPipeline(whole: Reader, document: Field): ValidPipeline | undefined {
  const { reader, field: root } = asIndented(whole, document, {
    isOwner: name => name === 'steps',
    isInner: (name, { kind }, isEmpty) => isEmpty && kind === 'map' && !PIPELINE_NAMES.has(name),
  });
  const fields = readFields(reader, root, PIPELINE_KEYS);
  if (fields === undefined) return undefined;
  checkVersion(reader, root, fields);
  checkLabels(reader, fields);
  const read = <T>(key: string, reading: (reader: Reader, field: Field) => T): T | undefined => {
    const field = fields(key);
    return field === undefined ? undefined : reading(reader, field);
  };
  return {
    file: reader.source.file,
    name: read('name', (_, field) => readName(reader, field, 'pipeline')) ?? nameOf(reader, root),
    description: readDescription(reader, fields),
    params: read('params', readParams) ?? new Map(),
    env: read('env', readEnvironment) ?? new Map(),
    defaults: read('defaults', readDefaults) ?? {},
    steps: readSteps(reader, root, fields),
    outputs:
      read('outputs', (_, field) =>
        readNamed(reader, field, 'output', entry => readText(reader, entry)),
      ) ?? new Map(),
    span: root.key,
    broken: reader.broken,
  };
}

function checkVersion(reader: Reader, root: Field, fields: Fields): void {
  const field = fields('sluice');
  if (field === undefined) {
    refuseMissing(reader, root, ['sluice']);
    return;
  }
  const { node } = field;
  if ((node.kind === 'scalar' && node.value === 1) || reader.unread.has(node)) return;
  const found =
    node.kind === 'text'
      ? `the text "${node.value}"`
      : node.kind === 'scalar'
        ? node.source
        : `a ${node.kind}`;
  const at = node.span.start === node.span.end ? field.key : node.span;
  refuse(reader, field, { kind: 'unsupported-version', at, found: found === '' ? 'empty' : found });
}

/** The file's own name, where the pipeline does not give one. */
function nameOf(reader: Reader, root: Field): Spanned<string> {
  const { file } = reader.source;
  return { value: posix.basename(file).replace(/\.ya?ml$/, ''), span: root.key };
}

function readDefaults(reader: Reader, field: Field): ValidPipeline['defaults'] | undefined {
  const fields = readFields(reader, field, SETTING_KEYS);
  return fields && readSettings(reader, fields);
}

function readSteps(reader: Reader, root: Field, fields: Fields): Entries<StepSyntax> {
  const field = fields('steps');
  if (field === undefined) {
    refuseMissing(reader, root, ['steps']);
    return new Map();
  }
  const { node } = field;
  const nothing = node.kind === 'scalar' && node.value === null && !reader.unread.has(node);
  if (nothing && leftOut(reader.broken, 'steps')) return new Map();
  if (nothing || (node.kind === 'map' && node.entries.size === 0)) {
    refuse(reader, field, { kind: 'no-steps', at: field.key });
    return new Map();
  }
  const inner = asIndented(reader, field, {
    isOwner: name => !STEP_NAMES.has(name),
    // Behind a step that has something below it, a map may be another step.
    isInner: (name, { kind }, isEmpty) => STEP_NAMES.has(name) && (isEmpty || kind !== 'map'),
  });
  const entries = readMap(inner.reader, inner.field);
  if (entries === undefined) return new Map();
  return readEntries(inner.reader, inner.field, entries, 'step', (entry, id) =>
    readStep(inner.reader, entry, id),
  );
}
