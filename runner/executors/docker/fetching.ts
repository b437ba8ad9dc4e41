/**
 * Brings images to the engine: pulls and builds, with progress. Everything that can go wrong ends
 * in one sentence with what to do. Unaware of steps and of pins.
 */
import type { AuthConfigObject } from 'dockerode';
import type { BuildContext } from './build-context.ts';
import { credentialsFor } from './credentials.ts';
import { type Answer, absentEngine, ask, type Engine, type Refusal } from './engine.ts';
import { parseReference } from './reference.ts';
import { type ReportLine, readReport } from './report.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type Fetched<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

export type Fetching = {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: number, message: string) => void;
};

/** The digest that a tag has in its registry right now; nothing is pulled. */
export async function askRegistry(
  image: string,
  engine: Engine,
  env: Environment,
): Promise<Fetched<string>> {
  const { registry } = parseReference(image);
  const login = await credentialsFor(registry, env);
  const found = await ask(() =>
    engine.client.getImage(image).distribution(login && { authconfig: login }),
  );
  return found.ok
    ? { ok: true, value: found.value.Descriptor.digest }
    : { ok: false, message: refusalWords(image, found.error, { engine, login }) };
}

export async function pullImage(
  image: string,
  { engine, env, signal, onProgress }: Fetching & { engine: Engine; env: Environment },
): Promise<Fetched<string>> {
  const login = await credentialsFor(parseReference(image).registry, env);
  const stream = await ask(() =>
    engine.client.pull(image, { ...(login && { authconfig: login }), abortSignal: signal }),
  );
  const done = stream.ok
    ? await follow(stream.value, { signal, onProgress }, `pulling ${image}`)
    : stream;
  return done.ok
    ? { ok: true, value: image }
    : { ok: false, message: refusalWords(image, done.error, { engine, login }) };
}

export async function buildImage(
  context: BuildContext,
  tag: string,
  { engine, signal, onProgress }: Fetching & { engine: Engine },
): Promise<Fetched<string>> {
  const { folder, dockerfile, files } = context;
  const stream = await ask(() =>
    engine.client.buildImage(
      { context: folder, src: [...files] },
      { t: tag, dockerfile, rm: true, forcerm: true, abortSignal: signal },
    ),
  );
  const done = stream.ok
    ? await follow(stream.value, { signal, onProgress }, `building ${dockerfile}`)
    : stream;
  return done.ok
    ? { ok: true, value: tag }
    : {
        ok: false,
        message: `its image could not be built from ${dockerfile}: ${done.error.message}`,
      };
}

/** Reads the engine's report to its end; an error in it is the answer. */
function follow(
  stream: NodeJS.ReadableStream,
  { signal, onProgress }: Fetching,
  what: string,
): Promise<Answer<undefined>> {
  const layers = new Map<string, Layer>();
  return readReport(stream, signal, line =>
    onProgress(shareOf(layers, line), progressWords(what, line)),
  );
}

type Layer = { readonly current: number; readonly total: number };

function shareOf(layers: Map<string, Layer>, { id, progressDetail }: ReportLine): number {
  const { current = 0, total = 0 } = progressDetail ?? {};
  if (id !== undefined && total > 0) layers.set(id, { current, total });
  const all = [...layers.values()];
  const whole = all.reduce((sum, layer) => sum + layer.total, 0);
  return whole === 0 ? 0 : all.reduce((sum, layer) => sum + layer.current, 0) / whole;
}

function progressWords(what: string, { stream }: ReportLine): string {
  const words = stream?.trim().split('\n').at(-1);
  return words === undefined || words === '' ? what : `${what}: ${words}`;
}

type Asked = { readonly engine: Engine; readonly login: AuthConfigObject | undefined };

function refusalWords(image: string, error: Refusal, { engine, login }: Asked): string {
  if (error.kind === 'gone') return absentEngine(engine, error.message);
  const { registry } = parseReference(image);
  const { message } = error;
  if (/manifest (for .* )?(unknown|not found)|no such image/i.test(message)) {
    return `there is no image \`${image}\` in ${registry}; correct its name or tag`;
  }
  if (/unauthorized|denied|authentication required|no basic auth/i.test(message)) {
    if (login !== undefined) {
      const who = login.username ? `\`${login.username}\`` : 'a token';
      return `${registry} does not give \`${image}\` to the login that docker keeps for it (${who}): there is no such image, or it wants a new \`docker login ${registry}\``;
    }
    return `${registry} does not give \`${image}\` away: there is no such image, or it wants \`docker login ${registry}\``;
  }
  if (
    /dial tcp|no such host|lookup |i\/o timeout|connection refused|unreachable|proxyconnect|deadline exceeded|Client\.Timeout|TLS handshake|connection reset|: EOF$/i.test(
      message,
    )
  ) {
    return `the image \`${image}\` is not on this machine, and ${registry} cannot be reached (${message}); bring it with \`docker load\`, or go online once`;
  }
  return `the image \`${image}\` could not be fetched: ${message}`;
}
