/**
 * What a scenario is, and the few steps that most of them are made of. A scenario is played on any
 * tool; it ends quietly or throws what went wrong.
 */
import assert from 'node:assert/strict';
import type { Built, Environment, Playground } from './playground.ts';
import type { Task } from './tool.ts';

export type Scenario = {
  readonly name: string;
  /** `safe`: a wrong result is a broken promise. `quick`: work that nobody needed. */
  readonly about: 'safe' | 'quick';
  readonly play: (play: Playground) => Promise<void>;
};

/** Copies `in.txt` to `out.txt`. */
export const copying: Task = {
  command: 'cat {in.x} > {out.y}',
  in: { x: 'in.txt' },
  out: { y: 'out.txt' },
};

/** Describes the folder `src` by some command, in `out.txt`. */
export const looking = (command: string): Task => ({
  command: `${command} > {out.y}`,
  in: { x: 'src' },
  out: { y: 'out.txt' },
});

export async function succeed(play: Playground, env: Environment = {}): Promise<Built> {
  const built = await play.build(env);
  assert.ok(built.ok, `it failed:\n${built.printed}`);
  return built;
}

/** What an error says that is about needless work and not about a wrong result. */
export const NEEDLESS = 'nothing had to execute';

/** Builds, and everything is as it was. */
export async function expectHit(play: Playground, env: Environment = {}): Promise<void> {
  const { executed } = await succeed(play, env);
  assert.deepEqual(executed, [], NEEDLESS);
}

/** What a clean build would have made is what lies there after a build. */
export async function expectOutput(
  play: Playground,
  content: string,
  env: Environment = {},
): Promise<Built> {
  const built = await succeed(play, env);
  assert.equal(play.read('out.txt'), content);
  return built;
}
