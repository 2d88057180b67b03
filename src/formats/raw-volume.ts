import { fail, ok, type Result } from '../operators/result.js';
import type { DecodeCode } from './frames.js';
import { type FrameFile, noNotes, type OpenFrames, type PixelSpacing } from './frames.js';
import { inflateVolume } from './inflate-volume.js';
import { tooManyPixels } from './pictures.js';
import { type SampleType, sampleArray } from './sample-array.js';

/** What the text in front of the values says, in NRRD and in MetaImage. */
interface VolumeHeader extends SampleType {
  /** Fastest first: columns, rows, then slices, times and so on. */
  readonly sizes: readonly number[];
  /** Values a pixel: colours stand before the columns. */
  readonly stride: number;
  readonly encoding: 'raw' | 'gzip' | 'zlib';
  readonly spacing: PixelSpacing | null;
  /** Where the values begin. */
  readonly start: number;
}

/** By what NRRD and MetaImage call them. */
const types: Readonly<Record<string, readonly [number, number]>> = {
  ...{ uchar: [1, 1], 'unsigned char': [1, 1], uint8: [1, 1], uint8_t: [1, 1] },
  ...{ char: [1, 2], 'signed char': [1, 2], int8: [1, 2], int8_t: [1, 2] },
  ...{ ushort: [2, 1], 'unsigned short': [2, 1], uint16: [2, 1], uint16_t: [2, 1] },
  ...{ short: [2, 2], int16: [2, 2], int16_t: [2, 2] },
  ...{ uint: [4, 1], 'unsigned int': [4, 1], uint32: [4, 1], uint32_t: [4, 1] },
  ...{ int: [4, 2], int32: [4, 2], int32_t: [4, 2] },
  ...{ float: [4, 3], double: [8, 3] },
};

/** NRRD with its values in the same file; raw or gzip. http://teem.sourceforge.net/nrrd/format.html */
export const openNrrd: OpenFrames = (bytes, maxPixels) =>
  openVolume(bytes, maxPixels, readNrrdHeader(bytes));

/** MetaImage with its values in the same file (.mha), as they are or compressed. */
export const openMetaImage: OpenFrames = (bytes, maxPixels) =>
  openVolume(bytes, maxPixels, readMetaHeader(bytes));

export function isNrrd(bytes: Uint8Array): boolean {
  return textOf(bytes.subarray(0, 4)) === 'NRRD';
}

export function isMetaImage(bytes: Uint8Array): boolean {
  return /^\s*(ObjectType|NDims|Comment)\s*=/.test(textOf(bytes.subarray(0, 64)));
}

async function openVolume(
  bytes: Uint8Array,
  maxPixels: number,
  header: Result<VolumeHeader, DecodeCode>,
): Promise<Result<FrameFile, DecodeCode>> {
  if (!header.ok) return header;
  const { sizes, stride, valueBytes, format, littleEndian, spacing, encoding } = header.value;
  const [width = 1, height = 1, ...others] = sizes;
  const frames = others.reduce((product, count) => product * count, 1);
  const isPlausible = [...sizes, stride].every((n) => Number.isSafeInteger(n) && n > 0);
  if (!isPlausible) return fail('DECODE_FAILED', `a volume of the size ${sizes.join(' x ')}`);
  const tooMany = tooManyPixels({ height, width }, maxPixels);
  if (tooMany !== null) return tooMany;
  const frameBytes = height * width * stride * valueBytes;
  const coded = bytes.subarray(header.value.start);
  const needed = frames * frameBytes;
  const values = encoding === 'raw' ? ok(coded) : await inflateVolume(coded, encoding, needed);
  if (!values.ok) return values;
  if (values.value.length < needed) {
    return fail('TRUNCATED', `the file looks incomplete after ${bytes.length} bytes`);
  }
  return ok({
    ...noNotes,
    spacing,
    frames,
    async frame(number) {
      const start = number * frameBytes;
      const of = { start, frameBytes, valueBytes, format, littleEndian };
      const data = sampleArray(values.value, of);
      if (!data.ok) return data;
      const colours = stride >= 3 ? 3 : 1;
      return ok({ height, width, data: data.value, stride, colours, hasAlpha: stride === 4 });
    },
  });
}

function readNrrdHeader(bytes: Uint8Array): Result<VolumeHeader, DecodeCode> {
  const end = textOf(bytes.subarray(0, 65_536)).search(/\r?\n\r?\n/);
  if (end < 0) return fail('TRUNCATED', 'the NRRD header has no end');
  const text = textOf(bytes.subarray(0, end));
  if (/^(line|byte) ?skip:\s*[^0\s]/m.test(text)) return unreadable('NRRD');
  const fields = fieldsOf(text, /^([^:#]+):=?\s*(.*)$/);
  if (fields.has('data file') || fields.has('datafile')) return separate('NRRD', '.nrrd');
  const type = types[fields.get('type') ?? ''];
  const encoding = { raw: 'raw', gzip: 'gzip', gz: 'gzip' }[fields.get('encoding') ?? ''];
  const sizes = numbersIn(fields.get('sizes'));
  if (type === undefined || encoding === undefined || sizes.length < 2) return unreadable('NRRD');
  const kinds = (fields.get('kinds') ?? '').split(/\s+/);
  const isColour = /color|vector/i.test(kinds[0] ?? '') && sizes[0]! <= 4;
  const spacings = numbersIn(fields.get('spacings'));
  const directions = [...(fields.get('space directions') ?? '').matchAll(/\(([^)]*)\)|none/g)].map(
    ([, vector]) => (vector === undefined ? Number.NaN : Math.hypot(...numbersIn(vector, ','))),
  );
  const along = (spacings.length > 0 ? spacings : directions).slice(isColour ? 1 : 0);
  return ok({
    sizes: isColour ? sizes.slice(1) : sizes,
    stride: isColour ? sizes[0]! : 1,
    valueBytes: type[0],
    format: type[1],
    littleEndian: fields.get('endian') !== 'big',
    encoding: encoding as 'raw' | 'gzip',
    spacing: spacingOf(along, fields.get('space units') ?? fields.get('units') ?? ''),
    start: end + (/\r\n\r\n/.test(textOf(bytes.subarray(end, end + 4))) ? 4 : 2),
  });
}

function readMetaHeader(bytes: Uint8Array): Result<VolumeHeader, DecodeCode> {
  const text = textOf(bytes.subarray(0, 65_536));
  const last = /^ElementDataFile\s*=\s*(.*?)\s*\r?\n/m.exec(text);
  if (last === null) return fail('TRUNCATED', 'the MetaImage header has no ElementDataFile');
  if (last[1] !== 'LOCAL') return separate('MetaImage', '.mha');
  const fields = fieldsOf(text.slice(0, last.index), /^([^=]+)=\s*(.*)$/);
  const name = (fields.get('elementtype') ?? '').toLowerCase().replace(/^met_/, '');
  const type = types[name];
  const sizes = numbersIn(fields.get('dimsize'));
  if (type === undefined || sizes.length < 2) return unreadable('MetaImage');
  const isBig = /true/i.test(
    fields.get('elementbyteordermsb') ?? fields.get('binarydatabyteordermsb') ?? '',
  );
  return ok({
    sizes,
    stride: Number(fields.get('elementnumberofchannels') ?? 1),
    valueBytes: type[0],
    format: type[1],
    littleEndian: !isBig,
    encoding: /true/i.test(fields.get('compresseddata') ?? '') ? 'zlib' : 'raw',
    spacing: spacingOf(numbersIn(fields.get('elementspacing') ?? fields.get('elementsize'))),
    start: last.index + last[0].length,
  });
}

function separate(what: string, ending: string): Result<never, DecodeCode> {
  const message = `the values of this ${what} file lie in another one; save both in one (${ending})`;
  return fail('UNSUPPORTED_SAMPLES', message);
}

function unreadable(what: string): Result<never, DecodeCode> {
  return fail(
    'UNSUPPORTED_SAMPLES',
    `what this ${what} file holds is not read: its type, encoding or size`,
  );
}

/** Millimetres of the units that NRRD names, in quotes, one a direction. */
const namedUnits: Readonly<Record<string, number>> = { mm: 1, cm: 10, m: 1000, um: 0.001 };

/** Millimetres unless another unit is named; a pixel that is no length has no size. */
function spacingOf([across = 0, down = 0]: readonly number[], units = ''): PixelSpacing | null {
  const [, name = 'mm'] = /"([^"]+)"/.exec(units) ?? [];
  const length = namedUnits[name];
  if (length === undefined || !(across > 0) || !(down > 0)) return null;
  return { rowMm: down * length, columnMm: across * length };
}

function fieldsOf(text: string, line: RegExp): Map<string, string> {
  const fields = new Map<string, string>();
  for (const each of text.split(/\r?\n/)) {
    const [, name, value] = line.exec(each) ?? [];
    if (name !== undefined) fields.set(name.trim().toLowerCase(), value!.trim());
  }
  return fields;
}

function numbersIn(text = '', divider: string | RegExp = /\s+/): number[] {
  return text === '' ? [] : text.split(divider).map(Number);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
