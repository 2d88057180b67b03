import {
  type Code,
  get,
  i32,
  increase,
  type Local,
  loop,
  seq,
  set,
  v128,
  when,
} from '../../../assembly/code.js';
import type { FunctionBuilder } from '../../../assembly/module.js';

/** Columns of a tile: two vectors of four float32. */
export const tileColumns = 8;
/** Bytes of one row of a packed panel: `tileColumns` float32. */
export const panelRow = tileColumns * 4;
/** Most rows a tile can have: 12 accumulators leave 4 of 16 vector registers for operands. */
export const mostTileRows = 6;

export type Madd = (a: Code, b: Code, c: Code) => Code;
/** Two roundings; what every machine with WebAssembly SIMD has. */
export const multiplyThenAdd: Madd = (a, b, c) => v128.add(v128.mul(a, b), c);

/**
 * The registers of a tile of C += A B: `rows` x 8 accumulators, two vectors of B, one value of A.
 * Shared by every tile of a function, since only one is alive at a time.
 */
export class TileRegisters {
  private readonly accumulators: Local[];
  private readonly b: [Local, Local];
  private readonly splat: Local;

  constructor(f: FunctionBuilder) {
    this.accumulators = f.localsOf('v128', 2 * mostTileRows);
    this.b = [f.local('v128'), f.local('v128')];
    this.splat = f.local('v128');
  }

  /** Both accumulators of a row. */
  private row(row: number): [Local, Local] {
    return [this.accumulators[2 * row]!, this.accumulators[2 * row + 1]!];
  }

  /** Sets row by row what `value(row, half)` gives. */
  start(rows: number, value: (row: number, half: 0 | 1) => Code): Code {
    return this.each(rows, (row, half, accumulator) => set(accumulator, value(row, half)));
  }

  /** One step of the sum: row of B at `b + bOffset`, for each row m the value of A at `a(m)`. */
  step(
    rows: number,
    b: Local,
    bOffset: number,
    a: (row: number) => { base: Local; offset: number },
    madd: Madd,
  ): Code {
    const code: Code[] = [
      set(this.b[0], v128.load(get(b), bOffset)),
      set(this.b[1], v128.load(get(b), bOffset + 16)),
    ];
    for (let m = 0; m < rows; m++) {
      const { base, offset } = a(m);
      code.push(set(this.splat, v128.loadSplat(get(base), offset)));
      for (const [half, accumulator] of this.row(m).entries()) {
        code.push(
          set(accumulator, madd(get(this.splat), get(this.b[half as 0 | 1]), get(accumulator))),
        );
      }
    }
    return seq(...code);
  }

  /** Stores rows at c, c + stride, ...; only `columns` of them where fewer than 8 are left. */
  store(rows: number, c: Local, stride: Code, columns: Code, value = (v: Code) => v): Code {
    const whole: Code[] = [];
    const part: Code[] = [];
    for (let m = 0; m < rows; m++) {
      const [low, high] = this.row(m);
      whole.push(v128.store(get(c), value(get(low))), v128.store(get(c), value(get(high)), 16));
      for (let column = 0; column < tileColumns; column++) {
        const half = column < 4 ? low : high;
        part.push(
          when(
            i32.gt(columns, i32.const(column)),
            v128.storeLane(get(c), value(get(half)), column % 4, column * 4),
          ),
        );
      }
      whole.push(increase(c, stride));
      part.push(increase(c, stride));
    }
    return when(i32.ge(columns, i32.const(tileColumns)), seq(...whole), seq(...part));
  }

  private each(rows: number, code: (row: number, half: 0 | 1, accumulator: Local) => Code): Code {
    const codes: Code[] = [];
    for (let m = 0; m < rows; m++) {
      for (const [half, accumulator] of this.row(m).entries()) {
        codes.push(code(m, half as 0 | 1, accumulator));
      }
    }
    return seq(...codes);
  }
}

/** Runs `tile(n)` for the n in 1..most that `rows` equals. */
export function dispatch(rows: Code, most: number, tile: (rows: number) => Code): Code {
  let code: Code = [];
  for (let n = most; n >= 1; n--) code = when(i32.eq(rows, i32.const(n)), tile(n), code);
  return code;
}

/**
 * Covers `count` (a local, used up) rows with tiles of five, and one last of at most six: a last
 * tile of one row costs as much as one of four.
 */
export function coverWithTiles(count: Local, tile: (rows: number) => Code): Code {
  return seq(
    loop(
      i32.gt(get(count), i32.const(mostTileRows)),
      seq(tile(mostTileRows - 1), increase(count, i32.const(-(mostTileRows - 1)))),
    ),
    dispatch(get(count), mostTileRows, tile),
  );
}
