/**
 * Where frames are drawn: one Ink instance below the scrollback, or, while a log has the whole
 * screen, another one on the terminal's second buffer, which leaves the scrollback alone. The only
 * module that holds an Ink instance. Unaware of what the frames say.
 */
import { type Instance, render } from 'ink';
import { createElement as h } from 'react';
import { App, type Frame } from './app.ts';
import type { Key } from './view.ts';

export type Stage = {
  readonly draw: (frame: Frame, where: Where) => void;
  /** Removes what lives and puts the terminal back as it was. */
  readonly close: () => Promise<void>;
  /** Settles when Ink has given up; never, when it does not. */
  readonly broken: Promise<unknown>;
};

type Where = 'below' | 'whole';

export type StageOptions = {
  readonly stdout: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly spoken: boolean;
  readonly onKey: ((key: Key) => void) | undefined;
};

/**
 * The terminal without an end: where Ink takes its last frame for as high as the screen, it erases
 * all that is seen. While a window is dragged it is often wrong about that, and what was told would be
 * lost. Our frames fit; erased from the cursor upwards they take nothing else with them.
 */
const endless = (stdout: NodeJS.WriteStream): NodeJS.WriteStream =>
  new Proxy(stdout, {
    get: (target, name) => {
      if (name === 'rows') return Number.MAX_SAFE_INTEGER;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

export function openStage(options: StageOptions): Stage {
  // One, because Ink knows its instances by it.
  const below = endless(options.stdout);
  const { promise: broken, resolve: breakDown } = Promise.withResolvers<unknown>();
  let where: Where = 'below';
  let instance: Instance | undefined;
  let last: Frame = { written: [], lines: [] };
  /** Entries of the scrollback that an earlier instance has written. */
  let before = 0;
  /** While one instance makes room for another; the newest frame waits. */
  let changing: Promise<void> | undefined;
  let next: { readonly frame: Frame; readonly where: Where } | undefined;

  const shown = (frame: Frame) =>
    h(App, {
      frame: { ...frame, written: where === 'below' ? frame.written.slice(before) : [] },
      onKey: options.onKey,
    });
  const start = (frame: Frame) => {
    instance = render(shown(frame), {
      stdout: where === 'whole' ? options.stdout : below,
      stdin: options.stdin,
      exitOnCtrlC: false,
      patchConsole: false,
      incrementalRendering: true,
      interactive: true,
      alternateScreen: where === 'whole',
      isScreenReaderEnabled: options.spoken,
    });
    instance.waitUntilExit().catch(breakDown);
  };
  /** The live lines go, the scrollback stays. */
  const stop = async () => {
    const stopping = instance;
    if (stopping === undefined) return;
    if (where === 'below') {
      stopping.rerender(shown({ ...last, lines: [] }));
      await stopping.waitUntilRenderFlush();
      stopping.clear();
      before = last.written.length;
    }
    stopping.unmount();
    instance = undefined;
    await stopping.waitUntilExit().catch(() => undefined);
  };
  const draw = (frame: Frame, wanted: Where): void => {
    if (changing !== undefined) {
      next = { frame, where: wanted };
      return;
    }
    if (wanted !== where) {
      next = { frame, where: wanted };
      changing = stop().then(() => {
        changing = undefined;
        where = wanted;
        if (next !== undefined) draw(next.frame, next.where);
        next = undefined;
      });
      return;
    }
    if (where === 'below') last = frame;
    if (instance === undefined) start(frame);
    else instance.rerender(shown(frame));
  };

  return {
    broken,
    draw,
    close: async () => {
      await changing;
      await stop();
    },
  };
}
