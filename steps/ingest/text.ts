/**
 * Bytes as text: byte order marks, encodings, line ends. Refuses what is not text and says where.
 * Unaware of columns.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { TextDecoder } from 'node:util';
import { StepError } from '../sdk/step.ts';

/** Decodes a file as a stream. A BOM is taken off and wins over `auto`. */
export async function* textOf(
  path: string,
  encoding: string,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let oldMac: boolean | undefined;
  let line = 1;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    const bytes = chunk as Buffer;
    onBytes(bytes.length);
    decoder ??= decoderFor(bytes, encoding);
    if (!decoder.encoding.startsWith('utf-16')) refuseZeros(bytes, basename(path), line);
    const text = decode(decoder, bytes, line);
    // A file that knows no line feed at all was written with carriage returns.
    oldMac ??= text.includes('\r') && !text.includes('\n');
    line += text.split('\n').length - 1;
    yield oldMac ? text.replaceAll('\r', '\n') : text;
  }
  if (decoder !== undefined) yield decode(decoder, undefined, line);
}

function decoderFor(start: Buffer, encoding: string): TextDecoder {
  const name = encoding === 'auto' ? (markedEncoding(start) ?? 'utf-8') : encoding;
  try {
    return new TextDecoder(name, { fatal: true });
  } catch {
    throw new StepError(
      `there is no text encoding \`${name}\``,
      'for example utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis, gb18030',
    );
  }
}

function refuseZeros(bytes: Buffer, name: string, line: number): void {
  const at = bytes.indexOf(0);
  if (at < 0) return;
  const before = bytes.toString('latin1', 0, at).split('\n').length - 1;
  throw new StepError(
    `\`${name}\` holds NUL bytes (byte 0) at line ${line + before}, so it is not text`,
    'for other files there are `format: images` and `format: files`; UTF-16 without a mark is read with `encoding: utf-16le`',
  );
}

function markedEncoding(start: Buffer): string | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return undefined;
}

function decode(decoder: TextDecoder, bytes: Buffer | undefined, line: number): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    const readable = new TextDecoder(decoder.encoding).decode(bytes ?? new Uint8Array());
    const before = readable.slice(0, Math.max(0, readable.indexOf('\uFFFD')));
    throw new StepError(
      `line ${line + before.split('\n').length - 1} is not ${decoder.encoding.toUpperCase()}`,
      '`encoding:` names another one, e.g. windows-1252',
    );
  }
}
