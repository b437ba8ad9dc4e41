/** Pages about what steps use, and about the wires between them. */
import type { DefinitionProblems } from '../problems/definition.ts';
import type { WireProblems } from '../problems/wire.ts';
import { code, type Pages } from './page.ts';

export const definitionPages: Pages<keyof DefinitionProblems> = {
  'unknown-library-step': {
    title: 'The library has no such step',
    why: 'A bare name in `uses` is looked up in the step library. A step of your own is named by its path.',
    example: 'uses: trian',
    repair: code('uses: train            # the library’s', 'uses: ./steps/crop     # your own'),
  },
  'version-not-available': {
    title: 'The library has another version of the step',
    why: '`name@1` asks for a version, so that a pipeline never runs with a step that behaves differently from what it was written for.',
    example: 'uses: train@9',
    repair: 'uses: train@1',
  },
  'uses-not-found': {
    title: 'There is no step or pipeline at this path',
    why: 'A path in `uses` is relative to the project’s root and leads to a folder with a `step.yaml`, or to a pipeline’s file.',
    example: 'uses: ./step/crop',
    repair: 'uses: ./steps/crop',
  },
  'uses-no-manifest': {
    title: 'The folder has no `step.yaml`',
    why: 'The manifest says what a step takes, what it makes and which command does it.',
    example: 'uses: ./src',
    repair: code(
      '# src/step.yaml',
      'step: crop',
      'version: 1.0.0',
      'out: { images: dataset/images }',
      'run: [python, crop.py]',
    ),
  },
  'pipeline-uses-itself': {
    title: 'A pipeline uses itself, directly or through others',
    why: 'It would contain itself without end.',
    example: code('# pipelines/prep.yaml', 'steps:', '  again: { uses: ./pipelines/prep.yaml }'),
    repair: 'Move what both need into a third pipeline, and use that.',
  },
  'pipelines-too-deep': {
    title: 'Pipelines use one another a hundred deep',
    why: 'Every step of the innermost would have an address of a hundred names, which nobody can read.',
    example: code('# pipelines/p100.yaml', 'steps:', '  next: { uses: ./pipelines/p101.yaml }'),
    repair: 'Use them beside one another, from one pipeline that holds them all.',
  },
  'key-needs-a-step': {
    title: 'A pipeline used as a step does not take this key',
    why: 'It stands for several steps. How each of them runs is written on them.',
    example: code('prep:', '  uses: ./pipelines/prep.yaml', '  retries: 2'),
    repair: code('# pipelines/prep.yaml', 'defaults: { retries: 2 }'),
  },
  'unknown-config-step': {
    title: 'The config sets something for a step that does not exist',
    why: 'A config may change the settings of the pipeline’s steps. A name that no step has would do nothing, silently.',
    example: code('# configs/fast.yaml', 'steps:', '  trian: { resources: { cpus: 8 } }'),
    repair: code('steps:', '  train: { resources: { cpus: 8 } }'),
  },
  'config-with-run': {
    title: 'The config gives parameters to a command',
    why: 'A `run` step has no declared parameters; what it gets is written in its command.',
    example: code('# configs/fast.yaml', 'steps:', '  train: { with: { epochs: 5 } }'),
    repair: code(
      '# the pipeline',
      'params: { epochs: 40 }',
      'steps:',
      '  train: { run: "train --epochs ${{ params.epochs }}" }',
      '# configs/fast.yaml',
      'params: { epochs: 5 }',
    ),
  },
  'unknown-pool': {
    title: 'The pool is not declared',
    why: 'A pool limits how many steps use something scarce at once. Its size is a matter of the project, so it is declared in `sluice.yaml`.',
    example: 'pool: licence',
    repair: code('# sluice.yaml', 'pools: { licence: 2 }'),
  },
  'source-without-probe': {
    title: 'A source does not say how to see changes',
    why: 'A source reads from the world outside, which can change without any file of the project changing. Its probe names the state of that world cheaply; without one an old result would look valid for ever.',
    example: code(
      'fetch:',
      '  kind: source',
      '  run: curl -o ${{ out.data }} https://example.org/data.csv',
    ),
    repair: code(
      'fetch:',
      '  kind: source',
      '  probe: curl -sI https://example.org/data.csv',
      '  run: curl -o ${{ out.data }} https://example.org/data.csv',
    ),
  },
  'secret-in-env': {
    title: 'A secret is also written in `env`',
    why: 'Values in `env` are part of the plan, the cache key and the logs. Secrets are given to the step’s environment and never written anywhere.',
    example: code('env: { TOKEN: abc }', 'secrets: [TOKEN]'),
    repair: 'secrets: [TOKEN]',
  },
  'outputs-of-path': {
    title: 'An output of the pipeline is a path',
    why: 'The outputs of a pipeline are what its steps make. A file of the project is there without it.',
    example: 'outputs: { data: ./data/raw.csv }',
    repair: 'outputs: { data: ingest.data }',
  },
  'outputs-of-instance': {
    title: 'An output of the pipeline names a matrix',
    why: 'An output is one artifact, and each instance of a matrix makes one of its own.',
    example: 'outputs: { model: train.model }',
    repair: code(
      'steps:',
      '  best: { uses: ./steps/best, in: { models: "train[*].model" } }',
      'outputs: { model: best.model }',
    ),
  },
  'nothing-to-sample': {
    title: 'There is no dataset to take a slice of',
    why: '`--sample` takes a slice of what is typed as a dataset: what `ingest` makes, or an output declared as one. A path of the project or an output of type `file` or `dir` is handed on as it is, and an effect that is handed the whole takes the whole, so the run would be on everything while it said that it was on a slice.',
    example: code(
      '# sluice run --sample 5%',
      'steps:',
      '  train:',
      '    run: python train.py',
      '    in: { data: ./data/rows.csv }',
    ),
    repair: code(
      'steps:',
      '  ingest: { uses: ingest, in: { source: ./data/rows.csv } }',
      '  train:',
      '    run: python train.py',
      '    in: { data: ingest.data }',
    ),
  },
};

export const wirePages: Pages<keyof WireProblems> = {
  'malformed-reference': {
    title: 'This is neither a port of a step nor a path',
    why: 'A value of `in` is `step.port`, or a path that begins with `./` so that the two cannot be confused.',
    example: 'in: { data: data/raw.csv }',
    repair: 'in: { data: ./data/raw.csv }',
  },
  'unknown-step': {
    title: 'No step has this name',
    why: 'Wires and `needs` name the steps of the same pipeline.',
    example: 'needs: [featurise]',
    repair: 'needs: [featurize]',
  },
  'unknown-output': {
    title: 'The step has no such output',
    why: 'The outputs of a library step are those of its manifest (`sluice steps NAME` lists them), those of a command are in its `out`.',
    example: 'in: { model: train.weights }',
    repair: 'in: { model: train.model }',
  },
  'unknown-input': {
    title: 'The step takes no such input',
    why: 'A library step takes the inputs that its manifest declares, and would not see any other.',
    example: code('eval:', '  uses: eval', '  in: { weights: train.model }'),
    repair: code('eval:', '  uses: eval', '  in: { model: train.model }'),
  },
  'missing-input': {
    title: 'An input that the step needs is not wired',
    why: 'The step’s manifest says that it cannot work without it.',
    example: code('eval:', '  uses: eval', '  in: { model: train.model }'),
    repair: code('eval:', '  uses: eval', '  in: { model: train.model, data: split.test }'),
  },
  'which-output': {
    title: 'The step’s name alone does not say which output is meant',
    why: '`step` without a port is short for its only output that fits. Here none does, or several do.',
    example: 'in: { data: split }',
    repair: 'in: { data: split.train }',
  },
  'not-many': {
    title: 'The input takes one artifact and is given several',
    why: 'A port takes a list only where its manifest says `many: true`.',
    example: 'in: { model: [a.model, b.model] }',
    repair: 'in: { model: a.model }',
  },
  'which-instance': {
    title: 'The step is a matrix, and the wire does not say which instance',
    why: 'Each combination of its axes is a step of its own with its own outputs.',
    example: 'in: { model: train.model }',
    repair: code(
      'in: { models: "train[*].model" }          # all, in matrix order',
      'in: { model: "train[lr=0.1].model" }      # one',
    ),
  },
  'not-a-matrix': {
    title: 'The step has no instances to choose from',
    why: 'Brackets choose among the instances of a matrix, and this step has none.',
    example: 'in: { model: "train[*].model" }',
    repair: 'in: { model: train.model }',
  },
  'unknown-axis': {
    title: 'The matrix has no such axis',
    why: 'Brackets name axes of the matrix of that step.',
    example: code(
      'matrix: { lr: [0.1, 0.01] }',
      '# elsewhere',
      'in: { model: "train[rate=0.1].model" }',
    ),
    repair: 'in: { model: "train[lr=0.1].model" }',
  },
  'too-many-selections': {
    title: 'Instances of one matrix are chosen by too many sets of axes',
    why: 'Each set of axes that stands in brackets, whatever their values, takes an index of all instances. Four axes can be named together in 15 ways; with many more, most of these wires are a mistake.',
    example: 'in: { a: "train[a=1].x", b: "train[a=1,b=2].x", c: "train[b=2,c=3].x", … }',
    repair:
      'Choose by the same axes everywhere, or let one step gather all: in: { all: "train[*].x" }',
  },
  'no-such-instance': {
    title: 'No instance has these values',
    why: 'The combination does not occur in the matrix, or is excluded.',
    example: code(
      'matrix: { lr: [0.1, 0.01] }',
      '# elsewhere',
      'in: { model: "train[lr=0.5].model" }',
    ),
    repair: 'in: { model: "train[lr=0.1].model" }',
  },
  'type-mismatch': {
    title: 'The output is of another type than the input takes',
    why: 'Types catch a wrong wire before anything runs. A port takes its own type and everything more special: `model` takes `model/onnx`, not the other way round.',
    example: code('eval:', '  uses: eval', '  in: { model: split.train, data: split.test }'),
    repair: code('eval:', '  uses: eval', '  in: { model: train.model, data: split.test }'),
  },
  'state-mismatch': {
    title: 'The dataset is not yet in the state that the input takes',
    why: 'A dataset goes from `raw` over `refined` and `labelled` to `split`. Training on data without labels, for instance, cannot work.',
    example: code(
      'split:',
      '  uses: split',
      '  in: { data: ingest.data }      # without a label column',
    ),
    repair: code(
      'ingest:',
      '  uses: ingest',
      '  in: { source: ./digits.csv }',
      '  with: { label: digit }',
    ),
  },
  'role-mismatch': {
    title: 'This part of the dataset is not meant for this',
    why: 'A model that has seen the test part during training looks better than it is. So a test part cannot reach a training port.',
    example: 'in: { train: split.test }',
    repair: 'in: { train: split.train }',
  },
  cycle: {
    title: 'Steps wait for each other',
    why: 'Each of them would need the other’s result first, so none can begin. Edges come from `in`, from expressions that read results, and from `needs`.',
    example: code('a: { run: make a, needs: [b] }', 'b: { run: make b, needs: [a] }'),
    repair: code('a: { run: make a }', 'b: { run: make b, needs: [a] }'),
  },
};
