/**
 * A key made by hand: the fingerprint written down from the document and the pipeline, its digests
 * taken by the second implementation. It is the key under which Sluice has put its result.
 */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CacheProject } from '../cache/project.ts';
import { SITE, tracesOf } from './sample.ts';
import { isHere, second } from './second.ts';

/** The program that a name, or a path, leads to. */
function program(name: string): string {
  const paths = (process.env['PATH'] ?? '').split(':').map(folder => resolve(folder, name));
  const path = paths.find(candidate => existsSync(candidate)) ?? name;
  return `exec:${second('digest', [path]).digest}`;
}

const nothing = {
  format: 1,
  definition: null,
  packages: {},
  files: {},
  params: {},
  inputs: {},
  outputs: {},
  env: {},
  secrets: [],
  toolchain: {},
  image: null,
  platform: `${process.platform}-${process.arch}`,
  probe: null,
  salt: null,
};

function expectKey(project: CacheProject, fingerprint: object): void {
  const traces = tracesOf(project);
  expect(traces.map(trace => trace.fingerprint)).toEqual([fingerprint]);
  expect(traces.map(trace => trace.key)).toEqual([second('key', [], fingerprint)]);
}

describe.runIf(isHere)('a key is made by hand', () => {
  test('of a command: a source with a parameter, files, environment, secret, list of inputs and salt', async () => {
    using project = new CacheProject({ 'a.txt': 'a\n', 'tools/x.sh': 'exit\n' });
    project.pipeline({
      params: { word: 'two words' },
      steps: {
        a: {
          kind: 'source',
          probe: 'echo " état $TOKEN"; echo',
          run: 'cat tools/x.sh > ${{ out.y }}; echo ${{ params.word }} > ${{ out.report }}',
          in: { xs: ['./b', './a.txt'] },
          out: { y: 'file', report: { type: 'report/html', path: 'r.html' } },
          files: ['tools/*.sh'],
          env: { EMPTY: '', WORD: 'ü"\\\n' },
          secrets: ['TOKEN'],
          cache: { salt: '2' },
        },
      },
    });
    // As it lies there: what Sluice places has modes of Sluice's.
    await project.files.shell(`O=b; ${SITE}`);
    project.files.write('.env', 'TOKEN=abcdefgh\n');
    expect(await project.run()).toMatchObject({ code: 0 });
    const content = (path: string) => second('digest', [project.files.path(path)]).digest;
    const fingerprint = {
      ...nothing,
      command: "cat tools/x.sh > out/y; echo 'two words' > r.html",
      files: { 'tools/x.sh': `file:${content('tools/x.sh')}` },
      inputs: {
        xs: [
          { path: 'in/xs/0000', digest: `tree:${content('b')}` },
          { path: 'in/xs/0001.txt', digest: `file:${content('a.txt')}` },
        ],
      },
      outputs: {
        y: { type: 'file', path: 'out/y' },
        report: { type: 'report/html', path: 'r.html' },
      },
      env: { EMPTY: '', WORD: 'ü"\\\n' },
      secrets: ['TOKEN'],
      toolchain: { '/bin/sh': program('/bin/sh'), cat: program('cat'), echo: program('echo') },
      probe: 'état ***',
      salt: '2',
    };
    expectKey(project, fingerprint);
  });

  test('of a step with a folder, of all that lies there and in what it includes', async () => {
    using project = new CacheProject({
      'steps/crop/step.yaml':
        'step: crop\nversion: 1.0.0\nparams: { rate: { type: float, default: 3.5e-7 } }\nout: { y: file }\nrun: [sh, main.sh]\nincludes: [../shared]\npackages: [cutter, missing]\n',
      'steps/crop/main.sh': 'echo > "$SLUICE_OUT_Y"\n',
      'steps/shared/tool.sh': '',
      'node_modules/cutter/package.json': '{ "version": "1.0.0" }',
    });
    mkdirSync(project.files.path('steps/crop/empty'));
    symlinkSync('main.sh', project.files.path('steps/crop/alias'));
    project.pipeline({ steps: { a: { uses: './steps/crop' } } });
    expect(await project.run()).toMatchObject({ code: 0 });
    const file = (path: string) => `file:${second('digest', [project.files.path(path)]).digest}`;
    const fingerprint = {
      ...nothing,
      command: ['sh', 'main.sh'],
      definition: {
        'step.yaml': file('steps/crop/step.yaml'),
        'main.sh': file('steps/crop/main.sh'),
        '../shared/tool.sh': file('steps/shared/tool.sh'),
        empty: `tree:${second('digest', [project.files.path('steps/crop/empty')]).digest}`,
        alias: 'link:main.sh',
      },
      packages: { cutter: '1.0.0', missing: 'absent' },
      params: { rate: 3.5e-7 },
      outputs: { y: { type: 'file', path: 'out/y' } },
      toolchain: { sh: program('sh') },
    };
    expectKey(project, fingerprint);
  });
});
