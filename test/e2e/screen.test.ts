/**
 * The screen in a real terminal: what a person sees at several sizes, what must never be sent, and
 * what becomes of the run when the window is dragged, flooded or closed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Pty } from '../harness/pty.ts';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

const SLUICE = `'${join(REPOSITORY, 'sluice')}'`;
/** Erases what has scrolled away: somebody's work of a morning. */
const ERASE_SCROLLBACK = '\x1b[3J';
/** Erasing from here takes what was told as well. */
const TO_THE_TOP = '\x1b[1;1H';

/** Steps wait for the test: each goes on when `go/<name>` is there. */
const held = (name: string, print = ''): string =>
  `${print} while [ ! -e "$GO/${name}" ]; do sleep 0.02; done`;

const step = (name: string, needs: readonly string[], run: string): string =>
  [
    `  ${name}:`,
    '    run: |',
    `      ${run}; echo done > \${{ out.o }}`,
    '    out: { o: file }',
    '    resources: { cpus: 0.1 }',
    ...(needs.length === 0 ? [] : [`    needs: [${needs.join(', ')}]`]),
  ].join('\n');

/** `GO` is part of the command's text, and so of no environment. */
function project(steps: (go: string) => readonly string[]): TempProject {
  const made = TempProject.create({ 'go/.keep': '' });
  const text = ['sluice: 1', 'name: p', 'steps:', ...steps(made.path('go'))].join('\n');
  made.write('pipelines/p.yaml', text.replaceAll('$GO', made.path('go')));
  return made;
}

const start = (
  made: TempProject,
  {
    columns = 80,
    rows = 24,
    args = 'run',
    env = {},
  }: {
    columns?: number;
    rows?: number;
    args?: string;
    env?: Record<string, string>;
  } = {},
): Pty => Pty.start({ command: `${SLUICE} ${args}`, cwd: made.root, columns, rows, env });

const threeSteps = () =>
  project(() => [
    step('prep', [], held('prep', 'echo preparing;')),
    step('train', ['prep'], held('train', 'for i in 1 2 3 4 5 6; do echo line $i; done;')),
    step('eval', ['train'], 'true'),
  ]);

test.each([
  [80, 24],
  [120, 40],
  [300, 100],
])('at %d×%d a person sees what runs, what waits and what has ended', async (columns, rows) => {
  using made = threeSteps();
  await using pty = start(made, { columns, rows });
  await pty.shows(/┌ prep\n│ preparing\n0\/3 done · 1 running · 2 waiting · .*h help · q stop/);
  expect(pty.screen()[0]).toMatch(/^p {2}run \S+ {2}3 steps {2}process$/);
  expect(pty.screen().join('\n')).toMatch(/⠋|⠙|⠹|⠸|⠼|⠴|⠦|⠧|⠇|⠏/);
  expect(pty.screen()).toContainEqual(expect.stringMatching(/^· train {2}waits for prep$/));

  made.write('go/prep', '');
  await pty.shows(/│ line 6\n1\/3 done/);
  expect(pty.screen()).toContainEqual(expect.stringMatching(/^✓ prep {3}done/));

  made.write('go/train', '');
  expect(await pty.exited).toBe(0);
  expect(pty.everything().at(-1)).toMatch(/^✓ p succeeded: 3 executed in /);
  // Nothing that lives is left behind.
  expect(pty.everything().join('\n')).not.toMatch(/waits for|h help|┌/);
  expect(pty.sent).not.toContain(ERASE_SCROLLBACK);
});

test('a failure is the last thing on the screen, with what repeats it', async () => {
  using made = project(() => [
    step('good', [], 'true'),
    step('bad', ['good'], `sleep 0.8; echo "No module named 'torch'" >&2; exit 3`),
    step('after', ['bad'], 'true'),
  ]);
  await using pty = start(made);
  expect(await pty.exited).toBe(1);
  const seen = pty.everything();
  const at = seen.findLastIndex(line =>
    /^✗ bad {4}FAILED after .*: it exited with code 3$/.test(line),
  );
  expect(seen.slice(at + 1)).toEqual([
    "    │ No module named 'torch'",
    expect.stringMatching(/^ {4}log: {3}\.sluice\/runs\/\S+\/logs\/bad\.log$/),
    '    again: sluice run p --step bad',
    '    more:  sluice explain exit',
  ]);
  expect(seen.findIndex(line => line.startsWith('✗ p failed'))).toBeLessThan(at);
});

test('keys: help, choosing, why, a log with search on a buffer of its own, and back', async () => {
  using made = threeSteps();
  await using pty = start(made);
  made.write('go/prep', '');
  await pty.shows('│ line 6');
  const above = pty.screen()[0] ?? '';
  pty.press('h');
  await pty.shows('cancel the chosen step');
  pty.press('h');
  await pty.until('the help gone', rows => !rows.join('\n').includes('cancel the chosen step'));
  pty.press('j');
  await pty.shows(/❯ . train/);
  pty.press('w');
  await pty.shows(/why train\n│ never run with these inputs/);
  pty.press('\r');
  await pty.shows(/── train · running .*\nline 1\nline 2/);
  expect(pty.terminal.buffer.active.type).toBe('alternate');
  pty.press('/LINE 3\r');
  await pty.shows('❯ line 3');
  pty.press('q');
  await pty.shows(/why train/);
  expect(pty.terminal.buffer.active.type).toBe('normal');
  expect(pty.screen()[0]).toBe(above);
  made.write('go/train', '');
  expect(await pty.exited).toBe(0);
  expect(pty.everything().at(-1)).toMatch(/succeeded: 3 executed/);
  expect(pty.sent).not.toContain(ERASE_SCROLLBACK);
});

test('the chosen step is cancelled by c, and what it has started ends with it', async () => {
  using made = threeSteps();
  await using pty = start(made);
  made.write('go/prep', '');
  await pty.shows('│ line 6');
  pty.press('j');
  await pty.shows(/❯ . train/);
  pty.press('c');
  expect(await pty.exited).toBe(130);
  expect(pty.everything().join('\n')).toMatch(/- train {2}cancelled/);
});

test('Ctrl-C lets running steps tidy up; again kills them', async () => {
  using made = project(() => [
    step(
      'stubborn',
      [],
      held('never', `trap 'echo tidying' TERM; echo up; while true; do sleep 0.05; done;`),
    ),
  ]);
  await using pty = start(made);
  await pty.shows('│ up');
  pty.press('\x03');
  await pty.shows(/Stopping: running steps may tidy up/);
  await pty.shows('│ tidying');
  pty.press('\x03');
  expect(await pty.exited).toBe(130);
  expect(pty.everything().at(-1)).toMatch(/p cancelled/);
});

test.each(['en_US.ISO-8859-1', 'C'])(
  'without colour, and within ASCII as %s wants it, everything is still told',
  async LANG => {
    using made = threeSteps();
    await using pty = start(made, { env: { NO_COLOR: '1', LANG, LC_ALL: '' } });
    await pty.shows(/\+ prep\n\| preparing/);
    expect(pty.screen()).toContainEqual(expect.stringMatching(/^\. train {2}waits for prep$/));
    made.write('go/prep', '');
    made.write('go/train', '');
    expect(await pty.exited).toBe(0);
    expect(pty.everything().join('\n')).toMatch(/^[\x20-\x7e\n]*$/);
    expect(pty.sent).not.toMatch(/\x1b\[(3[0-7]|9[0-7]|1|2)m/);
  },
);

test('a window that is dragged about keeps what was told, and the run goes on', async () => {
  using made = threeSteps();
  await using pty = start(made, { columns: 100, rows: 30 });
  made.write('go/prep', '');
  await pty.shows('│ line 6');
  for (let round = 0; round < 40; round += 1) {
    await pty.resize(40 + ((round * 37) % 120), 8 + ((round * 13) % 40));
  }
  await pty.resize(100, 30);
  await pty.shows(/1\/3 done · 1 running · 1 waiting/);
  made.write('go/train', '');
  expect(await pty.exited).toBe(0);
  const seen = pty.everything();
  expect(seen.filter(line => /^✓ prep {3}done/.test(line))).toHaveLength(1);
  expect(seen.filter(line => /^✓ train {2}done/.test(line))).toHaveLength(1);
  expect(seen.at(-1)).toMatch(/succeeded: 3 executed/);
  expect(pty.sent).not.toContain(TO_THE_TOP);
  expect(pty.sent).not.toContain(ERASE_SCROLLBACK);
});

test('a window that is closed ends the run in order: steps are ended, the record is whole', async () => {
  using made = threeSteps();
  await using pty = start(made);
  await pty.shows('│ preparing');
  const { pid } = pty;
  pty.close();
  const [run = ''] = readdirSync(made.path('.sluice/runs'));
  const events = made.path('.sluice/runs', run, 'events.jsonl');
  for (let tries = 0; tries < 400 && existsSync(`/proc/${pid}`); tries += 1) await sleep(25);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
  const last = readFileSync(events, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({ type: 'run-finished', result: 'cancelled' });
});

test('a replay ends with the very screen that the run ended with', async () => {
  using made = project(() => [
    step('good', [], 'sleep 0.6'),
    step('bad', ['good'], 'echo oh; exit 3'),
    step('after', ['bad'], 'true'),
  ]);
  await using live = start(made);
  expect(await live.exited).toBe(1);
  await using again = start(made, { args: 'replay' });
  expect(await again.exited).toBe(0);
  expect(again.everything()).toEqual(live.everything());
});

test('a record can be looked around in', async () => {
  using made = project(() => [
    step('good', [], 'echo hello; sleep 0.1'),
    step('next', ['good'], 'true'),
  ]);
  expect((await made.sluice(['run'])).code).toBe(0);
  await using pty = start(made, { args: 'ui' });
  await pty.shows(/❯ ✓ good {2}done/);
  await pty.shows(/┌ good\n│ hello/);
  pty.press('j\r');
  await pty.shows(/── next · done/);
  pty.press('q');
  await pty.shows(/❯ ✓ next/);
  pty.press('q');
  expect(await pty.exited).toBe(0);
  expect(pty.everything().at(-1)).toMatch(/succeeded: 2 executed/);
});
