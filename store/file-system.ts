/**
 * The few system calls that the store is made of, as a port, so that a test can let each one of
 * them fail or be the last before a crash. What is short is synchronous: a trip through the thread
 * pool costs ten times the call. What moves many bytes or waits for the disk is not.
 */
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  copyFile,
  existsSync,
  fstatSync,
  fsync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { errorCode } from './fault.ts';
import { removeTree } from './remove-tree.ts';

export interface FileSystem {
  /** How much of a large file is read at once. */
  readonly chunkBytes: number;
  /** False also where nobody can tell: for what is mostly absent, a failure to read it costs more. */
  exists(path: string): boolean;
  /** Undefined when nothing is there. */
  lstat(path: string): BigIntStats | undefined;
  stat(path: string): BigIntStats | undefined;
  fstat(fd: number): BigIntStats;
  /** In no order. */
  readdir(path: string): readonly string[];
  readdirBytes(path: string): readonly Buffer[];
  readlink(path: string): Buffer;
  realpath(path: string): string;
  /** For reading; does not follow a link and does not wait for a pipe's other end. */
  openToRead(path: string): number;
  openFolder(path: string): number;
  /** Creates; fails when something is there. */
  create(path: string, mode: number): number;
  close(fd: number): void;
  readNow(fd: number, buffer: Uint8Array): number;
  writeNow(fd: number, buffer: Uint8Array): number;
  read(fd: number, buffer: Uint8Array): Promise<number>;
  writeAt(fd: number, buffer: Uint8Array, position: number): Promise<number>;
  truncate(fd: number, size: number): void;
  /** fsync, of a file or a folder. */
  sync(fd: number): Promise<void>;
  /** Shares the blocks of `from`; false where the file system cannot. */
  clone(from: string, to: string): Promise<boolean>;
  chmod(path: string, mode: number): void;
  mkdir(path: string, mode: number): void;
  symlink(target: string, path: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** A file or a folder with all that is in it. */
  remove(path: string): void;
}

const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The real one. */
export const nodeFileSystem: FileSystem = {
  // Each read is a trip through the thread pool.
  chunkBytes: 1 << 20,
  exists: existsSync,
  lstat: path => lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  stat: path => statSync(path, { bigint: true, throwIfNoEntry: false }),
  fstat: fd => fstatSync(fd, { bigint: true }),
  readdir: path => readdirSync(path),
  readdirBytes: path => readdirSync(path, { encoding: 'buffer' }),
  readlink: path => readlinkSync(path, { encoding: 'buffer' }),
  realpath: path => realpathSync(path),
  openToRead: path => openSync(path, READ_FLAGS),
  openFolder: path => openSync(path, constants.O_RDONLY | constants.O_DIRECTORY),
  create: (path, mode) => openSync(path, 'wx', mode),
  close: closeSync,
  readNow: (fd, buffer) => readSync(fd, buffer),
  writeNow: (fd, buffer) => writeSync(fd, buffer),
  read: (fd, buffer) =>
    settled(done =>
      read(fd, buffer, 0, buffer.byteLength, null, (error, count) => done(error, count)),
    ),
  writeAt: (fd, buffer, position) =>
    settled(done =>
      write(fd, buffer, 0, buffer.byteLength, position, (error, count) => done(error, count)),
    ),
  truncate: ftruncateSync,
  sync: fd => settled(done => fsync(fd, error => done(error, undefined))),
  clone,
  chmod: chmodSync,
  mkdir: (path, mode) => {
    mkdirSync(path, { mode });
  },
  symlink: (target, path) => symlinkSync(target, path),
  rename: renameSync,
  unlink: unlinkSync,
  remove: removeTree,
};

/** A call of node:fs with a callback, without the cost of its promises' own file handles. */
const settled = <T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, value) => (error === null ? resolve(value) : reject(error)));
  });

const CANNOT_CLONE = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY']);

async function clone(from: string, to: string): Promise<boolean> {
  try {
    await settled<undefined>(done =>
      copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL, error =>
        done(error, undefined),
      ),
    );
    return true;
  } catch (error) {
    if (CANNOT_CLONE.has(errorCode(error) ?? '')) return false;
    throw error;
  }
}
