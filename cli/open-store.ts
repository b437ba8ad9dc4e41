/** Opens the project's store and says in one sentence why where it cannot. */
import { lstatSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalStore } from '../store/local.ts';
import { removeTree } from '../store/remove-tree.ts';
import type { Store } from '../store/store.ts';
import { describeStoreError } from './store-words.ts';
import { worldError, writing } from './usage.ts';

/** Opens `.sluice` of a project, runs `use`, and lets go of everything again. */
export async function withStore<T>(home: string, use: (store: Store) => Promise<T>): Promise<T> {
  const opened = await openLocalStore({ root: home });
  if (!opened.ok) {
    const { message, help } = describeStoreError(opened.error);
    throw worldError(message, help);
  }
  try {
    return await use(opened.value);
  } finally {
    await opened.value.close();
  }
}

/**
 * The same for who only looks: where there is no store yet none is left behind, and a project that
 * may not be written can be looked at.
 */
export async function withStoreToLookAt<T>(
  home: string,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  if (lstatSync(home, { throwIfNoEntry: false }) !== undefined) return withStore(home, use);
  const path = join(tmpdir(), 'sluice-look-');
  const empty = await writing(path, async () => mkdtempSync(path));
  try {
    return await withStore(empty, use);
  } finally {
    removeTree(empty);
  }
}
