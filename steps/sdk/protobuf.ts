/**
 * The protobuf wire format, as much of it as ONNX uses: varints, 32-bit floats and fields with a
 * length. Unaware of any message; `onnx.ts` knows those.
 */

/** A piece of an encoded message: one field with its tag. */
type Field = Uint8Array;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** An integer; negative ones take ten bytes, as protobuf's int64 does. */
export function intField(number: number, value: number): Field {
  return join([varint(number * 8 + VARINT), varint(value)]);
}

export function floatField(number: number, value: number): Field {
  return join([varint(number * 8 + FIXED32), floatBytes([value])]);
}

export function bytesField(number: number, bytes: Uint8Array): Field {
  return join([varint(number * 8 + LENGTH), varint(bytes.length), bytes]);
}

export const textField = (number: number, text: string): Field =>
  bytesField(number, new TextEncoder().encode(text));

/** A message within a message. */
export const messageField = (number: number, fields: readonly Field[]): Field =>
  bytesField(number, join(fields));

/** A repeated integer or float in one piece. */
export const packedInts = (number: number, values: readonly number[]): Field =>
  bytesField(number, join(values.map(varint)));

export const packedFloats = (number: number, values: readonly number[]): Field =>
  bytesField(number, floatBytes(values));

export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function floatBytes(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true);
  return bytes;
}

/** A decoded message: every occurrence of every field, by number, in order. */
export type Message = ReadonlyMap<number, readonly WireValue[]>;
type WireValue = bigint | Uint8Array;

/** Throws `not protobuf: …` for bytes that cannot be a message. */
export function decode(bytes: Uint8Array): Message {
  const message = new Map<number, WireValue[]>();
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    const number = Number(tag.value >> 3n);
    const payload = readPayload(bytes, tag.next, Number(tag.value & 7n));
    const known = message.get(number);
    if (known === undefined) message.set(number, [payload.value]);
    else known.push(payload.value);
    at = payload.next;
  }
  return message;
}

function readPayload(bytes: Uint8Array, at: number, wire: number): At<WireValue> {
  switch (wire) {
    case VARINT:
      return readVarint(bytes, at);
    case FIXED64:
      return slice(bytes, at, 8);
    case FIXED32:
      return slice(bytes, at, 4);
    case LENGTH: {
      const length = readVarint(bytes, at);
      return slice(bytes, length.next, Number(length.value));
    }
    default:
      throw new Error(`not protobuf: wire type ${wire} at byte ${at}`);
  }
}

type At<T> = { readonly value: T; readonly next: number };

function slice(bytes: Uint8Array, at: number, length: number): At<Uint8Array> {
  if (at + length > bytes.length) throw new Error(`not protobuf: cut off at byte ${at}`);
  return { value: bytes.subarray(at, at + length), next: at + length };
}

function readVarint(bytes: Uint8Array, start: number): At<bigint> {
  let value = 0n;
  for (let at = start; at < start + 10; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start));
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new Error(`not protobuf: no integer at byte ${start}`);
}

/** All integers of a field, packed or one by one. */
export function ints(message: Message, number: number): readonly number[] {
  return all(message, number).flatMap(value =>
    typeof value === 'bigint' ? [signed(value)] : unpackInts(value),
  );
}

function unpackInts(bytes: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { value, next } = readVarint(bytes, at);
    values.push(signed(value));
    at = next;
  }
  return values;
}

const signed = (value: bigint): number => Number(BigInt.asIntN(64, value));

/** All floats of a field, packed or one by one: both lie there as groups of four bytes. */
export function floats(message: Message, number: number): readonly number[] {
  return blobs(message, number).flatMap(bytes => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: bytes.length >> 2 }, (_, i) => view.getFloat32(i * 4, true));
  });
}

export const int = (message: Message, number: number): number => ints(message, number).at(-1) ?? 0;

export const blobs = (message: Message, number: number): readonly Uint8Array[] =>
  all(message, number).filter(value => typeof value !== 'bigint');

export const texts = (message: Message, number: number): readonly string[] =>
  blobs(message, number).map(bytes => new TextDecoder().decode(bytes));

export const text = (message: Message, number: number): string =>
  texts(message, number).at(-1) ?? '';

export const messages = (message: Message, number: number): readonly Message[] =>
  blobs(message, number).map(decode);

const all = (message: Message, number: number): readonly WireValue[] => message.get(number) ?? [];
