import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { textOf } from './text.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
const read = async (bytes: Uint8Array | string, encoding = 'auto') => {
  made += 1;
  const path = join(folder, String(made));
  writeFileSync(path, bytes);
  return (await Array.fromAsync(textOf(path, encoding))).join('');
};

test('a byte order mark is taken off and says which encoding it is', async () => {
  const utf16 = Buffer.from('\uFEFFa,ü\n', 'utf16le');
  expect(await read('\uFEFFa,ü\n')).toBe('a,ü\n');
  expect(await read(utf16)).toBe('a,ü\n');
  expect(await read(Buffer.from(utf16).swap16())).toBe('a,ü\n');
});

test('other encodings are read when they are named', async () => {
  const bytes = Buffer.from('Stra\xdfe\n', 'latin1');
  expect(await read(bytes, 'windows-1252')).toBe('Straße\n');
  await expect(read(bytes, 'klingon')).rejects.toThrow('there is no text encoding `klingon`');
});

test('bytes that are not UTF-8 are refused with their line, also far into the file', async () => {
  const far = Buffer.concat([Buffer.from('ü,b\n'.repeat(100_000)), Buffer.from([0x61, 0xff])]);
  await expect(read(Buffer.from('a\nb\xff\n', 'latin1'))).rejects.toThrow('line 2 is not UTF-8');
  await expect(read(far)).rejects.toThrow('line 100001 is not UTF-8');
});

test('a character that is cut off at the end of the file is noticed', async () => {
  await expect(read(Buffer.from([0x61, 0x0a, 0xc3]))).rejects.toThrow('line 2 is not UTF-8');
});

test('a character across two chunks is one character', async () => {
  const text = `a${'ü'.repeat(300_000)}\n`;
  expect(await read(text)).toBe(text);
});

test('zero bytes are no text', async () => {
  await expect(read(Buffer.from([0x89, 0x50, 0, 0]))).rejects.toThrow(
    / holds NUL bytes \(byte 0\) at line 1, so it is not text$/,
  );
  const far = Buffer.concat([Buffer.from('ü,b\n'.repeat(100_000)), Buffer.from([0x61, 0])]);
  await expect(read(far)).rejects.toThrow('at line 100001, so it is not text');
});

test('carriage returns alone end lines where there is no line feed', async () => {
  expect(await read('a,b\r1,2\r')).toBe('a,b\n1,2\n');
  expect(await read('a,b\r\n1,2\r\n')).toBe('a,b\r\n1,2\r\n');
});
