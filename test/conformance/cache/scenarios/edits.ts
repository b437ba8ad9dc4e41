/** One thing is changed between two builds: what must be noticed, and what must not matter. */
import assert from 'node:assert/strict';
import { chmodSync, statSync, utimesSync } from 'node:fs';
import type { Playground } from '../playground.ts';
import { copying, expectHit, expectOutput, type Scenario, succeed } from '../scenario.ts';

/** Keeps size and times of a file while its content changes. */
function editUnseen(play: Playground, path: string, content: string): void {
  const { atime, mtime, size } = statSync(play.path(path));
  assert.equal(Buffer.byteLength(content), size);
  play.write(path, content);
  utimesSync(play.path(path), atime, mtime);
}

const asking = (variable: string, declared: readonly string[]) => ({
  command: `echo "[\${${variable}-unset}]" > {out.y}`,
  out: { y: 'out.txt' },
  env: declared,
});

export const EDITS: readonly Scenario[] = [
  {
    name: 'nothing is changed',
    about: 'quick',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({ a: copying });
      assert.deepEqual((await succeed(play)).executed, ['a']);
      await expectHit(play);
    },
  },
  {
    name: 'an input is edited',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'old\n');
      play.tasks({ a: copying });
      await succeed(play);
      play.write('in.txt', 'new\n');
      await expectOutput(play, 'new\n');
    },
  },
  {
    name: 'an input is edited and the edit taken back: the first result is used again',
    about: 'quick',
    play: async play => {
      play.write('in.txt', 'old\n');
      play.tasks({ a: copying });
      await succeed(play);
      play.write('in.txt', 'new\n');
      await succeed(play);
      play.write('in.txt', 'old\n');
      assert.deepEqual((await expectOutput(play, 'old\n')).executed, []);
    },
  },
  {
    name: 'an input is edited, its size and mtime stay the same',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'old\n');
      play.tasks({ a: copying });
      await succeed(play);
      editUnseen(play, 'in.txt', 'new\n');
      await expectOutput(play, 'new\n');
    },
  },
  {
    name: 'an input is edited, and its mtime goes backwards',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'old\n');
      play.tasks({ a: copying });
      await succeed(play);
      play.write('in.txt', 'new\n');
      utimesSync(play.path('in.txt'), 1_000_000_000, 1_000_000_000);
      await expectOutput(play, 'new\n');
    },
  },
  {
    name: 'an input whose mtime lies in the future is edited',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'old\n');
      const future = Date.now() / 1000 + 86_400;
      utimesSync(play.path('in.txt'), future, future);
      play.tasks({ a: copying });
      await succeed(play);
      play.write('in.txt', 'new\n');
      utimesSync(play.path('in.txt'), future, future);
      await expectOutput(play, 'new\n');
    },
  },
  {
    name: 'an input is only touched',
    about: 'quick',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({ a: copying });
      await succeed(play);
      utimesSync(play.path('in.txt'), 1_000_000_000, 1_000_000_000);
      await expectHit(play);
    },
  },
  {
    name: 'only the mode of an input is changed',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      chmodSync(play.path('in.txt'), 0o644);
      const command = 'if [ -x {in.x} ]; then echo yes; else echo no; fi > {out.y}';
      play.tasks({ a: { ...copying, command } });
      // Root may execute nothing either unless some bit says so.
      await expectOutput(play, 'no\n');
      chmodSync(play.path('in.txt'), 0o755);
      await expectOutput(play, 'yes\n');
    },
  },
  {
    name: 'the contents of two inputs are swapped',
    about: 'safe',
    play: async play => {
      play.write('one.txt', '1\n');
      play.write('two.txt', '2\n');
      const command = 'cat {in.one} {in.two} > {out.y}';
      const inputs = { one: 'one.txt', two: 'two.txt' };
      play.tasks({ a: { command, in: inputs, out: { y: 'out.txt' } } });
      await expectOutput(play, '1\n2\n');
      play.write('one.txt', '2\n');
      play.write('two.txt', '1\n');
      await expectOutput(play, '2\n1\n');
    },
  },
  {
    name: 'the end of one input moves to the beginning of the next',
    about: 'safe',
    play: async play => {
      play.write('one.txt', '12\n');
      play.write('two.txt', '3\n');
      const command = 'wc -c < {in.one} > {out.y}';
      const inputs = { one: 'one.txt', two: 'two.txt' };
      play.tasks({ a: { command, in: inputs, out: { y: 'out.txt' } } });
      await expectOutput(play, '3\n');
      play.write('one.txt', '1');
      play.write('two.txt', '2\n3\n');
      await expectOutput(play, '1\n');
    },
  },
  {
    name: 'the command is changed',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({ a: copying });
      await succeed(play);
      play.tasks({ a: { ...copying, command: 'cat {in.x} {in.x} > {out.y}' } });
      await expectOutput(play, 'x\nx\n');
    },
  },
  {
    name: 'a declared environment variable changes',
    about: 'safe',
    play: async play => {
      const task = asking('COLOUR', ['COLOUR']);
      for (const value of ['red', 'blue']) {
        play.tasks({ a: task }, { COLOUR: value });
        await expectOutput(play, `[${value}]\n`, { COLOUR: value });
      }
    },
  },
  {
    name: 'a declared environment variable goes from unset to empty',
    about: 'safe',
    play: async play => {
      const task = asking('COLOUR', ['COLOUR']);
      play.tasks({ a: task }, {});
      await expectOutput(play, '[unset]\n');
      play.tasks({ a: task }, { COLOUR: '' });
      await expectOutput(play, '[]\n', { COLOUR: '' });
    },
  },
  {
    name: 'an environment variable that is not declared changes: the result is that of a clean build',
    about: 'safe',
    play: async play => {
      play.tasks({ a: asking('COLOUR', []) });
      await succeed(play, { COLOUR: 'red' });
      await succeed(play, { COLOUR: 'blue' });
      // Either it cannot see the variable, or it must have noticed.
      assert.match(play.read('out.txt'), /^\[(unset|blue)\]\n$/);
    },
  },
];
