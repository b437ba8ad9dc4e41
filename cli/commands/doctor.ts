/**
 * `sluice doctor`: what this machine offers, each line with what to do where something is missing.
 * Exit 3 only when something is missing that every run needs.
 */
import { execFileSync } from 'node:child_process';
import { constants, copyFile, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareShare } from '../../runner/executors/sharing.ts';
import { formatBytes } from '../../ui/duration.ts';
import { makeStyle } from '../../ui/style.ts';
import { renderTable } from '../../ui/table.ts';
import { type Define, examples } from '../command.ts';
import { containerFindings } from '../container-findings.ts';
import type { Finding } from '../finding.ts';
import { thisMachine } from '../machine.ts';
import { jsonOption } from '../options.ts';
import { findProject } from '../project.ts';
import type { Terminal } from '../terminal.ts';

const ON_LINUX = process.platform === 'linux';
const LOW_DISK_BYTES = 1024 ** 3;

export const define: Define = (program, invocation) => {
  program
    .command('doctor')
    .description('What this machine offers, and what to do about what is missing.')
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice doctor', 'sluice doctor --json'))
    .action(async options => {
      const { cwd, terminal, finish, env } = invocation();
      const project = findProject(cwd);
      const findings = [
        node(),
        machine(),
        localLimits(),
        ...(await disk(project?.root ?? cwd)),
        await onnxRuntime(),
        tool('git', ['--version'], 'provenance and `git.commit` in expressions', 'install git'),
        tool('python3', ['--version'], 'steps of your own in Python', 'install Python 3'),
        ...(await containerFindings(env)),
      ];
      if (options.json) terminal.out(JSON.stringify({ format: 1, findings }, null, 2));
      else terminal.out(render(findings, terminal));
      finish(findings.some(({ ok, required }) => required && !ok) ? 3 : 0);
    });
};

function render(findings: readonly Finding[], terminal: Terminal): string {
  const style = makeStyle(terminal);
  const rows = findings.map(({ ok, required, name, detail, remedy }) => {
    const sign = ok
      ? style.good(style.sign.good)
      : required
        ? style.bad(style.sign.bad)
        : style.warn(style.sign.bad);
    return [sign, name, remedy === undefined ? detail : `${detail} ${style.sign.arrow} ${remedy}`];
  });
  return renderTable(rows, terminal);
}

const node = (): Finding => ({
  name: 'Node.js',
  ok: true,
  required: true,
  detail: `${process.version} at ${process.execPath}`,
});

function machine(): Finding {
  const { cpus, memoryBytes } = thisMachine();
  const detail = `${cpus} CPUs, ${formatBytes(memoryBytes)} of memory for steps`;
  return { name: 'machine', ok: true, required: true, detail };
}

/** Of containers, the engine's own finding tells. */
function localLimits(): Finding {
  const ok = process.platform === 'linux';
  const detail = ok
    ? 'local processes are looked at every two seconds, and ended when they exceed their memory or disk; nothing limits their cpus'
    : 'only their disk holds local processes: what else they use, Sluice can tell on Linux alone';
  return { name: 'local limits', ok, required: false, detail };
}

async function disk(folder: string): Promise<readonly Finding[]> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const space: Finding = {
    name: 'disk',
    ok: free > LOW_DISK_BYTES,
    required: true,
    detail: `${formatBytes(free)} free at ${folder}`,
    ...(free <= LOW_DISK_BYTES && { remedy: 'free some space, or `sluice store gc`' }),
  };
  const cheap = await reflinks(folder);
  const sharing: Finding = {
    name: 'reflinks',
    ok: cheap,
    required: false,
    detail: cheap
      ? 'inputs are laid out without copying bytes'
      : 'the bytes of inputs are copied for each step',
    ...(!cheap && { remedy: 'put the project on btrfs, XFS or ZFS if its inputs are large' }),
  };
  return [space, sharing, await largeInputs()];
}

async function largeInputs(): Promise<Finding> {
  const probe = await mkdtemp(join(tmpdir(), 'sluice-doctor-'));
  try {
    const source = join(probe, 'a');
    await writeFile(source, 'probe');
    const shown = await prepareShare({ source, target: join(probe, 'b') });
    const local = shown
      ? 'local processes have large files, and large folders if everybody may read them, shown in place, by read-only mounts'
      : 'large files and folders are copied for local processes as small ones are: only root may mount them, on Linux, with util-linux and Perl';
    const contained = ON_LINUX
      ? 'containers that do not stay warm have large files and folders bound in place if everybody may read them'
      : 'for containers they are copied as well';
    return { name: 'large inputs', ok: shown, required: false, detail: `${local}; ${contained}` };
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}

async function reflinks(folder: string): Promise<boolean> {
  const probe = await mkdtemp(join(folder, '.sluice-doctor-')).catch(() =>
    mkdtemp(join(tmpdir(), 'sluice-')),
  );
  try {
    await writeFile(join(probe, 'a'), 'probe');
    await copyFile(join(probe, 'a'), join(probe, 'b'), constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false; // The file system says no in several ways.
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}

async function onnxRuntime(): Promise<Finding> {
  const name = 'ONNX Runtime';
  try {
    const { env } = await import('onnxruntime-node');
    const detail = `${env.versions.node ?? env.versions.common}, for train, eval, package and monitor`;
    return { name, ok: true, required: false, detail };
  } catch (error) {
    const detail = `does not load: ${error instanceof Error ? error.message : String(error)}`;
    return { name, ok: false, required: false, detail, remedy: 'run `npm ci` again' };
  }
}

function tool(name: string, version: readonly string[], purpose: string, remedy: string): Finding {
  const found = ask(name, version);
  return found === undefined
    ? { name, ok: false, required: false, detail: `not found; wanted for ${purpose}`, remedy }
    : { name, ok: true, required: false, detail: found };
}

function ask(program: string, words: readonly string[]): string | undefined {
  try {
    return execFileSync(program, words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    }).trim();
  } catch {
    return undefined; // Not installed, or not answering: both mean that steps cannot use it.
  }
}
