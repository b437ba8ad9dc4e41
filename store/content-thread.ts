/**
 * A thread that hashes and copies files for the store, beside the one that walks and decides. What
 * it waits for keeps nobody else waiting, therefore it blocks. Knows nothing but what it is asked.
 */
import { fsyncSync, readSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { type Answer, answerTo, type Work } from './content-work.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';

const disk: FileSystem = {
  ...nodeFileSystem,
  // What is hashed next is still in the processor's cache.
  chunkBytes: 1 << 18,
  read: async (fd, buffer) => readSync(fd, buffer),
  writeAt: async (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.byteLength, position),
  sync: async fd => fsyncSync(fd),
};

let before = Promise.resolve();
parentPort?.on('message', (works: readonly Work[]) => {
  // One parcel after the other: answers carry no number, their order says whose they are.
  before = before.then(() => answer(works));
});
parentPort?.postMessage('ready');

async function answer(works: readonly Work[]): Promise<void> {
  const answers: Answer[] = [];
  for (const work of works) answers.push(await answerTo(disk, work));
  parentPort?.postMessage(answers);
}
