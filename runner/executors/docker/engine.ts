/**
 * The container engine at the other end of a socket: where it listens, and what its refusals and
 * silences mean. The only place that catches what dockerode throws. Unaware of steps.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import Docker from 'dockerode';

type Environment = Readonly<Record<string, string | undefined>>;

export type Engine = {
  readonly client: Docker;
  /** For messages: `unix:///var/run/docker.sock`. */
  readonly address: string;
};

export type Refusal =
  /** Nobody answers, or the connection broke. */
  | { readonly kind: 'gone'; readonly message: string }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string };

export type Answer<T, E = Refusal> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const DEFAULT_SOCKET = '/var/run/docker.sock';

/** As the `docker` command finds it: DOCKER_HOST, the chosen context, the usual sockets. */
export function engineAddress(env: Environment): string {
  const named = env['DOCKER_HOST'];
  if (named) return named.includes('://') ? named : `tcp://${named}`;
  const context = contextAddress(env);
  if (context !== undefined) return context;
  const rootless = env['XDG_RUNTIME_DIR'] && join(env['XDG_RUNTIME_DIR'], 'docker.sock');
  const socket =
    !existsSync(DEFAULT_SOCKET) && rootless && existsSync(rootless) ? rootless : DEFAULT_SOCKET;
  return `unix://${socket}`;
}

/** The folder of the user's Docker settings: contexts and logins. */
export const dockerFolder = (env: Environment): string =>
  env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');

function contextAddress(env: Environment): string | undefined {
  const folder = dockerFolder(env);
  const name =
    env['DOCKER_CONTEXT'] ?? textAt(readJson(join(folder, 'config.json')), 'currentContext');
  if (name === undefined || name === 'default') return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  const meta = readJson(join(folder, 'contexts', 'meta', id, 'meta.json'));
  return textAt(meta, 'Endpoints', 'docker', 'Host');
}

/** Undefined where there is no such file, or it is not JSON. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The text at a path of keys; undefined where anything else is there. */
export function textAt(json: unknown, ...keys: readonly string[]): string | undefined {
  let value = json;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  return typeof value === 'string' ? value : undefined;
}

export function connectEngine(env: Environment): Engine {
  const address = engineAddress(env);
  // The client hands `agent` on, which its types do not know.
  const options = connection(address, env);
  return { client: new Docker(options), address };
}

function connection(address: string, env: Environment) {
  // A connection of its own for each call: an engine that is being stopped still answers on those
  // that it has, and ends its containers meanwhile.
  const agent = briefly(new Agent({ keepAlive: false }));
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length), agent };
  const { hostname, port } = new URL(address);
  const folder = env['DOCKER_TLS_VERIFY'] ? (env['DOCKER_CERT_PATH'] ?? dockerFolder(env)) : '';
  if (folder === '')
    return { host: hostname, port: port || '2375', protocol: 'http' as const, agent };
  const read = (name: string) => readFileSync(join(folder, name));
  const keys = { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  return { host: hostname, port: port || '2376', protocol: 'https' as const, ...keys };
}

/**
 * The client puts each request into words for a debugger that is hardly ever there, down to the last
 * thing that hangs on its agent: several times as much work as the request itself.
 */
function briefly(agent: Agent): Agent {
  return Object.defineProperty(agent, inspect.custom, { value: () => 'Agent' });
}

/** Calls the engine; what it throws becomes an answer. */
export async function ask<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, error: refusalOf(error) };
  }
}

export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error)) return { kind: 'gone', message: String(error) };
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status !== 'number') return { kind: 'gone', message: error.message };
  const json = 'json' in error ? error.json : undefined;
  return { kind: 'refused', status, message: (textAt(json, 'message') ?? error.message).trim() };
}

/** How long an engine may take to say that it is there. */
const PING_MS = 3_000;

export async function ping({ client }: Engine): Promise<Answer<unknown>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer<unknown>>(resolve => {
    const error = { kind: 'gone', message: 'it does not answer' } as const;
    timer = setTimeout(() => resolve({ ok: false, error }), PING_MS);
  });
  const answer = await Promise.race([ask(() => client.ping()), late]);
  clearTimeout(timer);
  return answer;
}

/** One sentence for an engine that does not answer, and what to do about it. */
export function absentEngine({ address }: Engine, why: string): string {
  const denied = /EACCES|permission denied/i.test(why);
  const remedy = denied
    ? 'its socket may not be opened: add your user to the group `docker` and log in again'
    : 'start it (`sudo systemctl start docker`), or name another with DOCKER_HOST';
  return `no container engine answers at ${address}; ${remedy}`;
}
