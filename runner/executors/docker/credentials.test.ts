import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credentialsFor } from './credentials.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-login-'));
  const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({
      auths: {
        'ghcr.io': auth('ann:se:cret'),
        'https://index.docker.io/v1/': auth('hub:pw'),
        'https://old.example': auth('old:pw'),
        'broken.example': { auth: 'bm9jb2xvbg==' },
      },
      credHelpers: { 'gcr.io': 'test', 'token.example': 'token', 'gone.example': 'missing' },
    }),
  );
  const helper = (name: string, said: string) => {
    const path = join(folder, `docker-credential-${name}`);
    writeFileSync(path, `#!/bin/sh\ncat > ${folder}/asked-${name}\necho '${said}'\n`);
    chmodSync(path, 0o755);
  };
  helper('test', '{ "ServerURL": "gcr.io", "Username": "bob", "Secret": "pw" }');
  helper('token', '{ "Username": "<token>", "Secret": "tok" }');
});
afterAll(() => rmSync(folder, { recursive: true }));

const found = (registry: string) =>
  credentialsFor(registry, { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH']}` });

test.each([
  ['ghcr.io', { username: 'ann', password: 'se:cret' }],
  ['docker.io', { username: 'hub', password: 'pw' }],
  ['old.example', { username: 'old', password: 'pw' }],
  ['gcr.io', { username: 'bob', password: 'pw' }],
  ['token.example', { identitytoken: 'tok' }],
])('the login to %s is found where docker keeps it', async (registry, login) => {
  expect(await found(registry)).toMatchObject(login);
});

test.each(['nobody.example', 'broken.example', 'gone.example'])(
  'without a usable login to %s nobody is logged in',
  async registry => {
    expect(await found(registry)).toBeUndefined();
  },
);

test('without any settings nobody is logged in', async () => {
  expect(await credentialsFor('ghcr.io', { DOCKER_CONFIG: '/nowhere' })).toBeUndefined();
});
