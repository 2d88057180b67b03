import { sharp } from '../../operators/configured-sharp.js';
import { type CodedSize, jpeg2000Size, jpegSize } from './coded-size.js';

/** A decoded frame: its values pixel by pixel, or plane by plane. */
export interface DecodedFrame {
  readonly data: Uint8Array | Uint16Array;
  readonly isPlanar: boolean;
  /** The decoder has turned YBR into RGB. */
  readonly isRgb: boolean;
}

export interface FrameCodec {
  readonly name: string;
  readonly sizeOf: (bytes: Uint8Array) => CodedSize | null;
  /** The most bits of a value, for one component and for more. */
  readonly mostBits: (components: number) => number;
  /** Throws where the bytes are damaged. `isRgb`: the header says that the components are RGB. */
  readonly decode: (bytes: Uint8Array, size: CodedSize, isRgb: boolean) => Promise<DecodedFrame>;
}

const jpeg: FrameCodec = {
  name: 'JPEG',
  sizeOf: jpegSize,
  mostBits: () => 8,
  decode: async (bytes, { components, isUnmarked }, isRgb) => {
    const marked = isRgb && isUnmarked && components === 3 ? withRgbMark(bytes) : bytes;
    const file = sharp(marked, { failOn: 'error', ignoreIcc: true, limitInputPixels: false });
    const space = components === 1 ? 'b-w' : 'srgb';
    const { buffer, byteOffset, length } = await file.toColourspace(space).raw().toBuffer();
    return { data: new Uint8Array(buffer, byteOffset, length), isPlanar: false, isRgb: true };
  },
};

const losslessJpeg: FrameCodec = {
  name: 'lossless JPEG',
  sizeOf: jpegSize,
  // The library takes 16 bits of one component only.
  mostBits: (components) => (components === 1 ? 16 : 8),
  decode: async (bytes) => {
    const { Decoder } = await import('jpeg-lossless-decoder-js');
    const { buffer, byteOffset, length } = withRoomAtEnd(bytes);
    const data = new Decoder().decode(buffer, byteOffset, length);
    return { data, isPlanar: false, isRgb: false };
  },
};

/** What codecs print is of no use: that a frame is damaged is said once. One each: they keep it. */
const silent = () => ({ print: () => {}, printErr: () => {} });

const withCharls = loadedOnce(async () => {
  const { default: load } = await import('@cornerstonejs/codec-charls/decodewasmjs');
  return load(silent());
});
const withOpenJpeg = loadedOnce(async () => {
  const { default: load } = await import('@cornerstonejs/codec-openjpeg/decodewasmjs');
  return load(silent());
});

const jpegLs: FrameCodec = {
  name: 'JPEG-LS',
  sizeOf: jpegSize,
  mostBits: () => 16,
  decode: (bytes, { precision }) =>
    withCharls(({ JpegLSDecoder }) => {
      const decoder = new JpegLSDecoder();
      const data = decodeWith(decoder, bytes, precision);
      const isPlanar = decoder.getInterleaveMode() === 0;
      decoder.delete();
      return { data, isPlanar, isRgb: false };
    }),
};

const jpeg2000: FrameCodec = {
  name: 'JPEG 2000',
  sizeOf: jpeg2000Size,
  mostBits: () => 16,
  decode: (bytes, { precision }) =>
    withOpenJpeg(({ J2KDecoder }) => {
      const decoder = new J2KDecoder();
      const data = decodeWith(decoder, bytes, precision);
      decoder.delete();
      return { data, isPlanar: false, isRgb: false };
    }),
};

const codecs: ReadonlyMap<string, FrameCodec> = new Map([
  ['1.2.840.10008.1.2.4.50', jpeg],
  ['1.2.840.10008.1.2.4.51', jpeg],
  ['1.2.840.10008.1.2.4.57', losslessJpeg],
  ['1.2.840.10008.1.2.4.70', losslessJpeg],
  ['1.2.840.10008.1.2.4.80', jpegLs],
  ['1.2.840.10008.1.2.4.81', jpegLs],
  ['1.2.840.10008.1.2.4.90', jpeg2000],
  ['1.2.840.10008.1.2.4.91', jpeg2000],
]);

/** The codec of a transfer syntax, if there is one. */
export function frameCodec(transferSyntax: string): FrameCodec | undefined {
  return codecs.get(transferSyntax);
}

/** Keeps a codec for the frames to come, but not one that has failed: its memory may be in pieces. */
function loadedOnce<T>(load: () => Promise<T>): <R>(use: (codec: T) => R) => Promise<R> {
  let loaded: Promise<T> | undefined;
  return async (use) => {
    loaded ??= load();
    try {
      return use(await loaded);
    } catch (error) {
      loaded = undefined;
      throw error;
    }
  };
}

function decodeWith(
  decoder: FrameDecoder,
  bytes: Uint8Array,
  precision: number,
): Uint8Array | Uint16Array {
  decoder.getEncodedBuffer(bytes.length).set(bytes);
  decoder.decode();
  // Out of the codec's memory, which the next frame takes.
  const data = new Uint8Array(decoder.getDecodedBuffer());
  return precision > 8 ? new Uint16Array(data.buffer, 0, data.length >> 1) : data;
}

/** Adobe's mark, transform 0: without it three components are taken for YCbCr. */
function withRgbMark(bytes: Uint8Array): Uint8Array {
  const mark = Buffer.from('ffee000e41646f626500640000000000', 'hex');
  return Buffer.concat([bytes.subarray(0, 2), mark, bytes.subarray(2)]);
}

/**
 * The library reads ahead and loses the last pixel if it meets the end doing so; a frame that lacks
 * its end it would fill with zeros.
 */
function withRoomAtEnd(bytes: Uint8Array): Uint8Array {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf('ffd9', 'hex');
  if (end < 0) throw new Error('the end is missing');
  return Buffer.concat([bytes.subarray(0, end), Buffer.alloc(16), bytes.subarray(end)]);
}
