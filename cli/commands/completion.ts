/** `sluice completion <shell>`: prints what the shell has to read to complete our commands. */
import { Argument } from '@commander-js/extra-typings';
import { type Define, examples } from '../command.ts';
import { SCRIPTS, SHELLS } from '../completion/scripts.ts';

export const define: Define = (program, invocation) => {
  program
    .command('completion')
    .description('Completions for your shell: commands, options, pipelines, steps, ports, runs.')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        'sluice completion bash > ~/.local/share/bash-completion/completions/sluice',
        'sluice completion fish | source',
      ),
    )
    .action(shell => {
      const { terminal, finish } = invocation();
      terminal.out(SCRIPTS[shell]);
      finish(0);
    });
};
