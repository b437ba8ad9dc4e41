/**
 * Wires a session to the world: compiler, store, rounds, chokidar, keyboard and signals. Decides
 * nothing itself.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunEvent, Stamped } from '../../schema/event.ts';
import type { Plan } from '../../schema/plan.ts';
import type { Store } from '../../store/store.ts';
import { renderDiagnostics } from '../../ui/diagnostic.ts';
import type { Invocation } from '../command.ts';
import { compileProject } from '../compilation.ts';
import { restoreSchemas } from '../editor-schemas.ts';
import { gitLock } from '../git.ts';
import { type Interruption, listenForInterrupts } from '../interrupt.ts';
import { withStore } from '../open-store.ts';
import { choosePipeline, libraryFolder, type Project, requireProject } from '../project.ts';
import { chooseMode } from '../readers.ts';
import { requireStep } from '../run-inputs.ts';
import { STOPPING } from '../run-support.ts';
import { CommandError } from '../usage.ts';
import { keepWarm, type WarmKeeping } from '../warm-containers.ts';
import { Calm } from './calm.ts';
import { Desk } from './desk.ts';
import { openFileWatch } from './file-watch.ts';
import { type Keyboard, openKeyboard } from './keyboard.ts';
import { press, type Typing, type Wish } from './keys.ts';
import { MetricMemory } from './metric-memory.ts';
import type { Round } from './round.ts';
import { type RoundSettings, startRound } from './rounds.ts';
import type { Filter } from './selection.ts';
import { Session } from './session.ts';
import type { Compiled } from './session-ports.ts';
import { lookAgain } from './sight.ts';
import { watchSetOf } from './watch-set.ts';
import { promptOf, sessionWords } from './words.ts';

export type WatchOptions = RoundSettings['options'] & { readonly step: readonly string[] };

const INTERRUPTED = 130;

/** Returns the exit code: 0 after `q`, 130 after Ctrl-C. */
export async function watchPipeline(
  invocation: Invocation,
  named: string | undefined,
  options: WatchOptions,
): Promise<number> {
  const project = requireProject(invocation.cwd);
  const pipeline = choosePipeline(project, named, invocation.cwd);
  const { terminal } = invocation;
  return withStore({ home: project.home, terminal }, store => {
    restoreSchemas(project.home);
    return watchWith({ invocation, options, project, pipeline, store });
  });
}

type Setting = {
  readonly invocation: Invocation;
  readonly options: WatchOptions;
  readonly project: Project;
  /** Project-relative. */
  readonly pipeline: string;
  readonly store: Store;
};

async function watchWith(setting: Setting): Promise<number> {
  const { invocation, options, project } = setting;
  const isScreen = chooseMode(invocation, options) === 'screen';
  const keyboard = isScreen && process.stdin.isTTY === true ? openWishes(grant) : undefined;
  const desk = new Desk({ terminal: invocation.terminal, isScreen, keyboard });
  const interruption = listenForInterrupts(which => {
    if (session.isRunning && which !== 'lost') desk.say(STOPPING[which]);
    session.quit();
  });
  const lock = gitLock(project.root);
  const isMoving = () => lock !== undefined && existsSync(lock);
  const calm = new Calm({
    onCalm: paths => session.notice({ kind: 'changed', paths }),
    isBusy: isMoving,
  });
  const files = openFileWatch({
    onChange: path => calm.note(path),
    onError: message => desk.say(`watching: ${message}`),
  });
  const warm = keepWarm(options, true);
  const hasKeys = keyboard !== undefined;
  const surroundings = { warm, desk, interruption, files, calm, isMoving, hasKeys };
  const session = openSession(setting, surroundings);
  let hasQuit = false;
  try {
    await session.run();
  } finally {
    calm.close();
    desk.close();
    interruption.release();
    await files.close();
    await warm.close();
  }
  return hasQuit ? 0 : INTERRUPTED;

  function grant(wish: Wish): void {
    if (wish.kind === 'interrupt') interruption.press();
    else if (wish.kind === 'quit') {
      hasQuit = true;
      interruption.press();
    } else session.notice({ kind: 'wished', wish });
  }
}

/** A keyboard whose keys become wishes, and that shows what is being typed. */
function openWishes(grant: (wish: Wish) => void): Keyboard {
  let typing: Typing;
  const keyboard = openKeyboard(process, key => {
    const pressed = press(typing, key);
    if (typing !== undefined || pressed.typing !== undefined) {
      keyboard.prompt(promptOf(pressed.typing));
    }
    typing = pressed.typing;
    if (pressed.wish !== undefined) grant(pressed.wish);
  });
  return keyboard;
}

type Surroundings = {
  readonly warm: WarmKeeping;
  readonly desk: Desk;
  readonly interruption: Interruption;
  readonly files: ReturnType<typeof openFileWatch>;
  readonly calm: Calm;
  readonly isMoving: () => boolean;
  readonly hasKeys: boolean;
};

function openSession(setting: Setting, surroundings: Surroundings): Session {
  const { invocation, options, project, pipeline, store } = setting;
  const { warm, desk, interruption, files, calm, isMoving, hasKeys } = surroundings;
  const { terminal } = invocation;
  const places = { root: project.root, library: libraryFolder() };
  const metrics = new MetricMemory(project.part);
  const onEvent = (event: Stamped<RunEvent>, round: Round) => {
    metrics.read(event);
    if (options.json !== true) session.share(event, round);
  };
  const settings = { invocation, options, store, warm, desk, interruption, onEvent };
  /** What cannot be run at first ends the command; later, it waits for another change. */
  const refused = (error: unknown): undefined => {
    if (!(error instanceof CommandError) || !session.hasRun) throw error;
    desk.say([error.message, ...(error.help === undefined ? [] : [error.help])].join('; '));
  };
  const session = new Session(
    {
      compile: good => compileAgain(setting, good),
      lookAgain: (before, paths, set) => lookAgain(before, paths, set, store),
      follow: set => files.follow(set),
      startRound: (planned, steps) =>
        startRound(planned, steps, settings).catch((error: unknown) => refused(error)),
      wait: timeMs => wait(timeMs),
      isMoving,
      checkAll: () => {
        for (const place of [places.root, places.library]) calm.note(place);
      },
      tell: sessionWords({
        terminal,
        root: project.root,
        pipeline,
        metrics,
        hasKeys,
        say: text => desk.say(text),
        print: text => desk.print(text),
      }),
    },
    places,
    filterOf(options.step),
  );
  return session;
}

const filterOf = (names: readonly string[]): Filter =>
  names.length === 0 ? { kind: 'all' } : { kind: 'steps', names };

async function compileAgain(
  { invocation, options, project, pipeline }: Setting,
  good: Plan | undefined,
): Promise<Compiled> {
  const places = { root: project.root, library: libraryFolder() };
  const { color, width, unicode } = invocation.terminal;
  const path = join(project.root, pipeline);
  const { compilation, ...compiled } = await compileProject(invocation, path, options);
  const { plan, diagnostics, sources, looks } = compilation;
  // A slip of the command line is one while there has been no plan; later, steps come and go.
  if (good === undefined && plan !== undefined) {
    for (const name of options.step) requireStep(plan, name);
  }
  return {
    planned: plan === undefined ? undefined : { ...compiled, compilation, plan },
    diagnostics:
      diagnostics.length === 0
        ? ''
        : renderDiagnostics(diagnostics, file => sources.get(file), { color, width, unicode }),
    set: watchSetOf(looks, plan ?? good, places),
  };
}
