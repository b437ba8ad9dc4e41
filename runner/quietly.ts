/**
 * Looks at what need not be there. `throwIfNoEntry: false` is not enough: a file in the place of a
 * folder above, a folder that we may not enter and links that lead in a circle throw all the same.
 */
export function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
