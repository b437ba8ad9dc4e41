import { expect, test } from 'vitest';
import { chooseMode } from './readers.ts';
import type { Terminal } from './terminal.ts';

const piped: Terminal = {
  out: () => {},
  err: () => {},
  color: false,
  unicode: true,
  width: 100,
  columns: undefined,
  interactive: false,
  verbosity: 'normal',
};

const mode = (
  env: NodeJS.ProcessEnv,
  { ui = 'auto', json }: { ui?: Parameters<typeof chooseMode>[1]['ui']; json?: true } = {},
) => chooseMode({ env, terminal: piped }, { ui, json });

test.each([
  [{}, {}, 'plain'],
  [{ CI: 'true' }, {}, 'plain'],
  [{ GITHUB_ACTIONS: 'true', CI: 'true' }, {}, 'github'],
  [{ GITLAB_CI: 'true', CI: 'true' }, {}, 'gitlab'],
  [{ GITHUB_ACTIONS: 'true' }, { ui: 'plain' }, 'plain'],
  [{ GITHUB_ACTIONS: 'true' }, { json: true }, 'json'],
  [{}, { ui: 'screen' }, 'screen'],
  [{}, { ui: 'quiet' }, 'quiet'],
] as const)('without a terminal, %j and %j give %s', (env, asked, expected) => {
  expect(mode(env, asked)).toBe(expected);
});
