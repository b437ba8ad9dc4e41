/** `sluice replay <run>`: the plain reader on a recorded stream. */
import { readEvents } from '../../runner/history.ts';
import { plainReader } from '../../ui/plain.ts';
import { makeStyle } from '../../ui/style.ts';
import { chooseRun } from '../chosen-run.ts';
import { type Define, examples } from '../command.ts';
import { jsonOption } from '../options.ts';
import { requireProject } from '../project.ts';

export const define: Define = (program, invocation) => {
  program
    .command('replay')
    .description('Tell a recorded run again, as it was shown.')
    .argument('[run]', 'an id, or its start or end; default: the latest')
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice replay', 'sluice replay 20261121-085118-k3f9 --json'))
    .action(async (named, options) => {
      const { cwd, terminal, finish } = invocation();
      const { home } = requireProject(cwd);
      const run = await chooseRun(home, named);
      const reader = plainReader({
        write: terminal.out,
        style: makeStyle(terminal),
        verbosity: terminal.verbosity,
        again: step => `sluice run --step ${step}`,
      });
      for await (const event of readEvents(home, run)) {
        if (options.json) terminal.out(JSON.stringify(event));
        else reader.read(event);
      }
      finish(0);
    });
};
