/** `sluice ui <run>`: a recorded run on the screen, to look around in: steps, reasons, logs. */
import { chooseRun } from '../chosen-run.ts';
import { type Define, examples } from '../command.ts';
import { playBack } from '../playback.ts';
import { requireProject } from '../project.ts';
import { chooseMode } from '../readers.ts';

export const define: Define = (program, invocation) => {
  program
    .command('ui')
    .description('Look around in a recorded run: its steps, why they ran, their logs.')
    .argument('[run]', 'an id, or its start or end; default: the latest')
    .addHelpText('after', examples('sluice ui', 'sluice ui k3f9'))
    .action(async named => {
      const call = invocation();
      const project = requireProject(call.cwd);
      const run = chooseRun(project.part, named);
      const ui = chooseMode(call, { ui: 'auto' });
      await playBack(call, project, { run, ui, browse: ui === 'screen' });
      call.finish(0);
    });
};
