/** The words that an executor gets for a step's command. Unaware of where it will run. */
import { isContained, seenFolder } from './containment.ts';
import type { Context } from './context.ts';
import { definitionFolder, isLibraryStep, placeProgram } from './definition.ts';
import type { ResolvedStep, Words } from './resolved-step.ts';
import { OWN_NODE } from './toolchain.ts';

export function commandLine(
  words: Words,
  { step }: ResolvedStep,
  context: Context,
): readonly [string, ...string[]] {
  if (typeof words === 'string') return ['/bin/sh', '-c', words];
  const { definition } = step;
  const contained = isContained(step, context);
  const placed =
    definition.kind === 'folder'
      ? placeProgram(words, definitionFolder(definition, context), {
          ...(contained && { seenAs: seenFolder(definition) }),
        })
      : words;
  const [program = '', ...rest] = placed;
  // A container brings its own Node.
  const isOurNode = isLibraryStep(definition) && program === OWN_NODE && !contained;
  return [isOurNode ? process.execPath : program, ...rest];
}
