/** Makes rounds: a run of a plan with the settings of now, and with a reader of its own. */
import { StepCommands } from '../../runner/step-commands.ts';
import type { RunEvent, Stamped } from '../../schema/event.ts';
import type { StepId } from '../../schema/id.ts';
import type { Store } from '../../store/store.ts';
import type { Invocation } from '../command.ts';
import type { CompileOptions, PlannedProject } from '../compilation.ts';
import { openExecutor } from '../executors.ts';
import type { Interruption } from '../interrupt.ts';
import type { Mode } from '../readers.ts';
import { newRunId, runnerInputs } from '../run-inputs.ts';
import { learnDurations, openRunReader } from '../run-support.ts';
import type { WarmFlag, WarmKeeping } from '../warm-containers.ts';
import type { Desk } from './desk.ts';
import { Round } from './round.ts';
import type { RoundSteps } from './session-ports.ts';

export type RoundSettings = {
  readonly invocation: Invocation;
  readonly options: CompileOptions &
    WarmFlag & {
      readonly executor?: string | undefined;
      readonly parallel?: string | undefined;
      readonly keepGoing?: true | undefined;
      readonly json?: true | undefined;
      readonly ui: Mode;
    };
  readonly store: Store;
  readonly desk: Desk;
  readonly interruption: Interruption;
  /** Over all rounds. */
  readonly warm: WarmKeeping;
  readonly onEvent: (event: Stamped<RunEvent>, round: Round) => void;
};

/** Throws CommandError where the settings ask for what is not there: an engine, a number. */
export async function startRound(
  planned: PlannedProject,
  { only, force }: RoundSteps,
  { invocation, options, store, desk, interruption, warm, onEvent }: RoundSettings,
): Promise<Round> {
  const { parallel, keepGoing } = options;
  const inputs = runnerInputs(invocation, planned, { parallel, keepGoing });
  const use = { named: options.executor, for: 'run', warm } as const;
  const executor = await openExecutor(invocation, planned, use);
  const id = newRunId(planned.project.part);
  const commands = new StepCommands();
  const history = new Map<StepId, number>();
  void learnDurations(planned, store, history);
  const reader = openRunReader(invocation, planned, options, {
    run: id,
    history,
    commands,
    interruption,
  });
  const request = {
    ...inputs,
    only,
    force,
    store,
    executor,
    run: id,
    signal: interruption.stop,
    kill: interruption.kill,
  };
  return new Round({ request, reader: desk.lend(reader), commands, onEvent });
}
