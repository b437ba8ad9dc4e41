/**
 * Kills the runner with SIGKILL at random moments, for real, again and again in one project. The
 * next run repeats at most the steps that had not ended, what it makes is right, and nothing has to
 * be cleaned by hand. `KILLS=500` is what CI does, `KILLS=5000 SEED=7` for a long night; a failure
 * names its round and seed.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CacheProject, type Ran } from './cache/project.ts';
import { type Random, randomOf } from './model/random.ts';

const KILLS = Number(process.env['KILLS'] ?? 50);
const SEED = Number(process.env['SEED'] ?? 1);

/** One maker, two in the middle that run side by side, and one that takes from both. */
function pipeline(project: CacheProject): void {
  const copy = 'cat ${{ in.x }} > ${{ out.y }}';
  const side = (name: string) => ({
    run: `${project.mark(name)}; ${copy}; echo ${name} >> \${{ out.y }}`,
    in: { x: 'first.y' },
    out: { y: 'file' },
  });
  project.pipeline({
    steps: {
      first: {
        run: `${project.mark('first')}; ${copy}; head -c 3000000 /dev/zero > \${{ out.large }}`,
        in: { x: './in.txt' },
        out: { y: 'file', large: 'file' },
      },
      left: side('left'),
      right: side('right'),
      last: {
        run: `${project.mark('last')}; mkdir \${{ out.site }}; cat \${{ in.l }} \${{ in.r }} > \${{ out.site }}/page; cp \${{ in.l }} \${{ out.text }}`,
        in: { l: 'left.y', r: 'right.y' },
        out: { site: { type: 'dir', to: 'site' }, text: { type: 'file', to: 'text.txt' } },
      },
    },
  });
}

/** Starts a run and kills it: after some number of events, and then some milliseconds. */
async function killedRun(project: CacheProject, random: Random): Promise<Ran> {
  const running = project.start();
  const events = random.below(14);
  if (events > 0) await running.printed(`"seq":${events - 1},`).catch(() => undefined);
  // Moments between events are what this is about; only time finds them.
  await wait(random.below(events === 0 ? 300 : 25));
  running.child.kill('SIGKILL');
  return project.ended(running);
}

const succeeded = ({ outcomes }: Ran): readonly string[] =>
  Object.keys(outcomes).filter(step => outcomes[step] !== 'failed');

function expectRight(project: CacheProject, value: string): void {
  const { files } = project;
  expect(files.read('text.txt')).toBe(`${value}left\n`);
  expect(readdirSync(files.path('site'))).toEqual(['page']);
  expect(files.read('site/page')).toBe(`${value}left\n${value}right\n`);
  const names = ['.sluice', 'in.txt', 'pipelines', 'site', 'text.txt'];
  expect(readdirSync(files.root).sort()).toEqual(names);
  expect(readdirSync(files.path('.sluice/work'))).toEqual([]);
}

test(`after each of ${KILLS} kills the next run is right and repeats only what had not ended`, {
  timeout: 60_000 + KILLS * 5_000,
}, async () => {
  const random = randomOf(SEED);
  using project = new CacheProject({ 'in.txt': '' });
  pipeline(project);
  for (let round = 0; round < KILLS; round += 1) {
    // Sometimes what is known already: then the kill meets hits and restores.
    const value = `${random.chance(0.3) ? random.below(round + 1) : round}\n`;
    project.files.write('in.txt', value);
    const killed = await killedRun(project, random);
    const next = await project.run();
    try {
      expect(next).toMatchObject({ code: 0, stderr: '' });
      expect(next.executed.filter(step => succeeded(killed).includes(step))).toEqual([]);
      expectRight(project, value);
      expect((await project.run()).executed).toEqual([]);
    } catch (error) {
      throw new Error(`round ${round} of SEED=${SEED}`, { cause: error });
    }
  }
  const verified = await project.files.sluice(['store', 'verify']);
  expect(verified).toMatchObject({ code: 0 });
});
