/**
 * `configs/<name>.yaml`: values for parameters, and what some steps do otherwise (language.md §3).
 * Unaware of the pipeline it is laid over.
 */
import type { Entries, StepSettings, ValidConfig, ValueNode, Written } from './syntax.ts';
import { type Parsed, readDocument } from './validate/document.ts';
import { readEntries } from './validate/names.ts';
import { readDescription, readSettings, SETTING_KEYS } from './validate/policy.ts';
import { child, type Field, type Reader, readFields, readMap } from './validate/reader.ts';
import { readWith } from './validate/step.ts';
import { isConstant } from './validate/values.ts';

export const CONFIG_KEYS = ['description', 'params', 'steps'] as const;
export const CONFIG_STEP_KEYS = ['with', ...SETTING_KEYS] as const;

/** `most`: bytes that the file may have, where a project says so. */
export const parseConfig = (file: string, bytes: Uint8Array, most?: number): Parsed<ValidConfig> =>
  readDocument({ document: 'config', file, bytes, most }, readConfig);

function readConfig(reader: Reader, root: Field): ValidConfig | undefined {
  const fields = readFields(reader, root, CONFIG_KEYS);
  if (fields === undefined) return undefined;
  readDescription(reader, fields);
  const params = fields('params');
  const steps = fields('steps');
  return {
    file: reader.source.file,
    params: (params && readParams(reader, params)) ?? new Map(),
    steps: (steps && readSteps(reader, steps)) ?? new Map(),
    broken: reader.broken,
  };
}

/** Values as they are: what an expression could read is settled by them. */
function readParams(reader: Reader, field: Field): Entries<ValueNode> | undefined {
  const given = readWith(reader, field);
  if (given === undefined) return undefined;
  return new Map(
    [...given].filter(([name, { key, value }]) =>
      isConstant(reader, child(field, name, key.span, value)),
    ),
  );
}

type Override = StepSettings & Written & { readonly with: Entries<ValueNode> };

function readSteps(reader: Reader, field: Field): Entries<Override> | undefined {
  const entries = readMap(reader, field);
  if (entries === undefined) return undefined;
  return readEntries(reader, field, entries, 'step', entry => readOverride(reader, entry));
}

function readOverride(reader: Reader, field: Field): Override | undefined {
  const fields = readFields(reader, field, CONFIG_STEP_KEYS);
  if (fields === undefined) return undefined;
  const given = fields('with');
  return {
    ...readSettings(reader, fields),
    written: field.node.kind === 'map' ? field.node.entries : new Map(),
    with: (given && readWith(reader, given)) ?? new Map(),
  };
}
