import {
  endsEarly,
  type ImageFormat,
  imageFormat,
  lacksPixels,
} from '../operators/image-format.js';
import { decodePlainTiff } from '../operators/plain-tiff.js';
import { fail, ok, type Result } from '../operators/result.js';
import { readTiffDirectory } from '../operators/tiff-directory.js';
import { isDicom, openDicom } from './dicom.js';
import type { DecodeCode } from './frames.js';
import { type Frame, type FrameFile, noNotes, type OpenFrames } from './frames.js';
import { isNifti, openNifti } from './nifti.js';
import { openPicture } from './pictures.js';
import { isMetaImage, isNrrd, openMetaImage, openNrrd } from './raw-volume.js';
import { openTiff } from './tiff.js';
import { tiffSpacing } from './tiff-spacing.js';

/** Where a PNG tells the bits of its values. */
const pngDepthAt = 24;

const openers: Readonly<Record<ImageFormat, OpenFrames>> = {
  tiff: openTiff,
  png: openPicture,
  jpeg: openPicture,
};

/**
 * PNG and JPEG of 8 bits, and the plain grey TIFF of one page that most ultrasound images are: nothing
 * to be opened.
 */
export function isOnePicture(bytes: Uint8Array): boolean {
  if (isMarkedAsDicom(bytes)) return false;
  const format = imageFormat(bytes);
  if (format === 'png' && bytes[pngDepthAt] === 16) return false;
  if (format !== 'tiff') return format !== null;
  const directory = readTiffDirectory(bytes);
  return directory !== null && directory.bits <= 8;
}

/**
 * Opens a file of whatever format its bytes are, whatever its name says. `TRUNCATED` is a file that
 * ends before what it announces: it may still be being written, so waiting can help.
 */
export async function openFrames(
  bytes: Uint8Array,
  maxPixels: number,
): Promise<Result<FrameFile, DecodeCode>> {
  if (bytes.length === 0) return fail('EMPTY_FILE', 'the file is empty');
  if (isMarkedAsDicom(bytes)) return await openDicom(bytes, maxPixels);
  const format = imageFormat(bytes);
  const looksIncomplete = `the file looks incomplete after ${bytes.length} bytes`;
  if (format === 'cut-short') return fail('TRUNCATED', looksIncomplete);
  if (format === null) return await openVolume(bytes, maxPixels);
  if (lacksPixels(bytes, format)) return fail('TRUNCATED', looksIncomplete);
  const orCut = <T>(read: Result<T, DecodeCode>): Result<T, DecodeCode> =>
    !read.ok && read.failure.code === 'DECODE_FAILED' && endsEarly(bytes, format)
      ? fail('TRUNCATED', looksIncomplete)
      : read;
  const plain = format === 'tiff' ? openPlainTiff(bytes, maxPixels) : null;
  if (plain !== null) return ok(plain);
  const opened = orCut(await openers[format](bytes, maxPixels));
  if (!opened.ok) return opened;
  const file = opened.value;
  return ok({ ...file, frame: async (number) => orCut(await file.frame(number)) });
}

/** What stands before the mark is free: it may well be the head of a TIFF. */
function isMarkedAsDicom(bytes: Uint8Array): boolean {
  const [d, i, c, m] = bytes.subarray(128, 132);
  return d === 0x44 && i === 0x49 && c === 0x43 && m === 0x4d;
}

/** Without geotiff or libvips, as most ultrasound images can be. */
function openPlainTiff(bytes: Uint8Array, maxPixels: number): FrameFile | null {
  const image = decodePlainTiff(bytes, maxPixels);
  if (image === null) return null;
  const frame: Frame = { ...image, stride: 1, colours: 1, hasAlpha: false };
  return { ...noNotes, spacing: tiffSpacing(bytes), frames: 1, frame: async () => ok(frame) };
}

async function openVolume(
  bytes: Uint8Array,
  maxPixels: number,
): Promise<Result<FrameFile, DecodeCode>> {
  if (isDicom(bytes)) return await openDicom(bytes, maxPixels);
  if (isNrrd(bytes)) return await openNrrd(bytes, maxPixels);
  if (isMetaImage(bytes)) return await openMetaImage(bytes, maxPixels);
  if (isNifti(bytes)) return await openNifti(bytes, maxPixels);
  return fail('NOT_AN_IMAGE', 'neither TIFF, PNG, JPEG, DICOM, NIfTI, NRRD nor MetaImage');
}
