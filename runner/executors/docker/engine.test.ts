import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { connectEngine } from './engine.ts';

test.each(['unix:///nowhere/docker.sock', 'tcp://127.0.0.1:1'])(
  'a connection to %s is a word for whoever writes requests down: they are, each time',
  address => {
    const { client } = connectEngine({ DOCKER_HOST: address });
    const agent: unknown = Reflect.get(client.modem, 'agent');
    expect(inspect(agent, { showHidden: true, depth: null })).toBe('Agent');
  },
);
