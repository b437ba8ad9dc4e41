/** The words that an executor gets for a step's command. Unaware of where it will run. */
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
  const placed =
    definition.kind === 'folder'
      ? placeProgram(words, definitionFolder(definition, context))
      : words;
  const [program = '', ...rest] = placed;
  return [isLibraryStep(definition) && program === OWN_NODE ? process.execPath : program, ...rest];
}
