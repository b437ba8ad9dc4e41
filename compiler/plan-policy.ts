/**
 * How a step runs: resources, time, retries, pool, container. What an author leaves out gets its
 * default here. Unaware of commands and wires.
 */
import type { Container, PlanStep, Policy, Resources, Retries } from '../schema/plan.ts';
import { type ProjectFiles, projectPath } from './files.ts';
import type { Place } from './instance.ts';
import { memberMeaning, type World } from './meaning.ts';
import { givenBy, readValue } from './params-value.ts';
import type { RetriesSyntax, StepSettings } from './syntax.ts';
import { usablePath } from './usable-path.ts';
import { type Meaning, nodeValue, textValue } from './value.ts';

const policies = new WeakMap<StepSettings, Policy>();

/** Instances for which nothing is computed have theirs in common. */
export function policyOf(place: Place, world: World): Policy {
  const { settings } = place.step;
  const known = policies.get(settings);
  if (known !== undefined) return known;
  const { timeout, retries, pool } = settings;
  const policy = {
    resources: resourcesOf(place, world),
    timeoutMs: timeout?.value ?? null,
    retries: retriesOf(retries),
    pool: pool?.value ?? null,
  };
  const written = [...(settings.resources?.values() ?? [])];
  if (written.every(({ value }) => value.kind === 'scalar')) policies.set(settings, policy);
  return policy;
}

const BACKOFF_MS = 1_000;

/** Whoever writes a number of retries means failures of the command as well. */
const retriesOf = (written: RetriesSyntax | undefined): Retries => ({
  max: written?.max ?? 0,
  on:
    written?.on ??
    (written === undefined ? ['oom', 'timeout', 'lost'] : ['exit', 'oom', 'timeout', 'lost']),
  backoffMs: written?.backoffMs ?? BACKOFF_MS,
  ...(written?.memoryFactor !== undefined && { memoryFactor: written.memoryFactor }),
});

const RESOURCES = {
  cpus: { key: 'cpus', type: 'float' },
  memory: { key: 'memoryBytes', type: 'size' },
  gpus: { key: 'gpus', type: 'int' },
  'gpu-memory': { key: 'gpuMemoryBytes', type: 'size' },
  shm: { key: 'shmBytes', type: 'size' },
  disk: { key: 'diskBytes', type: 'size' },
} as const;

const isResource = (name: string): name is keyof typeof RESOURCES => Object.hasOwn(RESOURCES, name);

const DEFAULTS: Resources = {
  cpus: 1,
  memoryBytes: null,
  gpus: 0,
  gpuMemoryBytes: null,
  shmBytes: null,
  diskBytes: null,
};

/** Of a step whose author has written nothing about it. */
export const PLAIN_POLICY: Policy = {
  resources: DEFAULTS,
  timeoutMs: null,
  retries: retriesOf(undefined),
  pool: null,
};

function resourcesOf(place: Place, world: World): Resources {
  const resources: { -readonly [K in keyof Resources]: Resources[K] } = { ...DEFAULTS };
  const written = place.step.settings.resources;
  if (written === undefined) return resources;
  const meaning = memberMeaning(place, world);
  for (const [name, { value: node }] of written) {
    if (!isResource(name)) continue;
    const late = nodeValue(node, name, meaning)?.late;
    if (late?.kind !== 'known') continue;
    const { key, type } = RESOURCES[name];
    const reading = readValue({ type, min: LEAST[type] }, givenBy(name, node, late.value));
    if (!reading.ok) world.problems.push(reading.problem);
    else if (typeof reading.value === 'number') resources[key] = reading.value;
    // What is only assumed, so that the machine is shared out, limits nobody.
    if (key === 'cpus' && reading.ok) resources.cpuLimit = resources.cpus;
  }
  return resources;
}

const LEAST = { float: 0.01, int: 0, size: 1 };

export function containerOf(
  { step, ...place }: Place,
  files: ProjectFiles,
  world: World,
): Container | null {
  const { settings, ownContainer, body } = step;
  const image = body.kind === 'folder' ? body.manifest.manifest.container : null;
  // What a definition was made for comes before what the pipeline would take for its own steps.
  if (image !== null && !ownContainer) return definedContainer(image, settings);
  const { container: written } = settings;
  if (written === undefined) return null;
  const meaning = memberMeaning({ step, ...place }, world);
  const text = (one: typeof written.image) => (one === null ? null : known(one, meaning));
  const build = written.build === null ? undefined : usableBuild(written.build, meaning, files);
  return {
    image: text(written.image),
    build: build ?? null,
    user: text(written.user),
    entrypoint: written.entrypoint?.map(word => text(word) ?? '') ?? null,
    network: settings.network?.value ?? 'none',
    ...(written.writableRoot === true && { writableRoot: true }),
    ...(written.capabilities !== undefined && { capabilities: written.capabilities }),
    ...(written.pids !== undefined && { pids: written.pids }),
  };
}

/** A salt of each instance's own is a key of its own. */
export function cacheOf(place: Place, world: World): PlanStep['cache'] {
  const written = place.step.syntax.cache?.value;
  if (written?.enabled === false) return NOT_CACHED;
  const salt = written?.salt ?? null;
  return salt === null ? CACHED : { enabled: true, salt: known(salt, memberMeaning(place, world)) };
}

/** Nearly every step has the one or the other: they have them in common. */
const CACHED: PlanStep['cache'] = { enabled: true, salt: null };
const NOT_CACHED: PlanStep['cache'] = { enabled: false, salt: null };

/** What a definition was made for, as it is. */
export const definedContainer = (
  image: string,
  { network }: Pick<StepSettings, 'network'>,
): Container => ({
  build: null,
  user: null,
  entrypoint: null,
  network: network?.value ?? 'none',
  image,
});

type WrittenText = Parameters<typeof textValue>[0];

function known(text: WrittenText, meaning: Meaning): string | null {
  const late = textValue(text, 'text', meaning)?.late;
  return late?.kind === 'known' ? String(late.value) : null;
}

function usableBuild(text: WrittenText, meaning: Meaning, files: ProjectFiles): string | undefined {
  const value = known(text, meaning);
  if (value === null) return undefined;
  const path = usablePath({ value, span: text.span }, files, meaning.problems);
  return path === undefined ? undefined : projectPath(path);
}
