/**
 * Texts that have a form, as patterns of a JSON Schema: names, quantities, references, paths. The
 * compiler's own readers know the same forms; a test holds both against each other. Unaware of which
 * key holds what.
 */
import { DATASET_STATES, ROOT_TYPES } from '../port-type.ts';
import { choice, type Schema, text } from './parts.ts';

/** A pattern, with what an editor says instead of it. */
const formed = (pattern: string, wanted: string): Schema => ({
  pattern,
  patternErrorMessage: wanted,
});

export const name = (description: string, reserved: readonly string[] = []): Schema =>
  text(description, {
    ...formed('^[a-z][a-z0-9]*(-[a-z0-9]+)*$', 'A name is lower-case words joined by `-`.'),
    maxLength: 100,
    ...(reserved.length > 0 && { not: { enum: reserved } }),
  });

/** What expressions and references use for something else. */
const RESERVED = ['params', 'matrix', 'env', 'git', 'in', 'out', 'steps', 'true', 'false', 'null'];
export const stepName = (description: string): Schema => name(description, RESERVED);
export const axisName = (description: string): Schema => name(description, ['include', 'exclude']);

export const variableName = (description: string): Schema =>
  text(description, {
    ...formed(
      '^(?!SLUICE_)[A-Za-z_][A-Za-z0-9_]*$',
      'Letters, digits and `_`; names that begin with `SLUICE_` are what Sluice tells a step.',
    ),
    maxLength: 100,
  });

/** `form` for the whole text; an expression may stand anywhere in it. */
const computedOr = (form: string, wanted: string): Schema =>
  formed(`\\$\\{\\{|^(${form})$`, wanted);

const COMPUTED = '[\\s\\S]*\\$\\{\\{';

/** Must be known before anything is computed. */
export const literal = (description: string): Schema =>
  text(description, formed(`^(?!${COMPUTED})`, 'This cannot be an expression.'));

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

const A_DURATION = 'A duration is a number and its unit: `90s`, `15m`, `1h30m`.';
const DURATIONS = ['90s', '15m', '2h', '1h30m'];
const A_SIZE = 'A size is a number and its unit: `500MB` in 1000s, `8GiB` in 1024s.';
const SIZES = ['500MB', '8GiB'];

export const duration = (description: string): Schema =>
  text(description, {
    ...formed(`^(?=.)${DURATION}$`, A_DURATION),
    maxLength: 100,
    examples: DURATIONS,
  });

/** More than nothing. */
export const timeLimit = (description: string): Schema =>
  text(description, {
    ...formed(`^(?![0.dhms]*$)${DURATION}$`, `${A_DURATION.slice(0, -1)}, more than nothing.`),
    maxLength: 100,
    examples: DURATIONS,
  });

export const size = (description: string): Schema =>
  text(description, { ...formed(`^${SIZE}$`, A_SIZE), examples: SIZES });

/** At least one byte, or an expression that gives so many. */
export const roomOrExpression = (description: string): Schema =>
  text(description, {
    ...computedOr(`(?![0.]+ ?[A-Za-z])${SIZE}`, `${A_SIZE.slice(0, -1)}, more than nothing.`),
    examples: SIZES,
  });

export const portType = (description: string): Schema => {
  const others = ROOT_TYPES.filter(root => root !== 'dataset').join('|');
  const states = DATASET_STATES.join('|');
  const below = '(/[a-z][a-z0-9-]*)*';
  return text(description, {
    ...formed(
      `^(dataset${below}(@(${states}))?|(${others})${below})$`,
      `A type is ${ROOT_TYPES.join(', ')} or one below it, \`model/onnx\`; a dataset may have a state, \`dataset@labelled\`.`,
    ),
    maxLength: 200,
    examples: [...ROOT_TYPES, 'dataset/table', 'dataset@labelled', 'model/onnx'],
  });
};

export const datasetState = (description: string): Schema => choice(description, DATASET_STATES);

/** Where it lies, its path in small letters, its tag, its digest; each but the path left out. */
const WORDS = '[a-z0-9]+([._-]+[a-z0-9]+)*';
const IMAGE = `(?=.{1,500}$)([\\w.-]+(:\\d+)?/)?${WORDS}(/${WORDS})*(:\\w[\\w.-]*)?(@[a-z0-9]+:[0-9a-f]+)?`;

const AN_IMAGE = 'An image is `name:tag`, its name in small letters: `ghcr.io/team/train:1.2`.';

export const image = (description: string): Schema =>
  text(description, { ...computedOr(IMAGE, AN_IMAGE), examples: ['node:24-slim'] });

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
  text(description, {
    ...computedOr(IN_PROJECT, 'A path in the project, from its root.'),
    ...more,
  });

/** In the working directory, where `in/` holds the inputs. */
export const ownPlace = (description: string): Schema =>
  text(
    description,
    computedOr(
      `(?!(\\./+)*in(/|$))${PLACE}`,
      'A place of its own in the working directory, and not in `in/`, where the inputs lie.',
    ),
  );

/** In the project, where git and Sluice have places of their own. */
export const projectPlace = (description: string): Schema =>
  text(description, {
    ...computedOr(
      `(?!(\\./+)*\\.[sS][lL][uU][iI][cC][eE](/|$))(?!(.*/)?\\.[gG][iI][tT](/|$))${PLACE}`,
      'A place of its own in the project, and not in `.git` or `.sluice`.',
    ),
    examples: ['reports/report.md'],
  });

const WORD = '[^\\s.[\\]/\\\\*=]+';
const REFERENCE = `${WORD}(\\[(\\s*\\*\\s*|\\s*[\\w-]+\\s*=[\\s\\S]*)\\])?(\\.${WORD})?`;

/** `step.port`, which no expression gives. */
export const reference = (description: string): Schema =>
  text(description, {
    ...formed(`^${REFERENCE}$`, 'An output of a step: `step.port`.'),
    examples: ['train.model'],
  });

/** A reference, or a path that begins with `./`. */
export const source: Schema = text(
  '`step.port`, `step[*].port`, or a path in the project that begins with `./`.',
  {
    ...computedOr(
      `${REFERENCE}|\\./(?!(\\.{0,2}/)*\\.{0,2}$)[\\s\\S]*`,
      'An output of a step, `step.port`, or a path of the project that begins with `./`.',
    ),
    examples: ['split.train', 'train[*].metrics', './data/raw.csv'],
  },
);

const VERSION = '\\d{1,9}\\.\\d{1,9}\\.\\d{1,9}(-[0-9A-Za-z.-]{1,50})?';

export const version = (description: string): Schema =>
  text(description, {
    ...formed(`^${VERSION}$`, 'A version is three numbers: `1.2.0`.'),
    examples: ['1.0.0'],
  });

/** A step of the library and how much of its version, or a path. */
const LIBRARY_STEP = `[a-z0-9][a-z0-9-]*(@(\\d{1,9}(\\.\\d{1,9})?|${VERSION}))?`;
const STEP_PATH = `(?=\\.|[\\s\\S]*/|[\\s\\S]*\\.ya?ml$)(?!${ABSOLUTE}|${UP})[\\s\\S]+`;

/** `library`: steps to offer. */
export const uses = (description: string, library: readonly string[]): Schema =>
  text(description, {
    ...formed(
      `^(?!${COMPUTED})(${LIBRARY_STEP}|${STEP_PATH})$`,
      'A step of the library, `train` or `train@1`, or a path of the project, `./steps/crop`.',
    ),
    examples: [...library, 'train@1', './steps/crop', './pipelines/prep.yaml'],
  });
