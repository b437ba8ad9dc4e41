import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Compilation, compile } from '../compiler/compile.ts';
import { STORE_FORMAT } from '../store/layout.ts';
import { casesOf } from '../test/harness/cases.ts';
import { bundledAs, planCache } from './plan-cache.ts';
import { nodeProjectFiles } from './project-files.ts';

const PIPELINE = `sluice: 1
name: p
params:
  word: { type: string, default: hello }
  rate: { type: float, default: 0.5 }
steps:
  say:
    run: cat \${{ in.text }} > \${{ out.said }} && echo \${{ params.word }} \${{ params.rate }}
    files: ['src/*.py']
    in: { text: ./data/text.txt }
    out: { said: file }
  own:
    uses: ./steps/own
    in: { said: say.said }
  inner:
    uses: ./inner.yaml
`;

const FILES = {
  'pipelines/p.yaml': PIPELINE,
  'inner.yaml':
    'sluice: 1\nname: inner\nsteps:\n  a: { run: "echo > ${{ out.x }}", out: { x: file } }\n',
  'steps/own/step.yaml':
    'step: own\nversion: 1.0.0\nrun: [cat]\nin: { said: { type: file } }\nout: { copy: { type: file } }\n',
  'configs/fast.yaml': 'params: { rate: 0.1 }\n',
  'data/text.txt': 'text',
  'src/a.py': '',
};

const GIT = { commit: 'c', branch: 'main', dirty: false };
const DEFAULTS = {
  compiler: 'one',
  configs: [] as readonly string[],
  params: [] as readonly { name: string; text: string }[],
  environment: {} as Readonly<Record<string, string | undefined>>,
  profile: undefined as string | undefined,
  git: GIT,
};

let base: string;
let root: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'sluice-plans-'));
  root = join(base, 'project');
  for (const [path, text] of Object.entries(FILES)) put(path, text);
  put('.sluice/format', STORE_FORMAT);
  mkdirSync(join(base, 'library'));
});
afterEach(() => rmSync(base, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

type Answer = { readonly from: 'cache' | 'compiler'; readonly compilation: Compilation };

/** As the command line does it. */
async function ask(changes: Partial<typeof DEFAULTS> = {}): Promise<Answer> {
  const { compiler, configs, params, environment, profile, git } = { ...DEFAULTS, ...changes };
  const files = nodeProjectFiles({ root, library: join(base, 'library') });
  const chosen = profile === undefined ? {} : { profile };
  const request = { pipeline: 'pipelines/p.yaml', configs, params, environment, ...chosen };
  const home = join(root, '.sluice');
  const cache = planCache({ home, compiler, request, files, git: () => git });
  const known = cache.recall();
  if (known !== undefined) return { from: 'cache', compilation: known };
  const compilation = await compile({ ...request, git: cache.git }, files);
  cache.keep(compilation);
  return { from: 'compiler', compilation };
}

const kept = (): readonly string[] =>
  readdirSync(join(root, '.sluice/plans')).map(name => join(root, '.sluice/plans', name));

test('what is recalled is what was compiled, to the byte', async () => {
  const made = await ask();
  expect(made.compilation.diagnostics).toEqual([]);
  const again = await ask();
  expect([made.from, again.from]).toEqual(['compiler', 'cache']);
  expect(again.compilation).toEqual(made.compilation);
  expect(JSON.stringify(again.compilation.plan)).toBe(JSON.stringify(made.compilation.plan));
});

describe('compiled again', () => {
  test.each<readonly [string, () => void]>([
    ['the pipeline', () => put('pipelines/p.yaml', PIPELINE.replace('hello', 'hullo'))],
    ['a comment of the pipeline', () => put('pipelines/p.yaml', `${PIPELINE}# new\n`)],
    ['a pipeline used as a step', () => put('inner.yaml', FILES['inner.yaml'].replace('a:', 'b:'))],
    [
      'the manifest of a step',
      () => put('steps/own/step.yaml', FILES['steps/own/step.yaml'].replace('[cat]', '[tac]')),
    ],
    ['a file that a pattern now matches', () => put('src/b.py', '')],
    ['a file that a pattern no longer matches', () => rmSync(join(root, 'src/a.py'))],
    ['settings that were not there', () => put('sluice.yaml', 'pools: { p: 1 }\n')],
    ['an input that is gone', () => rmSync(join(root, 'data/text.txt'))],
    [
      'an input that is a folder now',
      () => {
        rmSync(join(root, 'data/text.txt'));
        mkdirSync(join(root, 'data/text.txt'));
      },
    ],
    [
      'an input that leaves the project now',
      () => {
        writeFileSync(join(base, 'outside'), '');
        rmSync(join(root, 'data/text.txt'));
        symlinkSync(join(base, 'outside'), join(root, 'data/text.txt'));
      },
    ],
  ])('after a change: %s', async (_what, change) => {
    await ask();
    expect((await ask()).from).toBe('cache');
    change();
    expect((await ask()).from).toBe('compiler');
  });

  test.each<readonly [string, Partial<typeof DEFAULTS>]>([
    ['another value of a parameter', { params: [{ name: 'word', text: 'x' }] }],
    ['a config', { configs: ['fast'] }],
    ['a parameter of the environment', { environment: { SLUICE_PARAM_WORD: 'x' } }],
    ['an empty parameter of the environment', { environment: { SLUICE_PARAM_WORD: '' } }],
    ['another compiler', { compiler: 'two' }],
  ])('when asked with %s', async (_what, changes) => {
    await ask();
    const other = await ask(changes);
    expect(other.from).toBe('compiler');
    expect((await ask(changes)).compilation).toEqual(other.compilation);
    expect((await ask()).from).toBe('cache');
  });

  test('a config that was edited, also with the same length', async () => {
    await ask({ configs: ['fast'] });
    put('configs/fast.yaml', 'params: { rate: 0.2 }\n');
    const { from, compilation } = await ask({ configs: ['fast'] });
    expect([from, compilation.plan?.params['rate']?.value]).toEqual(['compiler', 0.2]);
  });

  test('under another profile', async () => {
    put('sluice.yaml', 'profiles: { ci: { parallel: 1 }, big: { parallel: 9 } }\n');
    await ask({ profile: 'ci' });
    const { from, compilation } = await ask({ profile: 'big' });
    expect([from, compilation.settings.parallel?.value]).toEqual(['compiler', 9]);
  });

  test('after another commit, where an expression reads it', async () => {
    put('pipelines/p.yaml', PIPELINE.replace('params.word', 'git.commit'));
    await ask();
    expect((await ask()).from).toBe('cache');
    expect((await ask({ git: { ...GIT, commit: 'd' } })).from).toBe('compiler');
    expect((await ask({ git: { ...GIT, dirty: true } })).from).toBe('compiler');
  });
});

test('what was not looked at does not matter: other files, the environment, an unread commit', async () => {
  await ask();
  put('src/notes.txt', 'new');
  put('data/text.txt', 'other content, which is the runner’s to see');
  const git = { ...GIT, commit: 'd' };
  expect((await ask({ environment: { HOME: '/', PATH: '' }, git })).from).toBe('cache');
});

test('a file that was damaged anywhere is not used, and is written anew', async () => {
  await ask();
  const [path = ''] = kept();
  const bytes = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, flip) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        writeFileSync(path, damaged);
        expect((await ask()).from).toBe('compiler');
        expect(readFileSync(path).equals(bytes)).toBe(true);
      },
    ),
    { numRuns: casesOf(10) },
  );
  for (const length of [0, 1, 64, 65, bytes.length - 1]) {
    writeFileSync(path, bytes.subarray(0, length));
    expect((await ask()).from).toBe('compiler');
  }
});

test('nothing is put into a folder that another version has made', async () => {
  put('.sluice/format', 'sluice-store 2\n');
  expect((await ask()).from).toBe('compiler');
  expect(existsSync(join(root, '.sluice/plans'))).toBe(false);
});

test('where nothing can be kept, everything works without', async () => {
  put('.sluice/plans', 'a file stands where the folder should be');
  expect([(await ask()).from, (await ask()).from]).toEqual(['compiler', 'compiler']);
  rmSync(join(root, '.sluice'), { recursive: true });
  expect([(await ask()).from, (await ask()).from]).toEqual(['compiler', 'compiler']);
  expect(existsSync(join(root, '.sluice'))).toBe(false);
});

test('a pipeline with something to say about is compiled each time', async () => {
  put('pipelines/p.yaml', PIPELINE.replace('params.word', 'params.wrod'));
  expect([(await ask()).from, (await ask()).from]).toEqual(['compiler', 'compiler']);
});

test('old variants make room, and no partial file is left', async () => {
  for (let rate = 0; rate < 40; rate += 1) {
    await ask({ params: [{ name: 'rate', text: String(rate) }] });
  }
  expect(kept()).toHaveLength(32);
  expect(kept().every(path => path.endsWith('.json'))).toBe(true);
});

test('sources and files of one name are not kept: they may be edited at any time', async () => {
  expect(bundledAs('file:///x/cli/compilation.ts', '1')).toBeUndefined();
  expect(bundledAs('file:///x/dist/main.js', '1')).toBeUndefined();
  const one = bundledAs('file:///x/dist/chunks/compilation-1FDVOtgJ.js', '1');
  expect(one).toBeDefined();
  expect(bundledAs('file:///x/dist/chunks/compilation-1FDVOtgJ.js', '2')).not.toBe(one);
  expect(bundledAs('file:///x/dist/chunks/compilation-2FDVOtgJ.js', '1')).not.toBe(one);
});
