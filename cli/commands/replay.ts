/** `sluice replay <run>`: a recorded run, told again by the reader that would have told it live. */
import { chooseRun } from '../chosen-run.ts';
import { type Define, examples } from '../command.ts';
import { jsonOption } from '../options.ts';
import { playBack } from '../playback.ts';
import { requireProject } from '../project.ts';
import { uiOption } from '../readers.ts';
import { reportOption } from '../reports.ts';
import { usageError } from '../usage.ts';

export const define: Define = (program, invocation) => {
  program
    .command('replay')
    .description('Tell a recorded run again, as it was shown.')
    .argument('[run]', 'an id, or its start or end; default: the latest')
    .option('--speed <factor>', 'times as fast as it was; default: at most ten seconds', parseSpeed)
    .addOption(uiOption())
    .addOption(reportOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice replay', 'sluice replay 20261121-085118-k3f9 --json'))
    .action(async (named, options) => {
      const call = invocation();
      const project = requireProject(call.cwd);
      const run = chooseRun(project.part, named);
      await playBack(call, project, { run, ...options });
      call.finish(0);
    });
};

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw usageError(`--speed takes a number above 0, not \`${text}\``);
}
