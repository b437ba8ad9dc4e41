/** Pages about how a step can fail during a run, and about what a run warns of. */
import type { Failure, WarningCode } from '../../schema/event.ts';
import { code, type Pages } from './page.ts';

export const runPages: Pages<Failure['class'] | WarningCode> = {
  exit: {
    title: 'The step’s command ended with an error',
    why: 'Every program ends with a number, and all but 0 mean that it failed. What it said is in its log.',
    example: 'train failed: exit code 1',
    repair: code(
      'sluice logs latest train',
      '# for a passing trouble of the command itself:',
      'retries: { max: 2, on: [exit] }',
    ),
  },
  killed: {
    title: 'The step was ended by a signal',
    why: 'Someone, the system or the program itself ended it. SIGSEGV and SIGABRT are crashes of the program, SIGKILL often means that memory ran out on the machine.',
    example: 'train failed: killed by SIGKILL',
    repair:
      'Look at the end of its log and, on Linux, at dmesg. Give it less to hold at once, or more memory.',
  },
  'timed-out': {
    title: 'The step took longer than its timeout',
    why: 'A step that hangs would hold the run and its machine for ever.',
    example: 'timeout: 10m',
    repair: 'timeout: 1h',
  },
  'out-of-memory': {
    title: 'The step used more memory than it may',
    why: 'The limit is what `resources` say, or what the machine has. The kernel holds containers to it; local processes are looked at every two seconds. `sluice show` tells how much each step used.',
    example: 'resources: { memory: 1GiB }',
    repair: code('resources: { memory: 8GiB }', 'retries: { max: 2, on: [oom], memory: 1.5x }'),
  },
  'out-of-disk': {
    title: 'The step wrote more than it may',
    why: 'What it writes below its working directory is counted every two seconds or more rarely, and exceeds what its resources say. It was ended before it could fill the disk for everybody.',
    example: 'resources: { disk: 1GiB }',
    repair: 'resources: { disk: 20GiB }',
  },
  'not-started': {
    title: 'The step could not be started',
    why: 'There is no such program, the image cannot be pulled, or the cluster refused the submission. Nothing of the step has run.',
    example: 'run: [pyhton, train.py]',
    repair: code('run: [python3, train.py]', '# what this machine offers:', 'sluice doctor'),
  },
  lost: {
    title: 'The step began, and then its machine was lost',
    why: 'A node failed, was taken away or cannot be reached. The step did nothing wrong, so trying again is safe.',
    example: 'train failed: lost (NODE_FAIL)',
    repair: 'retries: 2',
  },
  'bad-output': {
    title: 'The step succeeded without writing what it declared',
    why: 'Every declared output has to be there and of its type. Otherwise the steps behind it would fail in less clear ways, or work on nothing.',
    example: code('run: python train.py --out model.onnx', 'out: { model: model/onnx }'),
    repair: code('run: python train.py --out ${{ out.model }}', 'out: { model: model/onnx }'),
  },
  'unstable-input': {
    title: 'An input changed while the step was running',
    why: 'Nobody can say which version the step has seen, so its result belongs to none. It is kept for you to look at and not published, so that no later run takes it for right.',
    example:
      'A data file that is saved again during the training; a step that edits, moves or links the very file it was given.',
    repair:
      'Let the file rest and run again; nothing that was finished is repeated. A step that changes its input: cp ${{ in.data }} work.csv, and go on with work.csv.',
  },
  'bad-expression': {
    title: 'An expression met something that is not there',
    why: 'It reads a result, and the result has no such field or another type. That is an error and never silently false: a condition that skipped a step for a misspelt field would look like a decision.',
    example: code('if: ${{ eval.metrics.acuracy >= 0.9 }}'),
    repair: code('if: ${{ eval.metrics.accuracy >= 0.9 }}'),
  },
  environment: {
    title: 'The machine could not do what the run needed of it',
    why: 'The disk is full, the store cannot be written, or a file is not permitted. No step is at fault, and nothing incomplete was published.',
    example: 'no space left on device: .sluice/blobs',
    repair: code('df -h .', 'sluice doctor'),
  },
  'corrupt-blob': {
    title: 'Stored bytes are not what they were',
    why: 'Every blob is read against its digest. One that differs is never used; it is moved to `.sluice/quarantine`, and the step that made it runs again.',
    example: 'A failing disk, or a file below .sluice that was edited.',
    repair: 'Nothing has to be done. If it happens again, check the disk.',
  },
  nondeterministic: {
    title: 'The step gave different results for the same inputs',
    why: 'Both are valid; the oldest is used, so that everyone sees the same. A step that is meant to be exact depends on something that it does not declare; the probe of a source does not tell all that it takes in.',
    example: 'A training without a fixed seed, or a file that holds the time of its making.',
    repair: 'with: { seed: "${{ params.seed }}" }',
  },
  'replaced-file': {
    title: 'A file that was edited by hand stood where an output goes',
    why: 'What `to:` places belongs to the pipeline. Your edit was not overwritten but moved to `.sluice/replaced`, under the name that the warning gives.',
    example: 'reports/accuracy.html was edited, then made anew.',
    repair: 'Take your edit from .sluice/replaced, and keep it elsewhere.',
  },
  'step-warning': {
    title: 'The step itself warns of something',
    why: 'It wrote a warning to its events. What it means is for the step to say.',
    example: '{"warning": "3 rows without a label were left out"}',
    repair: 'Look into the step’s log: sluice logs latest STEP',
  },
  'ignored-report': {
    title: 'The step reported something that is no report',
    why: 'Each line of the file that `SLUICE_EVENTS` names is one JSON object with `progress`, `metric` or `warning`. Others are ignored and counted.',
    example: 'echo "50%" >> "$SLUICE_EVENTS"',
    repair: 'echo \'{"progress": 0.5}\' >> "$SLUICE_EVENTS"',
  },
  'recorder-failed': {
    title: 'The run cannot be recorded',
    why: 'The steps go on; only their history is incomplete. Mostly the disk is full.',
    example: 'no space left on device: .sluice/runs',
    repair: 'Make room on the disk: df -h .',
  },
  'orphans-ended': {
    title: 'Processes of an earlier run were still running',
    why: 'That run died without ending its steps, by a crash or a power loss. What it left running would compete with this run and write where nobody looks any more, so it was ended.',
    example: 'sluice was killed with kill -9 while a training ran.',
    repair: 'Nothing is left to do. What the earlier run had finished is used again.',
  },
  'work-left': {
    title: 'What a step has left cannot be removed',
    why: 'A step works in a folder of its own, which goes when the run ends. Something in it refuses: it belongs to another user, was protected against removal, or a disk is mounted in it that could not be taken off: with the folder, what lies on that disk would go. The folder only takes up room.',
    example: 'A step made its folder immutable: chattr +i .',
    repair: code(
      'findmnt | grep .sluice/work',
      'sudo umount .sluice/work/<run>/<what is mounted>',
      'sudo chattr -R -i -a .sluice/work/<run>',
      'sudo rm -r --one-file-system .sluice/work/<run>',
    ),
  },
  adopted: {
    title: 'A step of an earlier run goes on in this one',
    why: 'That run died while the container of this step was running, and the step is wanted here with the same key: what it has done by now need not be done again. Its result is checked as any other.',
    example:
      'sluice was killed with kill -9 while a training ran; `sluice run` waits for that training.',
    repair: 'Nothing is left to do. To begin anew: sluice run --force STEP.',
  },
  'output-truncated': {
    title: 'The step printed more than a run shows',
    why: 'The screen and the record of a run take a limited amount of a step’s output, so that a loop that prints cannot fill them. The log has all of it.',
    example: 'A progress bar that prints a line per batch.',
    repair:
      'Read the log (sluice logs latest STEP), print less, or report progress through SLUICE_EVENTS.',
  },
  'usage-unknown': {
    title: 'Nobody can tell what the step’s GPUs do',
    why: '`nvidia-smi` has ended or does not answer. The step goes on; only the figures about its devices are missing from here on.',
    example: 'A driver that was updated while a training ran.',
    repair: code('nvidia-smi', 'sluice doctor'),
  },
  'missing-secret': {
    title: 'A step that is still to come wants a secret that has no value',
    why: 'It is told when the first step before it executes, not hours later when its turn comes. It may still be skipped, or up to date because what comes before it makes the same bytes. What comes before it goes on. A run that executes nothing needs no secrets, and is told nothing.',
    example: 'deploy names `secrets: [DEPLOY_TOKEN]`, and the shell does not export it.',
    repair:
      'Export it, or write it into .env: DEPLOY_TOKEN=…, and run again; what has ended by then is not repeated.',
  },
  'waits-for-run': {
    title: 'Another run executes this very step',
    why: 'The same step with the same inputs is executed once, however many runs want it. This one waits, and takes that result; should the other run die, it executes the step itself.',
    example: 'sluice run in two terminals of one project.',
    repair: 'Nothing has to be done. Ctrl-C ends the wait.',
  },
};
