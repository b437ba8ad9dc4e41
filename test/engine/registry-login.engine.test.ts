/** A registry that gives images only to who is logged in, through the real command line. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { address, newFolder } from '../harness/containers.ts';
import { TEST_IMAGE } from '../harness/engine.ts';
import { TempProject } from '../harness/temp-project.ts';

const REGISTRY = '127.0.0.1:5001';
const IMAGE = `${REGISTRY}/team/tool:1`;
/** `sam:secret`, as the registry wants to be told. */
const USERS = 'sam:$2b$05$7ODBvBOh4Ajb9SAB8ReiUOwGNPUABhoVw7nqvGslIywVbF4aaRRUi\n';

const PIPELINE = `sluice: 1
name: p
steps:
  a:
    run: echo x > \${{ out.result }}
    out: { result: file }
    container: ${IMAGE}
`;

describe.skipIf(address === null)('a registry that wants a login', () => {
  const folder = address === null ? '' : newFolder();
  let registry: ReturnType<typeof spawn> | undefined;

  const settings = (config: object): string => {
    const at = newFolder();
    writeFileSync(join(at, 'config.json'), JSON.stringify(config));
    return at;
  };
  const login = (text: string) =>
    settings({ auths: { [REGISTRY]: { auth: Buffer.from(text).toString('base64') } } });
  const docker = (...words: readonly string[]) =>
    execFileSync('docker', ['-H', address ?? '', ...words], { stdio: 'pipe' });

  beforeAll(() => {
    writeFileSync(join(folder, 'users'), USERS);
    const config = {
      version: '0.1',
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      auth: { htpasswd: { realm: 'test', path: join(folder, 'users') } },
      http: { addr: REGISTRY },
    };
    writeFileSync(join(folder, 'registry.yml'), JSON.stringify(config));
    const helper = join(folder, 'docker-credential-test');
    writeFileSync(
      helper,
      `#!/bin/sh\nread -r server; [ "$server" = ${REGISTRY} ] || exit 1\necho '{"Username":"sam","Secret":"secret"}'\n`,
    );
    chmodSync(helper, 0o755);
    // In the engine's own network: nobody else reaches it.
    const pid = readFileSync(join(inject('engineFolder'), 'pid'), 'utf8').trim();
    const serve = [`--net=/proc/${pid}/ns/net`, 'docker-registry', 'serve'];
    registry = spawn('nsenter', [...serve, join(folder, 'registry.yml')], { stdio: 'ignore' });
    docker('tag', TEST_IMAGE, IMAGE);
    const config0 = login('sam:secret');
    for (let isThere = false; !isThere; ) {
      try {
        docker('--config', config0, 'push', IMAGE);
        isThere = true;
      } catch (error) {
        if (!String(error).includes('connection refused')) throw error;
      }
    }
    docker('image', 'rm', IMAGE);
  });
  afterAll(() => void registry?.kill());

  const runWith = async (DOCKER_CONFIG: string) => {
    using project = TempProject.create({ 'pipelines/p.yaml': PIPELINE });
    const PATH = `${folder}:${process.env['PATH']}`;
    const env = { DOCKER_HOST: address ?? '', SLUICE_EXECUTOR: 'docker', DOCKER_CONFIG, PATH };
    return await project.sluice(['run'], env);
  };

  test.each([
    ['settings', () => login('sam:secret')],
    ['a helper for it', () => settings({ credHelpers: { [REGISTRY]: 'test' } })],
    ['a helper for all', () => settings({ credsStore: 'test' })],
  ])('gives an image to who is logged in by %s', async (_, config) => {
    expect(await runWith(config())).toMatchObject({ code: 0, stderr: '' });
    // By its name: the tests' own image is the same.
    const names = ['images', '--digests', '--format', '{{.Repository}}@{{.Digest}}'];
    docker(
      'image',
      'rm',
      docker(...names, `${REGISTRY}/team/tool`)
        .toString()
        .trim(),
    );
  });

  test.each([
    ['nobody', () => settings({}), 'or it wants `docker login 127.0.0.1:5001`'],
    ['a helper that is not there', () => settings({ credsStore: 'none' }), 'or it wants `docker'],
    [
      'a wrong login',
      () => login('sam:wrong'),
      '(`sam`): there is no such image, or it wants a new',
    ],
  ])('refuses %s, and the message says what to do', async (_, config, words) => {
    const stdout = expect.stringContaining(words);
    expect(await runWith(config())).toMatchObject({ code: 1, stderr: '', stdout });
  });
});
