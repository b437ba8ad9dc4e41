/** `sluice images`: makes the image that library steps run in when they run in containers. */
import { type Define, examples, type Invocation } from '../command.ts';
import { buildStepImage, importStepImage, STEP_IMAGE } from '../step-image.ts';
import { worldError } from '../usage.ts';

type ImagesOptions = { readonly offline?: true | undefined };

export const define: Define = (program, invocation) => {
  program
    .command('images')
    .description('Make the image that library steps run in when they run in containers.')
    .option('--offline', 'from the Node and the packages installed here; downloads nothing')
    .addHelpText('after', examples('sluice images', 'sluice images --offline'))
    .action(async options => {
      const call = invocation();
      await images(call, options);
      call.finish(0);
    });
};

async function images({ env, terminal }: Invocation, { offline }: ImagesOptions): Promise<void> {
  const { absentEngine, ask, connectEngine, ping } = await import(
    '../../runner/executors/docker/engine.ts'
  );
  const engine = connectEngine(env);
  const there = await ping(engine);
  if (!there.ok) throw worldError(absentEngine(engine, there.error.message));
  if (offline !== true) {
    const built = await ask(() => buildStepImage(engine, terminal.err));
    if (built.ok) return terminal.out(`${STEP_IMAGE} is built from steps/Dockerfile`);
    terminal.err(`steps/Dockerfile could not be built: ${built.error.message}`);
    terminal.err('so the image is made of what is installed here, as `--offline` does');
  }
  const imported = await ask(() => importStepImage(engine));
  if (!imported.ok) throw worldError(`${STEP_IMAGE} could not be made: ${imported.error.message}`);
  terminal.out(`${STEP_IMAGE} is made of the Node and the packages installed here`);
}
