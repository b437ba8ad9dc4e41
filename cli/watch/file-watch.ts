/**
 * Notices changes in a watch set, by chokidar: the only module that knows it. Says which paths may
 * have changed; whether they did is for others to see.
 */
import { type FSWatcher, watch } from 'chokidar';
import { concernOf, ignoredBy, rootsOf, type WatchSet } from './watch-set.ts';

export type FileWatch = {
  /**
   * Watches this set from now on; settles once nothing of it can be missed any more. True where it
   * is not the set that was watched already.
   */
  readonly follow: (set: WatchSet) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

export type FileWatchOptions = {
  readonly onChange: (path: string) => void;
  /** Watching itself has failed, in words: out of watches, a folder that may not be read. */
  readonly onError: (message: string) => void;
};

export function openFileWatch({ onChange, onError }: FileWatchOptions): FileWatch {
  let watcher: Promise<FSWatcher> | undefined;
  let followed = '';

  const start = async (set: WatchSet): Promise<FSWatcher> => {
    const concerns = concernOf(set);
    const ignores = ignoredBy(set);
    const started = watch([...rootsOf(set)], {
      // Editors that save by renaming are seen through by the wait for calm, not by chokidar's.
      atomic: false,
      ignoreInitial: true,
      ignored: (path, stats) => stats !== undefined && ignores(path, stats.isFile()),
    });
    started.on('all', (_, path) => {
      if (concerns(path)) onChange(path);
    });
    started.on('error', error => onError(error instanceof Error ? error.message : String(error)));
    await new Promise<void>(resolve => started.once('ready', resolve));
    return started;
  };

  return {
    follow: async set => {
      const text = JSON.stringify(set);
      if (text === followed) return false;
      followed = text;
      const before = watcher;
      // The new one stands before the old one goes, so that nothing falls between.
      watcher = start(set);
      await watcher;
      await (await before)?.close();
      return true;
    },
    close: async () => {
      await (await watcher)?.close();
    },
  };
}
