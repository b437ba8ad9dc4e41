/**
 * A real container engine for the tests that need one (`*.engine.test.ts`): started before the first
 * of them, with an image to run in, and gone after the last. Where none can be started, that is said
 * loudly, and in CI it is a failure.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Its address, as DOCKER_HOST; null where there is none. */
    readonly engine: string | null;
    /** The folder in which it lives. */
    readonly engineFolder: string;
  }
}

/** Has a shell and busybox's programs. */
export const TEST_IMAGE = 'localhost/sluice/test:1';

const SCRIPT = resolve(import.meta.dirname, '../../.ci/engine.sh');
const run = promisify(execFile);

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-engine-'));
  project.provide('engineFolder', folder);
  try {
    project.provide('engine', await startEngine(folder));
  } catch (error) {
    return without(project, error);
  }
  return () => stopEngine(folder);
}

/** Starts one below a folder, or starts it again; returns its address. */
export async function startEngine(folder: string): Promise<string> {
  // It watches over this process: whoever kills the tests leaves no engine behind.
  execFileSync(SCRIPT, ['start', folder, String(process.pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const address = `unix://${folder}/docker.sock`;
  await importTestImage(address, folder);
  return address;
}

export async function stopEngine(folder: string): Promise<void> {
  await run(SCRIPT, ['stop', folder]);
}

function without(project: TestProject, error: unknown): () => Promise<void> {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  const message = `the tests of the container executor have no engine: ${said.trim()}`;
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\n*** ${message}\n*** they are skipped\n\n`);
  project.provide('engine', null);
  return async () => undefined;
}

async function importTestImage(address: string, folder: string): Promise<void> {
  const root = join(folder, 'image');
  for (const name of ['bin', 'etc', 'tmp']) mkdirSync(join(root, name), { recursive: true });
  const { stdout: busybox } = await run('which', ['busybox']);
  cpSync(busybox.trim(), join(root, 'bin/busybox'), { dereference: true });
  const { stdout: list } = await run(join(root, 'bin/busybox'), ['--list']);
  const programs = list.split('\n').filter(name => name !== '' && name !== 'busybox');
  for (const name of programs) symlinkSync('busybox', join(root, 'bin', name));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
  const tar = spawn('tar', ['--create', '--directory', root, '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const client = spawn('docker', ['-H', address, 'import', '-', TEST_IMAGE], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  tar.stdout.pipe(client.stdin);
  const code = await new Promise(settle => client.once('close', settle));
  if (code !== 0) throw new Error('the image for the tests could not be imported');
  rmSync(root, { recursive: true });
}
