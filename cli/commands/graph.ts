/** `sluice graph`: the compiled DAG, drawn. */
import { Option } from '@commander-js/extra-typings';
import { renderGraph } from '../../ui/graph/graph.ts';
import { type Define, examples } from '../command.ts';
import { planProject } from '../compilation.ts';
import { configOption, paramOption, profileOption, sampleOption } from '../options.ts';

const FORMATS = ['text', 'mermaid', 'dot', 'svg', 'json'] as const;

export const define: Define = (program, invocation) => {
  program
    .command('graph')
    .description('The DAG: steps and what flows between them.')
    .argument('[pipeline]', 'name or path')
    .addOption(configOption())
    .addOption(paramOption())
    .addOption(profileOption())
    .addOption(sampleOption())
    .addOption(new Option('--format <format>').choices(FORMATS).default('text' as const))
    .addOption(new Option('--json', 'the same as `--format json`').implies({ format: 'json' }))
    .addHelpText('after', examples('sluice graph', 'sluice graph digits --format mermaid'))
    .action(async (pipeline, options) => {
      const call = invocation();
      const planned = await planProject(call, pipeline, options);
      if (planned !== undefined) call.terminal.out(renderGraph(planned.plan, options.format));
      call.finish(planned === undefined ? 2 : 0);
    });
};
