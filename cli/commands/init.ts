/**
 * `sluice init`: a project that runs, in an empty folder or beside existing code. Never overwrites:
 * what is there stays, and is named.
 */
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { type Define, examples } from '../command.ts';
import { installation } from '../project.ts';
import { STARTER } from '../starter.ts';
import { worldError } from '../usage.ts';
import { SCHEMAS, schemaText } from './schema.ts';

/** Example → what of this installation it consists of, and where that goes. */
const EXAMPLES: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  digits: [
    ['pipelines/digits.yaml', 'pipelines/digits.yaml'],
    ['configs', 'configs'],
    ['examples/digits', 'examples/digits'],
  ],
  wine: [['examples/wine', '.']],
};

const EXAMPLE_NAMES = ['digits', 'wine'] as const;

export const define: Define = (program, invocation) => {
  program
    .command('init')
    .description('Start a project that runs, here or in -C <dir>. Never overwrites a file.')
    .addOption(new Option('--from <example>', 'start from an example').choices(EXAMPLE_NAMES))
    .addHelpText('after', examples('sluice init', 'sluice -C my-project init --from digits'))
    .action(async options => {
      const { cwd, terminal, finish } = invocation();
      const report = await init(cwd, options.from).catch(refused);
      for (const path of report.written) terminal.out(`wrote  ${path}`);
      for (const path of report.kept) terminal.out(`kept   ${path} (it was there)`);
      terminal.out('\nNext: `sluice plan`, then `sluice run`.');
      finish(0);
    });
};

type Report = { readonly written: readonly string[]; readonly kept: readonly string[] };

async function init(root: string, from: string | undefined): Promise<Report> {
  const written: string[] = [];
  const kept: string[] = [];
  const place = async (path: string, write: (target: string) => Promise<void>) => {
    const target = join(root, path);
    if (existsSync(target)) return void kept.push(path);
    await mkdir(dirname(target), { recursive: true });
    await write(target);
    written.push(path);
  };
  if (from === undefined) {
    for (const [path, text] of Object.entries(STARTER)) {
      await place(path, target => writeFile(target, text));
    }
  } else {
    await copyExample(root, EXAMPLES[from] ?? [], written, kept);
  }
  for (const name of SCHEMAS) {
    const path = `.sluice/schema/${name}.schema.json`;
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), schemaText(name));
  }
  if (await ignoreHome(root)) written.push('.gitignore');
  return { written, kept };
}

async function copyExample(
  root: string,
  parts: readonly (readonly [string, string])[],
  written: string[],
  kept: string[],
): Promise<void> {
  for (const [source, target] of parts) {
    await cp(join(installation(), source), join(root, target), {
      recursive: true,
      filter: (from, to) => {
        if (from.includes('.sluice')) return false;
        const path = to.slice(root.length + 1);
        if (!/\.[a-z]+$/.test(path)) return true; // A folder: go on inside.
        (existsSync(to) ? kept : written).push(path);
        return !existsSync(to);
      },
    });
  }
}

/** True when a line was added. */
async function ignoreHome(root: string): Promise<boolean> {
  const path = join(root, '.gitignore');
  const lines = existsSync(path) ? (await readFile(path, 'utf8')).split('\n') : [];
  if (lines.some(line => /^\/?\.sluice\/?$/.test(line.trim()))) return false;
  await appendFile(path, `${lines.length > 0 && lines.at(-1) !== '' ? '\n' : ''}.sluice/\n`);
  return true;
}

function refused(error: NodeJS.ErrnoException): never {
  throw worldError(`could not write the project: ${error.message}`);
}
