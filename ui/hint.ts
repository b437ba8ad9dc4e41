/**
 * What the end of a failing step's log says to those who have seen it before: the usual causes, and
 * what helps. Reads text only; silent when it does not recognise anything.
 */
import { logText } from './log-text.ts';

type Known = { readonly pattern: RegExp; readonly help: (found: string) => string };

/** In order: what ends a step hardest comes first. */
const KNOWN: readonly Known[] = [
  {
    pattern: /CUDA out of memory|CUDA_ERROR_OUT_OF_MEMORY|torch\.(?:cuda\.)?OutOfMemoryError/i,
    help: () => 'the GPU ran out of memory: a smaller batch or a smaller model needs less',
  },
  {
    pattern:
      /no CUDA GPUs are available|Found no NVIDIA driver|CUDA driver version is insufficient|CUDA_ERROR_NO_DEVICE|no CUDA-capable device/i,
    help: () =>
      'it found no GPU: ask for one with `resources: { gpus: 1 }`; `sluice doctor` tells what this machine has',
  },
  {
    pattern: /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/,
    help: () => 'the disk is full: `sluice store gc` frees what no run needs any more',
  },
  {
    pattern: /^MemoryError|std::bad_alloc|Cannot allocate memory|JavaScript heap out of memory/m,
    help: () => 'it ran out of memory: raise `resources: { memory: … }`, or work on less at a time',
  },
  {
    pattern: /ModuleNotFoundError: No module named '([\w.]+)'/,
    help: found =>
      `the Python that runs the step has no module \`${found}\`: install it there, or name an \`image\` that has it`,
  },
  {
    pattern: /Cannot find (?:module|package) '([^']+)'/,
    help: found => `Node.js found no \`${found}\`: install it, or add its file to \`files\``,
  },
  {
    pattern: /(?:^|: )([\w.+-]+): (?:command )?not found/m,
    help: found => `there is no program \`${found}\` on the step's PATH: is it installed?`,
  },
  {
    pattern: /Could not resolve host|getaddrinfo|Temporary failure in name resolution/,
    help: () => 'it could not reach a server by its name: does the step have a network?',
  },
];

export function hintFromLog(tail: readonly string[]): string | undefined {
  const text = tail.map(logText).join('\n');
  for (const { pattern, help } of KNOWN) {
    const found = pattern.exec(text);
    if (found !== null) return help(found[1] ?? '');
  }
  return undefined;
}
