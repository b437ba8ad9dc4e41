/** What is damaged, forged or no content at all, Sluice and the second implementation find both. */
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CacheProject } from '../cache/project.ts';
import { below, overwrite } from '../cache/stored.ts';
import { blob, copyOf, sample, storeOf, traceOf, verified } from './sample.ts';
import { isHere, second } from './second.ts';

let original: CacheProject;

beforeAll(async () => {
  original = await sample();
});

afterAll(() => original[Symbol.dispose]());

describe.runIf(isHere)('both find', () => {
  /** Under its right name, whatever it says. */
  const forge = (project: CacheProject, from: string | RegExp, to: string) => {
    const { path } = traceOf(project, 'site');
    const text = readFileSync(path, 'utf8').replace(from, to);
    rmSync(path);
    const name = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(dirname(path), `${name}.json`), text);
  };

  test.each<[string, 'ignored' | 'damaged', (project: CacheProject) => void]>([
    [
      'a blob with other bytes',
      'damaged',
      p => overwrite(blob(p, traceOf(p, 'y').outputs['y']?.digest ?? ''), '2000001\n'),
    ],
    [
      'a listing with other bytes',
      'damaged',
      p => overwrite(blob(p, traceOf(p, 'site').outputs['site']?.digest ?? ''), 'sluice-tree 1\n'),
    ],
    [
      'a trace that was changed',
      'ignored',
      p => {
        const { path } = traceOf(p, 'site');
        overwrite(path, readFileSync(path, 'utf8').replace('"tree"', '"file"'));
      },
    ],
    ['a trace of a newer format', 'ignored', p => forge(p, '"format":1,"key"', '"format":2,"key"')],
    ['a trace with another fingerprint', 'ignored', p => forge(p, '"salt":null', '"salt":"1"')],
    ['a trace without a maker', 'ignored', p => forge(p, /"made":\{[^}]*\}/, '"made":null')],
    [
      'a trace under another key',
      'ignored',
      p => {
        const { path } = traceOf(p, 'y');
        cpSync(path, join(dirname(traceOf(p, 'site').path), basename(path)));
      },
    ],
  ])('%s', async (_, where, damage) => {
    using project = copyOf(original);
    damage(project);
    expect(second('check', [storeOf(project)])[where]).toHaveLength(1);
    expect(await verified(project)).toBe(3);
  });

  test('a store of another format, and refuse it', async () => {
    using project = copyOf(original);
    overwrite(project.files.path('.sluice/format'), 'sluice-store 2\n');
    expect(() => second('check', [storeOf(project)])).toThrow(
      'refused: the store has another format',
    );
    expect(await verified(project)).toBe(3);
  });

  test.each([
    ['a pipe', 'mkfifo $O/x'],
    ['a name that is not UTF-8', 'touch "$O/$(printf \'\\377\')"'],
    ['a link whose target is not UTF-8', 'ln -s "$(printf \'\\377\')" $O/x'],
    ['a link that leads out', 'mkdir $O/a; ln -s ../../x $O/a/x'],
    ['a link that may lead out', 'mkdir -p $O/a/b; ln -s b/../../.. $O/a/x'],
    ['an absolute link', 'ln -s /etc/passwd $O/x'],
  ])('%s, and refuse it', async (_, make) => {
    using project = new CacheProject({});
    project.pipeline({
      steps: { a: { run: `O=\${{ out.x }}; mkdir $O; ${make}`, out: { x: 'dir' } } },
    });
    expect((await project.run()).outcomes).toEqual({ a: 'failed' });
    expect(below(project, 'traces')).toEqual([]);
    await project.files.shell(`O=here; mkdir $O; ${make}`);
    expect(readdirSync(project.files.path('here'))).not.toEqual([]);
    expect(() => second('digest', [project.files.path('here')])).toThrow('refused');
  });
});
