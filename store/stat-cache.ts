/**
 * Remembers which digest a file had when its stat was what it is now, so that unchanged files are
 * not read again. One row per folder. It may be deleted, damaged or locked at any moment and then
 * simply knows less: nothing here fails. Unaware of listings and blobs.
 */
import type { BigIntStats } from 'node:fs';
import { unlinkSync } from 'node:fs';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Digest } from '../schema/id.ts';
import { KnownFiles } from './stat-record.ts';

/**
 * A file changed twice within one tick of its file system's clock has the same times twice.
 * Therefore times must lie this far back when they are recorded, by the coarsest clock in use.
 */
const RACY_MS = 2_000;

/** How long another process may keep the database locked before we go on without it. */
const BUSY_MS = 1_000;

/** Rows are held back for one transaction until there are this many, or so much in them. */
const BATCH_ROWS = 256;
const BATCH_BYTES = 8 << 20;

/** A smaller database is read as a whole: asking for each row would take ten times as long. */
const SMALL_PAGES = 1_024;

const SCHEMA_VERSION = 2;

export class StatCache {
  readonly #path: string;
  readonly #now: () => number;
  /** Undefined until it is there; null once it has turned out to be unusable. */
  #database: Database | null | undefined;
  /** Many ask for it at once, and it is opened once. */
  #opened: Promise<void> | undefined;
  readonly #pending = new Map<string, Uint8Array>();
  #pendingBytes = 0;

  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
  }

  /** Before the first use: loading SQLite is left to those who digest something. */
  open(): Promise<void> {
    this.#opened ??= open(this.#path).then(database => {
      this.#database = database;
    });
    return this.#opened;
  }

  /** What is known of the files that lie directly in a folder, in which there are so many names. */
  folder(path: string, count: number): FolderStats {
    const row = this.#pending.get(path) ?? this.#select(path);
    const known = row === undefined ? undefined : KnownFiles.ofRow(path, row);
    return new FolderStats({
      known: known ?? KnownFiles.withRoom(0),
      count,
      openedAt: this.#now(),
      keep: files => this.#keep(path, files.toRow(path)),
    });
  }

  #select(path: string): Uint8Array | undefined {
    return this.#guarded(({ rows, select }) => rows.get(path) ?? bytesIn(select.get(path)));
  }

  #keep(path: string, row: Uint8Array): void {
    this.#pending.set(path, row);
    this.#pendingBytes += row.byteLength;
    if (this.#pending.size >= BATCH_ROWS || this.#pendingBytes >= BATCH_BYTES) this.flush();
  }

  /** Writes what was learnt, in one transaction. */
  flush(): void {
    if (this.#pending.size === 0) return;
    const rows = [...this.#pending];
    this.#pending.clear();
    this.#pendingBytes = 0;
    this.#guarded(({ database, upsert, rows: read }) => {
      database.exec('begin immediate');
      for (const [path, body] of rows) {
        upsert.run(path, body);
        read.delete(path);
      }
      database.exec('commit');
    });
  }

  close(): void {
    this.flush();
    this.#guarded(({ database }) => database.close());
    this.#database = null;
  }

  /** SQLite throws at us: whatever it says, from then on we do without. */
  #guarded<T>(work: (database: Database) => T): T | undefined {
    if (this.#database === undefined || this.#database === null) return undefined;
    try {
      return work(this.#database);
    } catch {
      this.#database = null;
      return undefined;
    }
  }
}

/** The files of one folder: what was known, and what is found out now. */
export class FolderStats {
  readonly #known: KnownFiles;
  readonly #count: number;
  readonly #openedAt: number;
  readonly #keep: (files: KnownFiles) => void;
  /** Of those that were known, which still are: one byte for each. */
  readonly #isStill: Uint8Array;
  #still = 0;
  #next = 0;
  #new: KnownFiles | undefined;

  constructor(folder: {
    readonly known: KnownFiles;
    readonly count: number;
    readonly openedAt: number;
    readonly keep: (files: KnownFiles) => void;
  }) {
    this.#known = folder.known;
    this.#count = folder.count;
    this.#openedAt = folder.openedAt;
    this.#keep = folder.keep;
    this.#isStill = new Uint8Array(folder.known.count);
  }

  /** Quickest in the order of names. */
  lookup(name: string, seen: BigIntStats): Digest | undefined {
    const index = this.#known.indexOf(name, this.#next);
    if (index === undefined) return undefined;
    this.#next = index + 1;
    if (!this.#known.isSame(index, seen)) return undefined;
    this.#mark(index, true);
    return this.#known.digest(index);
  }

  /** `seen` is the stat from before the file was read, found the same afterwards. */
  record(name: string, seen: BigIntStats, digest: Digest): void {
    const changedAt = Math.max(Number(seen.mtimeMs), Number(seen.ctimeMs));
    if (changedAt + RACY_MS > this.#openedAt) return;
    this.#new ??= KnownFiles.withRoom(this.#count);
    this.#new.add(name, seen, digest);
    // It may have been known as well, and read all the same.
    const index = this.#known.indexOf(name, this.#next - 1);
    if (index !== undefined) this.#mark(index, false);
  }

  #mark(index: number, isStill: boolean): void {
    this.#still += Number(isStill) - (this.#isStill[index] ?? 0);
    this.#isStill[index] = Number(isStill);
  }

  /** All files were looked up: what was not is gone. */
  leave(): void {
    if (this.#new === undefined && this.#still === this.#known.count) return;
    const files = this.#new ?? KnownFiles.withRoom(this.#still);
    if (this.#still > 0) files.addFrom(this.#known, index => this.#isStill[index] === 1);
    this.#keep(files);
  }
}

type Database = {
  readonly database: DatabaseSync;
  /** What has been read of it. */
  readonly rows: Map<string, Uint8Array>;
  readonly select: StatementSync;
  readonly upsert: StatementSync;
};

/** A damaged or foreign database is thrown away once: it holds nothing that is not elsewhere. */
async function open(path: string): Promise<Database | null> {
  const { DatabaseSync } = await import('node:sqlite');
  for (const isLastTry of [false, true]) {
    try {
      return prepared(new DatabaseSync(path));
    } catch (error) {
      if (isLastTry || isBusy(error)) return null;
      for (const suffix of ['', '-wal', '-shm']) removeIfThere(path + suffix);
    }
  }
  return null;
}

function prepared(database: DatabaseSync): Database {
  try {
    database.exec(`pragma busy_timeout = ${BUSY_MS}; pragma journal_mode = wal;`);
    // Rows carry a checksum, and a lost row costs a read: nothing has to be waited for.
    database.exec('pragma synchronous = off');
    const version = database.prepare('pragma user_version').get()?.['user_version'];
    if (version !== 0 && version !== SCHEMA_VERSION) throw new Error('another version made it');
    database.exec(`create table if not exists folder (path text primary key, body blob not null);
      pragma user_version = ${SCHEMA_VERSION}`);
    return {
      database,
      rows: rowsOf(database),
      select: database.prepare('select body from folder where path = ?'),
      upsert: database.prepare('insert or replace into folder (path, body) values (?, ?)'),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** None of a large one. */
function rowsOf(database: DatabaseSync): Map<string, Uint8Array> {
  const rows = new Map<string, Uint8Array>();
  const pages = database.prepare('pragma page_count').get()?.['page_count'];
  if (typeof pages !== 'number' || pages > SMALL_PAGES) return rows;
  for (const row of database.prepare('select path, body from folder').iterate()) {
    const body = bytesIn(row);
    if (body !== undefined) rows.set(String(row['path']), body);
  }
  return rows;
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function bytesIn(row: Row | undefined): Uint8Array | undefined {
  const body = row?.['body'];
  return body instanceof Uint8Array ? body : undefined;
}

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not there, or not ours to remove: the next try to open it decides.
  }
}
