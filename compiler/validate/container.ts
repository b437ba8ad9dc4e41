/**
 * What a step's container is made of, and what an author gives back of what it is denied. Unaware
 * of engines and of whether there is such an image.
 */
import type { ContainerSyntax, Text } from '../syntax.ts';
import { readInteger } from './numbers.ts';
import {
  type Field,
  type Fields,
  type Reader,
  readBoolean,
  readEach,
  readFields,
  readFilled,
  readLiteral,
  readText,
  readWritten,
  refuse,
  refuseMissing,
} from './reader.ts';

export const CONTAINER_KEYS = [
  'image',
  'build',
  'user',
  'entrypoint',
  'writable-root',
  'capabilities',
  'pids',
] as const;

export function readContainer(reader: Reader, field: Field): ContainerSyntax | undefined {
  const { node } = field;
  if (node.kind === 'text') {
    const image = readImage(reader, field);
    return image && { image, build: null, user: null, entrypoint: null, span: node.span };
  }
  const fields = readFields(reader, field, CONTAINER_KEYS, 'container');
  if (fields === undefined) return undefined;
  const image = fields('image');
  const build = fields('build');
  if (image === undefined && build === undefined) {
    return refuseMissing(reader, field, ['image', 'build']);
  }
  const user = fields('user');
  const entrypoint = fields('entrypoint');
  const words =
    entrypoint && readEach(reader, entrypoint, item => readWritten(reader, item), 'texts');
  return {
    image: (image && readImage(reader, image)) ?? null,
    build: (build && readFilled(reader, build)) ?? null,
    user: (user && readWritten(reader, user)) ?? null,
    entrypoint: words ?? null,
    ...readLoosened(reader, fields),
    span: node.span,
  };
}

/** What an author gives back of what a container is denied. */
function readLoosened(reader: Reader, fields: Fields) {
  const root = fields('writable-root');
  const writableRoot = root && readBoolean(reader, root)?.value;
  const written = fields('capabilities');
  const capabilities =
    written && readEach(reader, written, item => readLiteral(reader, item)?.value, 'texts');
  const limit = fields('pids');
  const pids = limit && readInteger(reader, limit, { least: 1 })?.value;
  return {
    ...(writableRoot !== undefined && { writableRoot }),
    ...(capabilities !== undefined && { capabilities }),
    ...(pids !== undefined && { pids }),
  };
}

const LONGEST_IMAGE = 500;

/** Where it lies, its path in small letters, its tag, its digest; each but the path left out. */
const IMAGE =
  /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::\w[\w.-]*)?(?:@[a-z0-9]+:[0-9a-f]+)?$/;

/** An expression is judged by what it gives, where the image is looked for. */
function readImage(reader: Reader, field: Field): Text | undefined {
  const text = readText(reader, field);
  if (text === undefined || text.value.includes('${{')) return text;
  if (text.value.length <= LONGEST_IMAGE && IMAGE.test(text.value)) return text;
  return refuse(reader, field, { kind: 'bad-image', at: text.span, text: text.value });
}
