import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Open, sampleFolder, snapshot, value, write } from './sample.ts';

export function storing(open: Open): void {
  test('what is put has the digest that the files had', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const digested = value(await at.store.digest(folder));
    expect(await at.store.has(digested)).toBe(false);
    expect(value(await at.store.put(folder))).toEqual(digested);
    expect(await at.store.has(digested)).toBe(true);
  });

  test('copyIn leaves its source as it was', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const before = snapshot(folder);
    const artifact = value(await at.store.copyIn(folder));
    expect(snapshot(folder)).toEqual(before);
    expect(await at.store.has(artifact)).toBe(true);
    expect(value(await at.store.copyIn(folder))).toEqual(artifact);
  });

  test('a file that is changed after it was put does not change what is stored', async () => {
    await using at = await open();
    const path = write(at, 'f', 'before');
    const artifact = value(await at.store.put(path));
    if (existsSync(path)) writeFileSync(path, 'after!');
    expect(value(await at.store.read(artifact)).toString()).toBe('before');
  });

  test('what one opening stored another one finds', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(sampleFolder(at.folder)));
    const other = await at.reopened();
    expect(await other.has(artifact)).toBe(true);
    await other.close();
  });

  test('the same folder may be put by many at once', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const other = await at.reopened();
    const puts = [at.store, other, at.store, other].map(store => store.copyIn(folder));
    const [first, ...rest] = (await Promise.all(puts)).map(value);
    expect(rest).toEqual([first, first, first]);
    expect(first && (await at.store.has(first))).toBe(true);
    await other.close();
  });

  test('the bytes of a file are read back, those of a folder are not', async () => {
    await using at = await open();
    const file = value(await at.store.put(write(at, 'f', 'bytes')));
    expect(value(await at.store.read(file)).toString()).toBe('bytes');
    const tree = value(await at.store.put(sampleFolder(at.folder)));
    expect(await at.store.read(tree)).toMatchObject({ error: { kind: 'unsupported' } });
  });
}

export function restoring(open: Open): void {
  test('a folder comes back as it was', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const before = snapshot(folder);
    const artifact = value(await at.store.put(folder));
    const path = join(at.folder, 'back');
    value(await at.store.materialise(artifact, path, { readOnly: false }));
    expect(snapshot(path)).toEqual(before);
    expect(value(await at.store.digest(path))).toEqual(artifact);
  });

  test('read-only means that nothing in it may be written', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(sampleFolder(at.folder)));
    const path = join(at.folder, 'back');
    value(await at.store.materialise(artifact, path, { readOnly: true }));
    const modes = snapshot(path).map(line => line.mode & 0o222);
    expect(new Set(modes)).toEqual(new Set([0]));
    expect(lstatSync(path).mode & 0o777).toBe(0o555);
    expect(value(await at.store.digest(path))).toEqual(artifact);
  });

  test('what is handed out may be written without changing what is stored', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(write(at, 'f', 'stored')));
    const path = join(at.folder, 'copy');
    value(await at.store.materialise(artifact, path, { readOnly: false }));
    writeFileSync(path, 'edited');
    expect(value(await at.store.read(artifact)).toString()).toBe('stored');
  });

  test('a path that is taken is left alone', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(write(at, 'f', 'stored')));
    const path = write(at, 'taken', 'mine');
    expect(await at.store.materialise(artifact, path, { readOnly: true })).toMatchObject({
      ok: false,
    });
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('runs of zeros come back', async () => {
    await using at = await open();
    const bytes = Buffer.alloc(4 << 20);
    bytes.write('in the middle', 2_500_000);
    writeFileSync(join(at.folder, 'sparse'), bytes);
    const artifact = value(await at.store.put(join(at.folder, 'sparse')));
    const path = join(at.folder, 'back');
    value(await at.store.materialise(artifact, path, { readOnly: false }));
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
}
