import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../schema/id.ts';
import { type Damage, LARGE_BYTES, type Open, sampleFolder, value, write } from './sample.ts';

export function distrusting(open: Open): void {
  const small = 'small file';
  const large = Buffer.alloc(LARGE_BYTES, 'large').toString();

  describe.each([
    ['small', small],
    ['large', large],
  ])('a %s blob', (_size, content) => {
    test.each<Damage>(['flip', 'truncate', 'empty'])('damaged (%s) is never data', async damage => {
      await using at = await open();
      const artifact = value(await at.store.put(write(at, 'f', content)));
      at.damageBlob(artifact.digest, damage);
      const path = join(at.folder, 'back');
      const { digest } = artifact;
      const restored = await at.store.materialise(artifact, path, { readOnly: false });
      expect(restored).toEqual({ ok: false, error: { kind: 'corrupt', digest } });
      expect(readdirSync(at.folder)).toEqual(['f']);
      expect(at.store.takeWarnings()).toMatchObject([{ code: 'corrupt-blob' }]);
      expect(at.store.takeWarnings()).toEqual([]);
      expect(await at.store.has(artifact)).toBe(false);
      expect(await at.store.read(artifact)).toMatchObject({ error: { kind: 'absent' } });
    });

    test.each<Damage>(['flip', 'truncate', 'empty', 'remove'])(
      'damaged (%s) is healed by putting the same bytes',
      async damage => {
        await using at = await open();
        const artifact = value(await at.store.put(write(at, 'f', content)));
        at.damageBlob(artifact.digest, damage);
        value(await at.store.put(write(at, 'f', content)));
        expect(value(await at.store.read(artifact)).toString()).toBe(content);
      },
    );
  });
}

export function missing(open: Open): void {
  test.each<Damage>(['truncate', 'empty', 'remove'])(
    'a blob of another size (%s) is not there',
    async damage => {
      await using at = await open();
      const folder = sampleFolder(at.folder);
      const artifact = value(await at.store.put(folder));
      at.damageBlob(sha256('first'), damage);
      expect(await at.store.has(artifact)).toBe(false);
    },
  );

  test('a folder with one damaged file leaves nothing behind', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(sampleFolder(at.folder)));
    at.damageBlob(sha256('name'), 'flip');
    const before = readdirSync(at.folder);
    const path = join(at.folder, 'back');
    expect(await at.store.materialise(artifact, path, { readOnly: true })).toMatchObject({
      error: { kind: 'corrupt', digest: sha256('name') },
    });
    expect(readdirSync(at.folder)).toEqual(before);
  });

  test('a damaged listing is corrupt too', async () => {
    await using at = await open();
    const artifact = value(await at.store.put(sampleFolder(at.folder)));
    at.damageBlob(artifact.digest, 'flip');
    expect(await at.store.has(artifact)).toBe(false);
    const path = join(at.folder, 'back');
    expect(await at.store.materialise(artifact, path, { readOnly: true })).toMatchObject({
      ok: false,
    });
    expect(existsSync(path)).toBe(false);
  });
}
