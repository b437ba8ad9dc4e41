import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameReader, type StreamName } from './output.ts';

type Piece = { readonly stream: StreamName; readonly text: string };

function frame({ stream, text }: Piece): Buffer {
  const bytes = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream === 'stderr' ? 2 : 1;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

const pieces = fc.array(
  fc.record({
    stream: fc.constantFrom<StreamName>('stdout', 'stderr'),
    text: fc.string({ unit: 'grapheme', maxLength: 40 }),
  }),
);

test('frames come out as they went in, however the connection cuts them', () => {
  fc.assert(
    fc.property(
      pieces,
      fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 }),
      (said, cuts) => {
        const bytes = Buffer.concat(said.map(frame));
        const heard = { stdout: '', stderr: '' };
        const read = frameReader((stream, chunk) => {
          heard[stream] += chunk.toString('latin1');
        });
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const size = cuts[n % cuts.length] ?? 1;
          read(bytes.subarray(at, at + size));
          at += size;
        }
        for (const stream of ['stdout', 'stderr'] as const) {
          const texts = said.filter(piece => piece.stream === stream).map(({ text }) => text);
          expect(heard[stream]).toBe(Buffer.from(texts.join('')).toString('latin1'));
        }
      },
    ),
  );
});
