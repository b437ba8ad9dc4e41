/** Opens the project's store and says in one sentence why where it cannot. */
import { openLocalStore } from '../store/local.ts';
import type { Store } from '../store/store.ts';
import { describeStoreError } from './store-words.ts';
import { worldError } from './usage.ts';

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
