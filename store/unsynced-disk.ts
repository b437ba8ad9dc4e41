/**
 * The real disk, of which nobody waits until it has kept what was written: for tests in which no
 * power fails. What is synced, and in what order, is asked in faults.e2e.test.ts and
 * durable-names.test.ts.
 */
import { type FileSystem, nodeFileSystem } from './file-system.ts';

export const unsyncedDisk: FileSystem = { ...nodeFileSystem, sync: async () => undefined };
