import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { absentEngine, connectEngine, ping } from './engine.ts';

test.each(['unix:///nowhere/docker.sock', 'tcp://127.0.0.1:1'])(
  'a connection to %s is a word for whoever writes requests down: they are, each time',
  address => {
    const { client } = connectEngine({ DOCKER_HOST: address });
    const agent: unknown = Reflect.get(client.modem, 'agent');
    expect(inspect(agent, { showHidden: true, depth: null })).toBe('Agent');
  },
);

test.each([
  [{ DOCKER_HOST: 'ssh://user@host' }, /^no container engine can be asked at ssh:/],
  [{ DOCKER_HOST: 'tcp://127.0.0.1:many' }, /through `unix:\/\/` and `tcp:\/\/`/],
  [
    { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' },
    /cannot be read .*\/nowhere\/ca.pem/,
  ],
])('%j leads nowhere, and that is told as what it is', async (env, words) => {
  const engine = connectEngine(env);
  const answer = await ping(engine);
  expect(answer.ok ? '' : absentEngine(engine, answer.error.message)).toMatch(words);
});
