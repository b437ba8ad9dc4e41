/**
 * What holds of every compilation, whatever was written, and the words of the language, which a
 * random edit is likelier to do harm with. For the fuzzers. Unaware of how inputs are made.
 */
import { expect } from 'vitest';
import { type Compilation, type CompileRequest, compile } from './compile.ts';
import { applyFixes } from './fix.ts';
import { type MemoryProject, memoryFiles } from './memory-files.ts';

export const timeoutMs = (cases: number): number => Math.max(60_000, cases * 40);

export const REQUEST: CompileRequest = {
  pipeline: 'pipeline.yaml',
  configs: [],
  params: [],
  environment: {},
  git: () => ({ commit: '', branch: '', dirty: false }),
};

export const WORDS = [
  ...['steps', 'in', 'out', 'with', 'matrix', 'include', 'exclude', 'uses', 'run', 'if', 'needs'],
  ...['${{', '}}', 'params.', 'matrix.', 'in.', 'out.', '[*]', '[lr=0.1]', '.data', './', '../'],
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ': ',
    '\n',
    '  ',
    '"',
    "'",
    '&a ',
    '*a',
    '<<: ',
    '- ',
    '|',
    '>',
    '#',
  ],
  ...['null', 'true', '1e999', '.inf', '9007199254740993', '0.1', '-1', '__proto__', 'constructor'],
  ...['train', 'ingest', 'split', 'a', 'b', 'dataset@split', 'model/onnx', 'range(3)', '\0', '\r'],
];

/** Compiles; fails where the answer is none: neither a Plan nor diagnostics that can be shown. */
export async function answers(
  project: MemoryProject,
  request: Partial<CompileRequest> = {},
): Promise<Compilation> {
  const compilation = await compile({ ...REQUEST, ...request }, memoryFiles(project));
  const { plan, diagnostics } = compilation;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(plan === undefined).toBe(errors.length > 0);
  checkPlaces(compilation);
  checkFixes(compilation);
  if (plan === undefined) return compilation;
  const done = new Set<string>();
  for (const step of plan.steps) {
    for (const need of step.needs) expect(done.has(need)).toBe(true);
    expect(done.has(step.id)).toBe(false);
    done.add(step.id);
  }
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  return compilation;
}

/** Messages are words, and every place lies in a text that is there to be shown. */
function checkPlaces({ diagnostics, sources }: Compilation): void {
  const all = [...sources.values()].join();
  for (const { at, message, fixes, related } of diagnostics) {
    // What the author wrote may be quoted.
    for (const slip of ['undefined', '[object', 'NaN'])
      if (!all.includes(slip)) expect(message).not.toContain(slip);
    const edits = fixes.flatMap(fix => fix.edits.map(edit => edit.at));
    for (const place of [at, ...edits, ...related.map(one => one.at)]) {
      if (place === undefined) continue;
      const length = sources.get(place.file)?.length ?? -1;
      expect(0 <= place.start && place.start <= place.end && place.end <= length).toBe(true);
    }
  }
}

/** Each repair changes what it says it changes. */
function checkFixes({ diagnostics, sources }: Compilation): void {
  for (const fix of diagnostics.flatMap(({ fixes }) => fixes)) {
    const text = sources.get(fix.edits[0]?.at.file ?? '') ?? '';
    expect(applyFixes(text, [fix])).not.toBe(text);
  }
}
