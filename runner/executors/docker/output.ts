/**
 * Takes the engine's stream of a container's output apart again: frames of an 8-byte header (stream,
 * three zeros, length) and their bytes. Hands each chunk on as it comes; gathers nothing.
 */

export type StreamName = 'stdout' | 'stderr';

const HEADER_BYTES = 8;

/** Returns what to call with each chunk of the connection, however the frames are cut. */
export function frameReader(
  onOutput: (stream: StreamName, chunk: Buffer) => void,
): (chunk: Buffer) => void {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let left = 0;
  return chunk => {
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const end = Math.min(at + left, chunk.length);
        onOutput(header[0] === 2 ? 'stderr' : 'stdout', chunk.subarray(at, end));
        left -= end - at;
        at = end;
        continue;
      }
      const copied = chunk.copy(header, headerBytes, at, at + HEADER_BYTES - headerBytes);
      headerBytes += copied;
      at += copied;
      if (headerBytes < HEADER_BYTES) continue;
      left = header.readUInt32BE(4);
      headerBytes = 0;
    }
  };
}
