/**
 * Has this row been here before? A hash set in flat memory: 16 bytes a row, so that tens of millions
 * of rows fit. 128 bits of SHA-256 stand for a row; two different rows do not meet in practice.
 */
import { hash } from 'node:crypto';
import { fieldsText } from '../sdk/csv.ts';

export type RowSet = {
  /** Adds a row; true when it was there already. */
  seen(fields: readonly string[]): boolean;
  readonly size: () => number;
};

const FIRST_CAPACITY = 1 << 12;
const WORDS = 4;

export function rowSet(): RowSet {
  let capacity = FIRST_CAPACITY;
  let slots = new Uint32Array(capacity * WORDS);
  let used = 0;

  /** Slot of the key, or the free one where it belongs. All-zero words mark a free slot. */
  const place = (key: Uint32Array): number => {
    let slot = (key[0] ?? 0) & (capacity - 1);
    for (;;) {
      const at = slot * WORDS;
      const free =
        slots[at] === 0 && slots[at + 1] === 0 && slots[at + 2] === 0 && slots[at + 3] === 0;
      const same =
        slots[at] === key[0] &&
        slots[at + 1] === key[1] &&
        slots[at + 2] === key[2] &&
        slots[at + 3] === key[3];
      if (free || same) return at;
      slot = (slot + 1) & (capacity - 1);
    }
  };
  const grow = (): void => {
    const old = slots;
    capacity *= 2;
    slots = new Uint32Array(capacity * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      const key = old.subarray(at, at + WORDS);
      if (key.some(word => word !== 0)) slots.set(key, place(key));
    }
  };
  return {
    seen: fields => {
      const digest = hash('sha256', fieldsText(fields), 'buffer');
      const key = new Uint32Array(WORDS);
      for (let word = 0; word < WORDS; word += 1) key[word] = digest.readUInt32LE(word * 4);
      const at = place(key);
      if (slots[at] === key[0] && slots[at + 1] === key[1]) return true;
      slots.set(key, at);
      used += 1;
      if (used * 4 > capacity * 3) grow();
      return false;
    },
    size: () => used,
  };
}
