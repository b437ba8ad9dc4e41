/**
 * A stand-in for a container engine that answers what a test tells it to answer, and is silent about
 * everything else: for ever. Unaware of containers.
 */
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Said = { readonly status: number; readonly body: string };

export type SilentEngine = AsyncDisposable & {
  /** As DOCKER_HOST. */
  readonly address: string;
  /** Settles when it has been asked so often for what fits. */
  readonly asked: (request: RegExp, times?: number) => Promise<void>;
};

/** `answer` is given `GET /images/x/json`; undefined is silence. */
export async function silentEngine(
  answer: (request: string) => Said | undefined,
): Promise<SilentEngine> {
  const requests: string[] = [];
  let heard: () => void = () => undefined;
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push(line);
    heard();
    const said = answer(line);
    if (said !== undefined) response.writeHead(said.status).end(said.body);
  });
  const path = join(mkdtempSync(join(tmpdir(), 'sluice-silent-')), 'docker.sock');
  await new Promise<void>(resolve => server.listen(path, resolve));
  return {
    address: `unix://${path}`,
    asked: (wanted, times = 1) =>
      new Promise(resolve => {
        heard = () => {
          if (requests.filter(line => wanted.test(line)).length >= times) resolve();
        };
        heard();
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const NOT_FOUND: Said = { status: 404, body: '{"message":"No such image"}' };
