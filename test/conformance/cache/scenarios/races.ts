/** Things that happen while a step runs: the oldest way to a wrong hit. */
import assert from 'node:assert/strict';
import { copying, expectHit, expectOutput, type Scenario, succeed } from '../scenario.ts';

export const RACES: readonly Scenario[] = [
  {
    name: 'an input is edited while the step runs, and reverted before it ends',
    about: 'safe',
    play: async play => {
      const [before, after] = [play.gate('before'), play.gate('after')];
      play.write('in.txt', 'right\n');
      const command = `${before.wait}; ${copying.command}; ${after.wait}`;
      play.tasks({ a: { ...copying, command } });
      const run = play.start();
      await before.arrived(run.built);
      play.write('in.txt', 'wrong\n');
      before.open();
      await after.arrived(run.built);
      play.write('in.txt', 'right\n');
      after.open();
      await run.built;
      await expectOutput(play, 'right\n');
      await expectHit(play);
    },
  },
  {
    name: 'an input is edited while the step runs, after the step has read it',
    about: 'safe',
    play: async play => {
      const gate = play.gate('read');
      play.write('in.txt', 'old\n');
      play.tasks({ a: { ...copying, command: `${copying.command}; ${gate.wait}` } });
      const run = play.start();
      await gate.arrived(run.built);
      play.write('in.txt', 'new\n');
      gate.open();
      await run.built;
      await expectOutput(play, 'new\n');
      // And the old content is not known by the new one's result.
      play.write('in.txt', 'old\n');
      await expectOutput(play, 'old\n');
    },
  },
  {
    name: 'an input is edited while the step runs, before the step reads it',
    about: 'safe',
    play: async play => {
      const gate = play.gate('unread');
      play.write('in.txt', 'old\n');
      play.tasks({ a: { ...copying, command: `${gate.wait}; ${copying.command}` } });
      const run = play.start();
      await gate.arrived(run.built);
      play.write('in.txt', 'new\n');
      gate.open();
      await run.built;
      play.write('in.txt', 'old\n');
      await expectOutput(play, 'old\n');
    },
  },
  {
    name: 'a file is added to an input folder while the step runs',
    about: 'safe',
    play: async play => {
      const gate = play.gate('list');
      play.write('src/a', '');
      const command = `ls {in.x} > {out.y}; ${gate.wait}`;
      play.tasks({ a: { command, in: { x: 'src' }, out: { y: 'out.txt' } } });
      const run = play.start();
      await gate.arrived(run.built);
      play.write('src/b', '');
      gate.open();
      await run.built;
      await expectOutput(play, 'a\nb\n');
    },
  },
  {
    name: 'two runs start the same step at the same time',
    about: 'safe',
    play: async play => {
      const gate = play.gate('both');
      play.write('in.txt', 'x\n');
      play.tasks({ a: { ...copying, command: `${gate.wait}; ${copying.command}` } });
      const first = play.start();
      await gate.arrived(first.built);
      const second = play.start();
      gate.open();
      const both = await Promise.all([first.built, second.built]);
      assert.ok(
        both.every(({ ok }) => ok),
        both.map(({ printed }) => printed).join('\n'),
      );
      await expectOutput(play, 'x\n');
      await expectHit(play);
    },
  },
  {
    name: 'the tool is killed while a step has written half of its output',
    about: 'safe',
    play: async play => {
      const gate = play.gate('half');
      play.write('in.txt', 'x\n');
      const command = `echo half > {out.y}; ${gate.wait}; ${copying.command}`;
      play.tasks({ a: { ...copying, command } });
      const run = play.start();
      await gate.arrived(run.built);
      run.kill();
      await run.built;
      gate.open();
      await expectOutput(play, 'x\n');
      await expectHit(play);
    },
  },
  {
    name: 'a step fails after it has written its output',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({ a: { ...copying, command: `${copying.command}; exit 1` } });
      assert.equal((await play.build()).ok, false);
      const again = await play.build();
      assert.equal(again.ok, false, 'a failure is no result');
      assert.deepEqual(again.executed, ['a']);
    },
  },
  {
    name: 'a step that failed runs again when its cause is gone, though nothing declared has changed',
    about: 'safe',
    play: async play => {
      play.write('in.txt', 'x\n');
      play.tasks({
        a: { ...copying, command: `test -e '${play.path('ok')}' && ${copying.command}` },
      });
      assert.equal((await play.build()).ok, false);
      play.write('ok', '');
      await succeed(play);
      assert.equal(play.read('out.txt'), 'x\n');
    },
  },
];
