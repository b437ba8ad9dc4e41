/** What lies in the project after a hit is what a clean build would have put there. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { copying, expectHit, expectOutput, type Scenario, succeed } from '../scenario.ts';

/** Writes one file into the folder `made` for each line of `in.txt`. */
const scattering = {
  command: 'mkdir -p {out.y}; for name in $(cat {in.x}); do echo $name > {out.y}/$name; done',
  in: { x: 'in.txt' },
  out: { y: 'made' },
};

export const OUTPUTS: readonly Scenario[] = [
  {
    name: 'an output is removed',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({ a: copying });
      await succeed(play);
      rmSync(play.path('out.txt'));
      await expectOutput(play, 'x\n');
    },
  },
  {
    name: 'an output is edited by hand',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({ a: copying });
      await succeed(play);
      play.write('out.txt', 'mine\n');
      await expectOutput(play, 'x\n');
    },
  },
  {
    name: 'an output of one size is edited by hand to another of that size, with the same mtime',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({ a: copying });
      await succeed(play);
      const { atime, mtime } = statSync(play.path('out.txt'));
      play.write('out.txt', 'y\n');
      utimesSync(play.path('out.txt'), atime, mtime);
      await expectOutput(play, 'x\n');
    },
  },
  {
    name: 'a result is restored over another one: no stale file stays in its folder',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'one\n');
      play.tasks({ a: scattering });
      await succeed(play);
      play.write('in.txt', 'one two\n');
      await succeed(play);
      assert.deepEqual(readdirSync(play.path('made')).sort(), ['one', 'two']);
      play.write('in.txt', 'one\n');
      await succeed(play);
      assert.deepEqual(readdirSync(play.path('made')).sort(), ['one']);
    },
  },
  {
    name: 'a step makes less than before: no stale file stays in its folder',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'one two\n');
      play.tasks({ a: scattering });
      await succeed(play);
      play.write('in.txt', 'two\n');
      await succeed(play);
      assert.deepEqual(readdirSync(play.path('made')).sort(), ['two']);
    },
  },
  {
    name: 'an output is renamed in the declaration',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({ a: { ...copying, out: { y: 'first.txt' } } });
      await succeed(play);
      play.tasks({ a: copying });
      await expectOutput(play, 'x\n');
    },
  },
  {
    name: 'a declared output is not written',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      const command = `${copying.command}; true`;
      const out = { y: 'out.txt', z: 'more.txt' };
      play.tasks({ a: { ...copying, command, out } });
      const first = await play.build();
      const second = await play.build();
      const isRefused = !first.ok && !second.ok;
      assert.ok(isRefused, 'success was claimed although an output is missing');
    },
  },
  {
    name: 'early cutoff: a step that reproduces the same bytes does not make its consumers run',
    about: 'quick',
    play: async play => {
      play.write('in.txt', 'b\na\n');
      const sorting = { ...copying, command: 'sort {in.x} > {out.y}', out: { y: 'middle.txt' } };
      const after = { ...copying, in: { x: 'middle.txt' } };
      play.tasks({ a: sorting, b: after });
      assert.deepEqual((await succeed(play)).executed, ['a', 'b']);
      play.write('in.txt', 'a\nb\n');
      assert.deepEqual((await expectOutput(play, 'a\nb\n')).executed, ['a']);
    },
  },
  {
    name: 'a change reaches the last of a chain of steps',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'old\n');
      play.tasks({
        a: { ...copying, out: { y: 'one.txt' } },
        b: { ...copying, in: { x: 'one.txt' }, out: { y: 'two.txt' } },
        c: { ...copying, in: { x: 'two.txt' } },
      });
      await expectOutput(play, 'old\n');
      play.write('in.txt', 'new\n');
      await expectOutput(play, 'new\n');
      await expectHit(play);
    },
  },
  {
    name: 'an intermediate result is edited by hand: who consumes it does not take the edit',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({
        a: { ...copying, out: { y: 'one.txt' } },
        b: { ...copying, command: `${copying.command}; true`, in: { x: 'one.txt' } },
      });
      await succeed(play);
      play.write('one.txt', 'mine\n');
      await expectOutput(play, 'x\n');
    },
  },
];
