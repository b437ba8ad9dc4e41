/** Whom a script is started by is in the key of the step that names it, wherever it comes from. */
import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const script = (text: string) => `#!/bin/sh\n${text}\n`;

const greetedBy = (made: object, step: object) => ({
  ...made,
  a: { ...step, out: { x: { type: 'file', to: 'x.txt' } } },
});
const maker = { run: 'cp bin/greet ${{ out.it }}', files: ['bin/greet'], out: { it: 'file' } };

test.each([
  ['on the search path', greetedBy({}, { run: 'greet > ${{ out.x }}' })],
  ['of the project', greetedBy({}, { run: './bin/greet > ${{ out.x }}', files: ['bin/greet'] })],
  [
    'among its inputs',
    greetedBy({}, { run: '${{ in.it }} > ${{ out.x }}', in: { it: './bin/greet' } }),
  ],
  [
    'in a folder of its inputs',
    greetedBy({}, { run: 'in/../${{ in.it }}/greet > ${{ out.x }}', in: { it: './bin' } }),
  ],
  [
    'that another step has made',
    greetedBy({ maker }, { run: '${{ in.it }} > ${{ out.x }}', in: { it: 'maker.it' } }),
  ],
])(
  'a script %s counts together with the interpreter that its first line names',
  async (_, steps) => {
    const greeting = '#!/usr/bin/env speak\necho one\n';
    using project = new CacheProject({
      'tools/speak': script('exec /bin/sh "$@"'),
      'tools/greet': greeting,
      'bin/greet': greeting,
    });
    for (const path of ['tools/speak', 'tools/greet', 'bin/greet']) {
      chmodSync(project.files.path(path), 0o755);
    }
    const env = { PATH: `${project.files.path('tools')}:${process.env['PATH']}` };
    project.pipeline({ steps });
    await project.run([], { env });
    expect((await project.run([], { env })).outcomes).toMatchObject({ a: 'up-to-date' });
    project.files.write('tools/speak', script('echo two'));
    const ran = await project.run([], { env });
    expect(ran.outcomes).toMatchObject({ a: 'succeeded' });
    const judged = ran.events.find(event => event.type === 'step-judged' && event.step === 'a');
    expect(judged).toMatchObject({ because: { changes: [{ part: 'tool speak' }] } });
    expect(project.files.read('x.txt')).toBe('two\n');
  },
);

test('what the project has where an input is laid is another, and does not count', async () => {
  using project = new CacheProject({
    'tools/speak': script('exec /bin/sh "$@"'),
    'bin/greet': script('echo one'),
    'in/it/greet': '#!/usr/bin/env speak\n',
  });
  for (const path of ['tools/speak', 'bin/greet', 'in/it/greet']) {
    chmodSync(project.files.path(path), 0o755);
  }
  const env = { PATH: `${project.files.path('tools')}:${process.env['PATH']}` };
  const run = '${{ in.it }}/greet > ${{ out.x }}';
  project.pipeline({ steps: { a: { run, in: { it: './bin' }, out: { x: 'file' } } } });
  await project.run([], { env });
  project.files.write('tools/speak', script('echo two'));
  expect((await project.run([], { env })).outcomes).toEqual({ a: 'up-to-date' });
});
