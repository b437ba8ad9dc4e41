/**
 * `sluice init`: a project that runs, in an empty folder or beside existing code. Never overwrites:
 * what is there stays, and is named.
 */
import { constants, existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { type Define, examples } from '../command.ts';
import { withOwnSchema, writeSchemas } from '../editor-schemas.ts';
import { EXAMPLE_NAMES, EXAMPLES } from '../example-files.ts';
import { jsonOption } from '../options.ts';
import { installation } from '../project.ts';
import { STARTER } from '../starter.ts';
import { worldError } from '../usage.ts';

export const define: Define = (program, invocation) => {
  program
    .command('init')
    .description('Start a project that runs, here or in -C <dir>. Never overwrites a file.')
    .addOption(new Option('--from <example>', 'start from an example').choices(EXAMPLE_NAMES))
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice init', 'sluice -C my-project init --from digits'))
    .action(async options => {
      const { cwd, terminal, finish } = invocation();
      const report = await init(cwd, options.from).catch(refused);
      if (options.json) {
        terminal.out(JSON.stringify({ format: 1, folder: cwd, ...report }, null, 2));
        return finish(0);
      }
      for (const path of report.written) terminal.out(`wrote  ${path}`);
      for (const path of report.kept) terminal.out(`kept   ${path} (it was there)`);
      terminal.out('\nNext: `sluice plan`, then `sluice run`.');
      finish(0);
    });
};

type Report = { readonly written: readonly string[]; readonly kept: readonly string[] };

type ExampleName = (typeof EXAMPLE_NAMES)[number];

async function init(root: string, from: ExampleName | undefined): Promise<Report> {
  const written: string[] = [];
  const kept: string[] = [];
  const place = async (path: string, write: (target: string) => Promise<void>) => {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    const isNew = await write(target).then(() => true, unlessThere);
    (isNew ? written : kept).push(path);
  };
  if (from === undefined) {
    for (const [path, text] of Object.entries(STARTER)) {
      await place(path, target => writeFile(target, text, NEW));
    }
  } else {
    const { folder, files } = EXAMPLES[from];
    for (const path of files) {
      const source = join(installation(), folder, path);
      // Packages leave files of their own for git out.
      if (existsSync(source)) await place(path, target => copyExample(source, target, path));
    }
  }
  writeSchemas(join(root, '.sluice'));
  if (await ignoreHome(root)) written.push('.gitignore');
  return { written, kept };
}

/** Fails where anything is: also at a link that leads nowhere, behind which a file would come to be. */
const NEW = { flag: 'wx' };

function unlessThere(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}

async function copyExample(source: string, target: string, path: string): Promise<void> {
  if (!path.endsWith('.yaml')) return copyFile(source, target, constants.COPYFILE_EXCL);
  await writeFile(target, withOwnSchema(path, await readFile(source, 'utf8')), NEW);
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
