import type { DataSet, Element, Fragment } from 'dicom-parser';
import { fail, ok, type Result } from '../../operators/result.js';
import type { DecodeCode } from '../frames.js';
import { explicitBigEndian, transferSyntaxOf } from './data-set.js';
import type { ImageHeader } from './image-header.js';

/** The stored bytes of a frame, from 0: as they lie in the file, or joined from fragments. */
export type FrameBytes = (frame: number) => Uint8Array;

/** Finds the frames in uncompressed pixels, which follow each other without a gap. */
export function plainFrames(dataSet: DataSet, header: ImageHeader): Result<FrameBytes, DecodeCode> {
  const { byteArray } = dataSet;
  const { dataOffset, length, encapsulatedPixelData, vr } = pixelElement(dataSet);
  if (encapsulatedPixelData) {
    return fail('DECODE_FAILED', 'compressed pixels, but the file does not say how');
  }
  const frameLength = plainLength(header);
  if (dataOffset + length > byteArray.length) return incomplete(byteArray);
  if (header.frames * frameLength > length) {
    const announced = `${header.frames} x ${frameLength}`;
    return fail('DECODE_FAILED', `the pixels take ${announced} bytes, but there are ${length}`);
  }
  // Words of two bytes: in a big endian file two values of 8 bits come in turned order.
  const isSwapped =
    header.bitsAllocated === 8 && vr === 'OW' && transferSyntaxOf(dataSet) === explicitBigEndian;
  return ok((frame) => {
    const start = dataOffset + frame * frameLength;
    if (!isSwapped) return byteArray.subarray(start, start + frameLength);
    const swapped = new Uint8Array(frameLength);
    const first = frame * frameLength;
    for (let i = 0; i < frameLength; i++) swapped[i] = byteArray[dataOffset + ((first + i) ^ 1)]!;
    return swapped;
  });
}

function plainLength({ height, width, samples, photometric, bitsAllocated }: ImageHeader): number {
  // Of 4:2:2 two pixels share their colour: Y Y Cb Cr.
  const values = photometric === 'YBR_FULL_422' ? 2 : samples;
  return (height * width * values * bitsAllocated) / 8;
}

/** Finds the frames in compressed pixels: fragments, one or more a frame. */
export function codedFrames(
  dataSet: DataSet,
  { frames }: ImageHeader,
): Result<FrameBytes, DecodeCode> {
  const { byteArray } = dataSet;
  const element = pixelElement(dataSet);
  const { fragments, basicOffsetTable = [] } = element;
  if (fragments === undefined) {
    return fail('DECODE_FAILED', 'the pixels are not compressed as the file says');
  }
  const last = fragments.at(-1);
  if (last === undefined || last.position + last.length > byteArray.length) {
    return incomplete(byteArray);
  }
  const starts = frameStarts(byteArray, fragments, basicOffsetTable, frames);
  // The parser warns of a missing end in words only; an end leaves the length known.
  const hasEnd = element.length !== undefinedLength;
  if (starts.length !== frames || (!hasEnd && fragments.length !== frames)) {
    if (!hasEnd) return incomplete(byteArray);
    return fail('DECODE_FAILED', `${frames} frames are announced, ${starts.length} are there`);
  }
  return ok((frame) => {
    const parts = fragments.slice(starts[frame]!, starts[frame + 1] ?? fragments.length);
    const bytes = parts.map(({ position, length }) =>
      byteArray.subarray(position, position + length),
    );
    return bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes);
  });
}

const undefinedLength = 0xffffffff;

/** The number of each frame's first fragment: from the offset table, else from how they begin. */
function frameStarts(
  bytes: Uint8Array,
  fragments: readonly Fragment[],
  offsets: readonly number[],
  frames: number,
): number[] {
  if (frames === 1) return [0];
  if (fragments.length === frames) return fragments.map((_, i) => i);
  const listed = offsets.map((offset) => fragments.findIndex((f) => f.offset === offset));
  if (listed.length === frames && !listed.includes(-1)) return listed;
  return fragments.flatMap(({ position }, i) => (beginsCoded(bytes, position) ? [i] : []));
}

/** JPEG, JPEG-LS and JPEG 2000 code streams, or a JP2 file. */
function beginsCoded(bytes: Uint8Array, at: number): boolean {
  const first = Buffer.from(bytes.subarray(at, at + 4)).toString('hex');
  return first.startsWith('ffd8ff') || first === 'ff4fff51' || first === '0000000c';
}

function pixelElement(dataSet: DataSet): Element {
  return dataSet.elements.x7fe00010!;
}

function incomplete(bytes: Uint8Array): Result<never, DecodeCode> {
  return fail('TRUNCATED', `the file looks incomplete after ${bytes.length} bytes`);
}
