/** `sluice steps [name]`: the step library, and a page for each of its steps. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { closest } from '../../compiler/closest.ts';
import { parseManifest } from '../../compiler/manifest.ts';
import { describe } from '../../compiler/problems/problem.ts';
import { byCodeUnit } from '../../schema/canonical-json.ts';
import type { Manifest } from '../../schema/manifest.ts';
import { renderStepPage } from '../../ui/step-page.ts';
import { makeStyle } from '../../ui/style.ts';
import { renderTable } from '../../ui/table.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { showDiagnostics } from '../compilation.ts';
import { jsonOption } from '../options.ts';
import { findProject, libraryFolder } from '../project.ts';
import { usageError } from '../usage.ts';

export const define: Define = (program, invocation) => {
  program
    .command('steps')
    .description('The step library: ports, parameters, defaults.')
    .argument('[name]', 'a step of the library, or the folder of one of your own')
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice steps', 'sluice steps train'))
    .action((name, options) => {
      const call = invocation();
      const { terminal } = call;
      const library = readLibrary();
      if (name === undefined) {
        const rows = library.map(({ step, version, kind, description }) => [
          step,
          version,
          kind,
          firstSentence(description ?? ''),
        ]);
        terminal.out(options.json ? JSON.stringify(library, null, 2) : renderTable(rows, terminal));
      } else {
        const manifest = name.includes('/') ? ownStep(call, name) : requireStep(library, name);
        if (manifest === undefined) return call.finish(2);
        terminal.out(
          options.json
            ? JSON.stringify(manifest, null, 2)
            : renderStepPage(manifest, makeStyle(terminal), {
                uses: name,
                columns: terminal.columns,
              }),
        );
      }
      call.finish(0);
    });
};

function readLibrary(): readonly Manifest[] {
  const folder = libraryFolder();
  return readdirSync(folder)
    .sort(byCodeUnit)
    .map(name => join(folder, name, 'step.yaml'))
    .filter(path => existsSync(path))
    .map(path => {
      const { value, problems } = parseManifest(path, readFileSync(path));
      if (value === undefined) throw new Error(`bug: ${path}: ${JSON.stringify(problems)}`);
      return value.manifest;
    });
}

/** By its path from here, or from the project as in `uses:`. Undefined once its faults are shown. */
function ownStep({ cwd, terminal }: Invocation, name: string): Manifest | undefined {
  const folder = name.replace(/\/(step\.yaml)?$/, '');
  const roots = [cwd, findProject(cwd)?.root ?? cwd];
  const root = roots.find(place => existsSync(resolve(place, folder, 'step.yaml')));
  if (root === undefined) {
    throw usageError(
      `there is no step at \`${name}\``,
      'a step of your own is a folder with a `step.yaml`; `sluice steps` lists those of the library',
    );
  }
  const path = join(folder, 'step.yaml');
  const { value, problems, text } = parseManifest(path, readFileSync(resolve(root, path)));
  const diagnostics = problems.map(describe);
  showDiagnostics(terminal, { diagnostics, sources: new Map([[path, text]]) });
  return diagnostics.some(({ severity }) => severity === 'error') ? undefined : value?.manifest;
}

function requireStep(library: readonly Manifest[], name: string): Manifest {
  const found = library.find(({ step }) => step === name);
  if (found !== undefined) return found;
  const names = library.map(({ step }) => step);
  const near = closest(name, names);
  const help = near === undefined ? `there are ${names.join(', ')}` : `did you mean \`${near}\`?`;
  throw usageError(`the library has no step \`${name}\``, help);
}

const firstSentence = (text: string): string =>
  /^.*?[.:;](?=\s|$)/s.exec(text)?.[0].replace(/[:;]$/, '.') ?? text;
