import { expect, test } from 'vitest';
import { NOT_FOUND, silentEngine } from '../../../test/harness/silent-engine.ts';
import { connectEngine } from './engine.ts';
import { openImages } from './images.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;
const container = {
  image: `registry.invalid/x@${DIGEST}`,
  build: null,
  user: null,
  entrypoint: null,
  network: 'none',
} as const;

const imagesOf = (address: string) => {
  const env = { DOCKER_HOST: address, DOCKER_CONFIG: '/nowhere' };
  const engine = connectEngine(env);
  return openImages({ engine, env, project: '/nowhere', pins: {}, pinsPath: undefined });
};

const fetching = (signal: AbortSignal) => ({ signal, onProgress: () => undefined });

test('who is cancelled waits no longer for a pull of which nothing is heard', async () => {
  await using engine = await silentEngine(request =>
    request.includes('/images/create') ? undefined : NOT_FOUND,
  );
  const abort = new AbortController();
  const provided = imagesOf(engine.address).provide(container, fetching(abort.signal));
  await engine.asked(/images\/create/);
  abort.abort();
  expect(await provided).toMatchObject({ ok: false });
});

test('that whoever asked first is cancelled is no answer for others who want the image', async () => {
  let pulls = 0;
  await using engine = await silentEngine(request => {
    if (!request.includes('/images/create')) return NOT_FOUND;
    pulls += 1;
    return pulls === 1 ? undefined : { status: 200, body: '{"status":"done"}\n' };
  });
  const images = imagesOf(engine.address);
  const abort = new AbortController();
  const first = images.provide(container, fetching(abort.signal));
  const second = images.provide(container, fetching(new AbortController().signal));
  await engine.asked(/images\/create/);
  abort.abort();
  expect(await first).toMatchObject({ ok: false });
  expect(await second).toEqual({ ok: true, value: container.image });
});
