import type { DataSet } from 'dicom-parser';
import { fail, ok, type Result } from '../../operators/result.js';
import type { DecodeCode } from '../frames.js';

/** Colours by number: red, green and blue for the stored values `first`, `first + 1`, ... */
export interface Palette {
  readonly first: number;
  /** Three tables of the same kind: of bytes, or of 16-bit values. */
  readonly tables: readonly (Uint8Array | Uint16Array)[];
}

/** Reads the three colour tables of a DICOM file, written out or in segments. */
export function readPalette(dataSet: DataSet, isSigned: boolean): Result<Palette, DecodeCode> {
  const tables = [0, 1, 2].map((colour) => readTable(dataSet, colour));
  if (tables.some((table) => table === null)) {
    return fail('DECODE_FAILED', 'the palette of the DICOM file is missing or damaged');
  }
  const words = tables.filter((table) => table !== null);
  const firstTag = 'x00281101';
  const first = (isSigned ? dataSet.int16(firstTag, 1) : dataSet.uint16(firstTag, 1)) ?? 0;
  const bytes = asBytes(words);
  return ok({ first, tables: bytes ?? words });
}

/** Replaces stored values by their colours; what lies beyond a table takes its nearest end. */
export function applyPalette(
  values: ArrayLike<number>,
  { first, tables }: Palette,
): Uint8Array | Uint16Array {
  const pixels = values.length;
  const wide = tables[0] instanceof Uint16Array;
  const colours = wide ? new Uint16Array(pixels * 3) : new Uint8Array(pixels * 3);
  for (const [colour, table] of tables.entries()) {
    const last = table.length - 1;
    for (let pixel = 0, to = colour; pixel < pixels; pixel++, to += 3) {
      colours[to] = table[Math.min(last, Math.max(0, values[pixel]! - first))]!;
    }
  }
  return colours;
}

/**
 * Most scanners write 8 bits as 16, in the low byte, the high one or both: white is then 0x00ff,
 * 0xff00 or 0xffff. Null where the entries say more than 8 bits.
 */
function asBytes(tables: readonly Uint16Array[]): Uint8Array[] | null {
  const all = (fits: (entry: number) => boolean) => tables.every((table) => table.every(fits));
  if (all((entry) => entry < 256)) return tables.map((table) => Uint8Array.from(table));
  const isHigh = all((entry) => entry % 256 === 0) || all((entry) => entry % 257 === 0);
  return isHigh ? tables.map((table) => Uint8Array.from(table, (entry) => entry >> 8)) : null;
}

/** A table's entries as numbers, or null where they do not fit to what is announced. */
function readTable(dataSet: DataSet, colour: number): Uint16Array | null {
  const tag = (element: number) => `x0028${(element + colour).toString(16)}`;
  const descriptor = tag(0x1101);
  // 0 stands for 65536, which does not fit.
  const entries = dataSet.uint16(descriptor, 0) || 65536;
  const plain = tag(0x1201);
  const segmented = tag(0x1221);
  const length = dataSet.elements[plain]?.length ?? 0;
  if (length >= entries * 2) return wordsOf(dataSet, plain).subarray(0, entries);
  if (length >= entries) return packedBytes(dataSet, plain, entries);
  if (length > 0 || !(segmented in dataSet.elements)) return null;
  return joinSegments(wordsOf(dataSet, segmented), entries);
}

function wordsOf(dataSet: DataSet, tag: string): Uint16Array {
  const words = Math.floor(dataSet.elements[tag]!.length / 2);
  return Uint16Array.from({ length: words }, (_, i) => dataSet.uint16(tag, i)!);
}

/** Entries of 8 bits may lie two in a word, the first in its low byte. */
function packedBytes(dataSet: DataSet, tag: string, entries: number): Uint16Array {
  const words = wordsOf(dataSet, tag);
  return Uint16Array.from(
    { length: entries },
    (_, i) => ((words[i >> 1] ?? 0) >> (8 * (i & 1))) & 255,
  );
}

/**
 * Segments, each a code, a length and its content: 0, values; 1, a straight line from the value
 * before to the value given; 2, so many segments again, from a place given in two words.
 */
function joinSegments(words: Uint16Array, entries: number): Uint16Array | null {
  const table = new Uint16Array(entries);
  let filled = 0;

  /** Reads `count` segments from `at`; false where they make no sense. */
  function read(at: number, count: number, mayRepeat: boolean): boolean {
    for (let segment = 0; segment < count && at + 2 < words.length; segment++) {
      const [code, length, value] = [words[at]!, words[at + 1]!, words[at + 2]!];
      if (code === 0) {
        if (filled + length > entries || at + 2 + length > words.length) return false;
        table.set(words.subarray(at + 2, at + 2 + length), filled);
        filled += length;
        at += 2 + length;
      } else if (code === 1) {
        if (filled === 0 || filled + length > entries) return false;
        const from = table[filled - 1]!;
        for (let i = 1; i <= length; i++) {
          table[filled++] = Math.round(from + ((value - from) * i) / length);
        }
        at += 3;
      } else if (code === 2 && mayRepeat) {
        const byte = value + 65536 * (words[at + 3] ?? 0);
        if (!read(byte / 2, length, false)) return false;
        at += 4;
      } else return false;
    }
    return true;
  }

  return read(0, Number.POSITIVE_INFINITY, true) && filled === entries ? table : null;
}
