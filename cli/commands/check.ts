/** `sluice check`: compiles and shows everything that is wrong. Runs and writes nothing. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import type { Compilation } from '../../compiler/compile.ts';
import { applyFixes } from '../../compiler/fix.ts';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { githubAnnotations } from '../../ui/diagnostic.ts';
import { diagnosticsJson } from '../../ui/diagnostic-json.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import {
  type Compiled,
  type CompileOptions,
  compileProject,
  showDiagnostics,
} from '../compilation.ts';
import { configOption, jsonOption, paramOption, profileOption } from '../options.ts';
import { requireProject, SETTINGS_FILE } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { writing } from '../usage.ts';

type CheckOptions = CompileOptions & {
  readonly json?: true | undefined;
  readonly fix?: true | undefined;
  readonly format?: 'text' | 'github' | undefined;
};

export const define: Define = (program, invocation) => {
  program
    .command('check')
    .description('Compile only, and show everything that is wrong. Without a name: every pipeline.')
    .argument('[pipeline...]', 'names or paths of pipelines')
    .addOption(configOption())
    .addOption(paramOption())
    .addOption(profileOption())
    .addOption(jsonOption())
    .option('--fix', 'apply the repairs that a machine may make')
    .addOption(new Option('--format <format>').choices(['text', 'github'] as const))
    .addHelpText('after', examples('sluice check', 'sluice check digits --format github'))
    .action(async (pipelines, options) => {
      const call = invocation();
      call.finish(await check(call, pipelines, options));
    });
};

async function check(
  invocation: Invocation,
  named: readonly string[],
  options: CheckOptions,
): Promise<number> {
  const unnamed = named.length === 0;
  const targets = unnamed ? requireProject(invocation.cwd).pipelines : named;
  const all: Compiled[] = [];
  for (const target of targets.length > 0 ? targets : [undefined]) {
    const compile = () => compileProject(invocation, target, { ...options, unnamed });
    let compiled = await compile();
    // What one repair lets be read may want another.
    for (let round = 0; options.fix && round < MOST_ROUNDS; round += 1) {
      if (!(await repair(compiled, invocation.terminal.err))) break;
      compiled = await compile();
    }
    all.push(compiled);
  }
  show(all, options, invocation.terminal);
  return all.every(isGood) ? 0 : 2;
}

const MOST_ROUNDS = 5;

/** What awaits parameters has no plan, and no mistakes either. */
const isGood = ({ compilation: { plan, awaits, diagnostics } }: Compiled): boolean =>
  plan !== undefined ||
  (awaits.length > 0 && diagnostics.every(({ severity }) => severity !== 'error'));

function show(all: readonly Compiled[], { json, format }: CheckOptions, terminal: Terminal): void {
  const diagnostics = sharedOnce(all);
  const texts = new Map(all.flatMap(({ compilation }) => [...compilation.sources]));
  const sources = (file: string) => texts.get(file);
  if (json) {
    terminal.out(JSON.stringify(diagnosticsJson(diagnostics, sources), null, 2));
    return;
  }
  if (format === 'github') {
    if (diagnostics.length > 0) terminal.out(githubAnnotations(diagnostics, sources));
    return;
  }
  showDiagnostics(terminal, { diagnostics, sources: texts });
  if (terminal.verbosity === 'quiet') return;
  for (const { pipeline, compilation } of all.filter(isGood))
    terminal.out(`${pipeline}: ${summary(compilation)}`);
}

/** A mistake in a file that several pipelines use is one mistake. */
function sharedOnce(all: readonly Compiled[]): readonly Diagnostic[] {
  const found = all.flatMap(({ pipeline, compilation }) =>
    compilation.diagnostics.map(diagnostic => ({ pipeline, diagnostic })),
  );
  const same = Map.groupBy(found, ({ diagnostic: { code, at, message } }) =>
    JSON.stringify([code, at, message]),
  );
  return [...same.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { diagnostic } = first;
    const file = diagnostic.at?.file;
    // That every pipeline depends on the settings is no news.
    if (others.length === 0 || file === undefined || file === SETTINGS_FILE) return [diagnostic];
    const usedBy = [first, ...others].map(one => one.pipeline).filter(user => user !== file);
    return [{ ...diagnostic, usedBy }];
  });
}

function summary({ plan, awaits }: Compilation): string {
  if (plan === undefined)
    return `no errors; a run of it takes ${awaits.map(name => `-p ${name}=…`).join(' ')}`;
  const steps = plan.steps.length;
  return `${steps} ${steps === 1 ? 'step' : 'steps'}, no errors`;
}

const clipped = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

/** Writes the repaired files; false when there was nothing to repair. */
async function repair(
  { project, compilation }: Compiled,
  say: (text: string) => void,
): Promise<boolean> {
  const fixes = compilation.diagnostics.flatMap(diagnostic => diagnostic.fixes);
  const byFile = Map.groupBy(fixes, fix => fix.edits[0]?.at.file ?? '');
  for (const [file, ofFile] of byFile) {
    const path = join(project.root, file);
    const source = await readFile(path, 'utf8');
    await writing(path, () => writeFile(path, applyFixes(source, ofFile)));
    for (const { title, edits } of ofFile) {
      const [edit] = edits;
      const before = clipped(
        compilation.sources.get(file)?.slice(edit?.at.start, edit?.at.end) ?? '',
      );
      say(
        `fixed ${file}:${edit?.at.line}: ${title}${before === '' ? '' : `, where \`${before}\` stood`}`,
      );
    }
  }
  return byFile.size > 0;
}
