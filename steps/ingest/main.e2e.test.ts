import { createHash } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { runProgram } from '../../test/harness/step-program.ts';
import { readDataset, readRows } from '../sdk/dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-ingest-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (path: string, content: string | Uint8Array): string => {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
};

const ingest = async (call: Omit<Parameters<typeof runProgram>[0], 'step'>) => {
  const end = await runProgram({ step: 'ingest', ...call });
  const read = (port: string) => readFileSync(end.out[port] ?? '', 'utf8');
  const data = end.out['data'] ?? '';
  return { ...end, read, data };
};

test('the digits become a labelled dataset with the text they had', async () => {
  const source = join(import.meta.dirname, '../../examples/digits/digits.csv');
  const end = await ingest({ in: { source }, params: { label: 'digit' } });
  expect([end.stderr, end.code, end.warnings]).toEqual(['', 0, []]);
  const { meta } = readDataset(end.data);
  expect(meta).toMatchObject({ kind: 'table', state: 'labelled', label: 'digit', rows: 1797 });
  expect(meta.labels).toMatchObject({ 0: 178, 9: 180 });
  expect(meta.columns.every(({ type }) => type === 'int')).toBe(true);
  expect(meta.provenance.source).toBe(`sha256:${'d'.repeat(64)}`);
  expect(readFileSync(join(end.data, 'rows.csv'))).toEqual(readFileSync(source));
  expect(end.read('report')).toContain('1797 of 1797 rows taken in, 0 set aside.');
});

test('what cannot be read is set aside, counted and named; everything else is taken in', async () => {
  const source = file(
    'messy.csv',
    '\uFEFFid;name;age\r\n' +
      '9007199254740993;"Ann; B.";7\r\n' +
      '2;Bob\r\n' +
      '\r\n' +
      '3;"Cl"eo;9\r\n' +
      '4;"two\nlines";NA\r\n' +
      '4;"two\nlines";NA\r\n',
  );
  const end = await ingest({ in: { source }, params: { 'max-quarantined': 0.5 } });
  expect([end.stderr, end.code]).toEqual(['', 0]);
  const { meta } = readDataset(end.data);
  expect(meta.columns.map(({ name, type, missing }) => [name, type, missing])).toEqual([
    ['id', 'string', 0],
    ['name', 'string', 0],
    ['age', 'int', 2],
  ]);
  expect(await Array.fromAsync(readRows(end.data))).toEqual([
    ['9007199254740993', 'Ann; B.', '7'],
    ['4', 'two\nlines', ''],
    ['4', 'two\nlines', ''],
  ]);
  expect(end.read('quarantined')).toBe(
    'where,reason,text\n' +
      'source.csv:3,"2 fields, and the header has 3","2,Bob"\n' +
      'source.csv:5,text follows a closing quote,"3;""Cl""eo;9"\n',
  );
  expect(end.warnings).toEqual(['2 of 5 rows set aside: see the report']);
  expect(meta.provenance.quarantined).toBe(2);
  expect(end.read('report')).toMatch(/Rows that were there already: 1, kept/);
  expect(end.read('report')).toMatch(/Blank lines passed over: 1/);
});

test('too many bad rows are an error, and so is the first one where it is asked for', async () => {
  const source = file('bad.csv', 'a,b\n1,2\n3\n');
  const many = await ingest({ in: { source } });
  expect([many.code, many.stderr]).toEqual([
    1,
    'error: 1 of 2 could not be read, more than `max-quarantined` (0.05) allows: source.csv:3: 1 field, and the header has 2\n' +
      'help: mend the source, or raise `max-quarantined` if it is meant to be so\n',
  ]);
  const strict = await ingest({ in: { source }, params: { 'on-bad-row': 'error' } });
  expect(strict.stderr).toMatch(/^error: source\.csv:3: 1 field/);
});

test('a folder of tables is one table; another header is refused', async () => {
  file('shards/b.csv', 'x,y\n3,4\n');
  file('shards/a.csv', 'x,y\n1,2\n');
  const end = await ingest({ in: { folder: join(folder, 'shards') } });
  expect(await Array.fromAsync(readRows(end.data))).toEqual([
    ['1', '2'],
    ['3', '4'],
  ]);
  file('shards/c.csv', 'x,z\n5,6\n');
  const mixed = await ingest({ in: { folder: join(folder, 'shards') } });
  expect(mixed.stderr).toMatch(
    /`c.csv` has another header[\s\S]*column 2 is `z`, and theirs is `y`/,
  );
});

const picture = (red: number) =>
  sharp({ create: { width: 6, height: 4, channels: 3, background: { r: red, g: 0, b: 0 } } })
    .png()
    .toBuffer();

test('pictures in folders are labelled by them; broken ones are set aside', async () => {
  const photo = await sharp({
    create: {
      width: 64,
      height: 64,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
    .jpeg()
    .toBuffer();
  file('pictures/cat/2.png', await picture(1));
  file('pictures/cat/1.jpg', photo);
  file('pictures/dog/3.png', await picture(3));
  file('pictures/dog/cut.jpg', photo.subarray(0, photo.length - 300));
  file('pictures/dog/fake.png', 'not a picture');
  file('pictures/.hidden.png', '');
  symlinkSync(join(folder, 'nowhere'), join(folder, 'pictures/dog/lost.png'));
  const end = await ingest({
    in: { folder: join(folder, 'pictures') },
    params: { label: 'folder', 'max-quarantined': 0.6 },
  });
  expect([end.stderr, end.code]).toEqual(['', 0]);
  const { meta } = readDataset(end.data);
  expect(meta).toMatchObject({ kind: 'images', label: 'label', labels: { cat: 2, dog: 1 } });
  const rows = await Array.fromAsync(readRows(end.data));
  expect(rows.map(([path, , , ...rest]) => [path, ...rest])).toEqual([
    ['cat/1.jpg', '64', '64', '3', 'cat'],
    ['cat/2.png', '6', '4', '3', 'cat'],
    ['dog/3.png', '6', '4', '3', 'dog'],
  ]);
  expect(readFileSync(join(end.data, 'files/cat/1.jpg'))).toEqual(photo);
  expect(existsSync(join(end.data, 'files/dog/cut.jpg'))).toBe(false);
  const quarantined = end.read('quarantined').split('\n').slice(1, -1);
  expect(quarantined.map(line => line.split(',')[0])).toEqual([
    'dog/cut.jpg',
    'dog/fake.png',
    'dog/lost.png',
  ]);
  expect(end.read('report')).toContain('Hidden files and folders passed over: 1.');
});

test('files are labelled by a list; what it does not name, or names in vain, is set aside', async () => {
  file('recordings/a.wav', 'one');
  file('recordings/b.wav', 'two');
  file('recordings/labels.csv', 'path,label\na.wav,yes\nc.wav,no\n');
  const end = await ingest({
    in: { folder: join(folder, 'recordings') },
    params: { format: 'files', label: 'labels.csv', 'max-quarantined': 1 },
  });
  expect([end.stderr, end.code]).toEqual(['', 0]);
  const rows = await Array.fromAsync(readRows(end.data));
  expect(rows.map(row => [row[0], row[3]])).toEqual([['a.wav', 'yes']]);
  expect(end.read('quarantined')).toBe(
    'where,reason,text\nc.wav,"`labels.csv` names it, and it is not there",\nb.wav,nothing gives its label,\n',
  );
});

test('a download is taken in like a file, and is gone afterwards', async () => {
  const body = 'x,y\n1,a\n2,b\n';
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sha256 = createHash('sha256').update(body).digest('hex');
  const url = `http://127.0.0.1:${port}/table.csv`;
  const end = await ingest({ params: { url, sha256, label: 'y' } });
  server.close();
  expect([end.stderr, end.code]).toEqual(['', 0]);
  expect(readDataset(end.data).meta).toMatchObject({
    rows: 2,
    provenance: { source: `sha256:${sha256}` },
  });
  expect(existsSync(join(end.workdir, 'download'))).toBe(false);
});

test('no source, two sources, an unknown label: one clear message each', async () => {
  const source = file('good.csv', 'a,b\n1,2\n');
  expect((await ingest({})).stderr).toMatch(
    /^error: there is nothing to take in\nhelp: exactly one/,
  );
  const two = await ingest({ in: { source, folder } });
  expect(two.stderr).toMatch(/^error: there is more than one source/);
  const label = await ingest({ in: { source }, params: { label: 'c' } });
  expect(label.stderr).toBe(
    'error: `label` names `c`, and the source has no such column\nhelp: its columns are a, b\n',
  );
  const unpinned = await ingest({ params: { url: 'https://example.org/data.csv' } });
  expect(unpinned.stderr).toMatch(/^error: `url` needs `sha256`/);
});

test('an empty file, a header alone and a binary file are refused by what they are', async () => {
  const stderr = async (name: string, content: string | Uint8Array) =>
    (await ingest({ in: { source: file(name, content) } })).stderr;
  expect(await stderr('empty.csv', '')).toMatch(/^error: `source.csv` is empty/);
  expect(await stderr('header.csv', 'a,b\n')).toMatch(/^error: the source has no rows to take in/);
  expect(await stderr('binary.csv', Buffer.from([1, 0, 2]))).toMatch(
    /^error: `source.csv` holds NUL bytes \(byte 0\) at line 1, so it is not text/,
  );
  expect(await stderr('thing.bin', 'x')).toMatch(/^error: file names do not tell what/);
});

test('a bad value that makes text of a column of numbers is a warning, and is in the report', async () => {
  const rows = Array.from({ length: 300 }, (_, row) => `${row},${row === 7 ? 'n/a' : row / 2}`);
  const source = file('typo.csv', `id,age\n${rows.join('\n')}\n`);
  const end = await ingest({ in: { source } });
  const what = '`age` is text because of one value among 300 at source.csv:9: `n/a`';
  expect(end.warnings).toEqual([expect.stringContaining(what)]);
  expect(end.read('report')).toContain(what);
  expect(readDataset(end.data).meta.columns.map(({ type }) => type)).toEqual(['int', 'string']);
});

test('the same source gives the same bytes', async () => {
  const source = file('same.csv', 'a,b\n1,x\n2,y\n');
  const [one, two] = [await ingest({ in: { source } }), await ingest({ in: { source } })];
  for (const name of ['dataset.json', 'rows.csv']) {
    expect(readFileSync(join(one.data, name))).toEqual(readFileSync(join(two.data, name)));
  }
  expect(one.read('report')).toBe(two.read('report'));
});

test('counting different values stops where it would fill the memory', async () => {
  const source = join(folder, 'large.csv');
  const out = createWriteStream(source);
  out.write('id,value,text\n');
  for (let block = 0; block < 30; block += 1) {
    const rows = Array.from({ length: 5_000 }, (_, row) => {
      const id = block * 5_000 + row;
      return `${id},${(id * 7919) % 1000},text number ${id}\n`;
    });
    if (!out.write(rows.join(''))) await new Promise<void>(resolve => out.once('drain', resolve));
  }
  out.end();
  await finished(out);
  const end = await ingest({ in: { source } });
  expect([end.stderr, end.code]).toEqual(['', 0]);
  const { meta } = readDataset(end.data);
  expect(meta.rows).toBe(150_000);
  expect(meta.columns[0]).toMatchObject({ type: 'int', distinct: null, min: 0, max: 149_999 });
});
