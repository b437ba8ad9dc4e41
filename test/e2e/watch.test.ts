/** Watch mode through the real command line: saves as editors make them, git, broken files, Ctrl-C. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';
import { Watching } from '../harness/watching.ts';

const COPY = `sluice: 1
name: p
steps:
  copy:
    run: cat \${{ in.x }} > \${{ out.y }}
    in: { x: ./data/x.txt }
    out: { y: { type: file, to: out/y.txt } }
  count:
    run: wc -c < \${{ in.y }} > \${{ out.n }}
    in: { y: copy.y }
    out: { n: file }
`;

const project = (files: Record<string, string> = {}) =>
  TempProject.create({ 'pipelines/p.yaml': COPY, 'data/x.txt': 'one', ...files });

const saves: Record<string, (path: string, text: string) => void> = {
  'in place': writeFileSync,
  'by renaming (VS Code, JetBrains)': (path, text) => {
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
  },
  'with a backup moved aside (vim)': (path, text) => {
    const swap = path.replace(/([^/]+)$/, '.$1.swp');
    writeFileSync(swap, 'vim');
    renameSync(path, `${path}~`);
    writeFileSync(path, text);
    unlinkSync(`${path}~`);
    unlinkSync(swap);
  },
  'truncated first, written in strokes (nano)': (path, text) => {
    const file = openSync(path, 'r+');
    ftruncateSync(file, 0);
    for (const letter of text) writeSync(file, letter);
    closeSync(file);
  },
  'removed and made anew (some IDEs)': (path, text) => {
    unlinkSync(path);
    writeFileSync(path, text);
  },
};

describe('a save is one round, however the editor does it', () => {
  test.each(Object.entries(saves))('%s', async (_, save) => {
    using here = project();
    await using watch = new Watching(here);
    await watch.rested();
    const data = await watch.after(() => save(here.path('data/x.txt'), 'two'));
    expect(data.rounds.slice(1)).toEqual([{ copy: 'succeeded', count: 'succeeded' }]);
    expect(here.read('out/y.txt')).toBe('two');
    const text = COPY.replace('wc -c', 'wc -l');
    const pipeline = await watch.after(() => save(here.path('pipelines/p.yaml'), text));
    expect(pipeline.rounds.slice(2)).toEqual([{ copy: 'up-to-date', count: 'succeeded' }]);
    expect(pipeline.said).not.toContain('error');
  });
});

test('what is only touched, or saved as it was, or of no concern, is no round', async () => {
  using here = project({ 'data/other.txt': 'x', 'README.md': 'x' });
  await using watch = new Watching(here);
  await watch.rested();
  utimesSync(here.path('data/x.txt'), new Date(), new Date());
  here.write('data/x.txt', 'one');
  here.write('data/other.txt', 'y');
  here.write('README.md', 'y');
  here.write('data/.x.txt.swp', 'vim');
  const { rounds } = await watch.after(() => here.write('data/x.txt', 'two'));
  expect(rounds).toHaveLength(2);
});

test('a hundred saves in a second are a few rounds, and the last save wins', async () => {
  using here = project();
  await using watch = new Watching(here);
  await watch.rested();
  for (let save = 1; save <= 100; save += 1) {
    here.write('data/x.txt', `save ${save}`);
    await pause(10); // The pace of the scenario; nothing is waited for.
  }
  await watch.until('the last save', ({ rounds, rests }) => {
    const isDone = rounds.at(-1)?.['count'] !== undefined && rests > 1;
    return isDone && here.read('out/y.txt') === 'save 100';
  });
  expect(watch.heard.rounds.length).toBeLessThanOrEqual(8);
});

test('a broken pipeline keeps the last good plan, says where, and is whole again', async () => {
  using here = project();
  await using watch = new Watching(here);
  await watch.rested();
  const { said } = await watch.after(() =>
    here.write('pipelines/p.yaml', COPY.replace('in.x', 'in.z')),
  );
  expect(said).toContain('The last plan that compiled stays');
  expect(said).toContain('pipelines/p.yaml:5');
  await watch.after(() => here.write('pipelines/p.yaml', COPY));
  expect(watch.heard.said).toContain('whole again, and as it was');
  expect(watch.heard.rounds).toHaveLength(1);
  const { rounds } = await watch.after(() => here.write('data/x.txt', 'two'));
  expect(rounds.slice(1)).toEqual([{ copy: 'succeeded', count: 'succeeded' }]);
});

test('a pipeline that is broken from the start runs as soon as it is repaired', async () => {
  using here = project({ 'pipelines/p.yaml': 'sluice: 1\nsteps: [' });
  await using watch = new Watching(here);
  await watch.until('the diagnostic', ({ said }) => said.includes('There is no plan yet'));
  here.write('pipelines/p.yaml', COPY);
  await watch.until('a round', ({ rounds }) => rounds[0]?.['count'] === 'succeeded');
});

test('an input that goes away is told, and comes back', async () => {
  using here = project();
  await using watch = new Watching(here);
  await watch.rested();
  const { said } = await watch.after(() => unlinkSync(here.path('data/x.txt')));
  expect(said).toContain('path-not-found');
  const { rounds } = await watch.after(() => here.write('data/x.txt', 'back'));
  expect(rounds.at(-1)).toEqual({ copy: 'succeeded', count: 'succeeded' });
});

test('a file that a pattern gains, in a new folder, is a change of its step', async () => {
  const pipeline = `sluice: 1
name: p
steps:
  list:
    run: find src -type f | wc -l > \${{ out.n }}
    files: [src/**/*.py]
    out: { n: file }
`;
  using here = project({ 'pipelines/p.yaml': pipeline, 'src/a.py': '' });
  await using watch = new Watching(here);
  await watch.rested();
  const gained = await watch.after(() => here.write('src/deep/er/b.py', 'x'));
  expect(gained.rounds).toHaveLength(2);
  const changed = await watch.after(() => here.write('src/deep/er/b.py', 'y'));
  expect(changed.rounds).toHaveLength(3);
  const lost = await watch.after(() => rmSync(here.path('src/deep'), { recursive: true }));
  expect(lost.rounds.slice(3)).toEqual([{ list: 'up-to-date' }]);
});

test('git switches to another branch: what is different there is run, and nothing is torn', async () => {
  using here = project();
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], {
      cwd: here.root,
      stdio: 'pipe',
    });
  here.write('.gitignore', '.sluice\nout\n');
  for (let file = 0; file < 200; file += 1) here.write(`many/${file}.txt`, 'a');
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-qm', 'main');
  git('checkout', '-qb', 'other');
  here.write('pipelines/p.yaml', COPY.replaceAll('data/x.txt', 'data/moved.txt'));
  renameSync(here.path('data/x.txt'), here.path('data/moved.txt'));
  for (let file = 0; file < 200; file += 1) here.write(`many/${file}.txt`, 'b');
  git('add', '-A');
  git('commit', '-qm', 'other');
  git('checkout', '-q', 'main');
  await using watch = new Watching(here);
  await watch.rested();
  here.write('data/x.txt', 'one'); // As git wrote it.
  const there = await watch.after(() => git('checkout', '-q', 'other'));
  expect(there.rounds.slice(1)).toEqual([{ copy: 'up-to-date', count: 'up-to-date' }]);
  const back = await watch.after(() => git('checkout', '-q', 'main'));
  expect(back.rounds.length).toBe(3);
  expect(back.said).not.toContain('error');
});

/** A step that goes on until a file is there that is of no concern to the pipeline. */
const gated = (here: TempProject): string => {
  const gate = here.path('gate');
  const slow = `while [ ! -e '${gate}' ]; do sleep 0.02; done; cat \${{ in.x }} > \${{ out.y }}`;
  return `sluice: 1
name: p
steps:
  slow:
    run: "${slow}"
    in: { x: ./data/x.txt }
    out: { y: { type: file, to: out/y.txt } }
  quick:
    run: cat \${{ in.z }} > \${{ out.y }}
    in: { z: ./data/z.txt }
    out: { y: file }
`;
};

const gatedProject = () => {
  const here = project({ 'data/z.txt': 'z' });
  here.write('pipelines/p.yaml', gated(here));
  return { here, open: () => here.write('gate', '') };
};

const starts = ({ events }: Watching['heard'], wanted: string): number =>
  events.filter(event => event.type === 'step-started' && event.step === wanted).length;

describe('a change while steps execute', () => {
  test('what still holds goes on, and the next round takes its result', async () => {
    const { here, open } = gatedProject();
    using _ = here;
    await using watch = new Watching(here);
    await watch.started('slow');
    here.write('data/z.txt', 'changed');
    await watch.until('the second round', ({ rounds }) => rounds[1]?.['quick'] === 'succeeded');
    expect(watch.heard.said).toContain('goes on, because it still holds: slow');
    const { rounds } = await watch.after(open);
    expect(rounds).toHaveLength(2);
    expect(rounds[1]).toEqual({ quick: 'succeeded', slow: 'restored' });
    expect(starts(watch.heard, 'slow')).toBe(1);
    expect(here.read('out/y.txt')).toBe('one');
  });

  test('what has become stale is ended and made anew', async () => {
    const { here, open } = gatedProject();
    using _ = here;
    await using watch = new Watching(here);
    await watch.started('slow');
    await watch.until('quick is done', ({ rounds }) => rounds[0]?.['quick'] === 'succeeded');
    here.write('data/x.txt', 'changed');
    await watch.until('the second round', heard => starts(heard, 'slow') === 2);
    expect(watch.heard.rounds[0]).toMatchObject({ slow: 'cancelled' });
    const { rounds } = await watch.after(open);
    expect(rounds.slice(1)).toEqual([{ quick: 'up-to-date', slow: 'succeeded' }]);
    expect(here.read('out/y.txt')).toBe('changed');
  });

  test('a step that left the pipeline is ended', async () => {
    const { here } = gatedProject();
    using _ = here;
    await using watch = new Watching(here);
    await watch.started('slow');
    const { rounds } = await watch.after(() => here.write('pipelines/p.yaml', COPY));
    expect(rounds[0]).toMatchObject({ slow: 'cancelled' });
    expect(rounds[1]).toEqual({ copy: 'succeeded', count: 'succeeded' });
  });

  test('a pipeline that is broken meanwhile ends nothing', async () => {
    const { here, open } = gatedProject();
    using _ = here;
    await using watch = new Watching(here);
    await watch.started('slow');
    here.write('pipelines/p.yaml', 'sluice: 1\nsteps: {');
    await watch.until('the diagnostic', ({ said }) => said.includes('The last plan'));
    const { rounds } = await watch.after(open);
    expect(rounds).toEqual([{ quick: 'succeeded', slow: 'succeeded' }]);
  });
});

describe('Ctrl-C', () => {
  test('ends the watching at rest', async () => {
    using here = project();
    await using watch = new Watching(here);
    await watch.rested();
    expect(await watch.interrupt()).toBe(130);
  });

  test('ends what executes, of every round, and leaves nothing in .sluice/work', async () => {
    const { here } = gatedProject();
    using _ = here;
    await using watch = new Watching(here);
    await watch.started('slow');
    here.write('data/z.txt', 'changed');
    await watch.until('the second round', ({ rounds }) => rounds[1]?.['quick'] === 'succeeded');
    expect(await watch.interrupt()).toBe(130);
    expect(watch.heard.rounds[1]).toEqual({ quick: 'succeeded', slow: 'cancelled' });
    expect(readdirSync(here.path('.sluice/work'))).toEqual([]);
  });
});
