/** What is published is what was tested: the package is built, packed and unpacked, and used. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

test('the packed package runs the digits pipeline with built steps, and knows it afterwards', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
  try {
    const root = unpacked(folder);
    expect(readdirSync(root)).not.toContain('cli');
    using project = TempProject.create({});
    const sluice = (...args: readonly string[]) =>
      spawnSync(join(root, 'sluice'), args, { cwd: project.root, encoding: 'utf8' });

    expect(findings(sluice('doctor', '--json').stdout)).toEqual(findings(fromSources('doctor')));
    expect(sluice('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(sluice('init', '--from', 'digits').status).toBe(0);
    const first = sluice('run', 'digits');
    expect(first.stderr).toBe('');
    expect(first.stdout).toContain('8 executed');
    expect(sluice('run', 'digits').stdout).toContain('nothing to do');
    expect(sluice('steps', 'train').stdout).toContain('Parameters');
    expect(sluice('rollback', 'digits', '1').stdout).toContain('version 1 is current');
    expect(JSON.parse(sluice('rollback', 'digits', '1', '--json').stdout)).toMatchObject({
      format: 1,
      name: 'digits',
      version: 1,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the packed package has threads for what is large', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
  try {
    const root = unpacked(folder);
    using project = TempProject.create({
      'pipelines/large.yaml':
        'sluice: 1\nname: large\nsteps:\n  s:\n    run: wc -c < ${{ in.x }} > ${{ out.y }}\n    in: { x: ./x.bin }\n    out: { y: file }\n',
    });
    writeFileSync(join(project.root, 'x.bin'), '');
    truncateSync(join(project.root, 'x.bin'), 160 << 20);
    const ran = spawnSync(join(root, 'sluice'), ['run'], { cwd: project.root, encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What doctor found, without figures and places that differ from call to call. */
const findings = (json: string): readonly (readonly [name: string, ok: boolean])[] =>
  JSON.parse(json).findings.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok]);

const fromSources = (command: string): string =>
  execFileSync(process.execPath, [join(REPOSITORY, 'cli/main.ts'), command, '--json'], {
    encoding: 'utf8',
  });

/** A package as npm would install it, its dependencies those of this checkout. */
function unpacked(folder: string): string {
  const source = join(folder, 'source');
  cpSync(REPOSITORY, source, {
    recursive: true,
    filter: path =>
      !/\/(node_modules|\.git|\.sluice|dist)(\/|$)/.test(path.slice(REPOSITORY.length)),
  });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(source, 'node_modules'));
  execFileSync(process.execPath, ['build.ts'], { cwd: source });
  const packed = execFileSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    {
      cwd: source,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const archive = join(folder, JSON.parse(packed)[0].filename);
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  const root = join(folder, 'package');
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
  return root;
}
