/** Remembered results are damaged, cut, of another version, or in the wrong place: a miss, no more. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CacheProject } from './project.ts';
import { below, expectRecovery, made, overwrite } from './stored.ts';

describe('a remembered result that', () => {
  const traces = (project: CacheProject) => below(project, 'traces');

  test.each<[string, (path: string) => void]>([
    ['is missing', path => rmSync(path)],
    ['is empty', path => overwrite(path, '')],
    ['is cut short', path => overwrite(path, readFileSync(path).subarray(0, 100))],
    ['is no JSON', path => overwrite(path, 'not json')],
    [
      'has one letter changed',
      path => overwrite(path, readFileSync(path, 'utf8').replace('file', 'fime')),
    ],
    [
      'is of a newer format',
      path => overwrite(path, readFileSync(path, 'utf8').replace('"format":1', '"format":2')),
    ],
    [
      'names other content',
      path => {
        const text = readFileSync(path, 'utf8');
        overwrite(path, text.replace(/"digest":"[0-9a-f]{4}/, '"digest":"0000'));
      },
    ],
    [
      'is not readable as a file',
      path => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])('%s is none: a miss, not an error', async (_, change) => {
    using project = await made();
    for (const path of traces(project)) change(path);
    expect(await expectRecovery(project)).toEqual(['a', 'b']);
  });

  test('is copied under another key speaks for nobody', async () => {
    using project = await made();
    const [one = '', two = ''] = traces(project);
    copyFileSync(one, join(dirname(two), basename(one)));
    rmSync(two);
    expect((await expectRecovery(project)).length).toBe(1);
  });

  test('was written by a newer version, whole and under its right name, is a miss', async () => {
    using project = await made();
    for (const path of traces(project)) {
      const text = readFileSync(path, 'utf8').replace(/"format":1(?=,"key")/, '"format":2');
      const name = createHash('sha256').update(text).digest('hex');
      rmSync(path);
      writeFileSync(join(dirname(path), `${name}.json`), text);
    }
    expect(await expectRecovery(project)).toEqual(['a', 'b']);
  });

  test('lies beside rubbish is still found', async () => {
    using project = await made();
    for (const path of traces(project)) writeFileSync(join(dirname(path), 'rubbish.json'), '{}');
    expect((await project.run()).executed).toEqual([]);
  });
});
