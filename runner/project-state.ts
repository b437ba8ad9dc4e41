/**
 * What lies at each place of the project that a plan's steps read, whether or not it is known by
 * now what else they will take. Unaware of what the steps do with it.
 */
import { join } from 'node:path';
import type { Plan, PlanStep } from '../schema/plan.ts';
import { artifactKey } from '../schema/trace.ts';
import type { Context } from './context.ts';
import { definitionFiles, shownPath } from './definition.ts';

/** Path → content; `absent` for what is not there or cannot be read. */
export type ProjectState = Readonly<Record<string, string>>;

export async function projectState(
  { steps }: Pick<Plan, 'steps'>,
  context: Pick<Context, 'project' | 'libraryFolder' | 'store'>,
): Promise<ProjectState> {
  const state: Record<string, string> = {};
  for (const path of new Set(steps.flatMap(pathsRead))) {
    const found = await context.store.digest(join(context.project, path));
    state[path] = found.ok ? artifactKey(found.value) : ABSENT;
  }
  const seen = new Set<string>();
  for (const { definition } of steps) {
    if (definition.kind === 'inline' || seen.has(definition.folder)) continue;
    seen.add(definition.folder);
    const files = await definitionFiles(definition, context);
    if (!files.ok) state[shownPath(definition, '')] = ABSENT;
    else {
      for (const [file, digest] of Object.entries(files.value)) {
        state[shownPath(definition, file)] = digest;
      }
    }
  }
  return state;
}

const ABSENT = 'absent';

const pathsRead = ({ inputs, files }: PlanStep): readonly string[] => [
  ...Object.values(inputs).flatMap(({ from }) =>
    from.flatMap(source => (source.kind === 'project' ? [source.path] : [])),
  ),
  ...files,
];
