/** A stream from the engine that ends without saying so. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** In a process that nothing else keeps alive. */
const PROGRAM = `
import { PassThrough } from 'node:stream';
import { OutputConnection } from '${import.meta.dirname}/output-connection.ts';
const connection = new OutputConnection(new PassThrough(), () => undefined);
console.log(await connection.ended());
`;

test('a connection that dies without a word is given up, and whoever waits for it goes on', async () => {
  const words = ['--input-type=module', '--eval', PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  expect(stdout).toBe('false\n');
});
