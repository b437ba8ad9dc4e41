/**
 * The words of a command that may name a program. Which of them a shell would start is not asked:
 * `nice tool`, `xargs tool`, `sh -c 'tool'` and `. tool` all start it, and a word too many costs no
 * more than a needless run when a program of that name changes. Unaware of where programs lie.
 */

/** As a shell splits a text: what is quoted or escaped belongs to its word. */
const SHELL_WORD = /(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s;&|()<>`'"\\])+/gs;
/** What is left of a text when everything goes that may stand around a name. */
const PIECE = /[^\s;&|(){}[\]<>`'"\\$=:,!*?#]+/g;

/** Each once; the shell itself as well, where one reads the command. */
export function programWords(command: string | readonly string[]): readonly string[] {
  const [first, words] =
    typeof command === 'string'
      ? ['/bin/sh', wordsOf(command)]
      : [command[0] ?? '', command.flatMap(word => [word, ...wordsOf(word)])];
  return [...new Set([first, ...words.filter(mayNameProgram)])];
}

const wordsOf = (text: string): readonly string[] => [
  ...(text.match(SHELL_WORD) ?? []).map(unquoted),
  ...(text.match(PIECE) ?? []),
];

const unquoted = (word: string): string => word.replace(/\\(.)|['"]/gs, '$1');

const mayNameProgram = (word: string): boolean => word !== '' && !word.startsWith('-');
