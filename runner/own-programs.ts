/**
 * Whom a script is started by that a command names by a path from where it works. Its content is in
 * the key already, as a file of the step or an input. Not remembered: it may be edited while a run
 * goes on, and then it is judged again.
 */
import { isAbsolute, join, posix } from 'node:path';
import { liesIn } from './containment.ts';
import type { Context } from './context.ts';
import { definitionFolder } from './definition.ts';
import type { StepInput } from './inputs.ts';
import { interpretersIn, interpretersOf } from './interpreter-line.ts';
import type { ResolvedStep } from './resolved-step.ts';
import { findFiles } from './search-path.ts';

export async function ownInterpreters(
  word: string,
  resolved: ResolvedStep,
  context: Context,
): Promise<readonly string[]> {
  if (isAbsolute(word) || !/[./]/.test(word)) return [];
  const { step, inputs } = resolved;
  const path = posix.normalize(word);
  // A step is given its inputs and makes its outputs: what the project has at such a path is another.
  if (Object.values(step.outputs).some(output => liesIn(path, output.path))) return [];
  const input = Object.values(inputs.ports)
    .flat()
    .find(item => liesIn(path, item.path));
  if (input !== undefined) return interpretersOfInput(input, path, context);
  return interpretersAt(join(folderOf(resolved, context), word));
}

const folderOf = ({ step: { definition } }: ResolvedStep, context: Context): string =>
  definition.kind === 'inline' ? context.project : definitionFolder(definition, context);

/** Of scripts in a folder that another step has made they are not known: it may hold any number. */
async function interpretersOfInput(
  { path: top, artifact, origin }: StepInput,
  path: string,
  { project, store }: Context,
): Promise<readonly string[]> {
  if (artifact.kind === 'file' && !artifact.executable) return [];
  if (origin.kind === 'project') {
    return interpretersAt(join(project, origin.path, path.slice(top.length)));
  }
  if (artifact.kind === 'tree' || artifact.bytes > SCRIPT_BYTES) return [];
  const script = await store.read(artifact);
  return script.ok ? interpretersIn(script.value.toString('utf8')) : [];
}

/** What is larger is no script: it would be read for its first line alone. */
const SCRIPT_BYTES = 1 << 20;

const interpretersAt = (place: string): readonly string[] =>
  findFiles(place, '').flatMap(({ real }) => interpretersOf(real));
