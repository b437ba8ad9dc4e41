import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CacheKey, stepId } from '../schema/id.ts';
import { removeTree } from '../store/remove-tree.ts';
import { changedPaths, type Stamps, stampCopies } from './laid-out.ts';
import { readRecord, writeRecord } from './strays.ts';

const known = { step: stepId('train'), key: 'f'.repeat(64) as CacheKey };

test('what lies beside a working directory tells later what in it has changed, one file or many', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-strays-'));
  try {
    const workdir = join(folder, '1');
    mkdirSync(join(workdir, 'in'), { recursive: true });
    const file = join(workdir, 'in/x\n"y"');
    writeFileSync(file, 'one');
    const stamps = await stampCopies([join(workdir, 'in')]);
    for (const times of [0, 1, 20_000]) {
      const many: Stamps = Array.from({ length: times }, () => [...stamps]).flat();
      writeRecord(workdir, { ...known, stamps: many });
      const record = readRecord(workdir);
      expect(record).toEqual({ ...known, stamps: many });
      expect(await changedPaths(record?.stamps ?? [])).toEqual([]);
    }
    writeFileSync(file, 'another');
    expect(await changedPaths(readRecord(workdir)?.stamps ?? [])).toHaveLength(20_000);
  } finally {
    removeTree(folder);
  }
});

test('a record of which a part is missing, or of another version, is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-strays-'));
  try {
    const workdir = join(folder, '1');
    expect(readRecord(workdir)).toBeUndefined();
    writeRecord(workdir, { ...known, stamps: [['/a', { stat: '1 2', digest: undefined }]] });
    expect(readRecord(workdir)).toMatchObject(known);
    for (const text of ['', '{"format":1}', '{"format":2}\n["/a",{"st']) {
      writeFileSync(`${workdir}.json`, text);
      expect(readRecord(workdir)).toBeUndefined();
    }
  } finally {
    removeTree(folder);
  }
});
