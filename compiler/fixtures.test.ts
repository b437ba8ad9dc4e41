/**
 * Every folder of fixtures/ is a small project with the rendering of its diagnostics, or its Plan,
 * beside it. `UPDATE=1` rewrites what is expected; read the difference as prose before you keep it.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { nodeProjectFiles } from '../cli/project-files.ts';
import type { Fix } from '../schema/diagnostic.ts';
import { renderDiagnostics } from '../ui/diagnostic.ts';
import { type Compilation, type CompileRequest, compile } from './compile.ts';
import { applyFixes } from './fix.ts';
import { CODES } from './problems/problem.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
/** A library of its own, so that the real one can change without changing what is expected here. */
const LIBRARY = join(FIXTURES, '_library');

/** Codes that no folder under version control can provoke, with the test that does. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'file-too-large': 'yaml/read.test.ts: nobody wants to check out so large a file',
  'files-too-large': 'compile-limits.test.ts: nobody wants to check out such files',
  'glob-matches-too-much': 'compile.test.ts: needs more files than anyone wants to check out',
  'too-many-patterns': 'compile.test.ts: needs ten thousand of them',
  'too-many-names': 'compile.test.ts: needs thousands of them',
  'pipelines-too-deep': 'compile.test.ts: needs a hundred files',
  'plan-too-large': 'compile.e2e.test.ts: takes a moment, and megabytes of expected text',
  'path-unusable': 'compile.test.ts: pipes are not kept, and endless links trip other tools',
};

const cases = readdirSync(FIXTURES, { withFileTypes: true })
  .filter(entry => entry.isDirectory() && !entry.name.startsWith('_'))
  .map(entry => entry.name);

const schema = readFileSync(join(import.meta.dirname, '../schema/plan.schema.json'), 'utf8');
const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(schema));

/** Where a plan is not what its published schema says. */
function planFaults(plan: unknown): readonly string[] {
  validate(plan);
  return (validate.errors ?? []).map(fault => `${fault.instancePath} ${fault.message}`);
}

const codesSeen = new Set<string>();

describe.each(cases)('%s', name => {
  const folder = join(FIXTURES, name);

  test('compiles to what is expected', async () => {
    const compilation = await asWritten(folder);
    for (const { code } of compilation.diagnostics) codesSeen.add(code);
    if (compilation.plan !== undefined) expect(planFaults(compilation.plan)).toEqual([]);
    const actual = resultOf(compilation);
    if (process.env['UPDATE'] === '1') keep(folder, actual);
    expect(actual.text).toBe(expectedText(folder, actual.file));
  });
});

describe('repairs', () => {
  test.each(cases)('of %s take away what they are for, and change nothing else', async name => {
    const folder = join(FIXTURES, name);
    const before = await asWritten(folder);
    const mistakes = before.diagnostics.filter(({ fixes }) => fixes.length > 0);
    if (mistakes.length === 0) return;
    const repaired = repair(
      before,
      mistakes.flatMap(({ fixes }) => fixes),
    );
    const after = (await compileFixture(folder, repaired)).diagnostics;
    const words = after.map(({ code, message }) => `${code} ${message}`);
    for (const { code, message } of mistakes) expect(words).not.toContain(`${code} ${message}`);
    // A name that can be read now may turn out to be wrong; there are never more mistakes than before.
    expect(after.length).toBeLessThanOrEqual(before.diagnostics.length);
    for (const [file, text] of repaired)
      expect(layoutOf(text)).toEqual(layoutOf(before.sources.get(file) ?? ''));
  });
});

/** Comments, blank lines and indentation, line by line. */
const layoutOf = (text: string) =>
  text.split('\n').map(line => [/^[\s-]*/.exec(line)?.[0], /(?:^|\s)#.*$/.exec(line)?.[0]]);

function repair({ sources }: Compilation, fixes: readonly Fix[]): ReadonlyMap<string, string> {
  const byFile = Map.groupBy(fixes, fix => fix.edits[0]?.at.file ?? '');
  return new Map(
    [...byFile].map(([file, ofFile]) => [file, applyFixes(sources.get(file) ?? '', ofFile)]),
  );
}

test('the schema of plans refuses what is no plan', async () => {
  const { plan } = await compileFixture(join(FIXTURES, 'ok-library'));
  if (plan === undefined) throw new Error('ok-library does not compile');
  const [first] = plan.steps;
  expect(planFaults({ ...plan, format: 2 })).not.toEqual([]);
  expect(planFaults({ ...plan, steps: [{ ...first, files: ['/etc/passwd'] }] })).not.toEqual([]);
  expect(planFaults({ ...plan, steps: [{ ...first, env: { A: 1 } }] })).not.toEqual([]);
});

test('every code has a fixture', () => {
  const missing = CODES.filter(code => !codesSeen.has(code) && !Object.hasOwn(ELSEWHERE, code));
  expect(missing).toEqual([]);
});

test('no two phases share a code', () => {
  expect(new Set(CODES).size).toBe(CODES.length);
});

const compiled = new Map<string, Promise<Compilation>>();

/** Compiled once, however many tests look at it. */
function asWritten(folder: string): Promise<Compilation> {
  const compilation = compiled.get(folder) ?? compileFixture(folder);
  compiled.set(folder, compilation);
  return compilation;
}

function compileFixture(
  folder: string,
  changed: ReadonlyMap<string, string> = new Map(),
): Promise<Compilation> {
  const options = join(folder, 'request.json');
  const request: Partial<Omit<CompileRequest, 'git'>> & { readonly git?: null } = existsSync(
    options,
  )
    ? JSON.parse(readFileSync(options, 'utf8'))
    : {};
  const standard: CompileRequest = {
    pipeline: 'pipeline.yaml',
    configs: [],
    params: [],
    environment: {},
    git: () =>
      request.git === null
        ? undefined
        : { commit: '0123456789abcdef', branch: 'main', dirty: false },
  };
  const files = nodeProjectFiles({ root: folder, library: LIBRARY });
  const read = (path: string) => {
    const text = changed.get(path);
    return text === undefined ? files.read(path) : Buffer.from(text);
  };
  return compile({ ...standard, ...request, git: standard.git }, { ...files, read });
}

type Result = { readonly file: 'expected.txt' | 'expected.plan.json'; readonly text: string };

function resultOf({ plan, diagnostics, sources }: Compilation): Result {
  if (plan !== undefined && diagnostics.length === 0) {
    return { file: 'expected.plan.json', text: `${JSON.stringify(plan, null, 2)}\n` };
  }
  const options = { color: false, width: 100 };
  const rendered = renderDiagnostics(diagnostics, file => sources.get(file), options);
  return { file: 'expected.txt', text: `${rendered.trimEnd()}\n` };
}

function keep(folder: string, { file, text }: Result): void {
  for (const other of ['expected.txt', 'expected.plan.json'])
    rmSync(join(folder, other), { force: true });
  writeFileSync(join(folder, file), text);
}

function expectedText(folder: string, file: string): string {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : `(${file} is missing)`;
}
