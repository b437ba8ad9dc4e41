/**
 * `step.yaml`: bytes in, a step's manifest and all that is wrong with it out (language.md §8). The
 * same for the library's steps and an author's own. Unaware of who uses the step.
 */
import type { Span } from '../schema/diagnostic.ts';
import type { Manifest, ParamDeclaration } from '../schema/manifest.ts';
import type { Entries, Spanned, Text, ValidManifest } from './syntax.ts';
import { readCommand } from './validate/command.ts';
import { CONTAINER_KEYS, readContainer } from './validate/container.ts';
import { type Parsed, readDocument } from './validate/document.ts';
import { readInputPorts, readOutputPorts } from './validate/manifest-ports.ts';
import { readName } from './validate/names.ts';
import { readParams } from './validate/param.ts';
import { readDescription } from './validate/policy.ts';
import {
  type Field,
  type Fields,
  type Reader,
  readChoice,
  readEach,
  readFields,
  readFilled,
  readText,
  readWritten,
  refuse,
  refuseMissing,
} from './validate/reader.ts';
import { STEP_KINDS } from './validate/step.ts';

export const MANIFEST_KEYS = [
  'step',
  'version',
  'kind',
  'description',
  'params',
  'in',
  'out',
  'run',
  'container',
  'includes',
  'packages',
  'probe',
  'check',
  'state',
] as const;

/** `most`: bytes that the file may have, where a project says so. */
export const parseManifest = (
  file: string,
  bytes: Uint8Array,
  most?: number,
): Parsed<ValidManifest> => readDocument({ document: 'manifest', file, bytes, most }, readManifest);

type Command = Text | readonly Text[];

/** Reads the value of one key and notes where the key stands; undefined where it is not there. */
type ReadKey = <T>(key: string, reading: (field: Field) => T) => T | undefined;

function readManifest(reader: Reader, root: Field): ValidManifest | undefined {
  const fields = readFields(reader, root, MANIFEST_KEYS);
  if (fields === undefined) return undefined;
  const places = new Map<string, Span>();
  const read: ReadKey = (key, reading) => {
    const field = fields(key);
    if (field !== undefined) places.set(key, field.key);
    return field === undefined ? undefined : reading(field);
  };
  const needed = <T>(key: string, reading: (field: Field) => T) => {
    const found = read(key, field => ({ read: reading(field) }));
    return required(reader, root, found, key);
  };
  const step = needed('step', field => readName(reader, field, 'step'));
  const version = needed('version', field => readVersion(reader, field));
  const run = needed('run', field => readCommand(reader, field));
  const kind = read('kind', field => readChoice(reader, field, STEP_KINDS))?.value ?? 'pure';
  const ports = readPorts(reader, read, places);
  const { probe, check, state } = readForKind(reader, read, kind);
  const rest: Omit<Manifest, 'step' | 'version' | 'run'> = {
    kind,
    description: readDescription(reader, fields),
    ...ports,
    container: readImage(reader, fields),
    includes: readTexts(reader, read, 'includes', item => readInclude(reader, item, places)),
    packages: readTexts(reader, read, 'packages', item => readFilled(reader, item)?.value),
    probe: probe === null ? null : words(probe),
    check: check === null || check === 'receipt' ? check : { run: words(check) },
    state: state?.value ?? null,
  };
  if (step === undefined || version === undefined || run === undefined) return undefined;
  return {
    file: reader.source.file,
    manifest: { step: step.value, version: version.value, run: words(run), ...rest },
    places,
    run,
    probe,
    check: check === 'receipt' ? null : check,
    span: root.key,
    broken: reader.broken,
  };
}

function readPorts(
  reader: Reader,
  read: ReadKey,
  places: Map<string, Span>,
): Pick<Manifest, 'params' | 'in' | 'out'> {
  const params = read('params', field => readParams(reader, field)) ?? new Map();
  const inputs = read('in', field => readInputPorts(reader, field)) ?? new Map();
  const declared = { inputs, params: new Set(params.keys()), places };
  const outputs = read('out', field => readOutputPorts(reader, field, declared)) ?? new Map();
  notePlaces(places, { params, in: inputs, out: outputs });
  for (const [name, { value }] of params) places.set(`default.${name}`, value.span);
  return {
    params: record(params, ({ declaration }): ParamDeclaration => declaration),
    in: record(inputs, input => input),
    out: record(outputs, output => output),
  };
}

/** What only a source, or only an effect, may have. */
function readForKind(reader: Reader, read: ReadKey, kind: Manifest['kind']) {
  const only = <T>(
    key: string,
    whose: 'source' | 'effect',
    reading: (reader: Reader, field: Field) => T | undefined,
  ) => read(key, field => kindOnly(reader, field, kind, whose, reading)) ?? null;
  return {
    probe: only('probe', 'source', readCommand),
    check: only('check', 'effect', readCheck),
    state: only('state', 'effect', readFolder),
  };
}

const readTexts = (
  reader: Reader,
  read: ReadKey,
  key: string,
  reading: (item: Field) => string | undefined,
): readonly string[] => read(key, field => readEach(reader, field, reading, 'texts')) ?? [];

/** What has to be there; a value that was refused has been reported as such. */
function required<T>(
  reader: Reader,
  root: Field,
  found: { readonly read: T | undefined } | undefined,
  key: string,
): T | undefined {
  return found === undefined ? refuseMissing(reader, root, [key]) : found.read;
}

function notePlaces(
  places: Map<string, Span>,
  areas: Readonly<Record<string, Entries<unknown>>>,
): void {
  for (const [area, entries] of Object.entries(areas))
    for (const [name, { key }] of entries) places.set(`${area}.${name}`, key.span);
}

function record<T, R>(entries: Entries<T>, read: (value: T) => R): Readonly<Record<string, R>> {
  return Object.fromEntries([...entries].map(([name, { value }]) => [name, read(value)]));
}

const words = (command: Command): string | readonly string[] =>
  'value' in command ? command.value : command.map(word => word.value);

function readVersion(reader: Reader, field: Field): Spanned<string> | undefined {
  const text = readWritten(reader, field);
  if (text === undefined) return undefined;
  const { value, span } = text;
  if (/^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,50})?$/.test(value)) return { value, span };
  return refuse(reader, field, { kind: 'bad-version', at: span, text: value });
}

/** A key that only steps of one kind have. */
function kindOnly<T>(
  reader: Reader,
  field: Field,
  kind: Manifest['kind'],
  wanted: 'source' | 'effect',
  read: (reader: Reader, field: Field) => T | undefined,
): T | undefined {
  if (kind === wanted) return read(reader, field);
  if (reader.broken.has('kind')) return refuse(reader, field);
  const key = field.path.at(-1) ?? '';
  const reason = wanted === 'source' ? 'needs-source' : 'needs-effect';
  return refuse(reader, field, { kind: 'misplaced-key', at: field.key, path: [], key, reason });
}

export const CHECK_KEYS = ['run'] as const;

function readCheck(reader: Reader, field: Field): 'receipt' | Command | undefined {
  if (field.node.kind === 'text') return readChoice(reader, field, ['receipt'], 'check')?.value;
  const fields = readFields(reader, field, CHECK_KEYS, 'check');
  if (fields === undefined) return undefined;
  const run = fields('run');
  return run === undefined ? refuseMissing(reader, field, ['run']) : readCommand(reader, run);
}

/** The folder below `.sluice/` that an effect may write. */
const readFolder = (reader: Reader, field: Field): Spanned<string> | undefined =>
  readName(reader, field, 'state');

/** A manifest names an image; what else a container may be is the pipeline's to say. */
function readImage(reader: Reader, fields: Fields): string | null {
  const field = fields('container');
  if (field === undefined) return null;
  if (field.node.kind !== 'text') readFields(reader, field, MANIFEST_CONTAINER_KEYS, 'container');
  const image = fields('container') && readContainer(reader, field)?.image;
  return image?.value ?? null;
}

export const MANIFEST_CONTAINER_KEYS = CONTAINER_KEYS.filter(key => key === 'image');

/** A folder or file beside the step's own. */
function readInclude(reader: Reader, field: Field, places: Map<string, Span>): string | undefined {
  const text = readText(reader, field);
  if (text === undefined) return undefined;
  const { value } = text;
  const relative = !value.startsWith('/') && !/^[A-Za-z]:/.test(value) && !value.includes('\\');
  if (relative && value !== '') {
    places.set(`includes.${value}`, text.span);
    return value;
  }
  return refuse(reader, field, { kind: 'bad-include', at: text.span, text: value });
}
