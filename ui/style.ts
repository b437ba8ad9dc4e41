/**
 * The few looks that Sluice has, by meaning. Nothing is said by colour alone: each look goes with a
 * sign or a word. Without colour every function returns its text as it is.
 */
import { styleText } from 'node:util';

export type Look = 'good' | 'bad' | 'warn' | 'dim' | 'strong' | 'live';

export type Style = Readonly<Record<Look, (text: string) => string>> & {
  /** False: only ASCII may be drawn. */
  readonly unicode: boolean;
  readonly color: boolean;
  readonly sign: Readonly<
    Record<'good' | 'bad' | 'hit' | 'skipped' | 'warn' | 'bar' | 'arrow' | 'again' | 'cut', string>
  >;
};

const UNICODE = {
  good: '✓',
  bad: '✗',
  hit: '=',
  skipped: '-',
  warn: '!',
  bar: '│',
  arrow: '→',
  again: '↻',
  cut: '…',
};
const ASCII = {
  good: '+',
  bad: 'x',
  hit: '=',
  skipped: '-',
  warn: '!',
  bar: '|',
  arrow: '->',
  again: '@',
  cut: '~',
};

export function makeStyle(options: { readonly color: boolean; readonly unicode: boolean }): Style {
  const look = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    options.color ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: look('green'),
    bad: look(['red', 'bold']),
    warn: look('yellow'),
    dim: look('dim'),
    strong: look('bold'),
    live: look('cyan'),
    unicode: options.unicode,
    color: options.color,
    sign: options.unicode ? UNICODE : ASCII,
  };
}
