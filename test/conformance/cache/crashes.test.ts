/** Runs that die, and runs that meet: each step executes once where possible, and nothing is wrong. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Lock, tryLock } from '../../../store/lock.ts';
import { CacheProject } from './project.ts';

const copying = (project: CacheProject, more = '') => ({
  steps: {
    a: {
      run: `${project.mark('a')}; ${more} cat \${{ in.x }} > \${{ out.y }}`,
      in: { x: './in.txt' },
      out: { y: { type: 'file', to: 'out.txt' } },
    },
  },
});

function made(more?: (project: CacheProject) => string): CacheProject {
  const project = new CacheProject({ 'in.txt': 'one\n' });
  project.pipeline(copying(project, more?.(project)));
  return project;
}

/** A process that has ended may still be listed until somebody asks how. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a runner that is killed', () => {
  test('repeats the step that was running, and no other; what it left behind is ended', async () => {
    using project = new CacheProject({});
    const gate = project.gate();
    const pid = project.files.path('pid');
    project.pipeline({
      steps: {
        a: { run: `${project.mark('a')}; echo 1 > \${{ out.x }}`, out: { x: 'file' } },
        b: {
          run: `${project.mark('b')}; echo $$ > '${pid}'; echo half > \${{ out.x }}; ${gate.wait}; echo done >> \${{ out.x }}`,
          in: { x: 'a.x' },
          out: { x: { type: 'file', to: 'out.txt' } },
        },
      },
    });
    const running = project.start();
    await gate.arrived(running.finished);
    running.child.kill('SIGKILL');
    await new Promise(resolve => running.child.once('exit', resolve));
    const orphan = Number(project.files.read('pid'));
    rmSync(gate.path);
    const ran = await project.run();
    expect(ran).toMatchObject({ code: 0, outcomes: { a: 'up-to-date', b: 'succeeded' } });
    expect(ran.warnings).toEqual(['orphans-ended']);
    expect(isAlive(orphan)).toBe(false);
    expect(project.files.read('out.txt')).toBe('half\ndone\n');
    expect(readdirSync(project.files.path('.sluice/work'))).toEqual([]);
  });

  test('frees its locks: nobody has to remove one by hand', async () => {
    using project = made();
    const gate = project.gate();
    project.pipeline(copying(project, `${gate.wait};`));
    const running = project.start();
    await gate.arrived(running.finished);
    running.child.kill('SIGKILL');
    await new Promise(resolve => running.child.once('exit', resolve));
    gate.open();
    expect((await project.run()).outcomes).toEqual({ a: 'succeeded' });
  });
});

describe('two runs', () => {
  test('of the same step execute it once: the second waits for the first', async () => {
    using project = made();
    const gate = project.gate();
    project.pipeline(copying(project, `${gate.wait};`));
    const first = project.start();
    await gate.arrived(first.finished);
    const second = project.start();
    // It says what it waits for.
    await second.printed('"code":"waits-for-run"');
    await second.printed('"step-judged"');
    gate.open();
    const [one, two] = [await project.ended(first), await project.ended(second)];
    expect([...one.executed, ...two.executed]).toEqual(['a']);
    expect([one.outcomes, two.outcomes]).toEqual([{ a: 'succeeded' }, { a: 'restored' }]);
  });

  test('of the same step: the second takes over when the first is killed', async () => {
    using project = made();
    const gate = project.gate();
    project.pipeline(copying(project, `${gate.wait};`));
    const first = project.start();
    await gate.arrived(first.finished);
    const second = project.start();
    await second.printed('"step-judged"');
    first.child.kill('SIGKILL');
    rmSync(gate.path);
    const ran = await project.ended(second);
    expect(ran).toMatchObject({ code: 0, outcomes: { a: 'succeeded' } });
    expect(project.files.read('out.txt')).toBe('one\n');
  });

  test('with different parameters do not wait for each other', async () => {
    using project = made();
    const gate = project.gate();
    const run = `${project.mark('a')}; test \${{ params.n }} = 1 && { ${gate.wait}; }; echo \${{ params.n }} > \${{ out.x }}`;
    project.pipeline({ params: { n: 1 }, steps: { a: { run, out: { x: 'file' } } } });
    const first = project.start();
    await gate.arrived(first.finished);
    expect((await project.run(['-p', 'n=2'])).outcomes).toEqual({ a: 'succeeded' });
    gate.open();
    expect((await project.ended(first)).outcomes).toEqual({ a: 'succeeded' });
  });

  test('collection keeps away from a run that is going on', async () => {
    using project = made();
    const gate = project.gate();
    project.pipeline(copying(project, `${gate.wait};`));
    const running = project.start();
    await gate.arrived(running.finished);
    const collected = await project.files.sluice(['store', 'gc']);
    expect(collected.code).toBe(3);
    expect(collected.stderr).toContain('a run is using the store');
    gate.open();
    expect((await project.ended(running)).outcomes).toEqual({ a: 'succeeded' });
  });

  test('a run waits for a collection that is going on, says so, and goes on after it', async () => {
    using project = made();
    const lock = await collecting(project);
    const running = project.start();
    await running.printed('the store is being collected');
    lock.release();
    expect((await project.ended(running)).outcomes).toEqual({ a: 'up-to-date' });
  });

  test('a run that waits for a collection ends at the first Ctrl-C', async () => {
    using project = made();
    const lock = await collecting(project);
    const running = project.start();
    await running.printed('the store is being collected');
    running.child.kill('SIGINT');
    expect(await running.finished).toMatchObject({ signal: 'SIGINT' });
    lock.release();
  });
});

/** The store is held as a collection holds it. */
async function collecting(project: CacheProject): Promise<Lock> {
  await project.run();
  const lock = await tryLock(project.files.path('.sluice/store.lock'), 'exclusive');
  if (!lock.ok || lock.value === undefined) throw new Error('somebody uses the store');
  return lock.value;
}
