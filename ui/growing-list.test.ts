import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrowingList } from './growing-list.ts';

test('whatever list is made longer, each stays what it was', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), picks => {
      const lists = [{ list: GrowingList.of<number>([]), items: [] as readonly number[] }];
      for (const [item, pick] of picks.entries()) {
        const before = lists[pick % lists.length] ?? expect.fail('there is one');
        lists.push({ list: before.list.with(item), items: [...before.items, item] });
      }
      for (const { list, items } of lists) {
        expect([...list]).toEqual(items);
        expect([list.length, list.last]).toEqual([items.length, items.at(-1)]);
      }
    }),
  );
});

test('it is asked as an array is', () => {
  const list = GrowingList.of([1, 2, 3]);
  list.with(4);
  expect(list.map(item => item * 2)).toEqual([2, 4, 6]);
  expect(list.filter(item => item > 1)).toEqual([2, 3]);
  expect([list.some(item => item === 3), list.some(item => item === 4)]).toEqual([true, false]);
  expect([list.find(item => item > 1), list.find(item => item > 3)]).toEqual([2, undefined]);
});
