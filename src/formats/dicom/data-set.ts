import { createRequire } from 'node:module';
import { inflateRawSync } from 'node:zlib';
import type { DataSet } from 'dicom-parser';
import { fail, ok, type Result } from '../../operators/result.js';
import type { DecodeCode } from '../frames.js';

type Parser = typeof import('dicom-parser');

const require = createRequire(import.meta.url);
/** Loaded for the first DICOM file only: most folders hold none. */
const parser = (): Parser => require('dicom-parser');

const preambleLength = 128;
export const implicitLittleEndian = '1.2.840.10008.1.2';
export const explicitLittleEndian = '1.2.840.10008.1.2.1';
export const explicitBigEndian = '1.2.840.10008.1.2.2';
const deflated = '1.2.840.10008.1.2.1.99';
/** A deflated file says nowhere how large it gets. */
const mostInflatedBytes = 2 ** 30;
const pixelData = 'x7fe00010';

/** Whether the bytes start as a DICOM file does, or are a bare data set with pixels. */
export function isDicom(bytes: Uint8Array): boolean {
  if (hasPrefix(bytes)) return true;
  // A bare data set starts with an element of group 2 (file meta) or 8 (identification).
  if (bytes.length < 8 || (bytes[0] !== 2 && bytes[0] !== 8) || bytes[1] !== 0) return false;
  try {
    return pixelData in parse(bytes, pixelData).elements;
  } catch {
    return false;
  }
}

/**
 * The elements of a file, not yet read. What the parser complains of never becomes part of a
 * message: it may hold words of the header.
 */
export function readDataSet(bytes: Uint8Array): Result<DataSet, DecodeCode> {
  try {
    return ok(parse(bytes));
  } catch (error) {
    if (endsEarly(error)) {
      return fail('TRUNCATED', `the file looks incomplete after ${bytes.length} bytes`);
    }
    return fail('DECODE_FAILED', 'the DICOM header is damaged');
  }
}

/** The transfer syntax: how elements and pixels are written; a deflated file's is that within. */
export function transferSyntaxOf(dataSet: DataSet): string {
  return dataSet.string('x00020010') ?? explicitLittleEndian;
}

function parse(bytes: Uint8Array, untilTag?: string): DataSet {
  const until = untilTag === undefined ? {} : { untilTag };
  if (hasPrefix(bytes)) {
    const meta = parser().readPart10Header(bytes) as DataSet & { readonly position: number };
    return meta.string('x00020010') === deflated
      ? parseBare(inflate(bytes.subarray(meta.position)), explicitLittleEndian, until)
      : parser().parseDicom(bytes, until);
  }
  if (bytes[0] !== 2) return parseBare(bytes, bareSyntax(bytes), until);
  // The file meta elements are there, only the preamble is missing.
  const prefixed = new Uint8Array(preambleLength + 4 + bytes.length);
  prefixed.set(Buffer.from('DICM'), preambleLength);
  prefixed.set(bytes, preambleLength + 4);
  return parse(prefixed, untilTag);
}

function parseBare(bytes: Uint8Array, syntax: string, until: { untilTag?: string }): DataSet {
  return parser().parseDicom(bytes, { ...until, TransferSyntaxUID: syntax });
}

function hasPrefix(bytes: Uint8Array): boolean {
  const prefix = bytes.subarray(preambleLength, preambleLength + 4);
  return Buffer.from(prefix).toString('latin1') === 'DICM';
}

/** Explicit data sets have two capital letters (the type) after the first tag. */
function bareSyntax(bytes: Uint8Array): string {
  const isCapital = (byte = 0) => byte >= 65 && byte <= 90;
  return isCapital(bytes[4]) && isCapital(bytes[5]) ? explicitLittleEndian : implicitLittleEndian;
}

function inflate(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = inflateRawSync(bytes, {
    maxOutputLength: mostInflatedBytes,
  });
  return new Uint8Array(buffer, byteOffset, length);
}

/** The parser throws strings, errors, or an object with one of them inside. */
function endsEarly(error: unknown): boolean {
  const inner = typeof error === 'object' && error !== null && 'exception' in error;
  const cause = inner ? error.exception : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return /past end|overread|overrun|unexpected end|greater than or equal/i.test(text);
}
