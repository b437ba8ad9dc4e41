import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { missingFileHint } from './hint.ts';

let project = '';
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'sluice-hint-'));
  for (const path of [
    'src/util.py',
    'src/train.py',
    'src/nets/unet.py',
    'data/a.csv',
    'helper.sh',
  ]) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), '');
  }
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const hint = (printed: string) =>
  missingFileHint({ printed, project, workdir: '/work/7', files: ['src/train.py'] });

test.each([
  [
    "python: can't open file '/work/7/src/util.py': [Errno 2] No such file or directory",
    'src/util.py exists in the project but is not in `files`',
  ],
  [
    "ModuleNotFoundError: No module named 'util'",
    'src/util.py exists in the project but is not in `files`',
  ],
  [
    "ModuleNotFoundError: No module named 'nets.unet'",
    'src/nets/unet.py exists in the project but is not in `files`',
  ],
  ['sh: 1: ./helper.sh: not found', 'helper.sh exists in the project but is not in `files`'],
  [
    'cat: data/a.csv: No such file or directory',
    'data/a.csv exists in the project but is not in `files`',
  ],
  ["FileNotFoundError: 'data/'", 'data/ exists in the project but is not in `files`'],
])('%s', (printed, expected) => {
  expect(hint(printed)).toBe(expected);
});

test.each([
  'Traceback: File "/work/7/src/train.py", line 3',
  'cat: nowhere.csv: No such file or directory',
  'error: ../../etc/passwd',
  `something ${'x'.repeat(5000)}/y`,
  '',
])('no hint for %j', printed => {
  expect(hint(printed)).toBeNull();
});
