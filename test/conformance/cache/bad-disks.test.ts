/** A disk that cannot read, write or keep: a miss or one clear message, never a wrong result. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BadCall, badSectorOf, canCompile, failing } from './bad-disk.ts';
import type { Ran } from './project.ts';
import { blobOf, expectRecovery, made, RESULT } from './stored.ts';

beforeAll(() => {
  if (canCompile) return;
  const message = 'disks that fail are NOT tested here: that takes Linux and a C compiler';
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\n!!! ${message}\n\n`);
});

/** Why steps failed. */
const failures = ({ events }: Ran): readonly string[] =>
  events.flatMap(event =>
    event.type === 'step-finished' && event.outcome.kind === 'failed'
      ? [JSON.stringify(event.outcome.failure)]
      : [],
  );

describe.runIf(canCompile)('a disk that cannot read', () => {
  test('a stored result has it made again, the same, and says so once', async () => {
    using project = await made();
    const env = badSectorOf(blobOf(project, RESULT));
    rmSync(project.files.path('out.txt'));
    const ran = await project.run([], { env });
    expect(ran).toMatchObject({ code: 0, executed: ['b'], warnings: ['corrupt-blob'], stderr: '' });
    expect(project.files.read('out.txt')).toBe(RESULT);
    expect(readdirSync(project.files.path('.sluice/quarantine'))).toHaveLength(1);
    expect(await expectRecovery(project)).toEqual([]);
  });

  test('what a step takes from another has both made again', async () => {
    using project = await made();
    const env = badSectorOf(blobOf(project, 'CONTENT\n'));
    project.pipeline(project.files.read('pipelines/p.yaml').replace('tr A-Z', 'tr  A-Z'));
    const ran = await project.run([], { env });
    expect(ran).toMatchObject({ code: 0, executed: ['a', 'b'], warnings: ['corrupt-blob'] });
    expect(await expectRecovery(project)).toEqual([]);
  });

  test.each([
    ['.sluice/traces', ['a', 'b']],
    ['.sluice/stat-cache', []],
    ['.sluice/latest', []],
    ['.sluice/placed', []],
  ])('%s executes what it has to, and no result is another', async (part, executed) => {
    using project = await made();
    rmSync(project.files.path('out.txt'));
    const ran = await project.run([], { env: failing('read', part) });
    expect(ran, JSON.stringify(ran.events)).toMatchObject({ code: 0, executed, stderr: '' });
    expect(project.files.read('out.txt')).toBe(RESULT);
    await expectRecovery(project);
  });

  test('an input says which, once, and the next run carries on', async () => {
    using project = await made();
    project.files.write('in.txt', 'CONTENT\n'.toLowerCase());
    const ran = await project.run([], { env: failing('read', '/in.txt') });
    expect(ran).toMatchObject({ code: 1, executed: [], stderr: '' });
    expect(failures(ran)).toEqual([expect.stringMatching(/in\.txt.*the disk failed \(EIO/)]);
    await expectRecovery(project);
  });
});

/** What takes in a result, in the order in which it does. */
const taking: readonly [BadCall, string][] = [
  ['write', '.sluice/work'],
  ['write', '.sluice/tmp'],
  ['sync', '.sluice/tmp'],
  ['sync', '.sluice/blobs'],
  ['sync', '.sluice/traces'],
  ['sync', '.sluice'],
];

describe.runIf(canCompile)('a disk that cannot', () => {
  test.each(taking)(
    '%s %s: one step fails with one message, and the next run carries on',
    async (call, part) => {
      using project = await made();
      const edited = project.files.read('in.txt').replace('content', 'context');
      project.files.write('in.txt', edited);
      const ran = await project.run([], { env: failing(call, part) });
      expect(ran).toMatchObject({ code: 1, outcomes: { a: 'failed', b: 'skipped' }, stderr: '' });
      expect(failures(ran)).toEqual([
        expect.stringMatching(/^\{"class":"environment".*the disk failed \(EIO/),
      ]);
      expect(project.files.read('out.txt')).toBe(RESULT);
      expect(readdirSync(project.files.path('.sluice/work'))).toEqual([]);
      expect(await project.run()).toMatchObject({ code: 0, stderr: '' });
      expect(project.files.read('out.txt')).toBe('PBAGRKG\n');
      expect((await project.files.sluice(['store', 'verify'])).code).toBe(0);
    },
  );

  test.each(['.sluice/runs', '.sluice/latest', '.sluice/stat-cache'])(
    'write %s: no result is lost for that',
    async part => {
      using project = await made();
      project.files.write('in.txt', 'context\n');
      const ran = await project.run([], { env: failing('write', part) });
      expect(ran).toMatchObject({ code: 0, executed: ['a', 'b'], stderr: '' });
      expect(ran.warnings).toEqual(part === '.sluice/runs' ? ['recorder-failed'] : []);
      expect(existsSync(project.files.path('out.txt'))).toBe(true);
      expect((await project.run()).executed).toEqual([]);
    },
  );
});
