/**
 * The engine's report on a pull, a build or an import: one JSON object a line. An error stands in a
 * line like any other, after a status of 200: whoever does not read it believes in success.
 */
import { createInterface } from 'node:readline';
import { type Answer, refusalOf, textAt } from './engine.ts';

export type ReportLine = {
  readonly id?: string;
  readonly stream?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
};

/** Reads to the end; an abort ends it early, as a connection that is gone. */
export async function readReport(
  stream: NodeJS.ReadableStream,
  signal: AbortSignal,
  onLine: (line: ReportLine) => void,
): Promise<Answer<undefined>> {
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  const close = () => {
    lines.close();
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
  };
  signal.addEventListener('abort', close, { once: true });
  let broken: unknown;
  stream.once('error', error => {
    broken = error;
    lines.close();
  });
  let failure: string | undefined;
  for await (const text of lines) {
    const line = parse(text);
    failure ??= textAt(line, 'errorDetail', 'message') ?? textAt(line, 'error');
    if (line !== undefined) onLine(line);
  }
  signal.removeEventListener('abort', close);
  if (signal.aborted) return { ok: false, error: { kind: 'gone', message: 'it was interrupted' } };
  if (broken !== undefined) return { ok: false, error: refusalOf(broken) };
  if (failure === undefined) return { ok: true, value: undefined };
  return { ok: false, error: { kind: 'refused', status: 500, message: failure } };
}

function parse(text: string): ReportLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? line : undefined;
  } catch {
    return undefined; // Nothing that an engine of this kind would say.
  }
}
