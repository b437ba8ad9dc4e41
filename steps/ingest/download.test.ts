import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { download } from './download.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-download-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BODY = 'x,y\n1,2\n';
const SHA256 = createHash('sha256').update(BODY).digest('hex');

/** Serves one answer and downloads it. */
const fetchFrom = async (
  answer: RequestListener,
  options: {
    readonly sha256?: string;
    readonly maxBytes?: number;
    readonly timeoutMs?: number;
  } = {},
) => {
  const server = createServer(answer);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const path = join(folder, `${port}.csv`);
  try {
    await download(
      {
        url: `http://127.0.0.1:${port}/data.csv?token=secret`,
        sha256: SHA256,
        maxBytes: 1_000,
        timeoutMs: 10_000,
        onProgress: () => undefined,
        ...options,
      },
      path,
    );
    return readFileSync(path, 'utf8');
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

test('a file is downloaded when it is the one that was asked for', async () => {
  expect(await fetchFrom((_, response) => response.end(BODY))).toBe(BODY);
});

test('another content is refused with both digests', async () => {
  const other = fetchFrom((_, response) => response.end('tampered'));
  await expect(other).rejects.toThrow(new RegExp(`is not what was asked for: .*not ${SHA256}`));
});

test('a status that is no success is refused, without what may be secret in the address', async () => {
  const missing = fetchFrom((_, response) => response.writeHead(404).end('x'));
  await expect(missing).rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+\/data\.csv answered 404/);
});

test('too large a file is broken off, whether it says so or not', async () => {
  const told = fetchFrom((_, response) => response.end('x'.repeat(2_000)));
  await expect(told).rejects.toThrow('is larger than 1000 bytes');
  const untold = fetchFrom((_, response) => {
    response.write('x'.repeat(800));
    response.end('x'.repeat(800));
  });
  await expect(untold).rejects.toThrow('is larger than 1000 bytes');
});

test('a connection that ends early is no file', async () => {
  const cut = fetchFrom((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('x');
    response.socket?.end();
  });
  await expect(cut).rejects.toThrow('could not be downloaded');
});

test('a silent server is given up on', async () => {
  const silent = fetchFrom(() => undefined, { timeoutMs: 50 });
  await expect(silent).rejects.toThrow('was silent for 0.05 seconds');
});

test('an address without a digest, or of another kind, is refused before anything is sent', async () => {
  const request = { maxBytes: 1, timeoutMs: 1, onProgress: () => undefined };
  const to = join(folder, 'none');
  const bare = { ...request, url: 'https://example.org/x.csv', sha256: '' };
  await expect(download(bare, to)).rejects.toThrow('`url` needs `sha256`');
  const file = { ...request, url: 'file:///etc/passwd', sha256: SHA256 };
  await expect(download(file, to)).rejects.toThrow('is not an http or https address');
});
