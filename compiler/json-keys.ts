/**
 * Finds a key that a JSON text holds twice in one map: JSON.parse keeps the last one, in silence.
 * Unaware of what is right about the text otherwise, which JSON.parse says.
 */

type Place = { readonly start: number; readonly end: number };

/** The places of the first two keys that are the same, quotes included. */
export function repeatedKey(
  text: string,
): { readonly name: string; readonly first: Place; readonly second: Place } | undefined {
  const open: Map<string, Place>[] = [];
  for (const match of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    const [sign, string, colon] = match;
    if (sign === '{') open.push(new Map());
    else if (sign === '}') open.pop();
    const names = open.at(-1);
    if (string === undefined || colon === undefined || names === undefined) continue;
    const name = String(JSON.parse(string));
    const place = { start: match.index, end: match.index + string.length };
    const first = names.get(name);
    if (first !== undefined) return { name, first, second: place };
    names.set(name, place);
  }
  return undefined;
}
