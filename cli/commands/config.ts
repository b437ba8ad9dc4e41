/** `sluice config`: every setting that holds here, with where it comes from. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '../../compiler/problems/problem.ts';
import { chosenProfile, parseSettings } from '../../compiler/settings.ts';
import type { Spanned } from '../../compiler/syntax.ts';
import { renderDiagnostics } from '../../ui/diagnostic.ts';
import { renderTable } from '../../ui/table.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { thisMachine } from '../machine.ts';
import { jsonOption, profileOption } from '../options.ts';
import { requireProject, SETTINGS_FILE } from '../project.ts';

type Setting = { readonly name: string; readonly value: unknown; readonly origin: string };

export const define: Define = (program, invocation) => {
  program
    .command('config')
    .description('Every setting that holds here, with where it comes from.')
    .addOption(profileOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice config', 'sluice config --profile ci --json'))
    .action(options => {
      const call = invocation();
      call.finish(config(call, options));
    });
};

function config(
  { cwd, env, terminal }: Invocation,
  options: { readonly profile?: string | undefined; readonly json?: true | undefined },
): number {
  const { root, home } = requireProject(cwd);
  const path = join(root, SETTINGS_FILE);
  const bytes = existsSync(path) ? readFileSync(path) : new Uint8Array();
  const profile = chosenProfile(options.profile, env);
  const { value = { pools: {} }, problems, text } = parseSettings(SETTINGS_FILE, bytes, profile);
  if (problems.length > 0) {
    terminal.err(renderDiagnostics(problems.map(describe), () => text, terminal));
    return 2;
  }
  const from = (setting: Spanned<unknown> | undefined, name: string, otherwise: string): Setting =>
    setting === undefined
      ? { name, value: otherwise, origin: 'default' }
      : { name, value: setting.value, origin: `${setting.span.file}:${setting.span.line}` };
  const settings: readonly Setting[] = [
    { name: 'project', value: root, origin: 'found from the current folder' },
    { name: 'store', value: home, origin: 'default' },
    {
      name: 'profile',
      value: profile?.name ?? 'none',
      origin: profile?.asked ?? 'default',
    },
    from(value.executor, 'executor', 'process'),
    from(value.warm, 'warm', 'in `sluice watch`'),
    from(value.parallel, 'parallel', `as ${thisMachine().cpus} CPUs allow`),
    ...Object.entries(value.pools).map(([pool, size]) => ({
      name: `pools.${pool}`,
      value: size,
      origin: SETTINGS_FILE,
    })),
  ];
  const rows = settings.map(({ name, value: set, origin }) => [name, String(set), origin]);
  terminal.out(options.json ? JSON.stringify(settings, null, 2) : renderTable(rows));
  return 0;
}
