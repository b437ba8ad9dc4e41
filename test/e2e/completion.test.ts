/** Completions as a person gets them: real shells in a real terminal, Tab pressed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Pty } from '../harness/pty.ts';
import { TempProject } from '../harness/temp-project.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const PIPELINE = `sluice: 1
name: grid
params: { epochs: 3 }
steps:
  train:
    run: "echo \${{ matrix.lr }} > \${{ out.model }}"
    matrix: { lr: [0.1, 0.2] }
    out: { model: file }
  judge:
    run: "cat \${{ in.all }} > \${{ out.verdict }}"
    in: { all: "train[*].model" }
    out: { verdict: file }
`;

/** A shell without anybody's own settings, in which our completions have been read. */
const SHELLS = {
  bash: {
    command: 'bash --noprofile --norc -i',
    setUp: 'source <(sluice completion bash); bind "set bell-style none"; PS1="ready> "',
  },
  zsh: {
    command: 'zsh -f -i',
    setUp: 'PS1="ready> "; autoload -Uz compinit; compinit -u -D; source <(sluice completion zsh)',
  },
  fish: {
    command: 'fish --no-config -i',
    setUp: 'sluice completion fish | source; function fish_prompt; echo -n "ready> "; end; clear',
  },
} as const;

const shells = Object.keys(SHELLS) as (keyof typeof SHELLS)[];

beforeAll(() => {
  const missing = shells.filter(shell => spawnSync(shell, ['--version']).error !== undefined);
  if (missing.length > 0) execFileSync(resolve(ROOT, '.ci/packages.sh'), missing);
});

test.each(shells)('%s completes commands, parameters, steps and ports', async shell => {
  using project = TempProject.create({ 'pipelines/grid.yaml': PIPELINE });
  await using pty = Pty.start({
    command: SHELLS[shell].command,
    cwd: project.root,
    columns: 100,
    rows: 30,
    env: { PATH: `${ROOT}:${process.env['PATH']}`, HOME: project.root },
  });
  pty.press(`${SHELLS[shell].setUp}\r`);
  await pty.shows(/^ready> $|^ready>$/m);
  pty.press('sluice expl\t');
  await pty.shows('sluice explain');
  pty.press('\u0015sluice run gr\t-p ep\t');
  await pty.shows('sluice run grid -p epochs=');
  pty.press('\u0015sluice get jud\t');
  await pty.shows('sluice get judge.verdict');
  pty.press('\u0015sluice why train\\[\t2\t');
  await pty.shows(/sluice why train\\\[lr=0\.2\\?\]/);
});

test('parameters and steps are known before what is required was given, and what was given counts', async () => {
  const pipeline = `${PIPELINE.replace('epochs: 3', 'epochs: 3, city: { type: string, required: true }')}  late: { run: x, matrix: { n: "\${{ range(params.epochs) }}" } }\n`;
  using project = TempProject.create({ 'pipelines/grid.yaml': pipeline });
  const answers = async (...words: readonly string[]) =>
    (await project.sluice(['complete', 'words', '--', 'run', 'grid', ...words])).stdout;
  expect(await answers('-p', '')).toBe('epochs=\tint\ncity=\tstring\n');
  expect(await answers('--step', 'la')).toBe('late\t\n');
  expect(await answers('-p', 'city=Bern', '-p', 'epochs=1', '--step', 'late[')).toBe(
    'late[n=0]\t\n',
  );
});

test('nothing is said, and nothing fails, where nothing is known', async () => {
  using nowhere = TempProject.create({});
  for (const words of [['why', ''], ['run', '-p', ''], ['nonsense', 'x'], [''], []]) {
    const answer = await nowhere.sluice(['complete', 'words', '--', ...words]);
    expect([answer.code, answer.stderr]).toEqual([0, '']);
  }
  using broken = TempProject.create({ 'pipelines/p.yaml': 'sluice: [' });
  const answer = await broken.sluice(['complete', 'words', '--', 'why', '']);
  expect(answer).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('what is typed is never evaluated', async () => {
  using project = TempProject.create({ 'pipelines/grid.yaml': PIPELINE });
  const line = 'sluice run -p "$(touch evaluated)" `touch evaluated` ';
  spawnSync(
    'bash',
    [
      '-c',
      `source <(sluice completion bash); COMP_LINE=$1 COMP_POINT=\${#1}; _sluice sluice`,
      'bash',
      line,
    ],
    { cwd: project.root, env: { PATH: `${ROOT}:${process.env['PATH']}` } },
  );
  expect(existsSync(join(project.root, 'evaluated'))).toBe(false);
});
