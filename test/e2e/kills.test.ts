/**
 * The runner is killed at any moment, again and again, and every next run carries on: what has
 * finished is not repeated, what lies in the project is whole, and nothing is left behind.
 * SLUICE_KILLS says how many rounds; the seed is printed when one goes wrong.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunEvent, Stamped } from '../../schema/event.ts';
import { TempProject } from '../harness/temp-project.ts';

const ROUNDS = Number(process.env['SLUICE_KILLS'] ?? 6);
const SEED = Number(process.env['SLUICE_SEED'] ?? Date.now() % 1_000_000);
/** A run of this pipeline takes about so long. */
const LONGEST_MS = 900;

/** Six steps: a fork, a folder and a file that are placed, an effect and one after it. */
function pipeline(project: TempProject): string {
  const mark = (step: string) => `echo ${step} >> '${project.path('marks')}'`;
  const step = (name: string, run: string, more: object) => ({
    [name]: { run: `${mark(name)}; ${run}`, ...more },
  });
  return JSON.stringify({
    sluice: 1,
    name: 'p',
    steps: {
      ...step('a', 'cat ${{ in.x }} > ${{ out.y }}', { in: { x: './in.txt' }, out: { y: 'file' } }),
      ...step('b', 'rev ${{ in.x }} > ${{ out.y }}', { in: { x: 'a.y' }, out: { y: 'file' } }),
      ...step('c', 'tr a-z A-Z < ${{ in.x }} > ${{ out.y }}', {
        in: { x: 'a.y' },
        out: { y: { type: 'file', to: 'out/c.txt' } },
      }),
      ...step(
        'd',
        'mkdir ${{ out.y }}; for n in 1 2 3 4 5; do cat ${{ in.x }} ${{ in.z }} > ${{ out.y }}/$n; done',
        { in: { x: 'b.y', z: 'c.y' }, out: { y: { type: 'dir', to: 'out/d' } } },
      ),
      ...step(
        'e',
        `cp \${{ in.x }}/1 '${project.path('world')}'; cp \${{ in.x }}/1 \${{ out.y }}`,
        {
          kind: 'effect',
          in: { x: 'd.y' },
          out: { y: 'file' },
          check: `cmp \${{ in.x }}/1 '${project.path('world')}'`,
        },
      ),
      ...step('f', 'cat ${{ in.x }} > ${{ out.y }}', {
        in: { x: 'e.y' },
        out: { y: { type: 'file', to: 'out/f.txt' } },
      }),
    },
  });
}

/** What has to lie in the project when the input holds `text`. */
function expected(text: string): Readonly<Record<string, string>> {
  const joined = `${[...text].reverse().join('')}\n${text.toUpperCase()}\n`;
  return { 'out/c.txt': `${text.toUpperCase()}\n`, 'out/d/5': joined, 'out/f.txt': joined };
}

function placed(project: TempProject, path: string): string | undefined {
  return existsSync(project.path(path)) ? project.read(path) : undefined;
}

/** A run that is killed while it swaps leaves what it has moved away, whosever it was. */
const kept = (project: TempProject): readonly string[] =>
  existsSync(project.path('.sluice/replaced'))
    ? readdirSync(project.path('.sluice/replaced'), { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    : [];

const eventsIn = (stdout: string): readonly Stamped<RunEvent>[] =>
  stdout
    .split('\n')
    .filter(line => line.startsWith('{') && line.endsWith('}'))
    .map(line => JSON.parse(line));

function executedSince(project: TempProject): readonly string[] {
  const path = project.path('marks');
  const marks = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  rmSync(path, { force: true });
  return marks.sort();
}

/** Starts a run and kills it after the time; what it had said to have finished by then. */
async function killed(project: TempProject, afterMs: number): Promise<readonly string[]> {
  const running = project.start(['run', '--json']);
  await Promise.race([after(afterMs), running.finished]);
  running.child.kill('SIGKILL');
  const { stdout } = await running.finished;
  return eventsIn(stdout).flatMap(event =>
    event.type === 'step-finished' && event.outcome.kind === 'succeeded' ? [event.step] : [],
  );
}

test(`killed ${ROUNDS} times at any moment, the next run carries on (seed ${SEED})`, async () => {
  using project = TempProject.create({});
  project.write('pipelines/p.yaml', pipeline(project));
  let state = SEED;
  const random = () => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return (state % 10_000) / 10_000;
  };
  let before: Readonly<Record<string, string>> = {};
  const made = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const text = `text ${round}`;
    project.write('in.txt', `${text}\n`);
    const finished: string[] = [];
    for (let kills = 1 + Math.floor(random() * 2); kills > 0; kills -= 1) {
      finished.push(...(await killed(project, random() * LONGEST_MS)));
      // Whatever lies in the project is of one run or of another, never half.
      for (const [path, content] of Object.entries(expected(text))) {
        expect([undefined, before[path], content]).toContain(placed(project, path));
      }
    }
    executedSince(project);
    const { code, stdout, stderr } = await project.sluice(['run', '--json']);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    const again = executedSince(project);
    expect(again.filter(step => finished.includes(step))).toEqual([]);
    before = expected(text);
    for (const content of Object.values(before)) made.add(content);
    for (const [path, content] of Object.entries(before)) {
      expect(placed(project, path)).toBe(content);
    }
    expect(readdirSync(project.path('out')).sort()).toEqual(['c.txt', 'd', 'f.txt']);
    expect(readdirSync(project.path('.sluice/work'))).toEqual([]);
    expect(kept(project).filter(content => !made.has(content))).toEqual([]);
  }
  expect((await project.sluice(['store', 'verify'])).code).toBe(0);
  const { stdout } = await project.sluice(['run', '--json']);
  expect(executedSince(project)).toEqual([]);
  expect(eventsIn(stdout).filter(({ type }) => type === 'warning')).toEqual([]);
});
