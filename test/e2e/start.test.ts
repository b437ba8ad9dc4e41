/** What a command loads is what everybody waits for: a start never opens what it does not use. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';

/** Each costs 5 to 300 ms. */
const HEAVY = [
  ...['ink', 'react', 'dockerode', 'chokidar', 'onnxruntime-node', 'sharp', 'ajv'],
  // What finds an addon, and what finds files by patterns: there are neither here.
  ...['require-addon', 'tinyglobby', 'picomatch'],
];

const PIPELINE = `sluice: 1
name: p
steps:
  a: { run: "echo > \${{ out.x }}", out: { x: file } }
`;

/** Notes the address of every module, also of those that are loaded by \`require\`. */
const SPY = `import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED, url + '\\n');
    return next(url, context);
  },
});
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-start-'));
  writeFileSync(join(folder, 'spy.mjs'), SPY);
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['--version', 0],
  ['--help', 0],
  ['check', 0],
  ['plan', 0],
  ['run', 0],
  ['runs', 0],
])('`sluice %s` loads nothing heavy', async (command, expected) => {
  using project = TempProject.create({ 'pipelines/p.yaml': PIPELINE });
  const list = join(folder, `${command}.txt`);
  writeFileSync(list, '');
  const env = { LOADED: list, NODE_OPTIONS: `--import=${join(folder, 'spy.mjs')}` };
  const { code, stderr } = await project.sluice([command], env);
  expect([code, stderr]).toEqual([expected, '']);
  const loaded = readFileSync(list, 'utf8').split('\n');
  expect(loaded.some(url => url.endsWith('/main.ts') || url.endsWith('/main.js'))).toBe(true);
  const heavy = loaded.filter(url => HEAVY.some(name => url.includes(`/node_modules/${name}/`)));
  expect(heavy).toEqual([]);
  // In a bundle the screen is a chunk of its own.
  expect(
    loaded.filter(url => /\/ui\/screen\/stage|\/chunks\/(stage|ajv|watch)-/.test(url)),
  ).toEqual([]);
});
