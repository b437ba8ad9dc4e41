/** Pages about what a run hints at while a step goes on: nothing is wrong, something could be better. */
import type { Hint } from '../../schema/event.ts';
import type { Pages } from './page.ts';

export const hintPages: Pages<Hint['kind']> = {
  'gpu-starved': {
    title: 'The GPU waits for its step',
    why: 'Over two minutes it computed less than half of the time. Mostly the step prepares its next batch meanwhile: reading, decoding, augmenting, copying.',
    example: 'DataLoader(data, batch_size=32)',
    repair:
      'DataLoader(data, batch_size=256, num_workers=8, pin_memory=True, persistent_workers=True)',
  },
  'gpu-memory-full': {
    title: 'The memory of the GPU is nearly full',
    why: 'For ten seconds more than 95 % of it was in use. The next larger batch or longer sequence may fail. Some frameworks take nearly all of it at once and share it out themselves: then this says nothing.',
    example: 'CUDA out of memory, in the 40th epoch',
    repair:
      'A smaller batch, mixed precision, or checkpointed activations; or resources: { gpu-memory: 80GiB } for a larger device.',
  },
  'gpu-hot': {
    title: 'The GPU is so hot that it slows down',
    why: 'For ten seconds it was above 85 °C, where devices lower their clocks to protect themselves. The step goes on, and takes longer.',
    example: 'A training that is slower in the afternoon.',
    repair:
      'Look at the fans, the dust and the air around the machine, or lower the power limit: nvidia-smi --power-limit',
  },
  'memory-full': {
    title: 'The step is near the end of its memory',
    why: 'For ten seconds it held more than 95 % of what its resources allow. A little more, and it is ended as out-of-memory.',
    example: 'resources: { memory: 16GiB }',
    repair: 'resources: { memory: 24GiB }',
  },
};
