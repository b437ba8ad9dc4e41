/**
 * The step's parameters, typed and checked against each other. Unaware of data.
 */
import type { Json } from '../../schema/canonical-json.ts';
import { type Step, StepError } from '../sdk/step.ts';
import type { Architecture, ImageShape } from './network/classifier.ts';

export type ScaleKind = 'standard' | 'minmax' | 'none';

export type Settings = {
  readonly architecture: Architecture;
  /** Undefined for a table. */
  readonly image: ImageShape | undefined;
  /** Undefined: every numeric column. */
  readonly features: readonly string[] | undefined;
  readonly scale: ScaleKind;
  readonly schedule: Schedule;
  readonly weightDecay: number;
  readonly clip: number;
  readonly seed: number;
  readonly threads: number;
  /** As they were given, for the model's card. */
  readonly given: Readonly<Record<string, Json>>;
};

/** Everything that decides how long and how fast learning goes; never a clock. */
type Schedule = {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Epochs without a better validation loss after which training ends; 0 for never. */
  readonly patience: number;
};

const NAMES = ['model', 'epochs', 'hidden', 'layers', 'channels', 'image', 'features', 'scale'];
const NUMBERS = [
  'learning-rate',
  'weight-decay',
  'batch-size',
  'clip',
  'patience',
  'seed',
  'threads',
];

export function settingsOf(step: Pick<Step, 'param'>): Settings {
  const number = (name: string) => step.param<number>(name);
  const image = imageShape(step.param('image'));
  const features = step.param<readonly string[]>('features');
  return {
    architecture: architectureOf(step, image),
    image,
    features: features.length === 0 ? undefined : features,
    scale: step.param<ScaleKind>('scale'),
    schedule: {
      epochs: number('epochs'),
      batchSize: number('batch-size'),
      learningRate: number('learning-rate'),
      patience: number('patience'),
    },
    weightDecay: number('weight-decay'),
    clip: number('clip'),
    seed: number('seed'),
    threads: number('threads'),
    given: Object.fromEntries([...NAMES, ...NUMBERS].map(name => [name, step.param(name)])),
  };
}

function architectureOf(
  { param }: Pick<Step, 'param'>,
  image: ImageShape | undefined,
): Architecture {
  const kind = param<Architecture['kind']>('model');
  const hidden = param<number>('hidden');
  switch (kind) {
    case 'softmax':
      return { kind };
    case 'mlp':
      return { kind, hidden, layers: param('layers') };
    case 'cnn': {
      const channels = param<readonly number[]>('channels');
      if (image === undefined) {
        throw new StepError(
          'a `cnn` looks at images, and `image` is not set',
          'say what a row holds, e.g. `image: [8, 8, 1]`: height, width, channels',
        );
      }
      if (channels.length === 0 || !channels.every(isCount)) {
        throw new StepError(
          `\`channels\` is ${JSON.stringify(channels)}, and it lists one whole number above 0 for each layer`,
        );
      }
      return { kind, image, channels, hidden };
    }
  }
}

function imageShape(sides: readonly Json[]): ImageShape | undefined {
  if (sides.length === 0) return undefined;
  const [height, width, channels] = sides;
  if (sides.length === 3 && isCount(height) && isCount(width) && isCount(channels)) {
    return [height, width, channels];
  }
  throw new StepError(
    `\`image\` is ${JSON.stringify(sides)}, and it is height, width and channels`,
    'e.g. `image: [8, 8, 1]`; leave it out for a table',
  );
}

const isCount = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0;
