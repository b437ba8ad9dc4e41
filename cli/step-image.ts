/**
 * The image that library steps run in, made on this machine: from `steps/Dockerfile` where its base
 * can be had, and without any network from the Node and the packages that are installed here.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from '../runner/executors/docker/engine.ts';
import { readReport } from '../runner/executors/docker/report.ts';
import { installation, libraryFolder } from './project.ts';

/** As the manifests of `steps/` name it. */
export const STEP_IMAGE = 'localhost/sluice/steps:1';

/** What the steps' programs load beside Node; their own dependencies come along. */
const PACKAGES = ['onnxruntime-node', 'sharp', 'fs-native-extensions'];

const run = promisify(execFile);

/** Imports an image of this machine's own parts. Throws what tar or the engine say. */
export async function importStepImage({ client }: Engine): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-image-'));
  try {
    await gather(root);
    const slash = STEP_IMAGE.lastIndexOf(':');
    const imported = await client.importImage(pack(root), {
      repo: STEP_IMAGE.slice(0, slash),
      tag: STEP_IMAGE.slice(slash + 1),
      changes: ['ENV PATH=/usr/local/bin:/usr/bin:/bin'],
    });
    await finished(imported);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Builds it from `steps/Dockerfile`, which downloads. Throws what the engine says. */
export async function buildStepImage(
  { client }: Engine,
  onLine: (line: string) => void,
): Promise<void> {
  const context = installation();
  const dockerfile = relative(context, join(libraryFolder(), 'Dockerfile'));
  const src = ['package.json', 'package-lock.json', dockerfile].filter(file =>
    existsSync(join(context, file)),
  );
  const options = { t: STEP_IMAGE, dockerfile, rm: true, forcerm: true };
  const stream = await client.buildImage({ context, src }, options);
  await finished(stream, onLine);
}

async function finished(
  stream: NodeJS.ReadableStream,
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  const never = new AbortController().signal;
  const done = await readReport(stream, never, ({ stream: text = '' }) => {
    if (text.trim() !== '') onLine(text.trim());
  });
  if (!done.ok) throw new Error(done.error.message);
}

/** A tree of links to what the image consists of: nothing is copied before it is packed. */
async function gather(root: string): Promise<void> {
  const packages = packageClosure(join(installation(), 'node_modules'));
  const link = async (from: string, to: string) => {
    const path = join(root, to);
    if (existsSync(path)) return;
    await mkdir(dirname(path), { recursive: true });
    await symlink(from, path);
  };
  for (const [name, folder] of packages) await link(folder, join('sluice/node_modules', name));
  await link(process.execPath, 'usr/local/bin/node');
  // What watches over a container that stays warm is a script of the shell.
  await link(realpathSync('/bin/sh'), 'bin/sh');
  const programs = [process.execPath, '/bin/sh', ...packages.values().flatMap(nativeFiles)];
  for (const library of await sharedLibraries(programs)) await link(realpathSync(library), library);
  await mkdir(join(root, 'etc'), { recursive: true });
  await mkdir(join(root, 'tmp'));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/usr/sbin/nologin\n');
  await writeFile(join(root, 'sluice/package.json'), '{ "type": "module" }\n');
}

/** The same tree gives the same bytes, and with them the same image content. */
function pack(root: string): NodeJS.ReadableStream {
  const options = [
    ['--create', '--dereference', '--hard-dereference', '--sort=name', '--mtime=@0'],
    ['--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go+rX,go-w'],
    ['--exclude=*/napi-v6/darwin', '--exclude=*/napi-v6/win32', '--exclude=*.map'],
    ['--directory', root, '.'],
  ].flat();
  return spawn('tar', options, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout;
}

type PackageManifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

/** Name → folder, of the packages and all they depend on that is installed here. */
function packageClosure(modules: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const open = [...PACKAGES];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const folder = join(modules, name);
    if (found.has(name) || !existsSync(join(folder, 'package.json'))) continue;
    found.set(name, folder);
    const manifest: PackageManifest = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    open.push(...Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }));
  }
  return found;
}

const nativeFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.node$|\.so(\.\d+)*$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !/darwin|win32|android|ios/.test(relative(folder, path)));

/** Absolute paths of what the system's loader would load for these, outside of packages. */
async function sharedLibraries(programs: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const program of programs) {
    // Files for another processor or C library are none that it can list.
    const listed = await run('ldd', [program]).catch(() => ({ stdout: '' }));
    for (const [, path = ''] of listed.stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)) {
      if (!path.includes('/node_modules/')) found.add(path);
    }
  }
  return [...found].sort();
}
