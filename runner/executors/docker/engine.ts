/**
 * The container engine at the other end of a socket: where it listens, and what its refusals and
 * silences mean. The only place that catches what dockerode throws. Unaware of steps.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import http, { type Agent } from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import Docker from 'dockerode';

type Environment = Readonly<Record<string, string | undefined>>;

export type Engine = {
  readonly client: Docker;
  /** What all calls go through; destroyed, it keeps nobody waiting for an answer. */
  readonly agent: Agent;
  /** For messages: `unix:///var/run/docker.sock`. */
  readonly address: string;
  /** Why nobody can be asked there, whoever listens. */
  readonly unusable?: string;
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
  env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homeOfUser(), '.docker');

function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '/'; // The system does not know this user: as in a container with a number alone.
  }
}

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
  const options = connection(address, env);
  if (typeof options === 'string') return unusableEngine(address, options);
  // A connection of its own for each call: an engine that is being stopped still answers on those
  // that it has, and ends its containers meanwhile.
  const { Agent: Kind } = 'ca' in options ? https : http;
  const agent = briefly(new Kind({ keepAlive: false }));
  // The client hands `agent` on, which its types do not know.
  const given = { ...options, agent };
  return { client: new Docker(given), agent, address };
}

/** Refuses every call: the client itself would throw, or ask somebody else. */
function unusableEngine(address: string, why: string): Engine {
  const dial = (_: unknown, answer: (error: Error) => void) => answer(new Error(why));
  const given = { socketPath: '', modem: { dial } };
  return { client: new Docker(given), agent: new http.Agent(), address, unusable: why };
}

/** Where it is, or why nobody can be asked there. */
function connection(address: string, env: Environment) {
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) };
  const { protocol, hostname, port } = URL.parse(address) ?? {};
  if (protocol === undefined || !NETWORK.includes(protocol)) {
    return `Sluice reaches engines through \`unix://\` and \`tcp://\``;
  }
  const folder = env['DOCKER_TLS_VERIFY'] ? (env['DOCKER_CERT_PATH'] ?? dockerFolder(env)) : '';
  if (folder === '') return { host: hostname, port: port || '2375', protocol: 'http' as const };
  const read = (name: string) => readFileSync(join(folder, name));
  try {
    const keys = { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
    return { host: hostname, port: port || '2376', protocol: 'https' as const, ...keys };
  } catch (error) {
    return `a key of DOCKER_TLS_VERIFY cannot be read (${refusalOf(error).message})`;
  }
}

const NETWORK: readonly string[] = ['tcp:', 'http:', 'https:'];

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

export const ping = ({ client }: Engine): Promise<Answer<unknown>> =>
  askWithin(PING_MS, () => client.ping());

/** As `ask`: an engine that says nothing for so long is as good as gone. */
export async function askWithin<T>(timeMs: number, call: () => Promise<T>): Promise<Answer<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer<T>>(resolve => {
    const error = { kind: 'gone', message: 'it does not answer' } as const;
    timer = setTimeout(() => resolve({ ok: false, error }), timeMs);
  });
  const answer = await Promise.race([ask(call), late]);
  clearTimeout(timer);
  return answer;
}

/** Removing takes a busy engine seconds; one that hangs is not waited for. */
const REMOVAL_MS = 30_000;

/** Whatever runs in it, and with the volumes that are its own. */
export const removeContainer = (container: Docker.Container): Promise<Answer<unknown>> =>
  askWithin(REMOVAL_MS, () => container.remove({ force: true, v: true }));

/** One sentence for an engine that does not answer, and what to do about it. */
export function absentEngine({ address, unusable }: Engine, why: string): string {
  if (unusable !== undefined) {
    return `no container engine can be asked at ${address}: ${unusable}; correct DOCKER_HOST, or unset it`;
  }
  const denied = /EACCES|permission denied/i.test(why);
  const remedy = denied
    ? 'its socket may not be opened: add your user to the group `docker` and log in again'
    : 'start it (`sudo systemctl start docker`), or name another with DOCKER_HOST';
  return `no container engine answers at ${address}; ${remedy}`;
}
