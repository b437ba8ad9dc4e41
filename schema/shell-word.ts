/**
 * Turns any text into exactly one word of a POSIX shell, so that data cannot become commands.
 * Unaware of where the word will stand: the compiler refuses places in which quoting fails.
 */

/** Letters that no shell reads as anything else, wherever they stand in a word. */
const PLAIN = /^[A-Za-z0-9_./:@%,+-]+$/;

/** `2` in front of `>` would be a stream's number, `done` in front of a `;` the end of a loop. */
const MEANINGFUL =
  /^(?:[0-9]+|if|then|else|elif|fi|do|done|case|esac|while|until|for|in|function|select|time|coproc)$/;

/** The quoted word. A NUL, which none can hold, has been refused where the value became text. */
export function shellWord(text: string): string {
  if (PLAIN.test(text) && !MEANINGFUL.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
