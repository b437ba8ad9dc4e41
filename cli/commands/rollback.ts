/**
 * `sluice rollback <name> [version]`: makes another version of a deployment current, by the deploy
 * step's own program, which knows how to switch safely.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from '../../compiler/closest.ts';
import { type Define, examples } from '../command.ts';
import { readDeployments } from '../deployment-folders.ts';
import { DEPLOYMENTS, stateOf } from '../effect-state.ts';
import { jsonOption } from '../options.ts';
import { libraryFolder, requireProject } from '../project.ts';
import { usageError, worldError } from '../usage.ts';

export const define: Define = (program, invocation) => {
  program
    .command('rollback')
    .description('Make an earlier version of a deployment current again; pipelines do not undo it.')
    .argument('<name>', 'as `sluice deployments` lists it')
    .argument('[version]', 'a number; default: the newest before the current one')
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice rollback digits', 'sluice rollback digits 1'))
    .action((name, version, options) => {
      const { cwd, terminal, finish } = invocation();
      const folder = stateOf(requireProject(cwd), DEPLOYMENTS);
      requireDeployment(folder, name);
      const answer = rollBack(folder, [name, ...(version ? [version] : [])]);
      terminal.out(
        options.json ? JSON.stringify({ format: 1, ...answer }, null, 2) : inWords(answer),
      );
      finish(0);
    });
};

type Answer = {
  readonly name: string;
  readonly version: number;
  readonly from: { readonly version: number } | null;
};

function inWords({ name, version, from }: Answer): string {
  const before = from === null ? '' : ` (was version ${from.version})`;
  return `${name}: version ${version} is current${before}`;
}

function rollBack(folder: string, words: readonly string[]): Answer {
  const program = join(libraryFolder(), 'deploy');
  const source = join(program, 'rollback.ts');
  const script = existsSync(source) ? source : join(program, 'rollback.js');
  const args = ['--disable-warning=ExperimentalWarning', script, folder, ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout);
  const message = /^error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
  throw worldError(message, /^help: (.*)$/m.exec(stderr)?.[1]);
}

function requireDeployment(folder: string, name: string): void {
  const names = readDeployments(folder).map(deployment => deployment.name);
  if (names.includes(name)) return;
  const near = closest(name, names);
  const help =
    near === undefined ? `there is ${names.join(', ') || 'none yet'}` : `did you mean \`${near}\`?`;
  throw usageError(`there is no deployment \`${name}\``, help);
}
