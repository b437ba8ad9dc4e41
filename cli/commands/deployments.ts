/** `sluice deployments`: what is deployed here, and what was. */
import { formatAgo } from '../../ui/duration.ts';
import { renderTable } from '../../ui/table.ts';
import { type Define, examples } from '../command.ts';
import { type Deployment, readDeployments } from '../deployment-folders.ts';
import { DEPLOYMENTS, stateOf } from '../effect-state.ts';
import { jsonOption } from '../options.ts';
import { requireProject } from '../project.ts';

export const define: Define = (program, invocation) => {
  program
    .command('deployments')
    .description('What is deployed: versions, which one is current, who switched to it.')
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice deployments', 'sluice deployments --json'))
    .action(options => {
      const { cwd, terminal, finish } = invocation();
      const deployments = readDeployments(stateOf(requireProject(cwd), DEPLOYMENTS));
      if (options.json) terminal.out(JSON.stringify({ format: 1, deployments }, null, 2));
      else if (deployments.length === 0) terminal.out('nothing is deployed here yet');
      else terminal.out(deployments.map(page).join('\n\n'));
      finish(0);
    });
};

function page({ name, versions, history }: Deployment): string {
  const now = new Date();
  const rows = versions.toReversed().map(({ number, digest, current }) => {
    const last = history.findLast(({ version }) => version === number);
    const by = last === undefined ? '' : `${last.action} by ${last.by.run ?? last.by.user}`;
    const when = last === undefined ? '' : formatAgo(last.by.at, now);
    return [current ? '*' : '', String(number), digest, when, by];
  });
  return `${name}\n${renderTable([['', 'version', 'digest', 'since', ''], ...rows], { indent: 2 })}`;
}
