/** For tests: compiles a few steps of text, beside a small step library. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Compilation, type CompileRequest, compile } from '../compile.ts';
import { type MemoryProject, memoryFiles } from '../memory-files.ts';

export const LIBRARY = join(import.meta.dirname, '../fixtures/_library');
export const library = Object.fromEntries(
  ['ingest', 'split', 'train', 'eval', 'choose'].map(name => [
    name,
    readFileSync(join(LIBRARY, name, 'step.yaml'), 'utf8'),
  ]),
);

export function compileText(
  steps: string,
  request: Partial<CompileRequest> = {},
  more: MemoryProject['files'] = {},
): Promise<Compilation> {
  const files = { 'pipeline.yaml': `sluice: 1\n${steps}`, ...more };
  return compile({ ...standard, ...request }, memoryFiles({ files, library }));
}

export const standard: CompileRequest = {
  pipeline: 'pipeline.yaml',
  configs: [],
  params: [],
  environment: {},
  git: () => ({ commit: 'c0ffee', branch: 'main', dirty: true }),
};

export const codes = ({ diagnostics }: Compilation) =>
  diagnostics.map(diagnostic => diagnostic.code);
export const ids = ({ plan }: Compilation) => plan?.steps.map(step => step.id);
