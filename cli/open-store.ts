/** Opens the project's store and says in one sentence why where it cannot. */
import { lstatSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalStore } from '../store/local.ts';
import { removeTree } from '../store/remove-tree.ts';
import type { Store } from '../store/store.ts';
import { describeStoreError } from './store-words.ts';
import type { Terminal } from './terminal.ts';
import { worldError, writing } from './usage.ts';

export type StoreUse = {
  /** Absolute `.sluice`. */
  readonly home: string;
  readonly terminal: Pick<Terminal, 'err'>;
};

/**
 * Who listens for Ctrl-C does so when it is open: until then there is nothing
 * that would have to be ended in order.
 */
export async function openStore({ home, terminal }: StoreUse): Promise<Store> {
  const onWait = () =>
    terminal.err('the store is being collected: waiting until that has ended (Ctrl-C gives up)');
  const opened = await openLocalStore({ root: home, onWait });
  if (opened.ok) return opened.value;
  const { message, help } = describeStoreError(opened.error);
  throw worldError(message, help);
}

/** Opens `.sluice` of a project, runs `use`, and lets go of everything again. */
export async function withStore<T>(where: StoreUse, use: (store: Store) => Promise<T>): Promise<T> {
  return thenClose(await openStore(where), use);
}

export async function thenClose<T>(store: Store, use: (store: Store) => Promise<T>): Promise<T> {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/**
 * The same for who only looks: where there is no store yet none is left behind, and a project that
 * may not be written can be looked at.
 */
export async function withStoreToLookAt<T>(
  where: StoreUse,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  if (lstatSync(where.home, { throwIfNoEntry: false }) !== undefined) return withStore(where, use);
  const path = join(tmpdir(), 'sluice-look-');
  const empty = await writing(path, async () => mkdtempSync(path));
  try {
    return await withStore({ ...where, home: empty }, use);
  } finally {
    removeTree(empty);
  }
}
