/**
 * Where frames are drawn: one Ink instance below the scrollback, or, while a log has the whole
 * screen, another one on the terminal's second buffer, which leaves the scrollback alone. The only
 * module that holds an Ink instance. Unaware of what the frames say.
 */
import { type Instance, render } from 'ink';
import { createElement as h } from 'react';
import { App, type Frame } from './app.ts';
import type { Key } from './view.ts';

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

export type Stage = Pick<InkStage, 'broken' | 'draw' | 'close'>;

export class InkStage {
  readonly #options: StageOptions;
  /** One, because Ink knows its instances by it. */
  readonly #below: NodeJS.WriteStream;
  readonly #broken = Promise.withResolvers<unknown>();
  #where: Where = 'below';
  #instance: Instance | undefined;
  #last: Frame = { written: [], lines: [] };
  /** Entries of the scrollback that an earlier instance has written. */
  #before = 0;
  /** While one instance makes room for another; the newest frame waits. */
  #changing: Promise<void> | undefined;
  #next: { readonly frame: Frame; readonly where: Where } | undefined;

  constructor(options: StageOptions) {
    this.#options = options;
    this.#below = endless(options.stdout);
  }

  /** Settles when Ink has given up; never, when it does not. */
  get broken(): Promise<unknown> {
    return this.#broken.promise;
  }

  draw(frame: Frame, where: Where): void {
    if (this.#changing !== undefined) {
      this.#next = { frame, where };
      return;
    }
    if (where !== this.#where) {
      this.#next = { frame, where };
      this.#changing = this.#change(where);
      return;
    }
    if (where === 'below') this.#last = frame;
    if (this.#instance === undefined) this.#start(frame);
    else this.#instance.rerender(this.#shown(frame));
  }

  /** Removes what lives and puts the terminal back as it was. */
  async close(): Promise<void> {
    await this.#changing;
    await this.#stop();
  }

  async #change(where: Where): Promise<void> {
    await this.#stop();
    this.#changing = undefined;
    this.#where = where;
    if (this.#next !== undefined) this.draw(this.#next.frame, this.#next.where);
    this.#next = undefined;
  }

  #shown(frame: Frame) {
    const written = this.#where === 'below' ? frame.written.slice(this.#before) : [];
    return h(App, { frame: { ...frame, written }, onKey: this.#options.onKey });
  }

  #start(frame: Frame): void {
    const { stdin, stdout, spoken } = this.#options;
    this.#instance = render(this.#shown(frame), {
      stdout: this.#where === 'whole' ? stdout : this.#below,
      stdin,
      exitOnCtrlC: false,
      patchConsole: false,
      incrementalRendering: true,
      interactive: true,
      alternateScreen: this.#where === 'whole',
      isScreenReaderEnabled: spoken,
    });
    this.#instance.waitUntilExit().catch(this.#broken.resolve);
  }

  /** The live lines go, the scrollback stays. */
  async #stop(): Promise<void> {
    const stopping = this.#instance;
    if (stopping === undefined) return;
    if (this.#where === 'below') {
      stopping.rerender(this.#shown({ ...this.#last, lines: [] }));
      await stopping.waitUntilRenderFlush();
      stopping.clear();
      this.#before = this.#last.written.length;
    }
    stopping.unmount();
    this.#instance = undefined;
    await stopping.waitUntilExit().catch(() => undefined);
  }
}
