/** Steps that look at the world, and steps that change it: sources are probed, effects verified. */
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

/** The world is a file outside of the project's declarations. */
function project(kind: Readonly<Record<string, unknown>>, run: string): CacheProject {
  const made = new CacheProject({ 'world.txt': 'one\n', 'in.txt': 'wanted\n' });
  const world = made.files.path('world.txt');
  const step = { ...kind, run: `${made.mark('a')}; ${run}`, out: { x: 'file' } };
  made.pipeline(
    JSON.stringify({ sluice: 1, name: 'p', steps: { a: step } }).replaceAll('WORLD', `'${world}'`),
  );
  return made;
}

describe('a source', () => {
  const source = { kind: 'source', probe: 'cksum < WORLD' };
  const take = 'cat WORLD > ${{ out.x }}';

  test('executes when its probe says something else, and hits when it says what it said before', async () => {
    using world = project(source, take);
    expect((await world.run()).executed).toEqual(['a']);
    expect((await world.run()).executed).toEqual([]);
    world.files.write('world.txt', 'two\n');
    expect((await world.run()).executed).toEqual(['a']);
    world.files.write('world.txt', 'one\n');
    expect((await world.run()).executed).toEqual([]);
  });

  test('whose world moved while it was taken in publishes nothing', async () => {
    using gated = new CacheProject({});
    const gate = gated.gate();
    using world = project(source, `${take}; ${gate.wait}`);
    const running = world.start();
    await gate.arrived(running.finished);
    world.files.write('world.txt', 'two\n');
    gate.open();
    expect((await world.ended(running)).outcomes).toEqual({ a: 'failed' });
    world.files.write('world.txt', 'one\n');
    expect((await world.run()).executed).toEqual(['a']);
  });

  test('whose probe fails does not guess', async () => {
    using world = project({ kind: 'source', probe: 'exit 1' }, take);
    expect(await world.run()).toMatchObject({ code: 1, executed: [] });
  });
});

describe('an effect', () => {
  const effect = { kind: 'effect', in: { x: './in.txt' }, check: 'cmp -s ${{ in.x }} WORLD' };
  const put = 'cp ${{ in.x }} WORLD; date > ${{ out.x }}';

  test('that is in place is not repeated; one that the world has lost is', async () => {
    using world = project(effect, put);
    expect((await world.run()).executed).toEqual(['a']);
    expect((await world.run()).executed).toEqual([]);
    world.files.write('world.txt', 'somebody else\n');
    expect((await world.run()).executed).toEqual(['a']);
    expect(world.files.read('world.txt')).toBe('wanted\n');
  });

  test('goes back to what it was before: known, but not in place, so it executes', async () => {
    using world = project(effect, put);
    await world.run();
    world.files.write('in.txt', 'other\n');
    expect((await world.run()).executed).toEqual(['a']);
    world.files.write('in.txt', 'wanted\n');
    expect((await world.run()).executed).toEqual(['a']);
    expect(world.files.read('world.txt')).toBe('wanted\n');
  });
});
