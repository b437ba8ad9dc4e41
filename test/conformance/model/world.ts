/**
 * What an author could have in a project: files, and steps that make something of them. Steps
 * compute a text from all they see, so that a result tells what it was made from. Unaware of caches.
 */
import { createHash } from 'node:crypto';
import { planOf, type StepSketch } from '../../../runner/testing/plan-of.ts';
import type { Plan } from '../../../schema/plan.ts';
import type { Random } from './random.ts';

export type Origin =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'output'; readonly step: string; readonly port: string };

export type ModelPort = {
  readonly name: string;
  readonly isPlaced: boolean;
  /** Few different results for many different inputs: what early cutoff lives on. */
  readonly isCoarse: boolean;
};

export type ModelStep = {
  readonly name: string;
  /** A source reads the world's token, which its probe names; an effect changes the world. */
  readonly kind: 'pure' | 'source' | 'effect';
  readonly takes: readonly Origin[];
  readonly makes: readonly ModelPort[];
  readonly command: number;
  readonly param: number;
  /** Undefined: not declared. */
  readonly colour: string | undefined;
  /** It is given a secret, whose value is in no key. */
  readonly isTrusted: boolean;
};

export type World = {
  /** What sources find. */
  readonly token: number;
  readonly secret: string;
  readonly files: Readonly<Record<string, string>>;
  /** Each takes only from those before it. */
  readonly steps: readonly ModelStep[];
};

/** Everything that a step sees. */
export type Seen = {
  readonly command: string;
  readonly param: string;
  readonly colour: string | undefined;
  readonly isTrusted: boolean;
  /** Undefined for what is no source. */
  readonly token: number | undefined;
  /** In the order of its ports. */
  readonly inputs: readonly string[];
};

export const commandText = ({ name, command }: ModelStep): string => `: ${name} ${command}`;

/** What a step writes, by port: the one definition that executor and oracle share. */
export const contentsOf = (step: ModelStep, seen: Seen): Readonly<Record<string, string>> =>
  Object.fromEntries(step.makes.map(port => [port.name, contentOf(step.name, port, seen)]));

function contentOf(step: string, port: ModelPort, seen: Seen): string {
  const { command, param, colour = 'unset', isTrusted, token = 'none', inputs } = seen;
  const all = JSON.stringify([command, param, colour, isTrusted, token, inputs, port.name]);
  const hash = createHash('sha256').update(all).digest();
  const text = port.isCoarse ? String((hash[0] ?? 0) % 2) : hash.toString('hex', 0, 8);
  return `${step}.${port.name} ${text}\n`;
}

export const FILES = ['a.txt', 'b.txt', 'c.txt', 'd.txt'] as const;

/** Few, so that edits are taken back by chance. */
export const VALUES = 3;
export const COLOURS = [undefined, '', 'red'] as const;

const KINDS = ['pure', 'pure', 'pure', 'source', 'effect'] as const;

export const PROBE = 'probe';
export const CHECK = 'check';

export const fileContent = (value: number): string => `value ${value}\n`;

export function randomWorld(random: Random): World {
  const files = FILES.map(path => [path, fileContent(random.below(VALUES))] as const);
  const steps: ModelStep[] = [];
  const count = 2 + random.below(6);
  for (let index = 0; index < count; index += 1) {
    steps.push({
      name: `s${index}`,
      takes: Array.from({ length: random.below(6) }, () => randomOrigin(random, steps)),
      makes: Array.from({ length: 1 + random.below(2) }, (_, port) => ({
        name: `o${port}`,
        isPlaced: random.chance(0.3),
        isCoarse: random.chance(0.3),
      })),
      command: random.below(VALUES),
      param: random.below(VALUES),
      colour: random.pick(COLOURS),
      kind: random.pick(KINDS) ?? 'pure',
      isTrusted: random.chance(0.2),
    });
  }
  return { token: 0, secret: 'secret-0', files: Object.fromEntries(files), steps };
}

export function randomOrigin(random: Random, before: readonly ModelStep[]): Origin {
  const maker = random.chance(0.7) ? random.pick(before) : undefined;
  const port = maker === undefined ? undefined : random.pick(maker.makes);
  if (maker === undefined || port === undefined) {
    return { kind: 'file', path: random.pick(FILES) ?? FILES[0] };
  }
  return { kind: 'output', step: maker.name, port: port.name };
}

export const placedPath = (step: string, port: string): string => `placed/${step}-${port}.txt`;

export const asPlan = ({ steps }: World): Plan =>
  planOf(Object.fromEntries(steps.map(step => [step.name, sketchOf(step)])));

function sketchOf(step: ModelStep): StepSketch {
  const inputs = step.takes.map((origin, index) => [
    `i${index}`,
    origin.kind === 'file' ? `./${origin.path}` : `${origin.step}.${origin.port}`,
  ]);
  const placed = step.makes.filter(({ isPlaced }) => isPlaced);
  return {
    run: commandText(step),
    in: Object.fromEntries(inputs),
    out: Object.fromEntries(step.makes.map(({ name }) => [name, 'file'])),
    to: Object.fromEntries(placed.map(({ name }) => [name, placedPath(step.name, name)])),
    params: { value: step.param },
    env: step.colour === undefined ? {} : { COLOUR: step.colour },
    kind: step.kind,
    secrets: step.isTrusted ? ['SECRET'] : [],
    ...(step.kind === 'source' && { probe: PROBE }),
    ...(step.kind === 'effect' && { check: CHECK }),
  };
}
