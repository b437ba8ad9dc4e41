/**
 * A disk for tests that fails at one chosen call: with an error, or as in a crash, after which
 * nothing reaches it any more. `cutPower` then also takes away what had not been synced. Or one that
 * cannot read one file. Unaware of what is stored on it.
 */
import { rmSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FileSystem } from './file-system.ts';

export type Fault = 'ENOSPC' | 'EIO' | 'crash';

export type FaultyDisk = {
  readonly disk: FileSystem;
  /** How many calls there have been. */
  readonly calls: () => number;
  /** The call that failed, for messages. */
  readonly failed: () => string | undefined;
  /** What a power cut leaves of what was written: unsynced names may be kept or lost. */
  readonly cutPower: (names: 'kept' | 'lost') => void;
};

/** `at` counts calls from 1; 0 never fails. */
export function faultyDisk(real: FileSystem, at: number, fault: Fault): FaultyDisk {
  let calls = 0;
  let failed: string | undefined;
  const journal = new Journal(real);

  /** Runs a call, or fails in its place; `partly` is how far a failing write gets. */
  const guarded = <T>(name: string, call: () => T, partly?: () => void): T => {
    calls++;
    if (failed !== undefined && fault === 'crash') throw systemError('EIO', name);
    if (calls !== at) return call();
    failed = `${name}, call ${calls}`;
    partly?.();
    throw systemError(fault === 'crash' ? 'EIO' : fault, name);
  };
  const half = (bytes: Uint8Array) => bytes.subarray(0, bytes.byteLength >> 1);

  const disk: FileSystem = {
    chunkBytes: real.chunkBytes,
    // A dead process has no descriptors either: closing always works.
    close: fd => real.close(fd),
    exists: path => guarded('exists', () => real.exists(path)),
    lstat: path => guarded('lstat', () => real.lstat(path)),
    stat: path => guarded('stat', () => real.stat(path)),
    fstat: fd => guarded('fstat', () => real.fstat(fd)),
    readdir: path => guarded('readdir', () => real.readdir(path)),
    readdirBytes: path => guarded('readdir', () => real.readdirBytes(path)),
    readlink: path => guarded('readlink', () => real.readlink(path)),
    realpath: path => guarded('realpath', () => real.realpath(path)),
    openToRead: path => guarded('open', () => journal.opened(path, real.openToRead(path))),
    openFolder: path => guarded('open', () => journal.opened(path, real.openFolder(path))),
    create: (path, mode) => guarded('create', () => journal.created(path, real.create(path, mode))),
    readNow: (fd, buffer) => guarded('read', () => real.readNow(fd, buffer)),
    read: async (fd, buffer) => guarded('read', () => real.read(fd, buffer)),
    writeNow: (fd, bytes) =>
      guarded(
        'write',
        () => real.writeNow(fd, bytes),
        () => real.writeNow(fd, half(bytes)),
      ),
    writeAt: async (fd, bytes, position) =>
      guarded('write', () => real.writeAt(fd, bytes, position)),
    truncate: (fd, size) => guarded('truncate', () => real.truncate(fd, size)),
    // Not really waited for: the journal alone decides what a power cut leaves.
    sync: async fd => guarded('sync', () => journal.synced(fd)),
    clone: async (from, to) => guarded('clone', () => real.clone(from, to)),
    chmod: (path, mode) => guarded('chmod', () => real.chmod(path, mode)),
    mkdir: (path, mode) => guarded('mkdir', () => journal.named(path, real.mkdir(path, mode))),
    symlink: (target, path) => guarded('symlink', () => real.symlink(target, path)),
    rename: (from, to) => guarded('rename', () => journal.renamed(from, to)),
    unlink: path => guarded('unlink', () => real.unlink(path)),
    remove: path => guarded('remove', () => real.remove(path)),
  };
  return { disk, calls: () => calls, failed: () => failed, cutPower: names => journal.cut(names) };
}

/** A disk that cannot read the file that is at `path` now, `times` times or for ever. */
export function badSector(
  real: FileSystem,
  path: string,
  times = Number.POSITIVE_INFINITY,
): FileSystem {
  const lost = real.lstat(path)?.ino;
  let left = times;
  const refuse = (fd: number) => {
    if (left > 0 && real.fstat(fd).ino === lost) {
      left -= 1;
      throw systemError('EIO', 'read');
    }
  };
  return {
    ...real,
    clone: async () => false,
    readNow: (fd, buffer) => {
      refuse(fd);
      return real.readNow(fd, buffer);
    },
    read: async (fd, buffer) => {
      refuse(fd);
      return real.read(fd, buffer);
    },
  };
}

/** Knows which bytes and which names have been synced. */
class Journal {
  readonly #real: FileSystem;
  readonly #paths = new Map<number, string>();
  /** Files whose bytes may be lost. */
  readonly #unsyncedFiles = new Set<string>();
  readonly #unsyncedNames = new Set<string>();

  constructor(real: FileSystem) {
    this.#real = real;
  }

  opened(path: string, fd: number): number {
    this.#paths.set(fd, path);
    return fd;
  }

  created(path: string, fd: number): number {
    this.#unsyncedFiles.add(path);
    this.#unsyncedNames.add(path);
    return this.opened(path, fd);
  }

  named<T>(path: string, result: T): T {
    this.#unsyncedNames.add(path);
    return result;
  }

  renamed(from: string, to: string): void {
    this.#real.rename(from, to);
    this.#unsyncedNames.delete(from);
    this.#unsyncedNames.add(to);
    if (this.#unsyncedFiles.delete(from)) this.#unsyncedFiles.add(to);
  }

  synced(fd: number): void {
    const path = this.#paths.get(fd);
    if (path === undefined) return;
    this.#unsyncedFiles.delete(path);
    for (const name of this.#unsyncedNames) {
      if (dirname(name) === path) this.#unsyncedNames.delete(name);
    }
  }

  cut(names: 'kept' | 'lost'): void {
    for (const path of this.#unsyncedFiles) {
      const size = statSync(path, { throwIfNoEntry: false })?.size;
      if (size !== undefined) truncateSync(path, size >> 1);
    }
    if (names === 'kept') return;
    for (const path of this.#unsyncedNames) rmSync(path, { recursive: true, force: true });
  }
}

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: injected, ${syscall}`), { code, syscall });
}
