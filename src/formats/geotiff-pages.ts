import type { GeoTIFF, GeoTIFFImage } from 'geotiff';
import { fail, ok, type Result } from '../operators/result.js';
import type { DecodeCode, Frame, SampleArray } from './frames.js';
import { decodeLzw } from './lzw.js';
import { type TiffPage, tiffTags } from './tiff-pages.js';

const lzw = 5;
const zstd = 50000;
const lzma = 34925;
const rgb = 2;
/** Values a pixel: colour and some more. */
const mostValues = 8;
/** None, LZW, Deflate (two numbers), PackBits, ZSTD, and LZMA, which it is taught. */
const compressions = new Set([1, lzw, 8, 32946, 32773, zstd, lzma]);
/** White or black is zero; colour. */
const photometrics = new Set([0, 1, rgb]);
const bitsOfLibvips = new Set([1, 2, 4, 8, 16]);
const { stripOffsets, stripByteCounts, tileOffsets, tileByteCounts } = tiffTags;

/** Pages by geotiff, which is loaded for the first that is asked for. */
export function readWithGeotiff(bytes: Uint8Array, littleEndian: boolean) {
  let opened: Promise<GeoTIFF> | undefined;
  return {
    /** Whether it can, and libvips cannot. */
    isNeeded({ tags }: TiffPage): boolean {
      const one = (tag: number, fallback: number) => tags.get(tag)?.[0] ?? fallback;
      const compression = one(tiffTags.compression, 1);
      const photometric = one(tiffTags.photometric, 1);
      if (!compressions.has(compression) || !photometrics.has(photometric)) return false;
      const isOfLibvips =
        one(tiffTags.sampleFormat, 1) === 1 && bitsOfLibvips.has(one(tiffTags.bits, 1));
      return !isOfLibvips || compression === zstd || compression === lzma;
    },

    async read({ tags, index }: TiffPage): Promise<Result<Frame, DecodeCode>> {
      const one = (tag: number, fallback: number) => tags.get(tag)?.[0] ?? fallback;
      const values = one(tiffTags.samples, 1);
      if (values < 1 || values > mostValues || (tags.get(tiffTags.bits) ?? [1]).length < values) {
        return fail('UNSUPPORTED_SAMPLES', `${values} values a pixel are not read`);
      }
      try {
        opened ??= open(bytes);
        const image = await (await opened).getImage(index);
        handleAll(image);
        // Its own reading of long lists takes them for little endian.
        for (const tag of [stripOffsets, stripByteCounts, tileOffsets, tileByteCounts]) {
          const places = tags.get(tag);
          if (places === undefined) continue;
          image.fileDirectory.deferredArrays.delete(tag);
          image.fileDirectory.actualizedFields.set(tag, [...places]);
        }
        let data = (await image.readRasters({ interleave: true })) as unknown as SampleArray;
        const bits = one(tiffTags.bits, 1);
        // Bits that it has unpacked it takes for big endian numbers once more.
        if (bits > 8 && bits < 16 && !littleEndian) data = data.map(swapped) as typeof data;
        const stride = one(tiffTags.samples, 1);
        const colours = one(tiffTags.photometric, 1) === rgb && stride >= 3 ? 3 : 1;
        const hasAlpha = stride > colours && (tags.get(tiffTags.extraSamples)?.[0] ?? 0) > 0;
        const size = { height: image.getHeight(), width: image.getWidth() };
        return ok({ ...size, data, stride, colours, hasAlpha: hasAlpha && stride === colours + 1 });
      } catch (error) {
        return fail('DECODE_FAILED', (error as Error).message);
      }
    },
  };
}

/**
 * It asks for all strips at once, and forgets those in hand where it gives up: one that then failed
 * would end the program.
 */
function handleAll(image: GeoTIFFImage): void {
  const ask = image.getTileOrStrip.bind(image);
  image.getTileOrStrip = (...which) => {
    const asked = ask(...which);
    asked.catch(() => {});
    return asked;
  };
}

async function open(bytes: Uint8Array): Promise<GeoTIFF> {
  const { addDecoder, BaseDecoder, fromArrayBuffer } = await import('geotiff');
  class LzmaDecoder extends BaseDecoder {
    override async decodeBlock(block: ArrayBufferLike): Promise<ArrayBufferLike> {
      const { decompressXz } = await import('./xz.js');
      return await decompressXz(new Uint8Array(block));
    }
  }
  // Its own goes round for ever in damaged data.
  class LzwDecoder extends BaseDecoder {
    override decodeBlock(block: ArrayBufferLike): ArrayBufferLike {
      return decodeLzw(new Uint8Array(block)).buffer;
    }
  }
  addDecoder(lzma, async () => LzmaDecoder);
  addDecoder(lzw, async () => LzwDecoder);
  return await fromArrayBuffer(new Uint8Array(bytes).buffer);
}

function swapped(value: number): number {
  return ((value & 255) << 8) | (value >> 8);
}
