/** Pages about files that a pipeline names, parameters, matrices and outputs. */
import type { FileProblems } from '../problems/file.ts';
import type { MatrixProblems } from '../problems/matrix.ts';
import type { OutputProblems } from '../problems/output.ts';
import type { ParamProblems } from '../problems/param.ts';
import { code, type Pages } from './page.ts';

export const filePages: Pages<keyof FileProblems> = {
  'pipeline-not-found': {
    title: 'There is no pipeline of this name',
    why: 'A name is looked up in `pipelines/` of the project; a path is taken as it is.',
    example: 'sluice run digit',
    repair: 'sluice run digits      # pipelines/digits.yaml',
  },
  'config-not-found': {
    title: 'There is no config of this name',
    why: 'A name is looked up in `configs/` of the project.',
    example: 'sluice run digits -c quick',
    repair: 'sluice run digits -c fast      # configs/fast.yaml',
  },
  'profile-without-settings': {
    title: 'A profile was chosen, and no file declares any',
    why: 'Profiles are declared in `sluice.yaml`, at the root of the project. `--profile`, or the variable `SLUICE_PROFILE`, names one, and the project has no such file.',
    example: 'sluice run --profile ci      # without a sluice.yaml',
    repair: code('# sluice.yaml', 'profiles:', '  ci: { executor: docker }'),
  },
  'not-readable': {
    title: 'The file cannot be read',
    why: 'It is a folder, a pipe or a device, a link that leaves the project, or you may not read it.',
    example: 'A pipeline file with permissions 0000.',
    repair: 'chmod u+r pipelines/digits.yaml',
  },
  'files-too-large': {
    title: 'The files of a pipeline are too large together',
    why: 'A pipeline, the pipelines and definitions that it uses and its configs are read on every start. All together may be as large as one of them.',
    example: 'steps: { a: { uses: ./a.yaml }, b: { uses: ./b.yaml } }     # 800 KiB each',
    repair:
      'Put what is data into files of its own, and let a matrix repeat steps. Where so much is meant, write limits: { file: 16MiB } into sluice.yaml.',
  },
  'path-not-found': {
    title: 'The path does not exist',
    why: 'Inputs from the project are looked up when the pipeline is compiled, so that a typing mistake is found before anything runs. Paths begin at the project’s root.',
    example: 'in: { source: ./data/digts.csv }',
    repair: 'in: { source: ./data/digits.csv }',
  },
  'path-outside': {
    title: 'The path leaves the project',
    why: 'What lies outside is not there on another machine, and nothing would notice when it changes.',
    example: 'in: { source: ./../../data.csv }',
    repair: 'Copy the file into the project, or fetch it with an ingest step.',
  },
  'path-unusable': {
    title: 'The path is neither a file nor a folder that can be read',
    why: 'An input is hashed and copied. A pipe, a socket, a device or an endless link has no content to hash; a name that is not UTF-8 cannot be written into a key.',
    example: 'in: { source: ./data/pipe }',
    repair: 'Give the step a regular file, with a name in UTF-8.',
  },
  'input-protected': {
    title: 'The input holds what Sluice itself keeps',
    why: 'The folder `.sluice` changes with every run, and a step’s working directory lies in it: an input around it would hold itself, and never be the same twice.',
    example: 'in: { project: ./ }',
    repair: code(
      'in: { source: ./src }',
      '# all of the project but .git, .sluice and node_modules:',
      'files: ["**"]',
    ),
  },
  'path-kind': {
    title: 'A folder stands where a file is taken, or the other way round',
    why: 'The port’s type says which of them the step reads.',
    example: 'in: { source: ./data }',
    repair: 'in: { source: ./data/digits.csv }',
  },
  'glob-matches-nothing': {
    title: 'The pattern matches no file',
    why: 'A command sees only the files that it declares. One that declares nothing that exists was surely meant otherwise.',
    example: 'files: [source/**/*.py]',
    repair: 'files: [src/**/*.py]',
  },
  'too-many-patterns': {
    title: 'There are too many different patterns',
    why: 'For each pattern the folders of the project are looked through. A path costs nothing of the kind.',
    example: 'files: ["src/**/part-1.py"]      # and so on, in 5,000 steps',
    repair: code('files: [src/part-1.py]', 'files: ["src/**/*.py"]'),
  },
  'glob-matches-too-much': {
    title: 'The pattern matches very many files',
    why: 'All of them are laid out and hashed for each run of the step. Behind links to folders that lead to each other, there is no end of them.',
    example: 'files: ["**/*"]',
    repair: code('files: [src/**/*.py]', 'in: { images: ./data/images }'),
  },
};

export const paramPages: Pages<keyof ParamProblems> = {
  'unknown-param': {
    title: 'There is no such parameter',
    why: 'A misspelt parameter would leave the default in force, silently.',
    example: 'sluice run digits -p epoch=60',
    repair: 'sluice run digits -p epochs=60',
  },
  'missing-param': {
    title: 'A required parameter has no value',
    why: 'It was declared without a default, because no value fits everyone.',
    example: 'name: { type: string, required: true }',
    repair: 'sluice run digits -p name=mine',
  },
  'param-type': {
    title: 'The value is of another type than the parameter',
    why: 'Parameters keep their type all the way to the step. A text is never taken for a number by accident.',
    example: 'sluice run digits -p epochs=many',
    repair: 'sluice run digits -p epochs=60',
  },
  'param-range': {
    title: 'The value lies outside the parameter’s range',
    why: 'The declaration says `min`, `max` or both.',
    example: code('epochs: { type: int, default: 40, min: 1 }', '# sluice run digits -p epochs=0'),
    repair: 'sluice run digits -p epochs=1',
  },
  'param-choice': {
    title: 'The value is none of those that the parameter allows',
    why: 'The declaration lists them under `enum`.',
    example: code(
      'hidden: { type: int, default: 64, enum: [32, 64, 128] }',
      '# sluice run digits -p hidden=100',
    ),
    repair: 'sluice run digits -p hidden=128',
  },
  'param-pattern': {
    title: 'The value does not match the parameter’s pattern',
    why: 'The declaration gives a regular expression, which the whole value has to match.',
    example: code(
      'tag: { type: string, default: v1, pattern: "v[0-9]+" }',
      '# sluice run digits -p tag=latest',
    ),
    repair: 'sluice run digits -p tag=v2',
  },
  'param-exactness': {
    title: 'The number cannot be kept exactly',
    why: 'Integers are exact up to 9007199254740991. Beyond that two different ones would become the same.',
    example: 'sluice run digits -p seed=12345678901234567890',
    repair: 'sluice run digits -p seed=1234567890',
  },
  'result-in-map': {
    title: 'A map cannot hold what is known only during the run',
    why: 'A map is given to the step as it stands when the run begins. A value that reads a result does not exist yet.',
    example: 'with: { options: { bar: "${{ eval.metrics.accuracy }}" } }',
    repair: 'with: { bar: "${{ eval.metrics.accuracy }}" }',
  },
};

export const matrixPages: Pages<keyof MatrixProblems> = {
  'matrix-too-large': {
    title: 'The matrix makes too many instances',
    why: 'Axes multiply: five with ten values each are 100,000 steps.',
    example: 'matrix: { a: "${{ range(1000) }}", b: "${{ range(1000) }}" }',
    repair:
      'Name the combinations that matter with include, or search step by step. Where so many are meant, write limits: { instances: 200000 } into sluice.yaml.',
  },
  'plan-too-large': {
    title: 'The plan would be too large',
    why: 'Each instance of a matrix has its own command, parameters and wires in the plan. When every one of thousands takes every one of thousands, or repeats a long text, the plan no longer fits into memory. What is the same for all instances is kept once.',
    example: code(
      'a: { run: x, matrix: { i: "${{ range(9000) }}" }, out: { m: metrics } }',
      'b: { run: y, matrix: { i: "${{ range(9000) }}" }, in: { all: "a[*].m" } }',
    ),
    repair:
      'Let one step gather the instances, in: { all: "a[*].m" }, and the others take its output.',
  },
  'axis-not-a-list': {
    title: 'An axis is not a list',
    why: 'An axis lists the values that the step is repeated for.',
    example: 'matrix: { lr: 0.1 }',
    repair: 'matrix: { lr: [0.1, 0.01] }',
  },
  'axis-empty': {
    title: 'An axis has no values',
    why: 'The step would have no instance, and everything that needs it nothing to work on.',
    example: 'matrix: { lr: [] }',
    repair: 'matrix: { lr: [0.1] }',
  },
  'axis-value': {
    title: 'A value of an axis is a list',
    why: 'Each value becomes part of the instance’s address. Texts, numbers, booleans and maps of them can; a list cannot.',
    example: 'matrix: { sizes: [[32, 64], [128]] }',
    repair: 'matrix: { net: [{ first: 32, second: 64 }, { first: 128, second: 0 }] }',
  },
  'matrix-empty': {
    title: 'The matrix excludes all of its combinations',
    why: 'The step would have no instance.',
    example: 'matrix: { lr: [0.1], exclude: [{ lr: 0.1 }] }',
    repair: 'matrix: { lr: [0.1, 0.01], exclude: [{ lr: 0.1 }] }',
  },
  'unknown-exclude-value': {
    title: 'exclude names a value that the axis does not have',
    why: "No combination has it, so nothing would be excluded. A number is not a text: '0.1' is not 0.1. Where the axis or the value is computed, it may be there another time, and is not asked for.",
    example: 'matrix: { lr: [0.1, 0.01], exclude: [{ lr: 0.001 }] }',
    repair: 'matrix: { lr: [0.1, 0.01], exclude: [{ lr: 0.01 }] }',
  },
  'unknown-exclude-axis': {
    title: '`exclude` names an axis that is not there',
    why: 'No combination has it, so nothing would be excluded.',
    example: 'matrix: { lr: [0.1, 0.01], exclude: [{ rate: 0.1 }] }',
    repair: 'matrix: { lr: [0.1, 0.01], exclude: [{ lr: 0.1 }] }',
  },
  'duplicate-instance': {
    title: 'Two instances have the same address',
    why: 'An address such as `train[lr=0.1]` has to mean one step.',
    example: 'matrix: { lr: [0.1, 0.10] }',
    repair: 'matrix: { lr: [0.1, 0.01] }',
  },
};

export const outputPages: Pages<keyof OutputProblems> = {
  'output-collision': {
    title: 'Two outputs are written to the same place',
    why: 'Whichever step ran last would decide the contents.',
    example: code(
      'matrix: { lr: [0.1, 0.01] }',
      'out: { model: { type: model, to: models/net.onnx } }',
    ),
    repair: 'out: { model: { type: model, to: "models/net-${{ matrix.lr }}.onnx" } }',
  },
  'output-too-deep': {
    title: 'An output lies more than 32 folders deep',
    why: 'No person finds it there, and some file systems cannot hold it. An expression has made the path, or a program.',
    example: 'out: { model: { type: model, to: "${{ params.folders }}/model" } }',
    repair: 'out: { model: { type: model, to: "models/${{ params.name }}" } }',
  },
  'output-too-long': {
    title: 'A name in the path of an output has more than 255 bytes',
    why: 'File systems hold no longer names, so the step would do its work and then fail. An expression has made the name, or a program.',
    example: 'out: { plot: { type: plot, to: "${{ params.title }}.svg" } }',
    repair: 'out: { plot: { type: plot, to: "plots/${{ params.name }}.svg" } }',
  },
  'output-overlap': {
    title: 'One output lies inside another',
    why: 'Placing the outer one would replace the inner one.',
    example: code(
      'out:',
      '  all: { type: dir, to: results }',
      '  plot: { type: plot, to: results/loss.svg }',
    ),
    repair: code(
      'out:',
      '  all: { type: dir, to: results/all }',
      '  plot: { type: plot, to: results/loss.svg }',
    ),
  },
  'output-overwrites-input': {
    title: 'An output would overwrite an input',
    why: 'The next run would then read what this one wrote, and never give the same result again.',
    example: code(
      'clean:',
      '  run: clean ${{ in.raw }} ${{ out.data }}',
      '  in: { raw: ./data.csv }',
      '  out: { data: { type: file, to: data.csv } }',
    ),
    repair: '  out: { data: { type: file, to: clean/data.csv } }',
  },
  'output-protected': {
    title: 'No step may write there',
    why: 'The repository, the store and the pipeline itself are not the results of a step.',
    example: 'out: { report: { type: report, to: .git/report.html } }',
    repair: 'out: { report: { type: report, to: reports/report.html } }',
  },
  'output-unreadable': {
    title: 'The name of an output holds a character that cannot be seen',
    why: 'A line break, a control character or a mark of direction in the name of a file makes it look like another one, or like two, wherever it is listed.',
    example: 'to: "reports/loss\\n.svg"',
    repair: 'to: reports/loss.svg',
  },
  'output-in-inputs': {
    title: 'The output lies among the inputs',
    why: 'The folder `in/` of the working directory holds the inputs, which do not change.',
    example: 'out: { data: { type: file, path: in/data.csv } }',
    repair: 'out: { data: { type: file, path: out/data.csv } }',
  },
};
