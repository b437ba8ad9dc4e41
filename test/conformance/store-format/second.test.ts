/**
 * docs/store-format.md suffices: a second implementation, written from it in another language, reads
 * what Sluice has written, and Sluice reads what that one has written. second.py shares nothing with
 * the first.
 */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CacheProject } from '../cache/project.ts';
import { below } from '../cache/stored.ts';
import { blob, copyOf, document, sample, storeOf, traceOf, tracesOf, verified } from './sample.ts';
import { holding, isHere, second } from './second.ts';

const ROOT = join(import.meta.dirname, '../../..');

const SOUND = { ignored: [], misshapen: [], damaged: [], missing: [] };

let original: CacheProject;

beforeAll(async () => {
  original = await sample();
});

afterAll(() => original[Symbol.dispose]());

describe.runIf(isHere)('a second implementation', () => {
  test('takes the vectors of the document, and those of canonical JSON, as the first does', () => {
    const vectors = readFileSync(join(ROOT, 'docs/store-format.vectors.json'), 'utf8');
    expect(second('vectors', [], vectors)).toEqual([]);
    const canonical = readFileSync(join(ROOT, 'schema/canonical-json.vectors.json'), 'utf8');
    for (const { json, canonical: wanted } of JSON.parse(canonical).vectors) {
      expect(second('canonical', [], json)).toBe(wanted);
    }
  });

  test('finds all that Sluice has stored as the document says, and digests as it does', async () => {
    using project = copyOf(original);
    const found = second('check', [storeOf(project)]);
    expect(found).toMatchObject(SOUND);
    expect(Object.keys(found.traces)).toHaveLength(6);
    for (const [port, path] of [
      ['site', 'site'],
      ['y', 'many.txt'],
    ] as const) {
      const { outputs, key, path: file } = traceOf(project, port);
      expect(second('digest', [project.files.path(path)])).toEqual(outputs[port]);
      expect(second('find', [storeOf(project), key])).toBe(basename(file));
    }
    expect(tracesOf(project).map(({ receipt }) => receipt)).toContainEqual({
      it: second('digest', [project.files.path('many.txt')]).digest,
      now: 'link:it',
    });
    const { fingerprint } = traceOf(project, 'y');
    expect(fingerprint.files['in.txt']).toBe(
      `file:${second('digest', [project.files.path('in.txt')]).digest}`,
    );
  });

  test('reads out what Sluice has stored, and of what it has read out Sluice makes the same', async () => {
    using project = copyOf(original);
    const { site } = traceOf(project, 'site').outputs;
    const copy = project.files.path('copy');
    second('take-out', [storeOf(project), copy], site);
    expect(second('digest', [copy])).toEqual(site);
    expect(statSync(join(copy, 'run')).mode & 0o777).toBe(0o755);
    expect(statSync(join(copy, 'a b')).mode & 0o777).toBe(0o644);
    rmSync(project.files.path('site'), { recursive: true });
    second('take-out', [storeOf(project), project.files.path('site')], site);
    expect(await project.run()).toMatchObject({ outcomes: { site: 'up-to-date' }, warnings: [] });
    expect(() => second('take-out', [storeOf(project), copy], site)).toThrow('refused');
  });

  test('says of several results the same one counts, also when the first is not whole any more', async () => {
    using project = copyOf(original);
    expect((await project.run(['--force', 'dice'])).warnings).toEqual(['nondeterministic']);
    const [first, other] = tracesOf(project).filter(
      ({ outputs, fingerprint }) => 'x' in outputs && fingerprint.probe === null,
    );
    if (first === undefined || other === undefined) throw new Error('it was made once');
    const digestOf = () => second('digest', [project.files.path('dice.txt')]).digest;
    expect(second('find', [storeOf(project), first.key])).toBe(basename(first.path));
    expect(digestOf()).toBe(first.outputs['x']?.digest);
    rmSync(blob(project, first.outputs['x']?.digest ?? ''));
    rmSync(project.files.path('dice.txt'));
    expect(second('find', [storeOf(project), first.key])).toBe(basename(other.path));
    expect((await project.run()).outcomes).toMatchObject({ dice: 'restored' });
    expect(digestOf()).toBe(other.outputs['x']?.digest);
  });

  test('writes a result by hand, and Sluice hits on it', async () => {
    using project = copyOf(original);
    const { fingerprint, made: madeBy } = traceOf(project, 'site');
    // Another input and another salt: a key that Sluice has never seen.
    project.files.write('in.txt', 'other content\n');
    const { digest } = second('digest', [project.files.path('in.txt')]);
    const inputs = { x: [{ ...fingerprint.inputs['x']?.[0], digest: `file:${digest}` }] };
    project.files.write('by hand/deep/file', 'by hand\n');
    project.files.write('by hand/large', '12345');
    const request = {
      fingerprint: { ...fingerprint, inputs, salt: 'by hand' },
      paths: { site: project.files.path('by hand') },
      made: { ...madeBy, host: 'second' },
    };
    const name = second('record', [storeOf(project)], request);
    expect(second('record', [storeOf(project)], request)).toBe(name);
    project.pipeline(document('by hand'));
    const ran = await project.run();
    expect(ran).toMatchObject({ code: 0, warnings: [] });
    expect(ran.outcomes).toMatchObject({ site: 'restored', crop: 'succeeded' });
    expect(project.files.read('site/deep/file')).toBe('by hand\n');
    expect(await verified(project)).toBe(0);
    expect(second('check', [storeOf(project)])).toMatchObject(SOUND);
  });
});

describe.runIf(isHere)('locks of the one are respected by the other:', () => {
  test('Sluice does not collect while the second uses the store', async () => {
    using project = copyOf(original);
    const using = await holding(storeOf(project), 'shared');
    const refused = await project.files.sluice(['store', 'gc', '--keep-runs', '1']);
    expect(refused).toMatchObject({ code: 3 });
    expect(refused.stderr).toContain('a run is using the store');
    expect((await project.run()).code).toBe(0);
    await using.letGo();
    expect((await project.files.sluice(['store', 'gc', '--keep-runs', '1'])).code).toBe(0);
  });

  test('the second does not collect while Sluice runs, and what it keeps is enough', async () => {
    using project = new CacheProject({});
    const gate = project.gate();
    const run = `echo done > \${{ out.x }}; ${gate.wait}`;
    project.pipeline({ steps: { a: { run, out: { x: { type: 'file', to: 'x.txt' } } } } });
    const running = project.start();
    await gate.arrived(running.finished);
    expect(() => second('collect', [storeOf(project)])).toThrow('store.lock is held by another');
    gate.open();
    await project.ended(running);
    const loose = createHash('sha256').update('loose').digest('hex');
    project.files.write(`.sluice/blobs/${loose.slice(0, 2)}/${loose.slice(2)}`, 'loose');
    project.files.write('.sluice/tmp/half', '');
    expect(second('collect', [storeOf(project)])).toEqual([loose]);
    expect(below(project, 'tmp')).toEqual([]);
    rmSync(project.files.path('x.txt'));
    expect((await project.run()).outcomes).toEqual({ a: 'restored' });
    expect(await verified(project)).toBe(0);
  });

  test('a key that the second executes is waited for', async () => {
    using project = copyOf(original);
    const { key } = traceOf(project, 'y');
    const executing = await holding(storeOf(project), key);
    const running = project.start(['--force', 'many']);
    await running.printed('"code":"waits-for-run"');
    await executing.letGo();
    expect((await project.ended(running)).outcomes).toMatchObject({ many: 'succeeded' });
  });
});
