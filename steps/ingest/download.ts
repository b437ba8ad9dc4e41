/**
 * Fetches a file into the working directory, as a stream: no silent truncation, no unchecked
 * status, no unbounded size, no unexpected content. Unaware of what the file holds.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { StepError } from '../sdk/step.ts';

export type Download = {
  readonly url: string;
  readonly sha256: string;
  readonly maxBytes: number;
  /** How long the server may be silent. */
  readonly timeoutMs: number;
  readonly onProgress: (share: number) => void;
};

/** Without a digest the same key could mean other data tomorrow, and a pure step may not do that. */
export function checkedUrl(url: string, sha256: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new StepError(`\`${url}\` is not an http or https address`);
  }
  if (sha256 === '') {
    throw new StepError(
      '`url` needs `sha256`: an address alone does not say what is behind it, and the result of this step is remembered',
      'add the SHA-256 of the file; `sha256sum` prints it for a copy that you trust',
    );
  }
  return parsed;
}

/** Downloads to `path` and proves that it is what was asked for. */
export async function download(request: Download, path: string): Promise<void> {
  const url = checkedUrl(request.url, request.sha256);
  const silence = silenceTimer(request.timeoutMs);
  try {
    const response = await fetch(url, {
      signal: silence.signal,
      // The digest is of the file, not of what a proxy made of it.
      headers: { 'accept-encoding': 'identity' },
    });
    if (!response.ok || response.body === null) {
      throw new StepError(
        `${shown(url)} answered ${response.status} ${response.statusText}`.trim(),
      );
    }
    await receive(response.body, request, { path, url, expected: length(response), silence });
  } catch (error) {
    if (error instanceof StepError) throw error;
    throw failure(error, url, request, silence);
  } finally {
    silence.stop();
  }
}

async function receive(
  body: AsyncIterable<Uint8Array>,
  { sha256, maxBytes, onProgress }: Download,
  into: {
    readonly path: string;
    readonly url: URL;
    readonly expected: number | undefined;
    readonly silence: SilenceTimer;
  },
): Promise<void> {
  const tooLarge = () =>
    new StepError(
      `${shown(into.url)} is larger than ${maxBytes} bytes`,
      '`max-bytes` sets how much is taken',
    );
  if (into.expected !== undefined && into.expected > maxBytes) throw tooLarge();
  const digest = createHash('sha256');
  const file = await open(into.path, 'w');
  let bytes = 0;
  try {
    for await (const chunk of body) {
      into.silence.restart();
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      digest.update(chunk);
      await file.writeFile(chunk);
      if (into.expected !== undefined) onProgress(bytes / into.expected);
    }
  } finally {
    await file.close();
  }
  const found = digest.digest('hex');
  if (found !== sha256) {
    throw new StepError(
      `${shown(into.url)} is not what was asked for: its SHA-256 is ${found}, not ${sha256}`,
      'the file behind the address has changed, or `sha256` is of another one',
    );
  }
}

/** Content-Length says nothing about the file where an encoding was applied all the same. */
function length({ headers }: Response): number | undefined {
  const given = headers.get('content-length');
  return given === null || headers.get('content-encoding') !== null ? undefined : Number(given);
}

type SilenceTimer = { readonly signal: AbortSignal; restart(): void; stop(): void };

function silenceTimer(timeoutMs: number): SilenceTimer {
  const controller = new AbortController();
  const start = () => setTimeout(() => controller.abort(), timeoutMs);
  let timer = start();
  return {
    signal: controller.signal,
    restart: () => {
      clearTimeout(timer);
      timer = start();
    },
    stop: () => clearTimeout(timer),
  };
}

function failure(error: unknown, url: URL, request: Download, silence: SilenceTimer): StepError {
  if (silence.signal.aborted) {
    return new StepError(
      `${shown(url)} was silent for ${request.timeoutMs / 1000} seconds`,
      '`timeout-seconds` sets how long to wait',
    );
  }
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
  return new StepError(`${shown(url)} could not be downloaded: ${reason}`);
}

/** Without what may be secret: user, password and query. */
const shown = (url: URL): string => `${url.origin}${url.pathname}`;
