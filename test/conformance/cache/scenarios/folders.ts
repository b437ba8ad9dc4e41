/** Folders as inputs: what is in them counts, and how it is called. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expectHit, expectOutput, looking, type Scenario, succeed } from '../scenario.ts';

export const FOLDERS: readonly Scenario[] = [
  {
    name: 'a file is added to an input folder, and removed again',
    about: 'safe',
    play: async play => {
      play.write('src/a', '');
      play.tasks({ a: looking('ls {in.x}') });
      await expectOutput(play, 'a\n');
      play.write('src/b', '');
      await expectOutput(play, 'a\nb\n');
      rmSync(play.path('src/b'));
      await expectOutput(play, 'a\n');
    },
  },
  {
    name: 'an empty folder is added to an input folder',
    about: 'safe',
    play: async play => {
      play.write('src/a', '');
      play.tasks({ a: looking('ls {in.x}') });
      await succeed(play);
      mkdirSync(play.path('src/empty'));
      await expectOutput(play, 'a\nempty\n');
    },
  },
  {
    name: 'a file becomes an empty folder of the same name',
    about: 'safe',
    play: async play => {
      play.write('src/a', '');
      play.tasks({ a: looking('if [ -d {in.x}/a ]; then echo folder; else echo file; fi') });
      await expectOutput(play, 'file\n');
      rmSync(play.path('src/a'));
      mkdirSync(play.path('src/a'));
      await expectOutput(play, 'folder\n');
    },
  },
  {
    name: 'a file is renamed, its bytes stay',
    about: 'safe',
    play: async play => {
      play.write('src/before', 'x');
      play.tasks({ a: looking('ls {in.x}') });
      await succeed(play);
      renameSync(play.path('src/before'), play.path('src/after'));
      await expectOutput(play, 'after\n');
    },
  },
  {
    name: 'two files of a folder swap their names',
    about: 'safe',
    play: async play => {
      play.write('src/a', '1\n');
      play.write('src/b', '2\n');
      play.tasks({ a: looking('cat {in.x}/a {in.x}/b') });
      await succeed(play);
      renameSync(play.path('src/a'), play.path('src/c'));
      renameSync(play.path('src/b'), play.path('src/a'));
      renameSync(play.path('src/c'), play.path('src/b'));
      await expectOutput(play, '2\n1\n');
    },
  },
  {
    name: 'a file is moved to another folder',
    about: 'safe',
    play: async play => {
      play.write('src/one/a', 'x');
      mkdirSync(play.path('src/two'));
      writeFileSync(play.path('src/two/b'), '');
      play.tasks({ a: looking('ls {in.x}/one {in.x}/two | wc -l | tr -d " "; ls {in.x}/two') });
      await succeed(play);
      renameSync(play.path('src/one/a'), play.path('src/two/a'));
      const { printed } = await succeed(play);
      assert.match(play.read('out.txt'), /a\nb\n$/, printed);
    },
  },
  {
    name: 'a name changes only in case',
    about: 'safe',
    play: async play => {
      play.write('src/readme', 'x');
      play.tasks({ a: looking('ls {in.x}') });
      await succeed(play);
      renameSync(play.path('src/readme'), play.path('src/README'));
      await expectOutput(play, 'README\n');
    },
  },
  {
    name: 'a name changes only from composed to decomposed letters',
    about: 'safe',
    play: async play => {
      play.write('src/\u00e9', 'x');
      play.tasks({ a: looking('ls {in.x} | wc -c | tr -d " "') });
      await expectOutput(play, '3\n');
      renameSync(play.path('src/\u00e9'), play.path('src/e\u0301'));
      await expectOutput(play, '4\n');
    },
  },
  {
    name: 'a link inside a folder is pointed at another file of the same content',
    about: 'safe',
    play: async play => {
      play.write('src/a', 'x');
      play.write('src/b', 'x');
      symlinkSync('a', play.path('src/link'));
      play.tasks({ a: looking('readlink {in.x}/link') });
      await expectOutput(play, 'a\n');
      rmSync(play.path('src/link'));
      symlinkSync('b', play.path('src/link'));
      await expectOutput(play, 'b\n');
    },
  },
  {
    name: 'a link is replaced by a copy of what it leads to',
    about: 'safe',
    play: async play => {
      play.write('src/a', 'x');
      symlinkSync('a', play.path('src/b'));
      play.tasks({ a: looking('if [ -L {in.x}/b ]; then echo link; else echo file; fi') });
      await expectOutput(play, 'link\n');
      rmSync(play.path('src/b'));
      play.write('src/b', 'x');
      await expectOutput(play, 'file\n');
    },
  },
  {
    name: 'the order in which files were created is another one',
    about: 'quick',
    play: async play => {
      for (const name of ['a', 'b', 'c']) play.write(`src/${name}`, name);
      play.tasks({ a: looking('cat {in.x}/a {in.x}/b {in.x}/c') });
      await succeed(play);
      rmSync(play.path('src'), { recursive: true });
      for (const name of ['c', 'b', 'a']) play.write(`src/${name}`, name);
      await expectHit(play);
    },
  },
  {
    name: 'a file beside the input folder changes',
    about: 'quick',
    play: async play => {
      play.write('src/a', '');
      play.write('notes.md', 'old');
      play.tasks({ a: looking('ls {in.x}') });
      await succeed(play);
      play.write('notes.md', 'new');
      await expectHit(play);
    },
  },
];
