/**
 * Texts that have a form, as patterns of a JSON Schema: names, quantities, references, paths. The
 * compiler's own readers know the same forms; a test holds both against each other. Unaware of which
 * key holds what.
 */
import { DATASET_STATES, ROOT_TYPES } from '../port-type.ts';
import { choice, type Schema, text } from './parts.ts';

export const name = (description: string, reserved: readonly string[] = []): Schema =>
  text(description, {
    pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
    maxLength: 100,
    ...(reserved.length > 0 && { not: { enum: reserved } }),
  });

/** What expressions and references use for something else. */
const RESERVED = ['params', 'matrix', 'env', 'git', 'in', 'out', 'steps', 'true', 'false', 'null'];
export const stepName = (description: string): Schema => name(description, RESERVED);
export const axisName = (description: string): Schema => name(description, ['include', 'exclude']);

export const variableName = (description: string): Schema =>
  text(description, { pattern: '^(?!SLUICE_)[A-Za-z_][A-Za-z0-9_]*$', maxLength: 100 });

/** `forms` as alternatives, each for the whole text; an expression may stand anywhere in it. */
const computedOr = (...forms: readonly string[]): Schema => ({
  pattern: ['\\$\\{\\{', ...forms.map(form => `^(${form})$`)].join('|'),
});

/** Must be known before anything is computed. */
export const literal = (description: string, more: Schema = {}): Schema =>
  text(description, { not: { pattern: '\\$\\{\\{' }, ...more });

/** No expression, at any depth: every document that uses it holds `definitions`. */
export const CONSTANT: Schema = { $ref: '#/definitions/constant' };
export const definitions: Schema = {
  constant: {
    description: 'A value without an expression.',
    not: { type: 'string', pattern: '\\$\\{\\{' },
    items: CONSTANT,
    additionalProperties: CONSTANT,
  },
};

const AMOUNT = '\\d{1,15}(\\.\\d{1,9})?';
const DURATION = ['d', 'h', 'm', 's', 'ms'].map(unit => `(${AMOUNT}${unit})?`).join('');
const SIZE = `${AMOUNT} ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)`;

export const duration = (description: string): Schema =>
  text(description, {
    pattern: `^(?=.)${DURATION}$`,
    maxLength: 100,
    examples: ['90s', '15m', '2h', '1h30m'],
  });

export const size = (description: string): Schema =>
  text(description, { pattern: `^${SIZE}$`, examples: ['500MB', '8GiB'] });

/** At least one byte, or an expression that gives so many. */
export const roomOrExpression = (description: string): Schema =>
  text(description, {
    ...computedOr(`(?![0.]+ ?[A-Za-z])${SIZE}`),
    examples: ['500MB', '8GiB'],
  });

export const portType = (description: string): Schema => {
  const others = ROOT_TYPES.filter(root => root !== 'dataset').join('|');
  const states = DATASET_STATES.join('|');
  const below = '(/[a-z][a-z0-9-]*)*';
  return text(description, {
    pattern: `^(dataset${below}(@(${states}))?|(${others})${below})$`,
    maxLength: 200,
    examples: [...ROOT_TYPES, 'dataset/table', 'dataset@labelled', 'model/onnx'],
  });
};

export const datasetState = (description: string): Schema => choice(description, DATASET_STATES);

/** Where it lies, its path in small letters, its tag, its digest; each but the path left out. */
const WORDS = '[a-z0-9]+([._-]+[a-z0-9]+)*';
const IMAGE = `(?=.{1,500}$)([\\w.-]+(:\\d+)?/)?${WORDS}(/${WORDS})*(:\\w[\\w.-]*)?(@[a-z0-9]+:[0-9a-f]+)?`;

export const image = (description: string): Schema =>
  text(description, { ...computedOr(IMAGE), examples: ['node:24-slim'] });

const ABSOLUTE = '/|[A-Za-z]:[\\\\/]';
const UP = '(\\./+)*\\.\\.(/|$)';
/** `.`, `./`: where it begins. */
const HERE = '(\\.?/+)*\\.?$';
/** Controls, breaks of lines and marks of direction. */
const UNSEEN =
  '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';

/** Of the project: whatever is there. */
const IN_PROJECT = `(?!${ABSOLUTE}|${UP})[\\s\\S]*\\S[\\s\\S]*`;
/** Where something is written: a place of its own. */
const PLACE = `(?!${ABSOLUTE}|${UP}|${HERE}|~|\\$\\{?HOME\\b)(?=.*\\S)[^${UNSEEN}]+`;

export const projectPath = (description: string, more: Schema = {}): Schema =>
  text(description, { ...computedOr(IN_PROJECT), ...more });

/** In the working directory, where `in/` holds the inputs. */
export const ownPlace = (description: string): Schema =>
  text(description, computedOr(`(?!(\\./+)*in(/|$))${PLACE}`));

/** In the project, where git and Sluice have places of their own. */
export const projectPlace = (description: string): Schema =>
  text(description, {
    ...computedOr(
      `(?!(\\./+)*\\.[sS][lL][uU][iI][cC][eE](/|$))(?!(.*/)?\\.[gG][iI][tT](/|$))${PLACE}`,
    ),
    examples: ['reports/report.md'],
  });

const WORD = '[^\\s.[\\]/\\\\*=]+';
const REFERENCE = `${WORD}(\\[(\\s*\\*\\s*|\\s*[\\w-]+\\s*=[\\s\\S]*)\\])?(\\.${WORD})?`;

/** `step.port`, which no expression gives. */
export const reference = (description: string): Schema =>
  text(description, { pattern: `^${REFERENCE}$`, examples: ['train.model'] });

/** A reference, or a path that begins with `./`. */
export const source: Schema = text(
  '`step.port`, `step[*].port`, or a path in the project that begins with `./`.',
  {
    ...computedOr(REFERENCE, `\\./(?!(\\.{0,2}/)*\\.{0,2}$)[\\s\\S]*`),
    examples: ['split.train', 'train[*].metrics', './data/raw.csv'],
  },
);

const VERSION = '\\d{1,9}\\.\\d{1,9}\\.\\d{1,9}(-[0-9A-Za-z.-]{1,50})?';

export const version = (description: string): Schema =>
  text(description, { pattern: `^${VERSION}$`, examples: ['1.0.0'] });

/** A step of the library and how much of its version, or a path. */
const LIBRARY_STEP = `[a-z0-9][a-z0-9-]*(@(\\d{1,9}(\\.\\d{1,9})?|${VERSION}))?`;
const STEP_PATH = `(?=\\.|[\\s\\S]*/|[\\s\\S]*\\.ya?ml$)(?!${ABSOLUTE}|${UP})[\\s\\S]+`;

export const uses = (description: string): Schema =>
  text(description, {
    pattern: `^(?![\\s\\S]*\\$\\{\\{)(${LIBRARY_STEP}|${STEP_PATH})$`,
    examples: ['train@1', './steps/crop', './pipelines/prep.yaml'],
  });
