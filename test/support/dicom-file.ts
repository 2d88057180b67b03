import { deflateRawSync } from 'node:zlib';

/** A value to write: numbers for US, SS, UL, FD and OW, text for all other types. */
export type DicomValue = string | readonly number[] | Uint8Array | readonly DicomElement[][];

export interface DicomElement {
  /** Group and element, e.g. 0x00280010. */
  readonly tag: number;
  readonly vr: string;
  readonly value: DicomValue;
}

export interface DicomFile {
  readonly syntax?: string;
  readonly elements: readonly DicomElement[];
  /** Uncompressed pixels, or the fragments of compressed ones. */
  readonly pixels: Uint8Array | readonly Uint8Array[];
  readonly pixelVr?: 'OB' | 'OW';
  /** The offset of each frame's first fragment; without it the table is empty. */
  readonly offsets?: readonly number[];
  readonly hasPreamble?: boolean;
}

export const syntaxes = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  deflated: '1.2.840.10008.1.2.1.99',
  bigEndian: '1.2.840.10008.1.2.2',
  jpeg: '1.2.840.10008.1.2.4.50',
  losslessJpeg: '1.2.840.10008.1.2.4.70',
  jpegLs: '1.2.840.10008.1.2.4.80',
  jpeg2000: '1.2.840.10008.1.2.4.90',
  rle: '1.2.840.10008.1.2.5',
} as const;

/** What every picture says of itself; more elements may stand beside these. */
export function pictureElements(picture: {
  height: number;
  width: number;
  photometric?: string;
  frames?: number;
  bits?: readonly [allocated: number, stored: number, high: number];
  isSigned?: boolean;
  planar?: 0 | 1;
}): DicomElement[] {
  const { photometric = 'MONOCHROME2', bits = [8, 8, 7] } = picture;
  const isGrey = photometric.startsWith('MONO') || photometric.startsWith('PALETTE');
  return [
    { tag: 0x00080060, vr: 'CS', value: 'US' },
    { tag: 0x00100010, vr: 'PN', value: 'SECRET^NAME' },
    { tag: 0x00100020, vr: 'LO', value: 'id-7' },
    { tag: 0x00280002, vr: 'US', value: [isGrey ? 1 : 3] },
    { tag: 0x00280004, vr: 'CS', value: photometric },
    { tag: 0x00280006, vr: 'US', value: [picture.planar ?? 0] },
    { tag: 0x00280008, vr: 'IS', value: String(picture.frames ?? 1) },
    { tag: 0x00280010, vr: 'US', value: [picture.height] },
    { tag: 0x00280011, vr: 'US', value: [picture.width] },
    { tag: 0x00280100, vr: 'US', value: [bits[0]] },
    { tag: 0x00280101, vr: 'US', value: [bits[1]] },
    { tag: 0x00280102, vr: 'US', value: [bits[2]] },
    { tag: 0x00280103, vr: 'US', value: [picture.isSigned ? 1 : 0] },
  ];
}

/** The bytes of a DICOM file, its elements sorted by tag. */
export function dicomFile(file: DicomFile): Buffer {
  const { syntax = syntaxes.explicit, hasPreamble = true } = file;
  const writer: Writer = {
    isExplicit: syntax !== syntaxes.implicit,
    isBig: syntax === syntaxes.bigEndian,
  };
  const sorted = [...file.elements].sort((a, b) => a.tag - b.tag);
  const body = Buffer.concat([
    ...sorted.map((element) => writeElement(element, writer)),
    writePixels(file, writer),
  ]);
  if (!hasPreamble) return body;
  const meta = writeElement({ tag: 0x00020010, vr: 'UI', value: syntax }, little);
  const head = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), meta]);
  return Buffer.concat([head, syntax === syntaxes.deflated ? deflateRawSync(body) : body]);
}

interface Writer {
  readonly isExplicit: boolean;
  readonly isBig: boolean;
}

const little: Writer = { isExplicit: true, isBig: false };
const longTypes = ['OB', 'OW', 'SQ', 'UN', 'UT'];
const unknownLength = 0xffffffff;

function writeElement({ tag, vr, value }: DicomElement, writer: Writer): Buffer {
  const content = contentOf(vr, value, writer);
  return Buffer.concat([head(tag, vr, content.length, writer), content]);
}

function head(tag: number, vr: string, length: number, writer: Writer): Buffer {
  const start = [number(tag >>> 16, 2, writer), number(tag & 0xffff, 2, writer)];
  if (!writer.isExplicit) return Buffer.concat([...start, number(length, 4, writer)]);
  const isLong = longTypes.includes(vr);
  const size = isLong ? [Buffer.alloc(2), number(length, 4, writer)] : [number(length, 2, writer)];
  return Buffer.concat([...start, Buffer.from(vr), ...size]);
}

function contentOf(vr: string, value: DicomValue, writer: Writer): Buffer {
  if (value instanceof Uint8Array) return padded(Buffer.from(value), 0);
  if (typeof value === 'string') return padded(Buffer.from(value), vr === 'UI' ? 0 : 32);
  if (vr === 'SQ') {
    const items = (value as readonly DicomElement[][]).map((elements) => {
      const content = Buffer.concat(elements.map((element) => writeElement(element, writer)));
      return Buffer.concat([itemHead(content.length, writer), content]);
    });
    return Buffer.concat(items);
  }
  const width = vr === 'FD' ? 8 : vr === 'UL' ? 4 : 2;
  return Buffer.concat((value as readonly number[]).map((n) => number(n, width, writer)));
}

function writePixels({ pixels, pixelVr = 'OW', offsets }: DicomFile, writer: Writer): Buffer {
  const tag = 0x7fe00010;
  if (pixels instanceof Uint8Array) {
    const even = padded(Buffer.from(pixels), 0);
    return Buffer.concat([head(tag, pixelVr, even.length, writer), even]);
  }
  const table = Buffer.concat((offsets ?? []).map((offset) => number(offset, 4, little)));
  const items = [table, ...pixels].map((fragment) => {
    const even = padded(Buffer.from(fragment), 0);
    return Buffer.concat([itemHead(even.length, little), even]);
  });
  const end = Buffer.from('feffdde000000000', 'hex');
  return Buffer.concat([head(tag, 'OB', unknownLength, writer), ...items, end]);
}

function itemHead(length: number, writer: Writer): Buffer {
  return Buffer.concat([
    number(0xfffe, 2, writer),
    number(0xe000, 2, writer),
    number(length, 4, writer),
  ]);
}

function number(value: number, width: number, { isBig }: Pick<Writer, 'isBig'>): Buffer {
  const bytes = Buffer.alloc(width);
  if (width === 8) bytes.writeDoubleLE(value);
  else bytes.writeUIntLE(value >= 0 ? value : value + 2 ** (8 * width), 0, width);
  return isBig ? bytes.reverse() : bytes;
}

function padded(bytes: Buffer, filler: number): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([filler])]);
}
