import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sealPackage } from '../sdk/package.ts';
import {
  addVersion,
  currentVersion,
  historyFile,
  lockFile,
  packageDigest,
  versionsOf,
} from './deployment.ts';
import { appendHistory, type HistoryEntry, type Origin, readHistory } from './history.ts';
import { type InstallRequest, install, rollBack } from './install.ts';
import { withLock } from './lock.ts';

const BY: Origin = {
  run: null,
  pipeline: 'digits',
  commit: null,
  dirty: false,
  user: 'someone',
  host: 'somewhere',
  at: '2026-01-01T00:00:00.000Z',
};

const fresh = () => mkdtempSync(join(tmpdir(), 'sluice-deploy-'));

/** A package with the given weights; the same weights give the same package. */
async function packaged(weights: string, name = 'digits'): Promise<string> {
  const folder = fresh();
  mkdirSync(join(folder, name, '1'), { recursive: true });
  writeFileSync(join(folder, name, '1', 'model.onnx'), weights);
  writeFileSync(join(folder, name, '1', 'model.json'), '{}');
  await sealPackage(folder, {
    name,
    version: 1,
    layout: 'triton',
    model: `${name}/1`,
    parity: null,
    provenance: { inputs: {}, params: {}, training: {}, metrics: {} },
  });
  return folder;
}

type Place = {
  readonly state: string;
  readonly folder: string;
  put(weights: string, change?: Partial<InstallRequest>): ReturnType<typeof install>;
  back(version?: number): ReturnType<typeof rollBack>;
  served(): string;
};

function place(): Place {
  const state = fresh();
  const folder = join(state, 'digits');
  return {
    state,
    folder,
    put: async (weights, change) =>
      install({
        state,
        name: 'digits',
        source: await packaged(weights),
        package: 'c'.repeat(64),
        keep: 5,
        by: BY,
        ...change,
      }),
    back: version => rollBack({ state, name: 'digits', version, by: BY }),
    served: () => readFileSync(join(folder, 'current/digits/1/model.onnx'), 'utf8'),
  };
}

const numbers = (folder: string) => versionsOf(folder).map(({ version }) => version);

test('every new package becomes the next version and is served', async () => {
  const here = place();
  await here.put('one');
  expect(here.served()).toBe('one');
  const second = await here.put('two');
  expect(here.served()).toBe('two');
  expect(second.current.version).toBe(2);
  expect(readlinkSync(join(here.folder, 'current'))).toBe(second.current.path);
  expect(second.current.path).toBe(`versions/2-${second.current.digest.slice(0, 12)}`);
});

test('a package that is current already makes no new version and no entry', async () => {
  const here = place();
  await here.put('one');
  expect((await here.put('one')).did.kind).toBe('already-current');
  expect(numbers(here.folder)).toEqual([1]);
  expect(readHistory(historyFile(here.folder))).toHaveLength(1);
});

test('an earlier package that is deployed again is a version of its own', async () => {
  const here = place();
  for (const weights of ['one', 'two', 'one']) await here.put(weights);
  expect(numbers(here.folder)).toEqual([1, 2, 3]);
  expect(here.served()).toBe('one');
});

test('the history says who deployed what in place of what', async () => {
  const here = place();
  const { current: first } = await here.put('one');
  await here.put('two');
  const [, entry] = readHistory(historyFile(here.folder));
  expect(entry).toMatchObject({
    action: 'deploy',
    version: 2,
    from: { version: 1, digest: first.digest },
    package: 'c'.repeat(64),
    by: { pipeline: 'digits', user: 'someone' },
  });
});

test('only so many old versions are kept, and never the current one removed', async () => {
  const here = place();
  for (const weights of ['one', 'two', 'three', 'four']) await here.put(weights, { keep: 2 });
  expect(numbers(here.folder)).toEqual([2, 3, 4]);
  await here.put('five', { keep: 0 });
  expect(numbers(here.folder)).toEqual([5]);
  expect(here.served()).toBe('five');
});

test('a package that is not what its checksums say is refused, and nothing changes', async () => {
  const here = place();
  await here.put('one');
  const source = await packaged('two');
  writeFileSync(join(source, 'digits/1/model.onnx'), 'tampered');
  await expect(here.put('two', { source })).rejects.toThrow('`digits/1/model.onnx` was changed');
  expect(here.served()).toBe('one');
  expect(numbers(here.folder)).toEqual([1]);
});

test('a version that somebody changed is not served on: the package is put beside it', async () => {
  const here = place();
  const { current } = await here.put('one');
  const file = join(here.folder, current.path, 'digits/1/model.onnx');
  rmSync(file);
  writeFileSync(file, 'edited by hand');
  const again = await here.put('one');
  expect(again.current.version).toBe(2);
  expect(again.did).toMatchObject({ kind: 'installed', damaged: { version: 1 } });
  expect(here.served()).toBe('one');
  expect(readFileSync(file, 'utf8')).toBe('edited by hand');
});

test('a link that somebody removed is put back', async () => {
  const here = place();
  await here.put('one');
  rmSync(join(here.folder, 'current'));
  await here.put('one');
  expect(here.served()).toBe('one');
  expect(numbers(here.folder)).toEqual([1]);
});

test.each(['../elsewhere', '', 'A', '.hidden', 'a/b'])('`%s` names no deployment', async name => {
  const here = place();
  await expect(here.put('one', { name })).rejects.toThrow('does not name a deployment');
});

describe('rolling back', () => {
  test('goes to the version before, then further back', async () => {
    const here = place();
    for (const weights of ['one', 'two', 'three']) await here.put(weights);
    await here.back();
    expect(here.served()).toBe('two');
    await here.back();
    expect(here.served()).toBe('one');
    await expect(here.back()).rejects.toThrow('no version before the current one');
    await here.back(3);
    expect(here.served()).toBe('three');
  });

  test('refuses a version that is not there or not sound', async () => {
    const here = place();
    const { current } = await here.put('one');
    await here.put('two');
    await expect(here.back(7)).rejects.toThrow('has no version 7');
    appendFileSync(join(here.folder, current.path, 'digits/1/model.json'), ' ');
    await expect(here.back(1)).rejects.toThrow('`digits/1/model.json` was changed');
    expect(here.served()).toBe('two');
  });

  test('refuses a deployment that is not there', async () => {
    await expect(place().back()).rejects.toThrow('there is no deployment `digits`');
  });

  test('is not undone by the pipeline that runs again', async () => {
    const here = place();
    for (const weights of ['one', 'two']) await here.put(weights);
    await here.back();
    const again = await here.put('two');
    expect(again.did.kind).toBe('held');
    expect(again.current.version).toBe(1);
    expect(here.served()).toBe('one');
  });

  test('ends with the next package, and with going forward by hand', async () => {
    const here = place();
    for (const weights of ['one', 'two']) await here.put(weights);
    await here.back();
    await here.put('three');
    expect(here.served()).toBe('three');
    await here.back();
    await here.back(3);
    expect((await here.put('three')).did.kind).toBe('already-current');
    await here.put('two');
    expect(here.served()).toBe('two');
  });
});

describe('a kill', () => {
  test('while the copy is made leaves the old version, and the next deploy tidies up', async () => {
    const here = place();
    await here.put('one');
    mkdirSync(join(here.folder, '.unfinished-2/digits/1'), { recursive: true });
    writeFileSync(join(here.folder, '.unfinished-2/digits/1/model.onnx'), 'half');
    expect(here.served()).toBe('one');
    await here.put('two');
    expect(here.served()).toBe('two');
    expect(readdirSync(here.folder).filter(name => name.startsWith('.unfinished'))).toEqual([]);
  });

  test('before the switch leaves the old version, and the next deploy takes the copy', async () => {
    const here = place();
    await here.put('one');
    addVersion(here.folder, await packaged('two'));
    expect(here.served()).toBe('one');
    const { current } = await here.put('two');
    expect(current.version).toBe(2);
    expect(here.served()).toBe('two');
  });

  test('after the entry and before the switch is seen by comparing with `current`', async () => {
    const here = place();
    const { current } = await here.put('one');
    const source = await packaged('two');
    const added = addVersion(here.folder, source);
    const entry: HistoryEntry = {
      format: 1,
      action: 'deploy',
      version: added.version,
      digest: added.digest,
      from: current,
      package: null,
      by: BY,
    };
    appendHistory(historyFile(here.folder), entry);
    expect(currentVersion(here.folder)?.version).toBe(1);
    await here.put('two');
    expect(currentVersion(here.folder)?.version).toBe(2);
  });

  test('in the middle of an entry costs that entry alone', async () => {
    const here = place();
    await here.put('one');
    appendFileSync(historyFile(here.folder), '{"format":1,"act');
    await here.put('two');
    expect(readHistory(historyFile(here.folder)).map(({ version }) => version)).toEqual([1, 2]);
  });
});

test('two deployments at once get two numbers, one after the other', async () => {
  const here = place();
  await Promise.all(['one', 'two', 'three'].map(weights => here.put(weights)));
  expect(numbers(here.folder)).toEqual([1, 2, 3]);
  expect(['one', 'two', 'three']).toContain(here.served());
});

test('a deploy waits while another change is under way', async () => {
  const here = place();
  await here.put('one');
  const { promise, resolve: free } = Promise.withResolvers<void>();
  const change = withLock(lockFile(here.folder), () => promise);
  const waited: string[] = [];
  const onWait = () => {
    waited.push(here.served());
    free();
  };
  await Promise.all([change, here.put('two', { onWait })]);
  expect(waited).toEqual(['one']);
  expect(here.served()).toBe('two');
});

test('a digest is of the card, which names every file', async () => {
  expect(packageDigest(await packaged('one'))).toBe(packageDigest(await packaged('one')));
  expect(packageDigest(await packaged('one'))).not.toBe(packageDigest(await packaged('two')));
});
