/** What is said of an expression at a place of a shell command where it is no word. Unaware of which. */
import type { ShellPlace } from '../expression/shell-place.ts';
import type { Words } from './words.ts';

/** Each expression in a shell command becomes one word, quoted. Here quoting would not hold. */
export const shellWords: { readonly [Place in Exclude<ShellPlace, 'word'>]: Words } = {
  quotes: {
    message: 'this expression stands between quotes, but it already becomes one quoted word',
    help: 'end the quotes in front of it: `--name ${{ … }}`, or `"text "${{ … }}`',
  },
  heredoc: {
    message: 'this expression stands in a here-document, where the shell would run what it holds',
    help: "use `printf '%s\\n' ${{ … }}`, or give the value in `env` and write `$NAME`",
  },
  comment: {
    message: 'this expression stands in a comment, which a line break in its value would end',
    help: 'take the expression out of the comment',
  },
  escape: {
    message: 'the character in front of this expression changes how the shell reads its quotes',
    help: 'put a space in between, or write `${{ raw(…) }}` if that is meant',
  },
  expansion: {
    message:
      'this expression stands inside `${…}`, `$((…))` or backticks, where quoting does not hold',
    help: 'compute it in the expression, or use `$(…)`; `${{ raw(…) }}` switches quoting off',
  },
};
