/**
 * Makes the fingerprint of a resolved step: every field of schema/fingerprint.ts has its source
 * here. Unaware of traces and verdicts.
 */

import { FINGERPRINT_FORMAT, type Fingerprint } from '../schema/fingerprint.ts';
import { artifactKey } from '../schema/trace.ts';
import { imageOf, loosened } from './containment.ts';
import type { Context } from './context.ts';
import { definitionFiles, isLibraryStep, packageVersions } from './definition.ts';
import type { StepInput } from './inputs.ts';
import { ownInterpreters } from './own-programs.ts';
import type { ResolvedStep } from './resolved-step.ts';
import { type Attempted, done } from './stop.ts';
import {
  installedWith,
  NO_TOOLS,
  type ToolSearch,
  type Tools,
  toolDigests,
  toolsOf,
} from './toolchain.ts';

/** What is searched for programs where nothing says so. */
export const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

export const searchPath = (resolved: ResolvedStep, context: Context): string =>
  resolved.env['PATH'] ?? context.environment['PATH'] ?? DEFAULT_PATH;

/** How the programs of a step's command are looked for. */
export const toolSearch = (resolved: ResolvedStep, context: Context): ToolSearch => ({
  library: isLibraryStep(resolved.step.definition),
  searchPath: searchPath(resolved, context),
  ownInterpreters: word => ownInterpreters(word, resolved, context),
});

export type Fingerprinted = {
  readonly fingerprint: Fingerprint;
  /** The programs of the command as they were then; in a container they are the image's. */
  readonly tools: Tools;
};

/** `probe`: what a source's probe said; null for other kinds. */
export async function fingerprintOf(
  resolved: ResolvedStep,
  probe: string | null,
  context: Context,
): Promise<Attempted<Fingerprinted>> {
  const { step, command, params, env, inputs } = resolved;
  const image = await imageOf(step, context);
  if (!image.ok) return image;
  const local = image.value === null;
  const program = await programOf(resolved, local, context);
  if (!program.ok) return program;
  const changes = local || step.container === null ? {} : loosened(step.container);
  const search = toolSearch(resolved, context);
  const tools = local ? await toolsOf(command, search, context) : NO_TOOLS;
  const { definition, packages } = program.value;
  // In the order of the canonical form, which then has nothing to sort.
  const fingerprint: Fingerprint = {
    command,
    ...(Object.keys(changes).length > 0 && { container: changes }),
    definition,
    env,
    ...(tools.environments.length > 0 && { environments: installedWith(tools) }),
    files: Object.fromEntries(inputs.files.map(file => [file.path, artifactKey(file.artifact)])),
    format: FINGERPRINT_FORMAT,
    image: image.value,
    inputs: mapValues(inputs.ports, items => items.map(asFingerprint)),
    outputs: mapValues(step.outputs, ({ type, path }) => ({ path, type })),
    packages,
    params,
    platform: local ? `${process.platform}-${process.arch}` : null,
    probe,
    salt: step.cache.salt,
    secrets: [...step.secrets].sort(),
    toolchain: toolDigests(tools),
  };
  return done({ fingerprint, tools });
}

async function programOf(
  { step }: ResolvedStep,
  local: boolean,
  context: Context,
): Promise<Attempted<Pick<Fingerprint, 'definition' | 'packages'>>> {
  const { definition } = step;
  if (definition.kind === 'inline') return done({ definition: null, packages: {} });
  const files = await definitionFiles(definition, context);
  if (!files.ok) return files;
  // In a container they are the image's, whose content is in the key as a whole.
  const packages = local ? await packageVersions(definition, context) : {};
  return done({ definition: files.value, packages });
}

const asFingerprint = ({ path, artifact }: StepInput) => ({ digest: artifactKey(artifact), path });

export const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A) => B,
): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
