/** The JSON Schema of a pipeline: `pipelines/<name>.yaml` (docs/language.md). */
import { params } from './param.ts';
import {
  choice,
  closed,
  command,
  description,
  has,
  list,
  named,
  open,
  type Schema,
  where,
  written,
} from './parts.ts';
import { environment, settings } from './policy.ts';
import {
  axisName,
  datasetState,
  definitions,
  literal,
  name,
  ownPlace,
  portType,
  projectPath,
  projectPlace,
  reference,
  source,
  stepName,
  uses,
} from './texts.ts';

/** Offered by editors; a step may as well be the author's own. */
export const LIBRARY_STEPS = [
  'ingest',
  'version',
  'sample',
  'split',
  'train',
  'eval',
  'package',
  'deploy',
  'monitor',
] as const;

const output = {
  description: 'A type, or all that can be said about an output.',
  anyOf: [
    portType('What the command writes.'),
    {
      ...closed(
        'An output of the command.',
        {
          type: portType('What the command writes.'),
          state: datasetState('State of the dataset.'),
          path: ownPlace('Where the command writes it; by default `${{ out.<port> }}` says where.'),
          to: projectPlace('A copy is placed in the project here.'),
          description,
        },
        ['type'],
      ),
      dependencies: { state: { properties: { type: { pattern: '^dataset' } } } },
    },
  ],
};

const axisValue: Schema = { type: ['string', 'number', 'boolean', 'object'] };
const combination = named('Values for some axes.', axisName('An axis.'), axisValue, undefined);

const matrix: Schema = {
  type: 'object',
  description: 'One instance of the step for each combination.',
  propertyNames: name('An axis.'),
  maxProperties: 16,
  properties: {
    include: list(combination, 'Combinations to add, or values to add to some of them.'),
    exclude: list(combination, 'Combinations to leave out.'),
  },
  additionalProperties: {
    description: 'The values of an axis.',
    anyOf: [
      { ...list(axisValue, 'One instance for each value.'), minItems: 1 },
      { type: 'string', pattern: '\\$\\{\\{', description: 'An expression that gives a list.' },
    ],
  },
  // Without an axis and without anything to include there is no instance.
  minProperties: 1,
  not: {
    minProperties: 1,
    propertyNames: { enum: ['include', 'exclude'] },
    properties: { include: { maxItems: 0 } },
  },
  examples: [{ lr: [0.1, 0.01] }],
};

const RUN_ONLY = ['files', 'out', 'kind', 'probe', 'check'];

const step: Schema = {
  ...closed('A step: `uses` one that exists, or `run` a command.', {
    uses: uses(
      'A step of the library (`train`, `train@1`), or a step folder or pipeline by path.',
      LIBRARY_STEPS,
    ),
    run: command('A command of your own, in any language.'),
    description,
    in: named('What the step takes: artifacts, by port.', name('A port.'), {
      description: 'Where it comes from; a list for a port that takes many.',
      anyOf: [source, list(source, 'For a port that takes many.')],
    }),
    with: open('Parameters of the step that is used.'),
    files: list(
      projectPath('A path or glob.', { examples: ['src/train.py', 'src/**/*.py'] }),
      'Project files that the command may see. Nothing else is there.',
    ),
    out: named('What the command makes: ports and their types.', name('A port.'), output),
    needs: list(stepName('A step.'), 'Steps to wait for without taking anything from them.'),
    if: {
      type: ['string', 'boolean'],
      pattern: '\\S',
      description: 'False skips the step and all that consumes it.',
      examples: ['${{ eval.metrics.accuracy >= params.target }}'],
    },
    matrix,
    cache: {
      description: 'Whether a result is used again, and a reason of your own to make it anew.',
      default: true,
      anyOf: [
        { type: 'boolean' },
        closed('Change the salt to run anew.', { salt: written('Any text.') }),
      ],
    },
    kind: choice('What the author of the command promises.', ['pure', 'source', 'effect'], {
      default: 'pure',
    }),
    probe: command('For `kind: source`: prints a token that names the state of the world.'),
    check: command('For `kind: effect`: exits 0 when the effect is in place.'),
    ...settings,
  }),
  oneOf: [{ required: ['uses'] }, { required: ['run'] }],
  ...where({ required: ['run'] }, { properties: { with: false } }),
  else: { properties: Object.fromEntries(RUN_ONLY.map(key => [key, false])) },
  dependencies: { probe: has('kind', 'source'), check: has('kind', 'effect') },
  // What the world gives is made anew, or there is something that tells whether it has changed.
  allOf: [where(has('kind', 'source'), { anyOf: [{ required: ['probe'] }, has('cache', false)] })],
};

const labels: Schema = {
  description: 'For people; never part of a cache key.',
  anyOf: [
    list(literal('A label.'), 'Labels.'),
    named('Labels with values.', name('A label.'), written('A value.')),
  ],
};

export const PIPELINE_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://sluice.dev/schema/pipeline.schema.json',
  title: 'Sluice pipeline',
  definitions,
  ...closed(
    'A pipeline, version 1 of the language.',
    {
      sluice: { const: 1, description: 'Version of the language.' },
      name: name("The pipeline's name. Default: the file's."),
      description,
      labels,
      params: params('Typed parameters with their defaults.'),
      env: environment,
      defaults: closed('What every step does unless it says otherwise.', settings),
      steps: {
        ...named(
          'The steps. What they take from one another decides their order.',
          stepName('Lower-case words joined by `-`.'),
          step,
          undefined,
        ),
        minProperties: 1,
      },
      outputs: named(
        'Names for `step.port`, so that the pipeline can be used as a step.',
        name('A port.'),
        reference('`step.port`.'),
      ),
    },
    ['sluice', 'steps'],
  ),
};
