/**
 * `node rollback.ts <deployments folder> <name> [version]`: makes an earlier (or any other) version
 * of a deployment current. Prints what it did as JSON; exit 1 with one message where it cannot.
 */
import { hostname, userInfo } from 'node:os';
import { StepError } from '../sdk/step.ts';
import { rollBack } from './install.ts';

async function main([state, name, version]: readonly string[]): Promise<void> {
  if (state === undefined || name === undefined) {
    throw new StepError('rollback takes a deployments folder, a name, and maybe a version');
  }
  if (version !== undefined && !/^\d+$/.test(version)) {
    throw new StepError(`\`${version}\` is not a version`, 'versions are whole numbers');
  }
  const { current, from } = await rollBack({
    state,
    name,
    version: version === undefined ? undefined : Number(version),
    by: {
      run: null,
      pipeline: null,
      commit: null,
      dirty: false,
      user: userInfo().username,
      host: hostname(),
      at: new Date().toISOString(),
    },
  });
  const short = (known: typeof current) => ({ version: known.version, digest: known.digest });
  const answer = { name, ...short(current), from: from === undefined ? null : short(from) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  process.exitCode = 1;
  process.stderr.write(`error: ${error.message}\n`);
  if (error.help !== undefined) process.stderr.write(`help: ${error.help}\n`);
}
