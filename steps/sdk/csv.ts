/**
 * CSV as our own files have it: RFC 4180, UTF-8, LF, quotes only where needed. Unaware of what the
 * fields mean and of foreign dialects; those are the ingest step's.
 */
import { createReadStream } from 'node:fs';
import { rowsOf } from './csv-rows.ts';
import { StepError } from './step.ts';

const CHUNK_BYTES = 1 << 18;
const OWN = { delimiter: ',', quote: '"', trusted: true } as const;

/** One record with its line end. Reading it back gives exactly these fields. */
export const csvRecord = (fields: readonly string[]): string =>
  // A lone empty field would be an empty line, which many readers skip.
  fields.length === 1 && fields[0] === '' ? '""\n' : `${fields.map(csvField).join(',')}\n`;

/** For hashing: a text that no other fields give. Their lengths keep `a,b` apart from two fields. */
export const fieldsText = (fields: readonly string[]): string =>
  fields.map(field => `${field.length}:${field}`).join('');

const csvField = (field: string): string =>
  /["\n\r,]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

/** Every record of a file of ours, the header included, read as a stream. */
export async function* csvRecords(path: string): AsyncGenerator<readonly string[]> {
  const text = createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES });
  for await (const row of rowsOf(text, OWN)) {
    if (row.kind === 'bad') throw new StepError(`${path}:${row.line}: ${row.reason}`);
    yield row.fields;
  }
}
