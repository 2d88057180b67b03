import { crc32 } from 'node:zlib';

const headerBytes = 12;
const delta = 3;
/** Protects memory from a small file's claim. */
const mostBytes = 1024 * 1024 * 1024;

/**
 * An .xz stream of one block, as TIFF's LZMA is. libtiff stores differences in it, by a filter that
 * the decoder does not know: it is taken out of the block's header and undone here.
 */
export async function decompressXz(coded: Uint8Array): Promise<ArrayBuffer> {
  const { XzReadableStream } = await import('xz-decompress');
  const own = Uint8Array.from(coded);
  const distance = takeOutDelta(own);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(own);
      controller.close();
    },
  });
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of new XzReadableStream(stream) as unknown as AsyncIterable<Uint8Array>) {
    parts.push(part);
    length += part.length;
    if (length > mostBytes) throw new Error('LZMA: more than a picture can be');
  }
  const plain = new Uint8Array(Buffer.concat(parts));
  for (let at = distance; distance > 0 && at < plain.length; at++) {
    plain[at] = plain[at]! + plain[at - distance]!;
  }
  return plain.buffer;
}

/** 0 where there is no such filter. https://tukaani.org/xz/xz-file-format.txt, 3.1 */
function takeOutDelta(xz: Uint8Array<ArrayBuffer>): number {
  const size = (xz[headerBytes]! + 1) * 4;
  const header = xz.subarray(headerBytes, headerBytes + size);
  const flags = header[1] ?? 0;
  // Two filters, and no sizes in between.
  if ((flags & 0b1100_0011) !== 1 || header[2] !== delta || header[3] !== 1) return 0;
  const distance = header[4]! + 1;
  header[1] = flags - 1;
  header.copyWithin(2, 5, size - 4);
  header.fill(0, size - 7, size - 4);
  new DataView(xz.buffer).setUint32(headerBytes + size - 4, crc32(header.subarray(0, -4)), true);
  return distance;
}
