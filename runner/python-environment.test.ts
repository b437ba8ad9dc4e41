import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environmentAt, hasOtherPackages } from './python-environment.ts';

function inFolder(play: (folder: string) => void): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-venv-')));
  try {
    play(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PACKAGES = 'lib/python3.11/site-packages';

test('a folder without pyvenv.cfg or conda-meta is none', () =>
  inFolder(folder => {
    mkdirSync(join(folder, PACKAGES, 'six-1.16.0.dist-info'), { recursive: true });
    expect(environmentAt(folder)).toBeUndefined();
    expect(environmentAt('/nowhere')).toBeUndefined();
  }));

test('of a virtual environment the packages count, and what of its settings decides', () =>
  inFolder(folder => {
    for (const name of ['numpy-1.26.4.dist-info', 'my_tool-0.1+cpu.dist-info', 'old.egg-info']) {
      mkdirSync(join(folder, PACKAGES, name), { recursive: true });
    }
    for (const name of ['six.py', '__editable__.mine-1.0.pth']) {
      writeFileSync(join(folder, PACKAGES, name), '');
    }
    const settings = 'home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n';
    writeFileSync(join(folder, 'pyvenv.cfg'), settings);
    expect(environmentAt(folder)?.installed.split(' ')).toEqual([
      '__editable__.mine-1.0.pth==installed',
      'include-system-site-packages==false',
      'my_tool==0.1+cpu',
      'numpy==1.26.4',
      'old==installed',
      'python==3.11.2',
    ]);
  }));

test('of one that Conda made, the builds that it notes count as well', () =>
  inFolder(folder => {
    mkdirSync(join(folder, 'conda-meta'));
    for (const name of ['history', 'python-dateutil-2.8.2-pyhd8ed1ab_0.json']) {
      writeFileSync(join(folder, 'conda-meta', name), '');
    }
    expect(environmentAt(folder)?.installed).toBe('python-dateutil==2.8.2-pyhd8ed1ab_0');
  }));

test('a package that is taken away and put back shows; another file beside it does not', () =>
  inFolder(folder => {
    const six = join(folder, PACKAGES, 'six-1.16.0.dist-info');
    mkdirSync(six, { recursive: true });
    writeFileSync(join(folder, 'pyvenv.cfg'), 'version = 3.11.2\n');
    const before = environmentAt(folder);
    if (before === undefined) throw new Error('there is none');
    mkdirSync(join(folder, PACKAGES, '__pycache__'));
    expect(hasOtherPackages(before)).toBe(false);
    renameSync(six, join(folder, 'aside'));
    expect(hasOtherPackages(before)).toBe(true);
    mkdirSync(six);
    expect(hasOtherPackages(before)).toBe(true);
  }));
