/** Pages about expressions. */
import type { ExpressionCode } from '../problems/expression.ts';
import { code, type Pages } from './page.ts';

export const expressionPages: Pages<ExpressionCode> = {
  'unclosed-expression': {
    title: 'An expression has no end',
    why: 'It begins with `${{` and ends with `}}`.',
    example: 'seed: ${{ params.seed',
    repair: 'seed: ${{ params.seed }}',
  },
  'empty-expression': {
    title: 'There is nothing between the braces',
    why: 'An expression is a value; nothing is none.',
    example: 'if: ${{ }}',
    repair: 'if: ${{ params.deploy }}',
  },
  'expression-too-large': {
    title: 'The expression is too long',
    why: 'Expressions are for small decisions that a reader takes in at a glance. The limit also keeps a hostile file from exhausting the compiler.',
    example: 'if: ${{ ((((((((… }}',
    repair: 'Compute it in a step that writes a value, and read that.',
  },
  'computes-too-much': {
    title: 'The expressions compute more than a compilation may take',
    why: 'Every instance of a matrix computes its own commands, paths and variables. Fifty names, signs and values for each of 100,000 are allowed; a list counts for all that is in it.',
    example: code(
      'run: "x ${{ join(range(90000 + matrix.i)) }}"',
      'matrix: { i: "${{ range(1000) }}" }',
    ),
    repair: 'run: "x --count ${{ 90000 + matrix.i }}"',
  },
  'text-beside-expression': {
    title: 'Text stands beside the expression of a condition',
    why: 'A condition is one value. Two expressions side by side would be joined as text.',
    example: 'if: ${{ params.fast }} && ${{ params.deploy }}',
    repair: 'if: ${{ params.fast && params.deploy }}',
  },
  'unclosed-string': {
    title: 'A text in an expression has no closing quote',
    why: 'Quotes work as in YAML: in `\'…\'` two quotes stand for one, in `"…"` a backslash escapes.',
    example: "if: ${{ params.name == 'digits }}",
    repair: "if: ${{ params.name == 'digits' }}",
  },
  'unknown-escape': {
    title: 'There is no such escape',
    why: 'In double quotes a backslash begins an escape: `\\n`, `\\t`, `\\"`, `\\\\` or `\\u` followed by four digits. In single quotes it is a letter like any other.',
    example: 'path: ${{ "C:\\data" }}',
    repair: "path: ${{ 'C:\\data' }}",
  },
  'malformed-number': {
    title: 'This is not a number',
    why: 'It begins like one. Units belong to durations and sizes, which are written outside of expressions; text stands in quotes.',
    example: 'if: ${{ params.limit > 8GiB }}',
    repair: 'if: ${{ params.limit > 8589934592 }}',
  },
  'inexact-number': {
    title: 'The number cannot be kept exactly',
    why: 'Integers are exact up to 9007199254740991.',
    example: 'id: ${{ 12345678901234567890 }}',
    repair: "id: ${{ '12345678901234567890' }}",
  },
  'stray-character': {
    title: 'The character means nothing in an expression',
    why: 'Expressions know names, numbers, texts, the operators `+ - * / % == != < <= > >= && || ! ?:` and brackets.',
    example: 'if: ${{ params.seed = 7 }}',
    repair: 'if: ${{ params.seed == 7 }}',
  },
  'unexpected-token': {
    title: 'Something is missing, or stands too much',
    why: 'Values and operators take turns, and brackets come in pairs. The place shown is the first at which that fails.',
    example: 'if: ${{ params.fast and params.deploy }}',
    repair: 'if: ${{ params.fast && params.deploy }}',
  },
  'unknown-name': {
    title: 'Nothing has this name',
    why: 'A name begins with `params`, `matrix`, `env`, `git`, `in` or `out`, or is that of a step. A misspelt one is found here rather than being empty during the run.',
    example: 'seed: ${{ parms.seed }}',
    repair: 'seed: ${{ params.seed }}',
  },
  'unknown-member': {
    title: 'It is not declared',
    why: 'Parameters, axes, variables, inputs and outputs can be read only where they are declared. Names may hold a dash, so a subtraction needs spaces around it.',
    example: 'last: ${{ params.epochs-1 }}',
    repair: 'last: ${{ params.epochs - 1 }}',
  },
  'unavailable-name': {
    title: 'The name means nothing at this place',
    why: '`matrix` is there only in steps with a matrix, `env` not in another `env` of the same place nor in a manifest, `in` and `out` only where a step runs.',
    example: code('train:', '  run: train --lr ${{ matrix.lr }}'),
    repair: code('train:', '  run: train --lr ${{ matrix.lr }}', '  matrix: { lr: [0.1, 0.01] }'),
  },
  'variable-of-step': {
    title: 'The variable is the step’s own, and stands outside of its commands',
    why: '`env.X` is what the step’s process gets as `X`. What the pipeline’s `env` declares can be read everywhere in a step. What the step declares itself, or takes from `defaults` or a config, may wait for results and paths, so only its commands (`run`, `probe`, `check`) can read it; variables of one `env` are not made of each other.',
    example: code(
      'train:',
      '  env: { EPOCHS: "40", NAME: "digits-${{ env.EPOCHS }}" }',
      '  run: train --epochs ${{ env.EPOCHS }} --name ${{ env.NAME }}',
    ),
    repair: code(
      'params: { epochs: 40 }',
      'steps:',
      '  train:',
      '    env: { EPOCHS: "${{ params.epochs }}", NAME: "digits-${{ params.epochs }}" }',
      '    run: train --epochs ${{ env.EPOCHS }} --name ${{ env.NAME }}',
    ),
  },
  'incomplete-name': {
    title: 'The name alone is not a value',
    why: '`params`, `in` or a step’s name stand in front of what is meant of them.',
    example: 'if: ${{ eval >= 0.9 }}',
    repair: 'if: ${{ eval.metrics.accuracy >= 0.9 }}',
  },
  'unknown-result': {
    title: 'The step has no such port',
    why: 'A result is read as `step.port.field`, and the port has to be one of the step’s outputs.',
    example: 'if: ${{ eval.metric.accuracy >= 0.9 }}',
    repair: 'if: ${{ eval.metrics.accuracy >= 0.9 }}',
  },
  'unreadable-result': {
    title: 'This output cannot be read in an expression',
    why: 'Expressions read small results: ports of type `metrics` and `value`. Everything else is a file, which is wired to an input and named by its path.',
    example: 'run: show ${{ train.model }}',
    repair: code('in: { model: train.model }', 'run: show ${{ in.model }}'),
  },
  'matrix-result': {
    title: 'The step has one result per instance',
    why: 'An expression reads one value, and this does not say whose.',
    example: 'if: ${{ train.metrics.loss < 0.1 }}      # train has a matrix',
    repair: code(
      'best: { uses: ./steps/best, in: { results: "train[*].metrics" } }',
      'package:',
      '  if: ${{ best.metrics.loss < 0.1 }}',
    ),
  },
  'result-too-early': {
    title: 'The value is needed before the run, and a result comes during it',
    why: 'Which steps there are, and what they read and write, is decided before anything runs. Conditions, commands, parameters and `env` may wait for results.',
    example: 'matrix: { fold: "${{ range(prepare.metrics.folds) }}" }',
    repair: 'matrix: { fold: "${{ range(params.folds) }}" }',
  },
  'operator-types': {
    title: 'The operator does not work on these types',
    why: 'Nothing is converted silently: a text is not a number, and a number is not a condition.',
    example: 'name: ${{ params.name + params.seed }}',
    repair: 'name: ${{ params.name }}${{ params.seed }}',
  },
  'expression-type': {
    title: 'The value is of another type than is taken here',
    why: 'A condition is `true` or `false`, text is made of texts, numbers and booleans, and each function takes certain types.',
    example: 'if: ${{ params.epochs }}',
    repair: 'if: ${{ params.epochs > 0 }}',
  },
  'unknown-function': {
    title: 'There is no such function',
    why: 'The functions are `range`, `len`, `min`, `max`, `round`, `lower`, `upper`, `join`, `format`, `basename`, `json` and, in commands, `raw`.',
    example: 'name: ${{ lowercase(params.name) }}',
    repair: 'name: ${{ lower(params.name) }}',
  },
  'argument-count': {
    title: 'The function is given too few or too many values',
    why: 'Each function takes a certain number of values.',
    example: "name: ${{ join(params.labels, ', ', 'and') }}",
    repair: "name: ${{ join(params.labels, ', ') }}",
  },
  'misplaced-raw': {
    title: '`raw` has nothing to switch off here',
    why: 'In a shell command each expression becomes one quoted word, and `raw(…)` around the whole expression switches that off. Elsewhere nothing is quoted.',
    example: 'with: { name: "${{ raw(params.name) }}" }',
    repair: 'with: { name: "${{ params.name }}" }',
  },
  'expression-fails': {
    title: 'The expression cannot be computed',
    why: 'Its types are right, but its values are not: a division by zero, an element that is not there, an integer beyond 2^53.',
    example: 'batch: ${{ params.total / params.parts }}      # parts is 0',
    repair: 'batch: ${{ params.parts == 0 ? 0 : params.total / params.parts }}',
  },
  'no-commit': {
    title: 'There is no commit to speak of',
    why: 'An empty commit would look like one that somebody chose, and be part of the key. Git answers where it is installed, the project lies in a repository that this user may read, and something is committed. A value that a condition leaves aside is not asked for.',
    example: 'env: { COMMIT: "${{ git.commit }}" }',
    repair: 'env: { COMMIT: "${{ params.release ? git.commit : \'none\' }}" }',
  },
  'no-program': {
    title: 'The command has no program',
    why: 'The first word of a command is the program that is started. Here it is computed, and with the values of this run it is empty.',
    example: code('params: { python: "" }', 'run: ["${{ params.python }}", train.py]'),
    repair: code('params: { python: python3 }', 'run: ["${{ params.python }}", train.py]'),
  },
  'expression-in-quotes': {
    title: 'An expression stands where quoting would not hold',
    why: 'In a shell command each expression becomes one quoted word, so that data can never become commands. Between quotes, in here-documents, comments, backticks and after a backslash those quotes would mean something else, and the value could be run.',
    example: 'run: echo "accuracy ${{ eval.metrics.accuracy }}"',
    repair: code(
      'run: echo accuracy ${{ eval.metrics.accuracy }}',
      '# or, next to a quoted part:',
      'run: echo "accuracy "${{ eval.metrics.accuracy }}',
    ),
  },
};
