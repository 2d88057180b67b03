import {
  type Code,
  get,
  i8x16,
  i32,
  i64,
  increase,
  leave,
  loop,
  range,
  repeat,
  seq,
  set,
  v128,
  when,
} from '../../assembly/code.js';
import type { ModuleBuilder } from '../../assembly/module.js';

const clearCode = 256;
const endCode = 257;
const firstFree = 258;
const most = 4096;
const leastWidth = 9;
const greatestWidth = 12;

/** A string is copied in pieces of this many bytes, the last one whole. */
const piece = 16;

/** What a decoder needs beside its input and output, in bytes: strings, then the bytes 0 to 255. */
export const lzwTableBytes = most * 8 + 256 + piece;
const alphabetAt = most * 8;

/** Strings are written whole, in whole pieces: so many bytes beyond the last pixel may be overwritten. */
export const lzwOverrun = most + piece;
/** Reading runs ahead by so many bytes. */
export const lzwLookahead = 16;

/**
 * Fills the table with the strings that are always there: `lzwTable(table)`. A string is where it
 * stands (low 32 bits) and its length: every longer one is the one before it and the byte after
 * that, which lie side by side in what was written already.
 */
function lzwTable(m: ModuleBuilder): void {
  m.function('lzwTable', ['table'] as const, (p, f) => {
    const [byte, at] = f.localsOf('i32', 2);
    return range(
      byte,
      i32.const(0),
      i32.const(256),
      seq(
        set(at, i32.add(p.table, i32.add(i32.const(alphabetAt), get(byte)))),
        i32.store8(get(at), get(byte)),
        i64.store(
          i32.add(p.table, i32.shl(get(byte), 3)),
          i64.add(i64.of(get(at)), stringLength(i32.const(1))),
        ),
      ),
    );
  });
}

const half = i64.of(i32.const(32));
const stringLength = (length: Code): Code => i64.shl(i64.of(length), half);

/**
 * Reverses the bytes of each four, `bytes` of them from `from` (anywhere) to `to` (a multiple of 4):
 * the codes begin at the highest bit, and so do numbers then. Up to 15 bytes more are written.
 */
function reverseWords(m: ModuleBuilder): void {
  const lanes = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];
  m.function('reverseWords', ['from', 'to', 'bytes'] as const, (p, f) => {
    const i = f.local();
    const v = f.local('v128');
    return range(
      i,
      i32.const(0),
      p.bytes,
      seq(
        set(v, v128.load(i32.add(p.from, get(i)))),
        v128.store(i32.add(p.to, get(i)), i8x16.shuffle(get(v), get(v), lanes)),
      ),
      i32.const(16),
    );
  });
}

/**
 * LZW as TIFF has it (highest bit first, codes widen one early): `bits` bits of codes at `words`, as
 * `reverseWords` leaves them, into the bytes from `out` to `end`. `done` becomes 1, or stays as it is
 * when the codes make no sense or end before all is filled.
 */
function decodeLzw(m: ModuleBuilder): void {
  const parameters = ['table', 'words', 'bits', 'out', 'end', 'done'] as const;
  m.function('decodeLzw', parameters, (p, f) => {
    const [write, bit, nextBit, width, widenAt, code, next, source, length, at] = f.localsOf(
      'i32',
      10,
    );
    /** The string before; 0 right after a clear code. */
    const [before, string] = f.localsOf('i64', 2);

    const entry = (nth: Code): Code => i32.add(p.table, i32.shl(nth, 3));
    const begin = seq(
      set(width, i32.const(leastWidth)),
      set(widenAt, i32.const(2 ** leastWidth - 1)),
      set(next, i32.const(firstFree)),
      set(before, i64.of(i32.const(0))),
    );
    const read = seq(
      set(nextBit, i32.add(get(bit), get(width))),
      when(i32.isBelow(p.bits, get(nextBit)), leave),
      set(
        code,
        // Two words, the first one high; what has been read is shifted out on the left.
        i32.of(
          i64.shr(
            i64.shl(
              i64.rotl(i64.load(i32.add(p.words, i32.shl(i32.shr(get(bit), 5), 2))), half),
              i64.of(i32.and(get(bit), i32.const(31))),
            ),
            i64.of(i32.sub(i32.const(64), get(width))),
          ),
        ),
      ),
      set(bit, get(nextBit)),
    );
    const remember = when(
      i64.eqz(get(before)),
      when(i32.ge(get(code), i32.const(clearCode)), leave),
      seq(
        when(i32.ge(get(next), i32.const(most)), leave),
        i64.store(entry(get(next)), i64.add(get(before), stringLength(i32.const(1)))),
        increase(next, i32.const(1)),
        when(
          i32.ge(get(next), get(widenAt)),
          when(
            i32.lt(get(width), i32.const(greatestWidth)),
            seq(
              increase(width, i32.const(1)),
              set(widenAt, i32.add(i32.shl(get(widenAt), 1), i32.const(1))),
            ),
          ),
        ),
        when(i32.ge(get(code), get(next)), leave),
      ),
    );
    const copyPiece = (offset: Code): Code =>
      v128.store(i32.add(get(write), offset), v128.load(i32.add(get(source), offset)));
    const copy = seq(
      set(string, i64.load(entry(get(code)))),
      set(source, i32.of(get(string))),
      set(length, i32.of(i64.shr(get(string), half))),
      v128.store(get(write), v128.load(get(source))),
      // The newest string ends with its own first byte, which was not there to be copied.
      when(
        i32.eq(get(code), i32.sub(get(next), i32.const(1))),
        i32.store8(i32.add(get(write), i32.sub(get(length), i32.const(1))), i32.load8(get(source))),
      ),
      // No string of this length ends within the piece before what it is written to.
      when(
        i32.gt(get(length), i32.const(piece)),
        seq(
          set(at, i32.const(piece)),
          repeat(
            seq(copyPiece(get(at)), increase(at, i32.const(piece))),
            i32.lt(get(at), get(length)),
          ),
        ),
      ),
      set(before, i64.add(i64.of(get(write)), stringLength(get(length)))),
      increase(write, get(length)),
    );
    return seq(
      set(write, p.out),
      set(bit, i32.const(0)),
      begin,
      loop(
        i32.lt(get(write), p.end),
        seq(
          read,
          when(
            i32.eq(get(code), i32.const(clearCode)),
            begin,
            seq(when(i32.eq(get(code), i32.const(endCode)), leave), remember, copy),
          ),
        ),
      ),
      i32.store(p.done, i32.const(1)),
    );
  });
}

export function lzw(m: ModuleBuilder): void {
  lzwTable(m);
  reverseWords(m);
  decodeLzw(m);
}
