import { expect, test } from 'vitest';
import { programWords } from './program-words.ts';

test.each([
  'tool',
  'nice tool',
  'nice -n 5 tool x',
  'env A=1 tool',
  'timeout 5 tool',
  'command tool',
  'exec tool',
  'echo 1 | xargs -n1 tool',
  '. tool',
  "'tool' x",
  '"tool" x',
  't"oo"l x',
  '\\tool x',
  '2>/dev/null tool',
  '>out tool',
  'cat<in|tool',
  'FOO="$HOME/x y" tool',
  "A='it is' B=$HOME tool",
  'A=$(echo 1) tool',
  'A=1 \\\n tool',
  'T=tool; $T',
  'make CC=tool',
  'x=$(tool)',
  'echo `tool`',
  'set -e\ntool',
  'if ! tool; then :; fi',
  'for x in 1; do tool; done',
  'case x in x) tool;; esac',
  'f() { tool; }; f',
  `sh -c 'nice "tool" x'`,
  `python -c 'run(["tool", "x"])'`,
  "echo it's; tool",
  '# it\'s\n"tool"',
])('%j names `tool`', text => {
  expect(programWords(text)).toContain('tool');
});

test('a name with a space in it is one word where it is quoted', () => {
  expect(programWords("'my tool' x")).toContain('my tool');
  expect(programWords('/opt/my\\ tool x')).toContain('/opt/my tool');
});

test('a shell reads what is one text; of a list of words each counts, and those in it', () => {
  expect(programWords('tool x')).toEqual(['/bin/sh', 'tool', 'x']);
  expect(programWords(['env', 'tool'])).toEqual(['env', 'tool']);
  expect(programWords(['bash', '-c', 'nice tool'])).toContain('tool');
});

test('options name no program, and no word is there twice', () => {
  expect(programWords('tool -x --tool; tool')).toEqual(['/bin/sh', 'tool']);
});

test('a text as long as a command may be is read at once', () => {
  expect(programWords(`'${'"a '.repeat(30_000)}`).length).toBeLessThan(5);
});
