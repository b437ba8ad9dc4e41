/**
 * `sluice watch`: a run, and another one after every change that matters. Wires files, keys, the
 * compiler and rounds of the runner to a session, which decides.
 */
import { type Define, examples } from '../command.ts';
import { executorOption } from '../executors.ts';
import {
  configOption,
  jsonOption,
  paramOption,
  profileOption,
  sampleOption,
  stepOption,
  warmOptions,
} from '../options.ts';
import { uiOption } from '../readers.ts';

export const define: Define = (program, invocation) => {
  program
    .command('watch')
    .description('Run, then again on every change that matters.')
    .argument('[pipeline]', 'name or path; may be left out where there is only one')
    .addOption(configOption())
    .addOption(paramOption())
    .addOption(stepOption())
    .addOption(profileOption())
    .addOption(sampleOption())
    .addOption(executorOption())
    .addOption(warmOptions()[0])
    .addOption(warmOptions()[1])
    .option(
      '-j, --parallel <count>',
      'at most this many steps at once; default: as resources allow',
    )
    .option('-k, --keep-going', 'after a failure, go on with what does not need it')
    .addOption(uiOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice watch', 'sluice watch digits -c fast --step train'))
    .action(async (pipeline, options) => {
      const call = invocation();
      const { watchPipeline } = await import('../watch/watch.ts');
      call.finish(await watchPipeline(call, pipeline, options));
    });
};
