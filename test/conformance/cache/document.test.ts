/** The pipeline's text changes: what is no influence on a step must hit, what is one must not. */
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const plain = (mark: string) => `sluice: 1
name: p
params: { word: hello, unused: 1 }
steps:
  a:
    run: |
      ${mark}
      echo \${{ params.word }} > \${{ out.text }}; cat \${{ in.x }} >> \${{ out.text }}
    in: { x: ./x.txt }
    out: { text: file }
    env: { COLOUR: red, SIZE: "2" }
`;

async function made(): Promise<CacheProject> {
  const project = new CacheProject({ 'x.txt': 'x\n', 'y.txt': 'x\n' });
  project.pipeline(plain(project.mark('a')));
  expect(await project.run()).toMatchObject({ code: 0, executed: ['a'] });
  return project;
}

/** The text with some part of it written otherwise; fails when that part is not there. */
function rewrite(project: CacheProject, from: string | RegExp, to: string): void {
  const before = project.files.read('pipelines/p.yaml');
  const after = before.replace(from, () => to);
  expect(after).not.toBe(before);
  project.pipeline(after);
}

const afterSteps = (text: string) => ['    env: {', `${text}    env: {`] as const;

describe('must hit', () => {
  test.each<[string, string | RegExp, string]>([
    ['comments are added', '  a:\n', '  # what it is\n  a: # for\n'],
    ['white space is added', /in: \{ x: .*\}/, 'in:   {   x:    ./x.txt   }'],
    ['a flow mapping becomes a block', 'in: { x: ./x.txt }', 'in:\n      x: ./x.txt'],
    [
      'keys of a mapping are written in another order',
      'COLOUR: red, SIZE: "2"',
      'SIZE: "2", COLOUR: red',
    ],
    [
      'keys of the document are written in another order',
      'sluice: 1\nname: p\n',
      'name: p\nsluice: 1\n',
    ],
    ['quotes are written otherwise', 'COLOUR: red', `"COLOUR": 'red'`],
    ['a value comes through an anchor', 'env: { COLOUR: red', 'env: { COLOUR: &c red'],
    ['a path is written another way', 'x: ./x.txt', 'x: ./././x.txt'],
    ['a description is added', ...afterSteps('    description: Greets.\n')],
    ['a timeout is added', ...afterSteps('    timeout: 1h\n')],
    ['retries are added', ...afterSteps('    retries: { max: 3, on: [exit], backoff: 1s }\n')],
    ['resources change', ...afterSteps('    resources: { cpus: 2, memory: 1GiB }\n')],
    ['a condition is added that is true', ...afterSteps('    if: ${{ 1 < 2 }}\n')],
    ['the default of an unused parameter changes', 'unused: 1', 'unused: 2'],
    ['an unused parameter is removed', ', unused: 1', ''],
    ['a parameter is added that no step uses', 'unused: 1', 'unused: 1, more: 2'],
    [
      'a parameter is declared at length with the same default',
      'word: hello',
      'word: { type: string, default: hello, description: To say }',
    ],
    ['an expression is written another way', '${{ params.word }}', "${{ params['word'] }}"],
    ['the pipeline is described', 'name: p\n', 'name: p\ndescription: A pipeline.\n'],
    ['a need is added, which only orders', ...afterSteps('    needs: [b]\n')],
    [
      'its output is also placed in the project',
      'text: file',
      'text: { type: file, to: text.txt }',
    ],
    ['its output is described', 'text: file', 'text: { type: file, description: What it says }'],
  ])('when %s', async (_, from, to) => {
    using project = await made();
    rewrite(project, from, to);
    const other = '  b: { run: "true" }\n';
    if (to.includes('needs')) project.pipeline(project.files.read('pipelines/p.yaml') + other);
    expect(await project.run()).toMatchObject({ code: 0, executed: [] });
  });

  test('when lines end with CR LF', async () => {
    using project = await made();
    const text = project.files.read('pipelines/p.yaml');
    project.pipeline(text.replaceAll('\n', '\r\n'));
    expect(await project.run()).toMatchObject({ code: 0, executed: [] });
  });

  test('when the pipeline is renamed', async () => {
    using project = await made();
    project.files.write('pipelines/q.yaml', plain(project.mark('a')).replace('name: p', 'name: q'));
    expect(await project.run(['q'])).toMatchObject({ code: 0, executed: [] });
  });

  test('when another pipeline of the project has the same step, among others and under another name', async () => {
    using project = await made();
    const text = plain(project.mark('a')).replace('name: p', 'name: q').replace('  a:', '  b:');
    project.files.write('pipelines/q.yaml', `${text}  other: { run: "true", in: { x: b.text } }\n`);
    expect(await project.run(['q'])).toMatchObject({ code: 0, executed: [] });
    project.files.write('pipelines/q.yaml', text.replace('word: hello', 'word: bye'));
    expect((await project.run(['q'])).executed).toEqual(['a']);
  });

  test('when an axis, or a value that the command does not see, is renamed in a matrix', async () => {
    using project = new CacheProject({});
    const step = (axis: string, values: readonly string[]) => ({
      steps: {
        a: {
          run: `${project.mark('a')}; echo 1 > \${{ out.x }}`,
          matrix: { [axis]: values },
          out: { x: 'file' },
        },
      },
    });
    project.pipeline(step('size', ['small']));
    expect((await project.run()).executed).toEqual(['a']);
    project.pipeline(step('size', ['little']));
    expect(await project.run()).toMatchObject({ code: 0, executed: [] });
    project.pipeline(step('kind', ['little']));
    expect(await project.run()).toMatchObject({ code: 0, executed: [] });
  });

  test('when a parameter is given as what it already is', async () => {
    using project = await made();
    expect((await project.run(['-p', 'word=hello'])).executed).toEqual([]);
    expect((await project.run([], { env: { SLUICE_PARAM_WORD: 'hello' } })).executed).toEqual([]);
  });

  test('when a step is added before it', async () => {
    using project = await made();
    rewrite(project, 'steps:\n', 'steps:\n  first: { run: "true" }\n');
    expect((await project.run()).executed).toEqual([]);
  });
});

describe('must execute', () => {
  test.each<[string, string | RegExp, string]>([
    ['the default of a parameter that it uses changes', 'word: hello', 'word: bye'],
    ['its command changes', '\n      echo', '\n      echo more;  echo'],
    ['a value of its environment changes', 'COLOUR: red', 'COLOUR: blue'],
    ['a variable is added to its environment', 'COLOUR: red', 'COLOUR: red, SHAPE: round'],
    ['a variable is removed from its environment', ', SIZE: "2"', ''],
    ['a variable goes from unset to empty', 'SIZE: "2"', 'SIZE: "2", EMPTY: ""'],
    ['a variable is added for the whole pipeline', 'steps:\n', 'env: { ALL: "1" }\nsteps:\n'],
    ['the type of an output changes', 'text: file', 'text: dataset'],
    ['an output is written elsewhere', 'text: file', 'text: { type: file, path: elsewhere.txt }'],
    ['a salt is given', ...afterSteps('    cache: { salt: "2" }\n')],
    ['a file is declared for it', ...afterSteps('    files: [y.txt]\n')],
    ['its input comes under another name', 'x: ./x.txt', 'x: ./y.md'],
  ])('when %s', async (_, from, to) => {
    using project = await made();
    project.files.write('y.md', 'x\n');
    rewrite(project, from, to);
    const ran = await project.run();
    expect(ran.executed).toEqual(['a']);
  });

  test('when a parameter is given another value, and not when it is given back', async () => {
    using project = await made();
    expect((await project.run(['-p', 'word=bye'])).executed).toEqual(['a']);
    expect((await project.run([], { env: { SLUICE_PARAM_WORD: 'hello' } })).executed).toEqual([]);
  });
});

describe('every time', () => {
  test('a step with `cache: false` executes, and who consumes the same bytes does not', async () => {
    using project = new CacheProject({});
    project.pipeline({
      steps: {
        a: {
          run: `${project.mark('a')}; echo 1 > \${{ out.x }}`,
          out: { x: 'file' },
          cache: false,
        },
        b: { run: project.mark('b'), in: { x: 'a.x' } },
      },
    });
    expect((await project.run()).executed).toEqual(['a', 'b']);
    expect((await project.run()).executed).toEqual(['a']);
  });

  test('what is forced executes, and nothing else', async () => {
    using project = await made();
    expect((await project.run(['--force', 'a'])).executed).toEqual(['a']);
    expect((await project.run()).executed).toEqual([]);
  });
});
