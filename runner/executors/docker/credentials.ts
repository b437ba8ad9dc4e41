/**
 * The user's logins to registries, from where the `docker` command keeps them: `config.json` and
 * the credential helpers that it names. Never logged, never kept.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { AuthConfigObject } from 'dockerode';
import { dockerFolder, readJson, textAt } from './engine.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const HELPER_MS = 10_000;

/** Undefined where nobody is logged in: most images are public. */
export async function credentialsFor(
  registry: string,
  env: Environment,
): Promise<AuthConfigObject | undefined> {
  const config = readJson(join(dockerFolder(env), 'config.json'));
  for (const server of serverNames(registry)) {
    const helper = textAt(config, 'credHelpers', server) ?? textAt(config, 'credsStore');
    const found =
      (helper === undefined ? undefined : await askHelper(helper, server, env)) ??
      decode(textAt(config, 'auths', server, 'auth'), server);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Docker Hub has kept its first address in these files. */
const serverNames = (registry: string): readonly string[] =>
  registry === 'docker.io'
    ? ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io']
    : [registry, `https://${registry}`];

function decode(auth: string | undefined, serveraddress: string): AuthConfigObject | undefined {
  if (auth === undefined) return undefined;
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon <= 0) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1), serveraddress };
}

function askHelper(
  helper: string,
  server: string,
  env: Environment,
): Promise<AuthConfigObject | undefined> {
  return new Promise(resolve => {
    const options = { env: { ...env }, timeout: HELPER_MS };
    const child = execFile(`docker-credential-${helper}`, ['get'], options, (error, stdout) => {
      resolve(error === null ? parseHelper(stdout, server) : undefined);
    });
    // A helper that is not installed has no one to read the question.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(server);
  });
}

function parseHelper(stdout: string, serveraddress: string): AuthConfigObject | undefined {
  let said: unknown;
  try {
    said = JSON.parse(stdout);
  } catch {
    return undefined;
  }
  const username = textAt(said, 'Username');
  const password = textAt(said, 'Secret');
  if (username === undefined || password === undefined) return undefined;
  // Helpers mark tokens so; the engine wants them under another name.
  if (username === '<token>')
    return { username: '', password: '', identitytoken: password, serveraddress };
  return { username, password, serveraddress };
}
