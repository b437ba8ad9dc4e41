/** What a digest must tell apart, what it must not, and what it must refuse. */
import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../schema/id.ts';
import { LARGE_BYTES, type Open, replaceLink, sampleFolder, value, write } from './sample.ts';

export function digesting(open: Open): void {
  test('a file is digested by its bytes', async () => {
    await using at = await open();
    const path = write(at, 'f', 'hello');
    expect(value(await at.store.digest(path))).toEqual({
      kind: 'file',
      digest: sha256('hello'),
      executable: false,
      bytes: 5,
      files: 1,
    });
  });

  test('a folder counts the files and bytes of everything below it', async () => {
    await using at = await open();
    const artifact = value(await at.store.digest(sampleFolder(at.folder)));
    expect(artifact).toMatchObject({ kind: 'tree', bytes: 5 + 10 + LARGE_BYTES + 4, files: 5 });
  });

  test('each thing in a folder is digested on its own, and one edit shows in one of them', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const each = async () => value(await at.store.digestEach(folder));
    const before = await each();
    expect(before).toMatchObject({ 'a.txt': `file:${sha256('first')}`, dangling: 'link:missing' });
    writeFileSync(join(folder, 'a.txt'), 'other');
    mkdirSync(join(folder, 'sub', 'more'));
    expect(await each()).toEqual({
      ...before,
      'a.txt': `file:${sha256('other')}`,
      'sub/more': `tree:${sha256('sluice-tree 1\n')}`,
    });
  });

  test('a file that is asked for on its own has no name below itself', async () => {
    await using at = await open();
    const path = write(at, 'f', 'hello');
    expect(value(await at.store.digestEach(path))).toEqual({ '': `file:${sha256('hello')}` });
  });

  test('a link to a folder is followed, and names are those below the folder', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    symlinkSync(folder, join(at.folder, 'named'));
    const named = await at.store.digestEach(join(at.folder, 'named'));
    expect(named).toEqual(await at.store.digestEach(folder));
  });

  test('a link that is named itself is followed', async () => {
    await using at = await open();
    const path = write(at, 'f', 'x');
    symlinkSync(path, join(at.folder, 'link'));
    expect(await at.store.digest(join(at.folder, 'link'))).toEqual(await at.store.digest(path));
  });

  test('nothing there is absent', async () => {
    await using at = await open();
    const path = join(at.folder, 'nothing');
    expect(await at.store.digest(path)).toMatchObject({ error: { kind: 'absent', path } });
    expect(await at.store.digestEach(path)).toMatchObject({ error: { kind: 'absent', path } });
    expect(await at.store.put(path)).toMatchObject({ error: { kind: 'absent', path } });
    expect(await at.store.copyIn(path)).toMatchObject({ error: { kind: 'absent', path } });
  });
}

export function comparing(open: Open): void {
  /** What makes a folder another one, and what does not. */
  const edits: readonly [what: string, isSeen: boolean, edit: (folder: string) => void][] = [
    ['another byte of the same length', true, f => writeFileSync(join(f, 'a.txt'), 'fIrst')],
    ['the executable bit', true, f => chmodSync(join(f, 'a.txt'), 0o744)],
    ['an empty folder more', true, f => mkdirSync(join(f, 'sub', 'more'))],
    ['an empty file more', true, f => writeFileSync(join(f, 'more'), '')],
    ['another name', true, f => renameSync(join(f, 'a.txt'), join(f, 'b.txt'))],
    ['a name in another case', true, f => renameSync(join(f, 'a.txt'), join(f, 'A.txt'))],
    ['another link target', true, f => replaceLink(join(f, 'dangling'), 'missing2')],
    ['a file in place of a link', true, f => replaceLink(join(f, 'dangling'), undefined)],
    ['group and world permissions', false, f => chmodSync(join(f, 'a.txt'), 0o600)],
    ['the same bytes written again', false, f => writeFileSync(join(f, 'a.txt'), 'first')],
  ];
  test.each(edits)('%s: seen %s', async (_what, isSeen, edit) => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const before = value(await at.store.digest(folder));
    edit(folder);
    const after = value(await at.store.digest(folder));
    expect(after.digest !== before.digest).toBe(isSeen);
  });

  test('names that differ only in Unicode normalisation are different names', async () => {
    await using at = await open();
    for (const [folder, name] of [['nfc', '\u00e9'] as const, ['nfd', 'e\u0301'] as const]) {
      mkdirSync(join(at.folder, folder));
      writeFileSync(join(at.folder, folder, name), '');
    }
    const nfc = value(await at.store.digest(join(at.folder, 'nfc')));
    const nfd = value(await at.store.digest(join(at.folder, 'nfd')));
    expect(nfc.digest).not.toBe(nfd.digest);
  });

  test('a file and a folder with the same listing bytes are not the same artifact', async () => {
    await using at = await open();
    mkdirSync(join(at.folder, 'empty'));
    const tree = value(await at.store.digest(join(at.folder, 'empty')));
    const file = value(await at.store.digest(write(at, 'f', 'sluice-tree 1\n')));
    expect({ ...file, kind: 'tree' }).not.toEqual(tree);
    expect(file.kind).not.toBe(tree.kind);
  });
}

export function refusing(open: Open): void {
  const escapes = ['/etc/passwd', '../outside', 'sub/../../outside', 'sub/link/../..', '..'];
  test.each(escapes)('a link that may lead out is refused with its path: %s', async target => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    symlinkSync(target, join(folder, 'escape'));
    const refused = { error: { kind: 'unsupported', path: join(folder, 'escape') } };
    expect(await at.store.digest(folder)).toMatchObject(refused);
    expect(await at.store.put(folder)).toMatchObject(refused);
  });

  test('a socket is refused with its path', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    const path = join(folder, 'sub', 'socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    expect(await at.store.put(folder)).toMatchObject({ error: { kind: 'unsupported', path } });
    expect(await at.store.put(path)).toMatchObject({ error: { kind: 'unsupported', path } });
    server.close();
  });

  test('a name that is not UTF-8 is refused', async () => {
    await using at = await open();
    const folder = sampleFolder(at.folder);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/bad`), Buffer.from([0xff])]), '');
    expect(await at.store.digest(folder)).toMatchObject({ error: { kind: 'unsupported' } });
    // The sign that stands for undecodable bytes is a character like any other.
    writeFileSync(join(at.folder, 'fine\ufffd'), '');
    expect(await at.store.digest(join(at.folder, 'fine\ufffd'))).toMatchObject({ ok: true });
  });
}
