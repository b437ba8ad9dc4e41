import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collect } from './collect.ts';
import { traceOf, value } from './conformance/sample.ts';
import { openLocalStore } from './local.ts';
import { removeTree } from './remove-tree.ts';
import { verify } from './verify.ts';

/**
 * A process that stores folders of its own and shared content, publishes and restores them, without
 * end. It says `hit` after each round, or what went wrong.
 */
const USER = `
  import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
  const [, , modules, folder, name] = process.argv;
  const { openLocalStore } = await import(modules + '/local.ts');
  const { traceOf, value } = await import(modules + '/conformance/sample.ts');
  const say = text => process.stdout.write(text + '\\n');
  try {
    for (let round = 0; ; round++) {
      const store = value(await openLocalStore({ root: folder + '/.sluice' }));
      const path = folder + '/' + name + '-' + round;
      mkdirSync(path);
      for (let file = 0; file < 40; file++) writeFileSync(path + '/' + file, 'shared ' + file % 30);
      writeFileSync(path + '/own', 'round ' + round % 5);
      writeFileSync(path + '/large', Buffer.alloc(1_200_000, 'round ' + round % 3));
      const out = value(await store.put(path));
      value(await store.putTrace(traceOf({ salt: 'round ' + round % 15, outputs: { out } })));
      const found = await store.findTrace(traceOf({ salt: 'round ' + round % 15 }).key);
      value(await store.materialise(found.trace.outputs.out, path + '-back', { readOnly: true }));
      const own = readFileSync(path + '-back/own', 'utf8');
      if (found.count !== 1 || own !== 'round ' + round % 5) throw new Error('a wrong hit');
      const warnings = store.takeWarnings();
      if (warnings.length > 0) throw new Error(warnings[0].message);
      await store.close();
      say('hit');
    }
  } catch (error) {
    say(String(error.stack));
  }
`;

type User = {
  readonly rounds: (count: number) => Promise<void>;
  readonly kill: () => Promise<void>;
};

function newUser(folder: string, name: string): User {
  const script = join(folder, 'user.mjs');
  writeFileSync(script, USER);
  const child = spawn(process.execPath, [script, import.meta.dirname, folder, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks = child.stdout[Symbol.asyncIterator]();
  let said = '';
  return {
    rounds: async count => {
      while (said.split('\n').length <= count) {
        const { value: chunk, done } = await chunks.next();
        if (done) throw new Error(`${name} ended: ${said}`);
        said += String(chunk);
        expect(said.replaceAll('hit\n', '')).toBe('');
      }
    },
    kill: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

test('many processes on one store do not disturb each other, also when some are killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-users-'));
  const root = join(folder, '.sluice');
  const steady = [newUser(folder, 'a'), newUser(folder, 'b')];
  await Promise.all(steady.map(user => user.rounds(2)));
  // Killed wherever they happen to be: never twice at the same place.
  for (let victim = 0; victim < 10; victim++) {
    const user = newUser(folder, `victim-${victim}`);
    await Promise.race([
      user.rounds(1 + (victim % 3)),
      ...steady.map(one => one.rounds(3 + victim)),
    ]);
    await user.kill();
  }
  await Promise.all(steady.map(user => user.rounds(16)));
  await Promise.all(steady.map(user => user.kill()));

  expect(value(await verify({ root, repair: false }))).toMatchObject({
    corrupt: [],
    unreadable: [],
    quarantined: 0,
    strays: [],
  });
  const keep = () => ({ keys: [traceOf({ salt: 'round 1' }).key], artifacts: [] });
  expect(await collect({ root, keep, dryRun: false })).toMatchObject({ kind: 'collected' });
  const store = value(await openLocalStore({ root }));
  const found = await store.findTrace(traceOf({ salt: 'round 1' }).key);
  const out = found?.trace.outputs['out'];
  expect(out && (await store.has(out))).toBe(true);
  await store.close();
  removeTree(folder);
});
