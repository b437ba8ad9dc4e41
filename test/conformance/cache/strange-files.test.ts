/** Where a file is read something else lies: nobody waits for it, and one clear word is said. */
import { readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const strange: readonly [string, (path: string) => string][] = [
  ['a pipe', path => `mkfifo ${path}`],
  ['a link to a device that never ends', path => `ln -s /dev/zero ${path}`],
  ['a file that is larger than memory', path => `truncate -s 1T ${path}`],
];

test.each(strange)('a step whose reports are %s comes to its end', async (_, make) => {
  using project = new CacheProject({});
  project.pipeline({
    steps: {
      a: {
        run: `rm $SLUICE_EVENTS; ${make('$SLUICE_EVENTS')}; echo 1 > \${{ out.x }}`,
        out: { x: 'file' },
      },
    },
  });
  expect(await project.run()).toMatchObject({ code: 0, outcomes: { a: 'succeeded' } });
});

test.each(strange)('an effect whose receipt is %s has left none', async (_, make) => {
  using project = new CacheProject({});
  project.files.write(
    'steps/ship/step.yaml',
    `step: ship
version: 1.0.0
kind: effect
description: Ships.
state: shipped
check: receipt
run: [sh, -c, '${make('out/.receipt.json')}']
`,
  );
  project.pipeline({ steps: { ship: { uses: './steps/ship' } } });
  const ran = await project.run();
  expect(ran).toMatchObject({ code: 1, outcomes: { ship: 'failed' } });
  expect(JSON.stringify(ran.events)).toContain('receipt');
});

test.each(strange)('a .env that is %s gives no secrets', async (_, make) => {
  using project = new CacheProject({});
  project.pipeline({ steps: { a: { run: project.mark('a'), secrets: ['TOKEN'] } } });
  await project.files.shell(make('.env'));
  expect(await project.run()).toMatchObject({ executed: [], outcomes: { a: 'failed' } });
  expect(await project.run([], { env: { TOKEN: 'x' } })).toMatchObject({ executed: ['a'] });
});

test('a .env that is a link to one elsewhere gives its secrets', async () => {
  using project = new CacheProject({ 'shared.env': 'TOKEN=x\n' });
  project.pipeline({ steps: { a: { run: project.mark('a'), secrets: ['TOKEN'] } } });
  symlinkSync('shared.env', project.files.path('.env'));
  expect((await project.run()).executed).toEqual(['a']);
});

test('an output whose paths are longer than the system takes is refused in a few words, and nothing stays', async () => {
  using project = new CacheProject({});
  // Folder by folder a step gets deeper than one path can say.
  const descend = `name=$(printf 'd%.0s' $(seq 200)); n=0
while [ $n -lt 40 ]; do mkdir $name && cd -P $name || exit 9; n=$((n+1)); done; : > leaf`;
  const run = `mkdir \${{ out.y }}; cd \${{ out.y }}; ${descend}`;
  project.pipeline({ steps: { a: { run, out: { y: 'dir' } } } });
  const ran = await project.run();
  expect(ran).toMatchObject({ code: 1, outcomes: { a: 'failed' }, warnings: [], stderr: '' });
  const failed = ran.events.find(({ type }) => type === 'step-finished');
  expect(JSON.stringify(failed)).toContain('a path that is too long for the system');
  expect(JSON.stringify(failed).length).toBeLessThan(1_000);
  expect(readdirSync(project.files.path('.sluice/work'))).toEqual([]);
});

test.each([
  ['out of the project', (_: CacheProject) => tmpdir()],
  ['into the store', (project: CacheProject) => project.files.path('.sluice/blobs')],
])('an output is not placed by a link that has come to lead %s', async (_, target) => {
  using project = new CacheProject({});
  const leads = `ln -s '${target(project)}' '${project.files.path('alias')}'`;
  const to = 'alias/sluice-placed';
  project.pipeline({
    steps: { a: { run: `${leads}; echo x > \${{ out.y }}`, out: { y: { type: 'file', to } } } },
  });
  const ran = await project.run();
  expect(ran).toMatchObject({ code: 1, outcomes: { a: 'failed' }, stderr: '' });
  expect(JSON.stringify(ran.events)).toContain('a link on the way leads to');
  expect(readdirSync(target(project))).not.toContain('sluice-placed');
});
