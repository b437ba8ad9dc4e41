/** A plan that was saved is made true exactly, or refused with what has moved. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NOT_FOUND, silentEngine } from '../harness/silent-engine.ts';
import { TempProject } from '../harness/temp-project.ts';

const project = () =>
  TempProject.create({
    'data.txt': 'one\n',
    'pipelines/p.yaml':
      'sluice: 1\nname: p\nparams: { word: hello }\nsteps:\n' +
      '  a:\n    run: (cat ${{ in.data }}; echo ${{ params.word }}) > ${{ out.x }}\n' +
      '    in: { data: ./data.txt }\n    out: { x: file }\n' +
      '  b:\n    run: cp ${{ in.x }} ${{ out.y }}\n    in: { x: a.x }\n    out: { y: file }\n',
  });

test('with the parameters it was planned with, whatever the pipeline says by now', async () => {
  using temp = project();
  await temp.sluice(['plan', '-p', 'word=planned', '-o', 'plan.json']);
  temp.write('pipelines/p.yaml', temp.read('pipelines/p.yaml').replace('hello', 'edited'));
  const { code, stderr } = await temp.sluice(['run', 'plan.json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect((await temp.sluice(['get', 'b.y', '-o', '-'])).stdout).toBe('one\nplanned\n');
});

test('is refused with exit 3 when an input has changed since, naming the input; nothing runs', async () => {
  using temp = project();
  await temp.sluice(['plan', '-o', 'plan.json']);
  temp.write('data.txt', 'two\n');
  const { code, stdout, stderr } = await temp.sluice(['run', 'plan.json']);
  expect(code).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toContain('a: input data changed');
  expect(stderr).toContain('plan again');
});

test.each<[string, string, (temp: TempProject) => void]>([
  ['a file of a step that is known later', 'src/b.sh', t => t.write('src/b.sh', 'echo other')],
  ['an input of it', 'more.txt', t => t.write('more.txt', 'two')],
  ['a file of its folder', 'steps/c/main.sh', t => t.write('steps/c/main.sh', 'echo other')],
  ['a file that a pattern finds now', 'src/c.sh', t => t.write('src/c.sh', '')],
])('is refused when %s has changed, which no key says yet', async (_, path, change) => {
  using temp = TempProject.create({
    'data.txt': 'one\n',
    'more.txt': 'one\n',
    'src/b.sh': 'cat $1',
    'steps/c/step.yaml':
      'step: c\nversion: 1.0.0\nin: { x: file }\nout: { y: file }\nrun: [sh, main.sh]\n',
    'steps/c/main.sh': 'cp $SLUICE_IN_X $SLUICE_OUT_Y',
    'pipelines/p.yaml':
      'sluice: 1\nname: p\nsteps:\n' +
      '  a: { run: "cat ${{ in.x }} > ${{ out.x }}", in: { x: ./data.txt }, out: { x: file } }\n' +
      '  b: { run: "sh src/b.sh ${{ in.x }} > ${{ out.x }}", files: ["src/*.sh"], in: { x: a.x, more: ./more.txt }, out: { x: file } }\n' +
      '  c: { uses: ./steps/c, in: { x: b.x } }\n',
  });
  await temp.sluice(['plan', '-o', 'plan.json']);
  change(temp);
  const { code, stdout, stderr } = await temp.sluice(['run', 'plan.json']);
  expect(code).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toContain(path);
});

/** A program in a folder of its own, first on PATH. */
function withTool(says: string): TempProject {
  const temp = TempProject.create({
    'data.txt': '1',
    'pipelines/p.yaml':
      'sluice: 1\nname: p\nsteps:\n' +
      '  a: { run: "cat ${{ in.x }} > ${{ out.x }}", in: { x: ./data.txt }, out: { x: value } }\n' +
      '  b: { run: "greet ${{ a.x }} > ${{ out.x }}", out: { x: file } }\n',
  });
  putTool(temp, says);
  return temp;
}

function putTool(temp: TempProject, says: string): void {
  temp.write('bin/greet', `#!/bin/sh\necho ${says} $1\n`);
  chmodSync(temp.path('bin/greet'), 0o755);
}

test('is refused when a program of a step that is known later is another one', async () => {
  using temp = withTool('hello');
  const env = { PATH: `${temp.path('bin')}:${process.env['PATH']}` };
  await temp.sluice(['plan', '-o', 'plan.json'], env);
  putTool(temp, 'goodbye');
  const refused = await temp.sluice(['run', 'plan.json'], env);
  expect(refused).toMatchObject({ code: 3, stdout: '' });
  expect(refused.stderr).toMatch(/^ {2}b: tool greet changed$/m);
  putTool(temp, 'hello');
  expect((await temp.sluice(['run', 'plan.json'], env)).code).toBe(0);
  expect((await temp.sluice(['get', 'b.x', '-o', '-'], env)).stdout).toBe('hello 1\n');
});

test('is refused when what an image is built from has changed, of a step that is known later', async () => {
  await using engine = await silentEngine(request => {
    if (request.includes('_ping')) return { status: 200, body: 'OK' };
    return request.includes('/containers/json') ? { status: 200, body: '[]' } : NOT_FOUND;
  });
  const env = { DOCKER_HOST: engine.address, SLUICE_EXECUTOR: 'docker' };
  using temp = TempProject.create({
    'data.txt': 'one\n',
    'image/Dockerfile': 'FROM scratch\nCOPY tool /tool\n',
    'image/tool': 'one',
    'pipelines/p.yaml':
      'sluice: 1\nname: p\nsteps:\n' +
      '  a: { run: "cat ${{ in.x }} > ${{ out.x }}", in: { x: ./data.txt }, out: { x: file } }\n' +
      '  b: { run: "cat ${{ in.x }} > ${{ out.x }}", in: { x: a.x }, out: { x: file }, container: { build: image/Dockerfile } }\n',
  });
  await temp.sluice(['plan', '-o', 'plan.json'], env);
  temp.write('image/tool', 'two');
  const refused = await temp.sluice(['run', 'plan.json'], env);
  expect(refused).toMatchObject({ code: 3, stdout: '' });
  expect(refused.stderr).toMatch(/^ {2}b: image changed/m);
});

test('is made true where its pipeline and its configs are gone by now, or name something else', async () => {
  using temp = project();
  temp.write('configs/c.yaml', 'params: { word: planned }\n');
  await temp.sluice(['plan', '-c', 'c', '-o', 'plan.json']);
  rmSync(temp.path('pipelines/p.yaml'));
  temp.write('configs/c.yaml', 'params: { word: edited }\n');
  const { code, stderr } = await temp.sluice(['run', 'plan.json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, made] = await lastOutputs(temp);
  expect(made).toBe('one\nplanned\n');
});

const lastOutputs = (temp: TempProject): Promise<readonly string[]> =>
  Promise.all(
    ['a.x', 'b.y'].map(async port => (await temp.sluice(['get', port, '-o', '-'])).stdout),
  );

test.each<[string, string, readonly string[]]>([
  ['are broken', 'parallel: many\n', []],
  ['have no such profile', 'parallel: 2\n', ['--profile', 'none']],
])(
  'is not made true while the settings of the project %s: they are read anew',
  async (_, text, flags) => {
    using temp = project();
    await temp.sluice(['plan', '-o', 'plan.json']);
    temp.write('sluice.yaml', text);
    const { code, stdout, stderr } = await temp.sluice(['run', 'plan.json', ...flags]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error\[/);
    expect(stderr.match(/^error/gm)).toHaveLength(1);
  },
);

test('is no change of its own, also where a pattern finds it', async () => {
  using temp = project();
  temp.write(
    'pipelines/p.yaml',
    'sluice: 1\nname: p\nsteps: { a: { run: "ls > ${{ out.x }}", files: ["*.*"], out: { x: file } } }\n',
  );
  await temp.sluice(['plan', '-o', 'plan.json']);
  expect((await temp.sluice(['run', 'plan.json'])).code).toBe(0);
});

test('is refused when git answers otherwise what its pipeline asks, and only then', async () => {
  using temp = project();
  const commit = (message: string) => {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    execFileSync('git', [...who, 'commit', '-q', '--allow-empty', '-m', message], {
      cwd: temp.root,
    });
  };
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: temp.root });
  commit('one');
  temp.write(
    'pipelines/q.yaml',
    'sluice: 1\nname: q\nsteps: { a: { run: "echo ${{ git.commit }} > ${{ out.x }}", out: { x: file } } }\n',
  );
  await temp.sluice(['plan', 'p', '-o', 'p.json']);
  await temp.sluice(['plan', 'q', '-o', 'q.json']);
  commit('two');
  expect((await temp.sluice(['run', 'p.json'])).code).toBe(0);
  const { code, stdout, stderr } = await temp.sluice(['run', 'q.json']);
  expect(code).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/git\.commit was [0-9a-f]{40}, and is [0-9a-f]{40}/);
});

test('that is none, is torn or was edited is one sentence with exit 2', async () => {
  using temp = project();
  await temp.sluice(['plan', '-o', 'plan.json']);
  const whole = temp.read('plan.json');
  const { plan, ...file } = JSON.parse(whole);
  const [a] = plan.steps;
  const edits = [
    { known: { a: {} } },
    { patterns: [3] },
    { plan: { ...plan, steps: [...plan.steps, a] } },
    { plan: { ...plan, steps: [{ ...a, description: 'mine' }] } },
  ];
  const texts = [
    ...edits.map(edit => JSON.stringify({ plan, ...file, ...edit })),
    '',
    '{}',
    '[]',
    whole.slice(0, 200),
    whole.replace('"steps": [', '"steps": [7,'),
    JSON.stringify({ ...JSON.parse(whole), known: { a: null } }),
    whole.replace('"step": "a"', '"step": "nowhere"'),
  ];
  for (const text of texts) {
    temp.write('plan.json', text);
    const { code, stdout, stderr } = await temp.sluice(['run', 'plan.json']);
    expect(code, stderr).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: .*plan\.json/);
    expect(stderr).not.toMatch(/\n {4}at /);
  }
  // How it is laid out tells nothing.
  temp.write('plan.json', JSON.stringify(JSON.parse(whole)));
  expect((await temp.sluice(['run', 'plan.json'])).code).toBe(0);
  const missing = await temp.sluice(['run', 'nowhere.json']);
  expect(missing).toMatchObject({ code: 2, stdout: '' });
  expect(missing.stderr).toContain('there is no plan');
  expect(missing.stderr).not.toContain('ENOENT');
  const params = await temp.sluice(['run', 'plan.json', '-p', 'word=x']);
  expect(params.code).toBe(2);
  expect(params.stderr).toContain('has its parameters already');
});

test.each([['plan'], ['plan', '-o', 'saved.json'], ['why', 'a']])(
  '`%s` only looks: a project that has no store yet has none afterwards',
  async (...args) => {
    using temp = project();
    const { code, stdout } = await temp.sluice(args);
    expect(code).toBe(0);
    expect(stdout).toContain('never run');
    expect(existsSync(temp.path('.sluice'))).toBe(false);
  },
);
