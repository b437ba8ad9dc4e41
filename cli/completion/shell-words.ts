/**
 * A command line as bash gives it to a completion: one text, cut at the cursor. Taken apart into
 * words, and answers put so that bash inserts them right. Nothing of it is ever evaluated.
 */

export type ShellWords = {
  /** Complete ones. */
  readonly words: readonly string[];
  /** What is being written, without its quotes. */
  readonly current: string;
  /** It stands in quotes, which bash keeps. */
  readonly isQuoted: boolean;
};

const TOKEN = /\\(.?)|'([^']*)('?)|"((?:\\.|[^"\\])*)("?)|(\s+)|([^\s\\'"]+)/gs;

export function splitShellWords(line: string): ShellWords {
  const words: string[] = [];
  let current = '';
  let isQuoted = false;
  for (const [, escaped, single, singleEnd, double, doubleEnd, blank, plain] of line.matchAll(
    TOKEN,
  )) {
    if (blank !== undefined) {
      words.push(current);
      current = '';
    } else {
      current += escaped ?? single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? plain ?? '';
      isQuoted = singleEnd === '' || doubleEnd === '';
    }
  }
  return { words: words.filter(word => word !== ''), current, isQuoted };
}

/**
 * As bash wants it. It replaces only what follows the last of its word breaks (`COMP_WORDBREAKS`),
 * and takes what it gets as typed: what would mean something to it is escaped.
 */
export function forBash(value: string, { current, isQuoted }: ShellWords, breaks: string): string {
  const start = isQuoted ? 0 : Math.max(...[...breaks].map(sign => current.lastIndexOf(sign))) + 1;
  const rest = value.slice(start);
  return isQuoted ? rest : rest.replace(/[^\w@%+=:,./-]/g, '\\$&');
}
