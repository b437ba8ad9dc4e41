/**
 * The model test: random pipelines, random edits, damage, failures and interrupts, played by the real runner on
 * the real store. After every run the outputs are those of a clean build, and the steps executed
 * are exactly those that the oracle's rules name. `ROUNDS=20000 SEED=7` for a long night; a failure
 * prints the seed that repeats it and what was done.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { edit } from './model/edits.ts';
import { Oracle, type Orders, type Prediction } from './model/oracle.ts';
import { type Played, Player } from './model/player.ts';
import { randomOf } from './model/random.ts';
import { placedPath, randomWorld, type World } from './model/world.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 2000);
const SEED = Number(process.env['SEED'] ?? 1);
/** Runs in one project; then another pipeline begins. */
const RUNS = 20;

const QUIET: Orders = { forced: new Set(), failing: new Set(), interruptedAt: undefined };

/** Damage has the most to break. */
const TROUBLES = ['damage', 'damage', 'failures', 'interrupts'] as const;

beforeAll(() => {
  // What is tested is not the disk.
  if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';
});

const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');

function compare(predicted: Prediction, played: Played): void {
  expect({ executed: played.executed, outcomes: played.outcomes }).toEqual({
    executed: predicted.executed,
    outcomes: predicted.outcomes,
  });
  for (const [step, result] of predicted.outputs) {
    for (const [port, content] of Object.entries(result)) {
      expect(played.digests.get(`${step}.${port}`), `${step}.${port}`).toBe(digestOf(content));
    }
  }
}

/** What lies in the project is what the steps have made. */
function comparePlaced(world: World, predicted: Prediction, player: Player): void {
  for (const { name, makes } of world.steps) {
    for (const port of makes.filter(({ isPlaced }) => isPlaced)) {
      const content = predicted.outputs.get(name)?.[port.name];
      if (content !== undefined) expect(player.read(placedPath(name, port.name))).toBe(content);
    }
  }
}

/** One project, from its first run on. */
async function playProject(seed: number): Promise<void> {
  await using player = new Player();
  const random = randomOf(seed);
  const oracle = new Oracle();
  const trouble = random.pick(TROUBLES) ?? 'damage';
  let world = randomWorld(random);
  for (const [path, content] of Object.entries(world.files)) player.write(path, content);
  let orders = QUIET;
  let says: readonly string[] = ['the first run'];
  const story: string[] = [JSON.stringify(world)];
  for (let run = 0; run < RUNS; run += 1) {
    story.push(`run ${run}: ${says.join('; ') || 'nothing changed'}`);
    const isInterrupted = orders.interruptedAt !== undefined;
    let last = isInterrupted ? undefined : oracle.predict(world, orders);
    try {
      const played = await player.play(world, orders);
      if (last === undefined) last = oracle.learn(world, orders, played.outcomes);
      else compare(last, played);
      comparePlaced(world, last, player);
    } catch (error) {
      throw new Error(`SEED=${seed} ROUNDS=${RUNS}\n${story.join('\n')}`, { cause: error });
    }
    ({ world, orders, says } = edit({
      random,
      trouble,
      player,
      memory: oracle.memory,
      world,
      last,
    }));
  }
}

const seeds = Array.from({ length: Math.ceil(ROUNDS / RUNS) }, (_, index) => SEED + index);

test.each(seeds)(
  'outputs are those of a clean build, and exactly what must execute does (seed %i)',
  playProject,
);
