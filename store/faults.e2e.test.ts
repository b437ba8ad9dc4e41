import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Artifact } from '../schema/trace.ts';
import { traceOf, value } from './conformance/sample.ts';
import { type Fault, faultyDisk } from './faulty-disk.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { openLocalStore } from './local.ts';
import { removeTree } from './remove-tree.ts';
import type { Result, Store } from './store.ts';

/** What reaches this disk in which order is what is tested, not the disk: memory will do. */
const QUICK = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const LARGE = Buffer.alloc(1_100_000, 'large');

function newProject() {
  const folder = mkdtempSync(join(QUICK, 'sluice-faults-'));
  const source = join(folder, 'source');
  mkdirSync(join(source, 'sub'), { recursive: true });
  writeFileSync(join(source, 'a'), 'first');
  writeFileSync(join(source, 'sub', 'b'), 'second');
  writeFileSync(join(source, 'sub', 'large'), LARGE);
  return { folder, source, root: join(folder, '.sluice') };
}

type Project = ReturnType<typeof newProject>;

/** Everything that a step makes a store do. Answers with what was promised on the way. */
async function execution(project: Project, disk: FileSystem): Promise<Promises> {
  const opened = await openLocalStore({ root: project.root, disk });
  if (!opened.ok) return { errors: [opened], artifact: undefined, isTraced: false };
  const store = opened.value;
  const put = await store.put(project.source);
  const errors: Result<unknown>[] = [put];
  let isTraced = false;
  if (put.ok) {
    const traced = await store.putTrace(traceOf({ outputs: { out: put.value } }));
    isTraced = traced.ok;
    const path = join(project.folder, 'restored');
    const restored = await store.materialise(put.value, path, { readOnly: true });
    errors.push(traced, restored, await store.copyIn(project.source));
  }
  await store.close();
  return {
    errors: errors.filter(({ ok }) => !ok),
    artifact: put.ok ? put.value : undefined,
    isTraced,
  };
}

type Promises = {
  readonly errors: readonly Result<unknown>[];
  /** What was said to be stored. */
  readonly artifact: Artifact | undefined;
  readonly isTraced: boolean;
};

/** The laws that hold whatever has happened. */
async function examine(project: Project, promised: Promises): Promise<void> {
  const store = value(await openLocalStore({ root: project.root }));
  const found = await store.findTrace(traceOf({}).key);
  if (promised.isTraced) expect(found).toBeDefined();
  // A trace is a hit: it must be whole.
  const promise = found?.trace.outputs['out'] ?? promised.artifact;
  if (promise !== undefined) await expectWhole(project, store, promise, 'promised');
  // And the next run simply works.
  const artifact = value(await store.put(project.source));
  value(await store.putTrace(traceOf({ outputs: { out: artifact } })));
  await expectWhole(project, store, artifact, 'again');
  expect(await store.findTrace(traceOf({}).key)).toMatchObject({ count: 1 });
  expect(store.takeWarnings()).toEqual([]);
  await store.close();
}

async function expectWhole(
  project: Project,
  store: Store,
  artifact: Artifact,
  name: string,
): Promise<void> {
  const path = join(project.folder, name);
  expect(await store.has(artifact)).toBe(true);
  value(await store.materialise(artifact, path, { readOnly: false }));
  expect(readFileSync(join(path, 'a'), 'utf8')).toBe('first');
  expect(readFileSync(join(path, 'sub', 'b'), 'utf8')).toBe('second');
  expect(readFileSync(join(path, 'sub', 'large')).equals(LARGE)).toBe(true);
}

/** One run for each call that a whole execution makes. */
async function atEachCall(
  fault: Fault,
  check: (
    project: Project,
    promised: Promises,
    cutPower: (names: 'kept' | 'lost') => void,
  ) => Promise<void>,
): Promise<void> {
  for (let at = 1; ; at++) {
    const project = newProject();
    const faulty = faultyDisk(nodeFileSystem, at, fault);
    const promised = await execution(project, faulty.disk);
    if (faulty.failed() === undefined) {
      removeTree(project.folder);
      expect(at).toBeGreaterThan(100);
      return;
    }
    try {
      await check(project, promised, faulty.cutPower);
    } catch (error) {
      throw new Error(`${fault} at ${faulty.failed()}`, { cause: error });
    }
    removeTree(project.folder);
  }
}

const KINDS = { ENOSPC: 'full', EIO: 'io' } as const;

describe.each(['ENOSPC', 'EIO'] as const)('a disk that answers %s', fault => {
  test('at any call costs at most that operation, and nothing is half there', async () => {
    await atEachCall(fault, async (project, promised) => {
      for (const result of promised.errors) {
        expect(result).toMatchObject({ ok: false, error: { kind: KINDS[fault] } });
      }
      expect(readdirSync(project.folder).filter(name => name.startsWith('.restored'))).toEqual([]);
      await examine(project, promised);
    });
  });
});

describe.each(['kept', 'lost'] as const)('when names that were not synced are %s', names => {
  test('after a power cut at any call no hit is wrong and what was promised is there', async () => {
    await atEachCall('crash', async (project, promised, cutPower) => {
      cutPower(names);
      await examine(project, promised);
    });
  });
});

describe('a disk that answers EIO while somebody looks for a result', () => {
  test('is a miss, never an error and never something else; nothing is lost by it', async () => {
    const project = newProject();
    const promised = await execution(project, nodeFileSystem);
    for (let at = 1; ; at++) {
      const faulty = faultyDisk(nodeFileSystem, at, 'EIO');
      await look(project, promised.artifact, faulty.disk);
      if (faulty.failed() === undefined) break;
    }
    await examine(project, promised);
    removeTree(project.folder);
  });
});

/** What a run does for a step that it knows. */
async function look(
  project: Project,
  artifact: Artifact | undefined,
  disk: FileSystem,
): Promise<void> {
  const opened = await openLocalStore({ root: project.root, disk });
  if (!opened.ok) return expect(opened.error.kind).toBe('io');
  const store = opened.value;
  const found = await store.findTrace(traceOf({}).key);
  if (found !== undefined) expect(found.trace.outputs['out']).toEqual(artifact);
  if (artifact !== undefined) expect(await store.has(artifact)).toBeTypeOf('boolean');
  const digest = await store.digest(project.source);
  if (digest.ok) expect(digest.value).toEqual(artifact);
  await store.close();
}

describe.each(['put', 'copyIn'] as const)('content that a run found in place by `%s`', how => {
  test('is there after a power cut, also when who wrote it died before its name was durable', async () => {
    const project = newProject();
    const faulty = faultyDisk(nodeFileSystem, 0, 'crash');
    // Later than the files: what is known of them is believed.
    const now = () => Date.now() + 60_000;
    const open = async (disk: FileSystem) =>
      value(await openLocalStore({ root: project.root, disk, now }));
    await (await open(faulty.disk)).close();
    const dead = await open(withoutFolderSync(faulty.disk));
    value(await dead[how](project.source));
    await dead.close();
    const store = await open(faulty.disk);
    const artifact = value(await store[how](project.source));
    await store.close();
    faulty.cutPower('lost');
    const after = await open(nodeFileSystem);
    await expectWhole(project, after, artifact, 'after');
    await after.close();
    removeTree(project.folder);
  });
});

/** As for somebody who does not live to see names become durable. */
function withoutFolderSync(disk: FileSystem): FileSystem {
  const folders = new Set<number>();
  return {
    ...disk,
    openFolder: path => {
      const fd = disk.openFolder(path);
      folders.add(fd);
      return fd;
    },
    sync: async fd => (folders.delete(fd) ? undefined : disk.sync(fd)),
  };
}
