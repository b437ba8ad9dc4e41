/**
 * Real projects with random harm done to any of their files: pipelines and the pipelines they use,
 * configs, manifests, settings. Edits keep most of the text whole, so that they reach deep.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { casesOf } from '../test/harness/cases.ts';
import { renderDiagnostics } from '../ui/diagnostic.ts';
import type { CompileRequest } from './compile.ts';
import { answers, timeoutMs, WORDS } from './fuzzing.ts';
import type { MemoryProject } from './memory-files.ts';

const RUNS = casesOf(25);
const TIMEOUT_MS = timeoutMs(RUNS);
const ROOT = join(import.meta.dirname, '..');
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const manifests = (folder: string) =>
  Object.fromEntries(
    globSync('*/step.yaml', { cwd: join(ROOT, folder) }).map(path => [
      path.replace('/step.yaml', ''),
      text(`${folder}/${path}`),
    ]),
  );

type Seed = MemoryProject & { readonly request: Partial<CompileRequest> };

/** The files of a folder; what is not YAML is only there. */
const filesOf = (folder: string, patterns: readonly string[]) =>
  Object.fromEntries(
    patterns
      .flatMap(pattern => globSync(pattern, { cwd: join(ROOT, folder) }))
      .sort()
      .map(path => [path, /\.ya?ml$/.test(path) ? text(`${folder}/${path}`) : '']),
  );

const library = manifests('steps');
const digits = filesOf('.', ['pipelines/*.yaml', 'configs/*.yaml', 'examples/digits/*']);
const shipped: readonly Seed[] = [
  ...[[], ['fast'], ['cnn']].map(configs => ({
    files: digits,
    library,
    request: { pipeline: 'pipelines/digits.yaml', configs },
  })),
  {
    files: filesOf('examples/wine', ['sluice.yaml', 'pipelines/*.yaml', 'data/*', 'src/**/*.py']),
    library,
    request: { pipeline: 'pipelines/wine.yaml' },
  },
];
const small = manifests('compiler/fixtures/_library');
const fixtures: readonly Seed[] = globSync('compiler/fixtures/*/pipeline.yaml', { cwd: ROOT })
  .sort()
  .map(path => {
    const folder = path.replace('/pipeline.yaml', '');
    const files = filesOf(folder, ['**/*.*']);
    const { 'request.json': options, 'expected.txt': _, ...rest } = files;
    // What git says is asked of the harness here, also where a fixture is without.
    const { git, ...request } =
      options === undefined ? {} : JSON.parse(text(`${folder}/request.json`));
    return { files: rest, library: small, request };
  });

test('the projects that are to be harmed are whole', async () => {
  for (const { request, ...project } of shipped) {
    const { diagnostics } = await answers(project, request);
    expect(diagnostics).toEqual([]);
  }
  expect(fixtures.length).toBeGreaterThan(100);
});

type Harm = {
  readonly kind: 'edit' | 'word' | 'line' | 'indent' | 'file';
  /** Which file, where in it, and from where something is taken. */
  readonly file: number;
  readonly from: number;
  readonly to: number;
  readonly word: string;
};

const harm: fc.Arbitrary<Harm> = fc.record({
  kind: fc.constantFrom('edit', 'word', 'word', 'word', 'line', 'line', 'indent', 'file'),
  file: fc.noBias(fc.nat(99)),
  from: fc.noBias(fc.nat(9_999)),
  to: fc.noBias(fc.nat(9_999)),
  word: fc.constantFrom('', ...WORDS),
});

type Texts = Record<string, string>;

/** Harms one file; words and lines come from the same file, so that they often mean something. */
function harmed(files: Texts, { kind, file, from, to, word }: Harm): Texts {
  const names = Object.keys(files).filter(name => /\.ya?ml$/.test(name));
  const name = names[file % names.length] ?? '';
  const whole = files[name] ?? '';
  const at = (length: number, where: number) => Math.floor((where / 10_000) * length);
  switch (kind) {
    case 'edit': {
      const start = at(whole.length, from);
      return { ...files, [name]: whole.slice(0, start) + word + whole.slice(start + (to % 12)) };
    }
    case 'word': {
      const words = [...whole.matchAll(/[\w.@/-]+|"[^"\n]*"/g)];
      const gone = words[at(words.length, from)];
      const put = to % 4 === 0 ? word : (words[at(words.length, to)]?.[0] ?? word);
      if (gone === undefined) return files;
      const end = gone.index + gone[0].length;
      return { ...files, [name]: whole.slice(0, gone.index) + put + whole.slice(end) };
    }
    case 'line':
    case 'indent': {
      const lines = whole.split('\n');
      const line = at(lines.length, from);
      const other = lines[at(lines.length, to)] ?? '';
      if (kind === 'indent') lines[line] = `${' '.repeat(to % 9)}${lines[line]?.trimStart()}`;
      else lines.splice(line, to % 2, ...(to % 3 === 0 ? [] : [other]));
      return { ...files, [name]: lines.join('\n') };
    }
    case 'file': {
      const { [name]: _, ...rest } = files;
      const other = names[to % names.length] ?? '';
      return to % 3 === 0 ? rest : { ...files, [name]: to % 3 === 1 ? '' : (files[other] ?? '') };
    }
  }
}

/** The library's manifests are files like any other here. */
async function survives({ files, library: steps = {}, request }: Seed, harms: readonly Harm[]) {
  const manifestOf = (step: string) => `library/${step}.yaml`;
  const all = {
    ...(files as Texts),
    ...Object.fromEntries(Object.entries(steps).map(([step, yaml]) => [manifestOf(step), yaml])),
  };
  const after = harms.reduce(harmed, all);
  const inLibrary = (path: string) => path.startsWith('library/');
  const project = {
    files: Object.fromEntries(Object.entries(after).filter(([path]) => !inLibrary(path))),
    library: Object.fromEntries(
      Object.entries(after).flatMap(([path, yaml]) =>
        inLibrary(path) ? [[path.slice('library/'.length, -'.yaml'.length), yaml]] : [],
      ),
    ),
  };
  const { diagnostics, sources } = await answers(project, request);
  renderDiagnostics(diagnostics, file => sources.get(file), { color: false, width: 100 });
}

test.each([
  ['that ship', shipped],
  ['of the fixtures', fixtures],
])(
  'projects %s are compiled or refused, whatever is done to them',
  async (_, seeds) => {
    const harms = fc.array(harm, { minLength: 1, maxLength: 5 });
    await fc.assert(fc.asyncProperty(fc.constantFrom(...seeds), harms, survives), {
      numRuns: RUNS,
    });
  },
  TIMEOUT_MS,
);
