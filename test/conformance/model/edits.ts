/** What may happen to a project between two runs: to the world, to the disk, and to what the oracle knows of it. */
import type { Memory } from './memory.ts';
import type { Orders, Prediction } from './oracle.ts';
import type { Player } from './player.ts';
import type { Random } from './random.ts';
import {
  COLOURS,
  FILES,
  fileContent,
  type ModelStep,
  placedPath,
  randomOrigin,
  VALUES,
  type World,
} from './world.ts';

export type Scene = {
  readonly random: Random;
  /** What besides edits may happen in this project. */
  readonly trouble: 'failures' | 'damage' | 'interrupts';
  readonly player: Player;
  readonly memory: Memory;
  readonly world: World;
  /** Of the last run. */
  readonly last: Prediction;
};

type Edited = { readonly world: World; readonly says: string };

type Edit = (scene: Scene) => Edited | undefined;

const done = (world: World, says: string): Edited => ({ world, says });

function changeStep(
  { random, world }: Scene,
  change: (step: ModelStep, index: number) => readonly [ModelStep, string],
): Edited {
  const at = random.below(world.steps.length);
  const says: string[] = [];
  const steps = world.steps.map((step, index) => {
    if (index !== at) return step;
    const [changed, what] = change(step, index);
    says.push(`${step.name}: ${what}`);
    return changed;
  });
  return done({ ...world, steps }, says.join());
}

const editFile: Edit = ({ random, player, world }) => {
  const path = random.pick(FILES) ?? FILES[0];
  const content = fileContent(random.below(VALUES));
  player.write(path, content);
  return done(
    { ...world, files: { ...world.files, [path]: content } },
    `${path} = ${content.trim()}`,
  );
};

/** Size and mtime stay what they are. */
const editUnseen: Edit = ({ random, player, world }) => {
  const path = random.pick(FILES) ?? FILES[0];
  const content = fileContent(random.below(VALUES));
  player.writeUnseen(path, content);
  const files = { ...world.files, [path]: content };
  return done({ ...world, files }, `${path} = ${content.trim()}, with the mtime it had`);
};

const changeParam: Edit = scene =>
  changeStep(scene, step => {
    const param = scene.random.below(VALUES);
    return [{ ...step, param }, `param ${param}`];
  });

const changeCommand: Edit = scene =>
  changeStep(scene, step => {
    const command = scene.random.below(VALUES);
    return [{ ...step, command }, `command ${command}`];
  });

const changeColour: Edit = scene =>
  changeStep(scene, step => {
    const colour = scene.random.pick(COLOURS);
    return [{ ...step, colour }, `COLOUR ${JSON.stringify(colour)}`];
  });

const rewire: Edit = scene =>
  changeStep(scene, (step, index) => {
    const { random, world } = scene;
    const origin = randomOrigin(random, world.steps.slice(0, index));
    const at = random.below(step.takes.length + 1);
    const takes = [...step.takes.slice(0, at), origin, ...step.takes.slice(at + 1)];
    return [{ ...step, takes }, `input ${at} from ${JSON.stringify(origin)}`];
  });

const dropInput: Edit = scene =>
  changeStep(scene, step => [{ ...step, takes: step.takes.slice(0, -1) }, 'one input less']);

const moveWorld: Edit = ({ random, world }) => {
  const token = random.below(VALUES);
  return done({ ...world, token }, `sources find ${token}`);
};

const rotateSecret: Edit = ({ random, world }) => {
  const secret = `secret-${random.below(VALUES)}`;
  return done({ ...world, secret }, secret);
};

const trust: Edit = scene =>
  changeStep(scene, step => [
    { ...step, isTrusted: !step.isTrusted },
    `trusted: ${!step.isTrusted}`,
  ]);

const undoEffect: Edit = ({ random, player, memory, world }) => {
  const step = random.pick(world.steps.filter(({ kind }) => kind === 'effect'));
  if (step === undefined) return undefined;
  player.undo(step.name);
  memory.undo(step.name);
  return done(world, `the world loses what ${step.name} did`);
};

const togglePlacing: Edit = scene =>
  changeStep(scene, step => {
    const [first, ...rest] = step.makes;
    if (first === undefined) return [step, 'nothing'];
    const makes = [{ ...first, isPlaced: !first.isPlaced }, ...rest];
    return [{ ...step, makes }, `placed: ${!first.isPlaced}`];
  });

/** Some content that the last run has handed on. */
function someContent({ random, last }: Scene): string | undefined {
  return random.pick([...last.outputs.values()].flatMap(result => Object.values(result)));
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}

const damage =
  (
    what: string,
    change: (bytes: Buffer) => Buffer | undefined,
    tell: (memory: Memory, content: string) => void,
  ): Edit =>
  scene => {
    const content = someContent(scene);
    if (content === undefined || !scene.memory.holdsRight(content)) return undefined;
    scene.player.damage(content, change);
    tell(scene.memory, content);
    return done(scene.world, `${what}: stored ${content.trim()}`);
  };

const flipAll: Edit = ({ player, memory, world, last }) => {
  const all = [...last.outputs.values()].flatMap(result => Object.values(result));
  for (const content of all.filter(content => memory.holdsRight(content))) {
    player.damage(content, flipped);
    memory.spoil(content);
  }
  return done(world, 'flipped: everything that is stored of the last run');
};

const spoilTrace =
  (what: string, change: (bytes: Buffer) => Buffer | undefined): Edit =>
  ({ random, player, memory, world }) => {
    const step = random.pick(world.steps);
    if (step === undefined) return undefined;
    player.spoilTraces(step.name, change);
    memory.forget(step.name);
    return done(world, `${what}: trace of ${step.name}`);
  };

const editPlaced: Edit = ({ random, player, memory, world }) => {
  const step = random.pick(world.steps);
  const port = step === undefined ? undefined : random.pick(step.makes);
  if (step === undefined || port === undefined) return undefined;
  const path = placedPath(step.name, port.name);
  if (random.chance(0.5)) {
    player.remove(path);
    memory.placed.delete(path);
    return done(world, `${path} removed`);
  }
  const content = random.chance(0.3) ? `${step.name}.${port.name} 0\n` : 'mine\n';
  player.write(path, content);
  memory.placed.set(path, content);
  return done(world, `${path} = ${content.trim()}`);
};

const loseCache: Edit = ({ random, player, world }) => {
  const path = random.pick(['stat-cache.db', 'latest', 'placed.jsonl', 'work', 'tmp', 'runs']);
  player.remove(`.sluice/${path}`);
  return done(world, `.sluice/${path} removed`);
};

/** It is JSON of the right shape, but says that what is at one port is at the other. */
const altered = (bytes: Buffer): Buffer => {
  const swap = (port: string) => (port === '"o0":' ? '"o1":' : '"o0":');
  // The space keeps a second swap from being a repair.
  return Buffer.from(`${bytes.toString('utf8').replaceAll(/"o[01]":/g, swap)} `);
};

/** In some projects steps fail, in others the store is damaged: both at once is told elsewhere. */
const HARMLESS: readonly Edit[] = [
  editFile,
  editFile,
  editUnseen,
  changeParam,
  changeCommand,
  changeColour,
  rewire,
  dropInput,
  moveWorld,
  rotateSecret,
  trust,
  undoEffect,
  togglePlacing,
  editPlaced,
  loseCache,
];

const HARMFUL: readonly Edit[] = [
  ...HARMLESS,
  damage('flipped', flipped, (memory, content) => memory.spoil(content)),
  damage(
    'cut',
    bytes => bytes.subarray(1),
    (memory, content) => memory.lose(content),
  ),
  damage(
    'removed',
    () => undefined,
    (memory, content) => memory.lose(content),
  ),
  flipAll,
  spoilTrace('altered', altered),
  spoilTrace('cut', bytes => bytes.subarray(2)),
  spoilTrace('removed', () => undefined),
];

/** Up to four edits, and what the next run is told. */
export function edit(scene: Scene): {
  readonly world: World;
  readonly orders: Orders;
  readonly says: readonly string[];
} {
  const { random, trouble } = scene;
  let world = scene.world;
  const says: string[] = [];
  for (let left = random.below(5); left > 0; left -= 1) {
    const edited = random.pick(trouble === 'damage' ? HARMFUL : HARMLESS)?.({ ...scene, world });
    if (edited === undefined) continue;
    world = edited.world;
    says.push(edited.says);
  }
  const some = (probability: number) =>
    new Set(world.steps.filter(() => random.chance(probability)).map(({ name }) => name));
  const forced = random.chance(0.2) ? some(0.3) : new Set<string>();
  const fails = trouble === 'failures' && random.chance(0.4);
  const failing = fails ? some(0.3) : new Set<string>();
  if (forced.size > 0) says.push(`forced: ${[...forced].join(' ')}`);
  if (failing.size > 0) says.push(`failing: ${[...failing].join(' ')}`);
  const isInterrupted = trouble === 'interrupts' && random.chance(0.5);
  const interruptedAt = isInterrupted ? 1 + random.below(world.steps.length) : undefined;
  if (isInterrupted) says.push(`interrupted at command ${interruptedAt}`);
  return { world, orders: { forced, failing, interruptedAt }, says };
}
