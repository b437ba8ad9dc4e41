import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  address,
  containerOf,
  engine,
  engineEnv,
  newFolder,
} from '../../../test/harness/containers.ts';
import { TEST_IMAGE } from '../../../test/harness/engine.ts';
import { currentMeaning, type Images, openImages } from './images.ts';
import { type Pins, readPins } from './pins.ts';

const REGISTRY = '127.0.0.1:5000';

const docker = (...words: readonly string[]): string =>
  execFileSync('docker', ['-H', address ?? '', ...words], { encoding: 'utf8', stdio: 'pipe' });

const open = (pins: Pins = {}, project = newFolder()): { images: Images; pinsPath: string } => {
  const pinsPath = join(project, 'sluice.lock');
  return { images: openImages({ engine, env: engineEnv, project, pins, pinsPath }), pinsPath };
};

const noFetching = { signal: new AbortController().signal, onProgress: () => undefined };

/** An image of one more file than the test image, in the registry and nowhere else. */
function publish(name: string, content: string): string {
  const context = newFolder();
  writeFileSync(join(context, 'mark'), content);
  writeFileSync(join(context, 'Dockerfile'), `FROM ${TEST_IMAGE}\nCOPY mark /mark\n`);
  const image = `${REGISTRY}/${name}`;
  execFileSync('docker', ['-H', address ?? '', 'build', '-t', image, context], {
    stdio: 'pipe',
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
  });
  docker('push', image);
  docker('image', 'rm', '-f', image);
  return image;
}

describe.skipIf(address === null)('images', () => {
  let image = '';
  beforeAll(() => {
    image = publish('team/tool:1', 'first');
  });

  test('a tag is resolved once, without pulling, and pinned', async () => {
    const { images, pinsPath } = open();
    const found = await images.resolve(containerOf({ image }));
    expect(found).toMatchObject({ ok: true, value: { from: 'registry' } });
    const pins = readPins(pinsPath);
    expect(pins).toEqual({ [image]: found.ok ? found.value.identity : '' });
    await expect(engine.client.getImage(image).inspect()).rejects.toThrow(/No such image/i);
  });

  test('a pinned image runs as it was, though its tag has moved', async () => {
    const moving = publish('team/moving:1', 'before');
    const first = await open().images.resolve(containerOf({ image: moving }));
    if (!first.ok) throw new Error(first.message);
    const pinned = first.value.identity;
    publish('team/moving:1', 'after');
    const { images } = open({ [moving]: pinned });
    expect(await images.resolve(containerOf({ image: moving }))).toMatchObject({
      value: { identity: pinned },
    });
    const progress: string[] = [];
    const provided = await images.provide(containerOf({ image: moving }), {
      ...noFetching,
      onProgress: (_, message) => progress.push(message),
    });
    expect(provided).toEqual({ ok: true, value: `${REGISTRY}/team/moving@${pinned}` });
    expect(progress.join()).toContain('pulling');
    const now = await currentMeaning(moving, { engine, env: engineEnv });
    expect(now.ok && now.value.identity).not.toBe(pinned);
  });

  test('a tag that is not in its registry is one clear sentence', async () => {
    const missing = `${REGISTRY}/team/tool:none`;
    expect(await open().images.resolve(containerOf({ image: missing }))).toMatchObject({
      ok: false,
      message: expect.stringContaining(`there is no image \`${missing}\` in ${REGISTRY}`),
    });
  });

  test('an image of this machine is its content, whenever it was made, and not pinned', async () => {
    const { images, pinsPath } = open();
    const found = await images.resolve(containerOf());
    expect(found).toMatchObject({ ok: true, value: { from: 'this-machine' } });
    expect(readPins(pinsPath)).toEqual({});
    const again = `localhost/sluice/again:${process.pid}`;
    const saved = join(newFolder(), 'image.tar');
    docker('create', '--name', `again-${process.pid}`, TEST_IMAGE, 'true');
    docker('export', '-o', saved, `again-${process.pid}`);
    docker('rm', `again-${process.pid}`);
    docker('import', saved, `${again}a`);
    docker('import', '-m', 'later', saved, `${again}b`);
    const [a, b] = await Promise.all(
      ['a', 'b'].map(suffix => images.resolve(containerOf({ image: again + suffix }))),
    );
    if (!a?.ok || !b?.ok) throw new Error('not resolved');
    expect(a.value.identity).toBe(b.value.identity);
    expect(a.value.name).not.toBe(b.value.name);
  });

  describe('that are built', () => {
    const dockerfile = `FROM ${TEST_IMAGE}\nCOPY hello.txt /hello.txt\n`;
    const built = (files: Readonly<Record<string, string>>) => {
      const project = newFolder();
      for (const [path, text] of Object.entries(files)) writeFileSync(join(project, path), text);
      return project;
    };
    const container = containerOf({ image: null, build: 'Dockerfile' });
    const identity = async (project: string) => {
      const found = await open({}, project).images.resolve(container);
      return found.ok ? found.value.identity : found.message;
    };

    test('are keyed by what they are built from, wherever that lies', async () => {
      const files = { Dockerfile: dockerfile, 'hello.txt': 'hello' };
      const first = await identity(built(files));
      expect(first).toMatch(/^build:[0-9a-f]{64}$/);
      expect(await identity(built(files))).toBe(first);
      expect(await identity(built({ ...files, 'hello.txt': 'other' }))).not.toBe(first);
      const ignoring = { ...files, '.dockerignore': '*.log\n' };
      const clean = await identity(built(ignoring));
      expect(await identity(built({ ...ignoring, 'x.log': 'noise' }))).toBe(clean);
    });

    test('are built once, and then there', async () => {
      const project = built({ Dockerfile: dockerfile, 'hello.txt': `hello ${process.pid}` });
      const said: string[] = [];
      const fetching = { ...noFetching, onProgress: (_: number, m: string) => said.push(m) };
      const first = await open({}, project).images.provide(container, fetching);
      if (!first.ok) throw new Error(first.message);
      expect(said.join('\n')).toContain('building Dockerfile');
      said.length = 0;
      expect(await open({}, project).images.provide(container, fetching)).toEqual(first);
      expect(said).toEqual([]);
      expect(docker('run', '--rm', first.value, 'cat', '/hello.txt')).toContain('hello');
    });

    test('say which line fails', async () => {
      const project = built({ Dockerfile: `FROM ${TEST_IMAGE}\nRUN exit 3\n` });
      expect(await open({}, project).images.provide(container, noFetching)).toMatchObject({
        ok: false,
        message: expect.stringMatching(/could not be built from Dockerfile.*non-zero code: 3/),
      });
    });

    test('say when the Dockerfile is not there', async () => {
      expect(await identity(newFolder())).toMatch(/cannot be built from .\/Dockerfile/);
    });
  });

  test('what has been pinned is readable and in order', async () => {
    const { images, pinsPath } = open();
    await images.resolve(containerOf({ image }));
    const file = JSON.parse(readFileSync(pinsPath, 'utf8'));
    expect(file).toEqual({ format: 1, images: { [image]: expect.stringMatching(/^sha256:/) } });
  });
});
