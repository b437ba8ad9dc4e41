/** What a text stumbles over that is no YAML. Unaware of where it stands. */
import { unicode, type Words } from './words.ts';

/** What YAML itself stumbles over. */
export type YamlSlip =
  | 'tab'
  | 'other-space'
  | 'escape'
  | 'directive'
  | 'indentation'
  | 'dash'
  | 'block-start'
  | 'second-colon'
  | 'reserved-start'
  | 'outer-not'
  | 'missing-colon'
  | 'colon-space'
  | 'comment-space'
  | 'missing-comma'
  | 'unclosed-quote'
  | 'unclosed-bracket'
  | 'after-value'
  | 'anchor'
  | 'unexpected';

export const slipWords: { readonly [S in YamlSlip]: (marked: string) => Omit<Words, 'at'> } = {
  tab: () => ({
    message: 'there is a tab in the indentation, where YAML takes only spaces',
    help: 'use two spaces for each level, here and wherever else the file has tabs',
  }),
  'other-space': marked => ({
    message: `this looks like a space, and is ${unicode(marked.codePointAt(0) ?? 0)}, which YAML takes for a letter`,
    help: 'type a space instead, here and wherever else it was pasted',
  }),
  escape: marked => ({
    message: `\`${marked}\` is not an escape that YAML knows in double quotes`,
    help: 'double the backslash, or use single quotes',
  }),
  directive: () => ({
    message: 'a line that begins with `%` is a directive of YAML, and this one means nothing here',
    help: 'delete it: pipelines are YAML 1.2',
  }),
  indentation: () => ({
    message: 'this line is indented unlike its neighbours',
    help: 'the keys of one map begin in the same column',
  }),
  dash: () => ({
    message: 'a dash begins a list, and this stands among the keys of a map',
    help: 'write `key: value` without the dash, or put the list below a key of its own',
  }),
  'block-start': () => ({
    message: 'behind `|` or `>` nothing else stands on the line',
    help: 'begin the text on the next line, deeper than its key; or leave the sign out',
  }),
  'second-colon': () => ({
    message: 'a second `: ` on one line, which YAML reads as a map within the value',
    help: 'put the value in quotes; for a long command write `run: |` and the command below it',
  }),
  'reserved-start': marked => ({
    message: `a plain text cannot begin with \`${marked.charAt(0)}\``,
    help: 'put the value in quotes',
  }),
  'outer-not': () => ({
    message: 'YAML reads a `!` at the beginning as a tag, and not as "not"',
    help: 'write it inside the braces: `if: ${{ !params.done }}`',
  }),
  'missing-colon': () => ({
    message: 'this line is not `key: value`',
    help: 'is a colon missing, or the quotes around a text of several lines?',
  }),
  'colon-space': () => ({
    message: 'a space is missing after the colon',
    help: 'write `key: value`',
  }),
  'comment-space': () => ({
    message: 'a comment begins with a space before its `#`',
    help: 'if `#` belongs to the value, put the value in quotes',
  }),
  'missing-comma': () => ({
    message: 'a comma is missing between two entries here',
    help: 'inside `{ }` and `[ ]` a comma stands between entries',
  }),
  'unclosed-quote': marked => ({
    message: 'this text has no closing quote',
    help: `write ${marked.startsWith("'") ? "`'`" : '`"`'} where it ends`,
  }),
  'unclosed-bracket': marked => ({
    message: 'a bracket or brace that is open here is never closed',
    help: `write \`${marked.startsWith('[') ? ']' : '}'}\` where it ends, or write the entries below each other without it`,
  }),
  'after-value': marked => ({
    message: 'the value has ended before this',
    help: /^["']/.test(marked)
      ? 'is a quote inside the text? put the whole in the other kind of quotes'
      : 'put the whole value in one pair of quotes',
  }),
  anchor: () => ({
    message: 'this anchor or alias cannot stand here',
    help: 'if `&` or `*` belongs to the text, put it in quotes',
  }),
  unexpected: marked => ({
    message:
      marked.trim() === ''
        ? 'YAML expects something else here'
        : `\`${short(marked)}\` cannot stand here`,
    help: 'if it belongs to a text, put that text in quotes',
  }),
};

const short = (text: string): string => {
  const line = text.split('\n')[0] ?? '';
  return line.length > 30 ? `${line.slice(0, 29)}…` : line;
};
