/** The command line as a whole: flags, exit codes, streams, and what is said when it is used wrongly. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

const SLUICE = join(REPOSITORY, 'sluice');

const hello = (more = '') => ({
  'pipelines/p.yaml': `sluice: 1\nname: p\nparams: { word: hello }\nsteps:\n  a:\n    run: echo \${{ params.word }} > \${{ out.x }}\n    out: { x: file }\n${more}`,
});

describe('used wrongly, it exits 2 with one sentence and what to do', () => {
  test.each([
    [['chek'], 'there is no command `chek`', 'did you mean `sluice check`?'],
    [['run', 'q'], 'there is no pipeline `q`', 'this project has p'],
    [['run', '-p', 'word'], '`-p word` sets nothing', 'write `-p name=value`'],
    [['run', '-p', 'wrd=x'], 'wrd', 'did you mean `word`?'],
    [['run', '--step', 'b'], 'has no step `b`', 'it has a'],
    [['run', '--parallel', 'many'], '--parallel takes a whole number', ''],
    [['run', '-c', 'nope'], 'nope', ''],
    [['run', '--nope'], "unknown option '--nope'", ''],
    [['why', 'b'], 'has no step `b`', 'it has a'],
    [['steps', 'trian'], 'the library has no step `trian`', 'did you mean `train`?'],
    [['explain', 'unknown-stp'], 'there is no code `unknown-stp`', 'did you mean `unknown-step`?'],
    [['show', 'zzzz'], 'there is no run', '`sluice run` makes one'],
    [['data', 'show', 'x'], 'there is no dataset `x`', ''],
    [['rollback', 'x'], 'there is no deployment `x`', ''],
    [['-C', '/nonexistent', 'run'], 'no project here', '`sluice init`'],
  ])('sluice %s', async (args, message, help) => {
    using project = TempProject.create(hello());
    const { code, stdout, stderr } = await project.sluice(args);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).toContain(help);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(code).toBe(2);
  });
});

test('of several pipelines `why` takes the one that alone has the step, and else asks as it is answered', async () => {
  const of = (...steps: readonly string[]) =>
    `sluice: 1\nsteps: { ${steps.map(step => `${step}: { run: date }`).join(', ')} }\n`;
  using project = TempProject.create({
    'pipelines/crop.yaml': of('cut', 'both'),
    'pipelines/words.yaml': of('count', 'both'),
  });
  expect(await project.sluice(['why', 'count'])).toMatchObject({ code: 0, stderr: '' });
  const { code, stderr } = await project.sluice(['why', 'both']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('`--pipeline crop`')]);
  expect(await project.sluice(['why', 'coutn'])).toMatchObject({
    code: 2,
    stderr: 'error: no pipeline here has a step `coutn`\nhelp: did you mean `count`?\n',
  });
  expect((await project.sluice(['run'])).stderr).toContain('name one of `crop`, `words`');
});

test('a pipeline that requires parameters is no mistake, until a run asks for it by name', async () => {
  const inner = `sluice: 1\nparams: { n: { type: int, required: true } }\nsteps: { a: { run: "echo \${{ params.n }}" } }\n`;
  const outer = `sluice: 1\nsteps: { x: { uses: ./pipelines/inner.yaml, with: { n: 3 } } }\n`;
  using project = TempProject.create({
    'pipelines/inner.yaml': inner,
    'pipelines/outer.yaml': outer,
  });
  const all = await project.sluice(['check']);
  expect(all).toMatchObject({ code: 0, stderr: '' });
  expect(all.stdout).toContain('pipelines/inner.yaml: no errors; a run of it takes -p n=…');
  const named = await project.sluice(['check', 'inner']);
  expect([named.code, named.stderr]).toEqual([2, expect.stringContaining('missing-param')]);
  project.write('pipelines/inner.yaml', inner.replace('params.n }', 'params.m }'));
  const wrong = await project.sluice(['check']);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('unknown-member')]);
  expect(wrong.stderr).not.toContain('missing-param');
});

test('--fix says where it wrote what instead of what, and goes on with what a repair lets it read', async () => {
  using project = TempProject.create({
    'pipelines/p.yaml':
      'sluice: 1\nsteps:\n  a: { rnu: date, out: { o: file } }\n  b: { run: date, needs: a, in: { x: ${{ a.o }} } }\n',
  });
  const { code, stderr } = await project.sluice(['check', '--fix']);
  expect(stderr).toContain('fixed pipelines/p.yaml:3: write `run`, where `rnu` stood');
  expect(stderr).toContain('fixed pipelines/p.yaml:4: write `[a]`, where `a` stood');
  expect(project.read('pipelines/p.yaml')).toContain('in: { x: a.o }');
  expect(code).toBe(0);
});

test('a mistake in a pipeline that others use is shown once, with who uses it', async () => {
  const outer = 'sluice: 1\nsteps: { x: { uses: ./pipelines/inner.yaml } }\n';
  using project = TempProject.create({
    'pipelines/inner.yaml': 'sluice: 1\nsteps: { a: { rnu: date } }\n',
    'pipelines/one.yaml': outer,
    'pipelines/two.yaml': outer,
  });
  const { code, stderr } = await project.sluice(['check']);
  expect([code, stderr.match(/unknown-key/g)?.length]).toEqual([2, 1]);
  expect(stderr).toContain('= used by: pipelines/one.yaml, pipelines/two.yaml\n\n1 error\n');
  const { stdout } = await project.sluice(['check', '--json']);
  expect(JSON.parse(stdout).diagnostics).toMatchObject([
    { code: 'unknown-key', usedBy: ['pipelines/one.yaml', 'pipelines/two.yaml'] },
  ]);
  const alone = await project.sluice(['check', 'one']);
  expect(alone.stderr).not.toContain('used by');
});

test('a pipeline that is named without its ending, or not quite, is guessed at', async () => {
  const text = 'sluice: 1\nsteps: { a: { run: date } }\n';
  using project = TempProject.create({ 'pipelines/hello.yaml': text });
  const near = await project.sluice(['check', './pipelines/hello']);
  expect([near.code, near.stderr]).toEqual([
    2,
    expect.stringContaining('`./pipelines/hello.yaml`?'),
  ]);
  const misspelt = await project.sluice(['check', 'helo']);
  expect(misspelt.stderr).toContain('did you mean `hello`?');
});

test('plan --params says the line where each value is written', async () => {
  using project = TempProject.create({
    'pipelines/p.yaml': 'sluice: 1\nparams:\n  a: 1\n  b: 1\n  c: 1\nsteps: { s: { run: date } }\n',
    'configs/big.yaml': 'params:\n  b: 2\n',
  });
  const { stdout } = await project.sluice(['plan', '--params', '-c', 'big', '-p', 'c=3']);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map(row => row.split(/ {2,}/));
  expect(rows.slice(1)).toEqual([
    ['a', '1', 'pipelines/p.yaml:3'],
    ['b', '2', 'configs/big.yaml:2'],
    ['c', '3', '-p'],
  ]);
});

test('explain takes a code as it is shown', async () => {
  using project = TempProject.create({});
  const { code, stdout } = await project.sluice(['explain', 'error[unknown-step]']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('unknown-step: ')]);
});

test('every command has help with two examples', async () => {
  using project = TempProject.create({});
  const { stdout } = await project.sluice(['--help']);
  const commands = readdirSync(join(REPOSITORY, 'cli/commands')).map(file =>
    file.replace('.ts', ''),
  );
  for (const command of commands) {
    expect(stdout).toContain(`  ${command}`);
    const help = await project.sluice([command, '--help']);
    expect(help.code).toBe(0);
    const shown = help.stdout.match(/^ {2}\$ sluice /gm) ?? [];
    expect(shown.length, command).toBeGreaterThanOrEqual(2);
  }
});

test('data goes to stdout, everything else to stderr', async () => {
  using project = TempProject.create({
    'pipelines/p.yaml': 'sluice: 1\nname: p\nsteps: { a: { rnu: x } }\n',
  });
  const json = await project.sluice(['check', '--json']);
  expect(json.stderr).toBe('');
  expect(JSON.parse(json.stdout).diagnostics[0].code).toBe('unknown-key');
  const text = await project.sluice(['check']);
  expect(text.stdout).toBe('');
  expect(text.stderr).toContain('unknown-key');
});

test('it works from any folder, through a link, and with a project path that has spaces', async () => {
  using project = TempProject.create({ ...hello(), 'deep/er/.keep': '' });
  const link = project.path('my sluice');
  spawnSync('ln', ['-s', SLUICE, link]);
  const run = spawnSync(link, ['run'], { cwd: project.path('deep/er'), encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.stdout).toContain('1 executed');
  const elsewhere = spawnSync(SLUICE, ['-C', project.root, 'run'], { cwd: '/', encoding: 'utf8' });
  expect(elsewhere.stdout).toContain('nothing to do');
});

test('with an old Node on PATH it uses its own', () => {
  using project = TempProject.create(hello());
  const bin = project.path('old');
  mkdirSync(bin);
  writeFileSync(join(bin, 'node'), '#!/bin/sh\necho v18.0.0\n', { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}:/usr/bin:/bin` };
  const { stdout, status } = spawnSync(SLUICE, ['--version'], { env, encoding: 'utf8' });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(status).toBe(0);
});

test('a reader that goes away is a quiet end', () => {
  using project = TempProject.create(hello());
  const { stderr, status } = spawnSync(
    'sh',
    ['-c', `"$1" schema | head -c 10; exit 0`, 'sh', SLUICE],
    {
      cwd: project.root,
      encoding: 'utf8',
    },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('colours are for terminals, and for those who force them', async () => {
  using project = TempProject.create(hello());
  expect((await project.sluice(['run'])).stdout).not.toContain('\u001b[');
  const forced = await project.sluice(['run'], { NO_COLOR: '', FORCE_COLOR: '1' });
  expect(forced.stdout).toContain('\u001b[');
});

test('run --json is one gapless stream of events that ends with the counts', async () => {
  using project = TempProject.create(hello());
  const { code, events } = await project.events();
  expect(code).toBe(0);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
  expect(events[0]?.type).toBe('run-started');
  expect(events.at(-1)).toMatchObject({
    type: 'run-finished',
    result: 'succeeded',
    counts: { succeeded: 1 },
  });
  const replayed = await project.sluice(['replay', '--json']);
  expect(
    replayed.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toEqual(events);
});

test('init beside existing code keeps what is there and adds to .gitignore once', async () => {
  using project = TempProject.create({ 'src/report.sh': 'mine\n', '.gitignore': 'dist' });
  const { stdout } = await project.sluice(['init']);
  expect(stdout).toContain('kept   src/report.sh');
  expect(project.read('src/report.sh')).toBe('mine\n');
  await project.sluice(['init']);
  expect(project.read('.gitignore')).toBe('dist\n.sluice/\n');
});

test('the command that a failed run offers names the pipeline by its file, and runs it', async () => {
  using project = TempProject.create({
    'pipelines/my file.yaml': `sluice: 1
name: other
steps:
  a: { run: "echo ran; exit 3", out: { x: file } }
`,
  });
  const { stdout } = await project.sluice(['run']);
  const again = /again: (sluice .+)/.exec(stdout)?.[1];
  expect(again).toBe("sluice run 'my file' --step a");
  expect((await project.sluice(['run', 'my file', '--step', 'a'])).stdout).toContain('code 3');
  const { code, stderr } = await project.sluice(['run', 'other']);
  expect(code).toBe(2);
  expect(stderr).toContain(
    'that is the `name` in pipelines/my file.yaml; a pipeline is asked for by its file: `my file`',
  );
  expect((await project.sluice(['show'])).stdout).toMatch(/^a +FAILED +\d/m);
});

test('what many steps printed comes without a warning about streams', async () => {
  using project = TempProject.create({
    'pipelines/p.yaml': `sluice: 1
name: p
steps:
  a: { run: "echo said; echo \${{ matrix.n }} > \${{ out.x }}", out: { x: file }, matrix: { n: "\${{ range(14) }}" } }
`,
  });
  await project.sluice(['run']);
  const file = join(project.root, 'all.txt');
  const command = `'${join(REPOSITORY, 'sluice')}' logs > '${file}'`;
  const { stderr } = spawnSync('sh', ['-c', command], { cwd: project.root, encoding: 'utf8' });
  expect(stderr.match(/^==> a\[n=\d+\] <==$/gm)).toHaveLength(14);
  expect(stderr.trim().split('\n')).toHaveLength(14);
  expect(readFileSync(file, 'utf8')).toBe('said\n'.repeat(14));
  const matrix = await project.sluice(['logs', 'latest', 'a']);
  expect([matrix.code, matrix.stderr]).toEqual([2, expect.stringContaining('help: there is a[n=')]);
  expect((await project.sluice(['logs', 'a'])).stderr).toContain('`sluice logs latest <step>`');
  await project.sluice(['run']);
  expect((await project.sluice(['logs'])).stderr).toMatch(
    /^no step printed anything in run \S+: none was executed$/m,
  );
});

test('`sluice --help` names every command of the store', async () => {
  using project = TempProject.create(hello());
  const { stdout } = await project.sluice(['--help']);
  const { stdout: store } = await project.sluice(['store', '--help']);
  const names = [...store.matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name]) => name);
  expect(names).toHaveLength(4);
  expect(stdout).toContain(`the store: ${names.join(', ')}`);
});

test('a step that printed nothing is said to have', async () => {
  using project = TempProject.create(hello());
  await project.sluice(['run']);
  const { code, stdout, stderr } = await project.sluice(['logs', 'latest', 'a']);
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toMatch(/^`a` printed nothing in run \S+$/m);
});
