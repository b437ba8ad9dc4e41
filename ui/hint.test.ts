import { expect, test } from 'vitest';
import { hintFromLog } from './hint.ts';

test.each([
  ["ModuleNotFoundError: No module named 'torch'", /no module `torch`/],
  ["Error: Cannot find module 'left-pad'", /no `left-pad`/],
  ['RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB', /GPU ran out of memory/],
  ['\x1b[31mtorch.cuda.OutOfMemoryError\x1b[0m: x', /GPU ran out of memory/],
  ['RuntimeError: No CUDA GPUs are available', /no GPU/],
  ['OSError: [Errno 28] No space left on device', /disk is full/],
  ['MemoryError', /ran out of memory/],
  ['sh: 1: jq: not found', /no program `jq`/],
  ['bash: line 1: jq: command not found', /no program `jq`/],
  ['curl: (6) Could not resolve host: example.org', /server by its name/],
])('%s', (line, hint) => {
  expect(hintFromLog(['before', line, 'after'])).toMatch(hint);
});

test('what it does not recognise it leaves alone', () => {
  expect(hintFromLog(['ValueError: too many values to unpack'])).toBeUndefined();
  expect(hintFromLog([])).toBeUndefined();
});

test('a GPU that is full comes before the module that was missing on the way', () => {
  const tail = ["No module named 'apex', going on without", 'CUDA out of memory'];
  expect(hintFromLog(tail)).toMatch(/GPU/);
});
