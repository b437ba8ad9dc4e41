/** The package ships no types: what we use of it. */
declare module 'fs-native-extensions' {
  /** False when somebody else holds it. Belongs to the open file, not to the process. */
  export function tryLock(
    fd: number,
    offset: number,
    length: number,
    options: { readonly shared: boolean },
  ): boolean;
}
