/**
 * CSV as our own files have it: RFC 4180, UTF-8, LF, quotes only where needed. Unaware of what the
 * fields mean and of foreign dialects; those are the ingest step's.
 */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

/** The largest record that is read into memory; a stray quote may not swallow a whole file. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** One record with its line end. Reading it back gives exactly these fields. */
export const csvRecord = (fields: readonly string[]): string =>
  // A lone empty field would be an empty line, which many readers skip.
  fields.length === 1 && fields[0] === '' ? '""\n' : `${fields.map(csvField).join(',')}\n`;

/** For hashing: a text that no other fields give. Their lengths keep `a,b` apart from two fields. */
export const fieldsText = (fields: readonly string[]): string =>
  fields.map(field => `${field.length}:${field}`).join('');

const csvField = (field: string): string =>
  /["\n\r,]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

/** Every record of a file, the header included, read as a stream. */
export async function* csvRecords(path: string): AsyncGenerator<readonly string[]> {
  const parser = parse({ max_record_size: MAX_RECORD_BYTES });
  const source = createReadStream(path);
  // `pipe` alone would leave the reader waiting when the file cannot be read.
  source.once('error', error => parser.destroy(error));
  for await (const record of source.pipe(parser)) yield record as readonly string[];
}
