import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DatasetMeta } from '../sdk/dataset.ts';
import { randomFrom } from '../sdk/random.ts';
import { deal } from './deal.ts';
import { sharesOf, targetsOf } from './shares.ts';
import { contentKey, readUnits } from './units.ts';

const meta = (
  rows: number,
  kind: DatasetMeta['kind'] = 'table',
  names = ['id', 'label', 'group'],
) =>
  ({
    kind,
    rows,
    columns: names.map(name => ({
      name,
      type: 'string',
      missing: 0,
      distinct: 0,
      min: null,
      max: null,
      mean: null,
      std: null,
    })),
    format: 1,
    state: 'labelled',
    label: 'label',
    classes: [],
    labels: {},
    part: null,
    provenance: { source: null, quarantined: 0, steps: [] },
  }) satisfies DatasetMeta;

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

type Row = readonly [id: string, label: string, group: string];
const SHARES = sharesOf({
  parts: { train: 0.7, validation: 0.15, test: 0.15 },
  folds: 0,
  fold: 0,
});

const divide = async (
  table: readonly Row[],
  { seed = 7, group = false, stratify = true, shares = SHARES } = {},
) => {
  const rows = await readUnits(meta(table.length), stream(table), {
    stratify: stratify ? 'label' : undefined,
    group: group ? 'group' : undefined,
  });
  return { rows, shareOf: [...deal(rows, shares, randomFrom(seed))] };
};

const partsOf = (table: readonly Row[], shareOf: readonly number[], key: (row: Row) => string) => {
  const parts = new Map<string, Set<number>>();
  for (const [index, row] of table.entries()) {
    const own = parts.get(key(row)) ?? new Set();
    parts.set(key(row), own.add(shareOf[index] ?? -1));
  }
  return [...parts.values()];
};

const distinctTable = fc
  .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 200 })
  .map(labels => labels.map((label, index): Row => [String(index), label, '']));

const repeatingTable = fc.array(
  fc.tuple(
    fc.constantFrom('1', '2', '3', '4', '5'),
    fc.constantFrom('a', 'b'),
    fc.constantFrom('', 'g', 'h', 'i'),
  ),
  { maxLength: 60 },
);

test('different rows meet the targets of every stratum exactly', async () => {
  await fc.assert(
    fc.asyncProperty(distinctTable, fc.nat(), async (table, seed) => {
      const { rows, shareOf } = await divide(table, { seed });
      const sizes = rows.strataNames.map(name => table.filter(row => row[1] === name).length);
      for (const [stratum, counts] of targetsOf(sizes, SHARES).entries()) {
        const name = rows.strataNames[stratum];
        const dealt = SHARES.map(
          (_, share) => table.filter((row, at) => row[1] === name && shareOf[at] === share).length,
        );
        expect(dealt).toEqual(counts);
      }
    }),
  );
});

test('identical rows and rows of a group are never in two parts', async () => {
  await fc.assert(
    fc.asyncProperty(repeatingTable, fc.nat(), fc.boolean(), async (table, seed, group) => {
      const { shareOf } = await divide(table, { seed, group });
      for (const parts of partsOf(table, shareOf, row => row.join())) expect(parts.size).toBe(1);
      if (!group) return;
      const grouped = table.map((row, index): Row => [row[0], row[1], row[2] || `none ${index}`]);
      for (const parts of partsOf(grouped, shareOf, row => row[2])) expect(parts.size).toBe(1);
    }),
  );
});

test('a unit is a group, and a row without a group is one by itself or with its copies', async () => {
  const table: Row[] = [
    ['1', 'a', 'g'],
    ['2', 'a', 'h'],
    ['2', 'a', 'g'],
    ['3', 'a', ''],
    ['4', 'a', ''],
    ['3', 'a', ''],
  ];
  const { rows } = await divide(table, { group: true });
  expect([...rows.units]).toEqual([0, 1, 0, 2, 3, 2]);
  expect([rows.unitCount, rows.repeated, rows.groups]).toEqual([4, 1, 2]);
});

test('groups that share a copy of a file are one unit, however long the chain', async () => {
  const image = fc.tuple(fc.constantFrom('s1', 's2', 's3', 's4', 's5'), fc.nat(7).map(String));
  await fc.assert(
    fc.asyncProperty(fc.array(image, { maxLength: 12 }), async images => {
      const table = images.map(([sha256, group], index) => [`${index}.png`, sha256, 'a', group]);
      const rows = await readUnits(
        meta(table.length, 'images', ['path', 'sha256', 'label', 'group']),
        stream(table),
        { stratify: undefined, group: 'group' },
      );
      // By hand: give tied rows the same name until nothing changes any more.
      const names = table.map((_, index) => index);
      for (let round = 0; round < table.length; round += 1) {
        for (const [a, one] of table.entries()) {
          for (const [b, other] of table.entries()) {
            if (one[1] !== other[1] && one[3] !== other[3]) continue;
            names[a] = Math.min(names[a] ?? 0, names[b] ?? 0);
          }
        }
      }
      const order = [...new Set(names)];
      expect([...rows.units]).toEqual(names.map(name => order.indexOf(name)));
    }),
    { numRuns: 300 },
  );
});

test('a part that is asked for nothing gets nothing, also where large units fill the others', async () => {
  const shares = sharesOf({ parts: { train: 0.5, test: 0.5 }, folds: 0, fold: 0 });
  const table = Array.from({ length: 9 }, (_, index): Row => [String(index), 'a', `${index % 3}`]);
  const { shareOf } = await divide(table, { shares, group: true });
  expect(new Set(shareOf)).toEqual(new Set([0, 2]));
});

test('an image is its file: under another name or label it stays with its copy', () => {
  const keyOf = contentKey(meta(0, 'images', ['path', 'sha256', 'label']));
  expect(keyOf(['a.png', 'abc', 'cat'])).toBe(keyOf(['b.png', 'abc', 'dog']));
  expect(keyOf(['a.png', 'abc', 'cat'])).not.toBe(keyOf(['a.png', 'abd', 'cat']));
});

test('groups of several rows come close to the fractions, labels mixed inside them or not', async () => {
  const random = randomFrom(3);
  const table = Array.from(
    { length: 2_000 },
    (_, index): Row => [
      String(index),
      random.below(4) === 0 ? 'rare' : 'common',
      String(random.below(150)),
    ],
  );
  const { shareOf } = await divide(table, { group: true });
  for (const [share, { fraction }] of SHARES.entries()) {
    for (const label of ['rare', 'common']) {
      const all = table.filter(row => row[1] === label).length;
      const own = table.filter((row, at) => row[1] === label && shareOf[at] === share).length;
      expect(Math.abs(own / all - fraction)).toBeLessThan(0.02);
    }
  }
});

test('over all folds every row is validated exactly once, and the held-out part stays the same', async () => {
  const table = Array.from({ length: 103 }, (_, index): Row => [String(index), `${index % 3}`, '']);
  const validated = table.map(() => 0);
  const heldOut = new Set<string>();
  for (let fold = 0; fold < 5; fold += 1) {
    const shares = sharesOf({ parts: { test: 0.2 }, folds: 5, fold });
    const { shareOf } = await divide(table, { shares });
    const ports = shareOf.map(share => shares[share]?.port);
    for (const [row, port] of ports.entries()) {
      if (port === 'validation') validated[row] = (validated[row] ?? 0) + 1;
    }
    heldOut.add(ports.map(port => (port === 'test' ? '1' : '0')).join(''));
  }
  expect(heldOut.size).toBe(1);
  const [test = ''] = heldOut;
  expect(validated.map(count => 1 - count)).toEqual([...test].map(Number));
});

test('the same seed divides alike, another one otherwise, and the division is the stored one', async () => {
  const table = Array.from(
    { length: 1_000 },
    (_, index): Row => [String(index), `${(index * 7) % 10}`, `${index % 90}`],
  );
  const fingerprint = (shareOf: readonly number[]) =>
    createHash('sha256').update(shareOf.join('')).digest('hex').slice(0, 16);
  const plain = await divide(table);
  expect((await divide(table)).shareOf).toEqual(plain.shareOf);
  expect((await divide(table, { seed: 8 })).shareOf).not.toEqual(plain.shareOf);
  expect(plain.shareOf.slice(0, 40).join('')).toMatchInlineSnapshot(
    `"0000001010010000220000010020120100000100"`,
  );
  expect(fingerprint(plain.shareOf)).toMatchInlineSnapshot(`"d4a3229a15fe380a"`);
  expect(fingerprint((await divide(table, { group: true })).shareOf)).toMatchInlineSnapshot(
    `"4172ec370c92cb1d"`,
  );
});

test('which rows go where is not decided by their order in the file', async () => {
  const table = Array.from({ length: 600 }, (_, index): Row => [String(index), 'a', '']);
  const { shareOf } = await divide(table);
  const early = shareOf.slice(0, 300).filter(share => share === 2).length;
  expect(early).toBeGreaterThan(25);
  expect(early).toBeLessThan(65);
});
