/**
 * How a foreign table is written and what its columns are called: delimiter and header, as found or
 * as declared. Unaware of rows behind the header.
 */
import { typeOfValue } from '../sdk/columns.ts';
import { StepError } from '../sdk/step.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** Whichever the first line uses most, outside quotes; a comma where it uses none. */
export function delimiterOf(firstLine: string, quote: string | undefined): string {
  const bare =
    quote === undefined
      ? firstLine
      : firstLine
          .split(quote)
          .filter((_, i) => i % 2 === 0)
          .join('');
  const uses = DELIMITERS.map(delimiter => bare.split(delimiter).length - 1);
  const most = Math.max(...uses);
  return most === 0 ? ',' : (DELIMITERS[uses.indexOf(most)] ?? ',');
}

/** One column that is kept: its name in the dataset and its place in the source. */
export type Column = { readonly name: string; readonly index: number };

/** Names after renaming, each checked; `#3` stands for the third column. */
export function headerOf(
  found: readonly string[],
  rename: Readonly<Record<string, string>>,
): readonly string[] {
  const renames = new Map(Object.entries(rename));
  const used = new Set<string>();
  const names = found.map((name, index) => {
    for (const key of [`#${index + 1}`, name]) {
      const renamed = renames.get(key);
      if (renamed === undefined) continue;
      used.add(key);
      return renamed;
    }
    return name;
  });
  for (const key of renames.keys()) {
    if (!used.has(key)) throw absent(`\`rename\` names \`${key}\``, found);
  }
  const unnamed = names.findIndex(name => name.trim() === '');
  if (unnamed >= 0) {
    throw new StepError(
      `column ${unnamed + 1} has no name`,
      `\`rename: { "#${unnamed + 1}": … }\` gives it one; \`header: […]\` names the columns of a file whose first row is data`,
    );
  }
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first < index) {
      throw new StepError(
        `columns ${first + 1} and ${index + 1} are both called \`${name}\``,
        `\`rename: { "#${index + 1}": … }\` tells them apart`,
      );
    }
  }
  return names;
}

/** The columns to keep, in the order asked for. */
export function keptColumns(names: readonly string[], keep: readonly string[]): readonly Column[] {
  const chosen = keep.length === 0 ? names : keep;
  return chosen.map((name, place) => {
    if (chosen.indexOf(name) < place) throw new StepError(`\`columns\` names \`${name}\` twice`);
    return columnNamed(name, names, `\`columns\` names \`${name}\``);
  });
}

/** Finds a column that a parameter names. */
export function columnNamed(name: string, names: readonly string[], who: string): Column {
  const index = names.indexOf(name);
  if (index < 0) throw absent(who, names);
  return { name, index };
}

/** A header of nothing but numbers is most likely the first row of data. */
export const looksLikeData = (header: readonly string[]): boolean =>
  header.length > 1 && header.every(name => ['int', 'float'].includes(typeOfValue(name.trim())));

function absent(who: string, names: readonly string[]): StepError {
  const shown = names.slice(0, 20).join(', ');
  return new StepError(
    `${who}, and the source has no such column`,
    `its columns are ${shown}${names.length > 20 ? `, … (${names.length} in all)` : ''}`,
  );
}
