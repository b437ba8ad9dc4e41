import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { placedContent, recordPlaced } from './placed-record.ts';

function emptyHome() {
  const home = mkdtempSync(join(tmpdir(), 'sluice-placed-'));
  const dispose = () => rmSync(home, { recursive: true });
  return { home, path: join(home, 'placed.jsonl'), [Symbol.dispose]: dispose };
}

test('what was placed last at a path counts, and elsewhere nothing was placed', () => {
  using at = emptyHome();
  expect(placedContent(at.home, 'a')).toBeUndefined();
  recordPlaced(at.home, 'a', 'one');
  recordPlaced(at.home, 'b\n"', 'two');
  recordPlaced(at.home, 'a', 'three');
  expect(placedContent(at.home, 'a')).toBe('three');
  expect(placedContent(at.home, 'b\n"')).toBe('two');
  expect(placedContent(at.home, 'c')).toBeUndefined();
});

test('a kill in the middle of a line costs that line and no other, before it or after it', () => {
  using at = emptyHome();
  recordPlaced(at.home, 'a', 'one');
  const whole = statSync(at.path).size;
  recordPlaced(at.home, 'a', 'two');
  const bytes = readFileSync(at.path);
  for (let cut = whole; cut < bytes.length; cut += 1) {
    writeFileSync(at.path, bytes);
    truncateSync(at.path, cut);
    expect(placedContent(at.home, 'a')).toBe('one');
    recordPlaced(at.home, 'b', `${cut}`);
    expect(placedContent(at.home, 'a')).toBe('one');
    expect(placedContent(at.home, 'b')).toBe(`${cut}`);
  }
});

test('what other processes add meanwhile is known as well', () => {
  using at = emptyHome();
  recordPlaced(at.home, 'a', 'one');
  appendFileSync(at.path, '\n{"to":"b","content":"theirs"}');
  expect(placedContent(at.home, 'b')).toBe('theirs');
  recordPlaced(at.home, 'b', 'ours');
  expect(placedContent(at.home, 'b')).toBe('ours');
  rmSync(at.path);
  expect(placedContent(at.home, 'a')).toBeUndefined();
});

test.each(['rubbish', '\n[]\n1\nnull\n{"to":1}', '\u0000'.repeat(100)])(
  '%j says nothing, and is no error',
  rubbish => {
    using at = emptyHome();
    writeFileSync(at.path, rubbish);
    expect(placedContent(at.home, 'to')).toBeUndefined();
    recordPlaced(at.home, 'to', 'one');
    expect(placedContent(at.home, 'to')).toBe('one');
  },
);

test('it does not grow for ever where the same paths are placed again and again', () => {
  using at = emptyHome();
  for (let round = 0; round < 5_000; round += 1) recordPlaced(at.home, 'a', `${round}`);
  recordPlaced(at.home, 'b', 'last');
  expect(readFileSync(at.path, 'utf8').split('\n').length).toBeLessThan(1_100);
  expect(placedContent(at.home, 'a')).toBe('4999');
});
