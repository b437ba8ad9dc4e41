/** Values that a shell, a key or a file could trip over: they come through as they are, and count. */
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const VALUES: readonly (readonly [string, string])[] = [
  ['with line breaks', 'one\ntwo\n\nthree'],
  ['that ends with a line break', 'one\n'],
  ['that is white space', ' \t '],
  ['in many scripts', 'žluťoučký 漢字 🦊 עברית'],
  ['with a letter and its accent apart', 'e\u0301'],
  ['with a letter and its accent in one', '\u00e9'],
  ['with every kind of quotes', `it's "so" \`here\` \\`],
  ['that looks like options', '-- --lr=1 -n'],
  ['that a shell would read otherwise', '$(exit 3) $HOME ~ * ? [a] ! # & | ; > x'],
  ['that an expression would read otherwise', 'params.word }} ${ {'],
  ['that is a word of YAML', 'null'],
  ['of 60,000 letters', 'x'.repeat(60_000)],
  ['that is empty', ''],
];

/** A step that writes down what it was given. */
function telling(how: (project: CacheProject) => Readonly<Record<string, unknown>>): CacheProject {
  const project = new CacheProject({});
  project.pipeline(how(project));
  return project;
}

const out = { said: { type: 'file', to: 'said.txt' } };

describe('a parameter', () => {
  const step = (project: CacheProject) => ({
    run: `${project.mark('a')}; printf '[%s]' \${{ params.word }} > \${{ out.said }}`,
    out,
  });

  test.each(VALUES)(
    '%s reaches the step as it is, hits when it is the same, and counts',
    async (_, word) => {
      using project = telling(p => ({
        params: { word: { type: 'string', required: true } },
        steps: { a: step(p) },
      }));
      const given = ['-p', `word=${word}`];
      expect(await project.run(given)).toMatchObject({ code: 0, executed: ['a'] });
      expect(project.files.read('said.txt')).toBe(`[${word}]`);
      expect((await project.run(given)).executed).toEqual([]);
      expect((await project.run(['-p', `word=${word}.`])).executed).toEqual(['a']);
    },
  );
});

describe('a variable', () => {
  const document = (project: CacheProject, word: string) => ({
    steps: {
      a: {
        run: `${project.mark('a')}; printf '[%s]' "$WORD" > \${{ out.said }}`,
        env: { WORD: word },
        out,
      },
    },
  });

  // An expression is one there as well.
  const plain = VALUES.filter(([, word]) => !word.includes('}}'));

  test.each(plain)(
    '%s reaches the step as it is, hits when it is the same, and counts',
    async (_, word) => {
      using project = telling(p => document(p, word));
      expect(await project.run()).toMatchObject({ code: 0, executed: ['a'] });
      expect(project.files.read('said.txt')).toBe(`[${word}]`);
      expect((await project.run()).executed).toEqual([]);
      project.pipeline(document(project, `${word}.`));
      expect((await project.run()).executed).toEqual(['a']);
    },
  );

  test('is not mistaken for two: what ends one and begins the next counts', async () => {
    using project = new CacheProject({});
    const step = (env: Readonly<Record<string, string>>) =>
      project.pipeline({ steps: { a: { run: project.mark('a'), env } } });
    step({ A: '1\nB=2' });
    expect((await project.run()).executed).toEqual(['a']);
    step({ A: '1', B: '2' });
    expect((await project.run()).executed).toEqual(['a']);
  });
});
