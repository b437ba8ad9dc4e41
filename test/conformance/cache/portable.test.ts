/** The scenarios that any tool can be asked, on Sluice. `bench/peers/` plays them on others. */
import { expect, test } from 'vitest';
import { Playground } from './playground.ts';
import { SCENARIOS } from './scenarios.ts';
import { sluice } from './tool.ts';

test.each(SCENARIOS)('$name', async ({ play }) => {
  using playground = new Playground(sluice);
  await play(playground);
});

test('every scenario has a name of its own', () => {
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
});
