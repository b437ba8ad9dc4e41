/** The JSON Schema of a step's manifest: `steps/<name>/step.yaml` (docs/language.md). */
import { params } from './param.ts';
import {
  choice,
  closed,
  command,
  description,
  has,
  list,
  named,
  type Schema,
  text,
} from './parts.ts';
import {
  datasetState,
  definitions,
  image,
  name,
  ownPlace,
  portType,
  stepName,
  version,
} from './texts.ts';

const role = (description: string): Schema => choice(description, ['train', 'validation', 'test']);
const flag = (description: string): Schema => ({ type: 'boolean', default: false, description });

const input: Schema = {
  description: 'A type, or all that can be said about an input.',
  anyOf: [
    portType('What it takes, and everything below it.'),
    {
      ...closed(
        'An input.',
        {
          type: portType('What it takes, and everything below it.'),
          many: flag('Takes a list; laid out as a folder of numbered entries.'),
          optional: flag('May be left out.'),
          roles: list(role('A part.'), 'The parts of a split dataset that it takes. Default: all.'),
          description,
        },
        ['type'],
      ),
      dependencies: { roles: { properties: { type: { pattern: '^dataset' } } } },
    },
  ],
};

const state: Schema = {
  description: 'State of the dataset, where it differs from what its type or `like` says.',
  anyOf: [
    datasetState('Always this one.'),
    closed(
      'One of two, by whether a parameter is set.',
      {
        when: name('A parameter of this manifest.'),
        set: datasetState('Where the parameter is given and not empty.'),
        unset: datasetState('Where it is not.'),
      },
      ['when', 'set', 'unset'],
    ),
  ],
};

const ofDataset: Schema = {
  anyOf: [{ required: ['like'] }, { properties: { type: { pattern: '^dataset' } } }],
};

const output: Schema = {
  description: 'A type, or all that can be said about an output.',
  anyOf: [
    portType('What it makes.'),
    {
      ...closed('An output.', {
        type: portType('What it makes.'),
        like: name('An input of this manifest whose type and state it has.'),
        state,
        role: role('What this part of a split dataset is for.'),
        path: ownPlace('Where the program writes it. Default: `out/<port>`.'),
        description,
      }),
      oneOf: [{ required: ['type'] }, { required: ['like'] }],
      dependencies: { state: ofDataset, role: ofDataset },
    },
  ],
};

const run: Schema = command('What is executed.');

export const STEP_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://sluice.dev/schema/step.schema.json',
  title: 'Sluice step',
  definitions,
  ...closed(
    'A step: what it takes, what it makes and what it runs.',
    {
      step: stepName("The step's name."),
      version: version('Three numbers: a major one tells users that something changed for them.'),
      kind: choice('What its author promises.', ['pure', 'source', 'effect'], { default: 'pure' }),
      description,
      params: params('Parameters, given by `with`.'),
      in: named('Inputs.', name('A port.'), input),
      out: named('Outputs.', name('A port.'), output),
      run,
      container: {
        description: 'The image it runs in. Without one it runs as a process of this machine.',
        anyOf: [image('An image.'), closed('An image.', { image: image('An image.') }, ['image'])],
      },
      includes: list(
        text('Relative to the folder of the step.', { pattern: '^(?!/|[A-Za-z]:)[^\\\\]+$' }),
        'Folders and files beside its own that its program uses: part of every key.',
      ),
      packages: list(
        text('Name of a package.', { pattern: '\\S' }),
        'npm packages that its program loads; their versions are part of every key.',
      ),
      probe: command('For `kind: source`: prints a token that names the state of the world.'),
      check: {
        description: 'For `kind: effect`: how to see that the effect is in place.',
        anyOf: [
          { const: 'receipt', description: 'By the receipt that the program leaves.' },
          closed('By a command that exits 0.', { run }, ['run']),
        ],
      },
      state: name('For `kind: effect`: the folder below `.sluice/` that it may write.'),
    },
    ['step', 'version', 'run'],
  ),
  dependencies: {
    probe: has('kind', 'source'),
    check: has('kind', 'effect'),
    state: has('kind', 'effect'),
  },
};
