/**
 * A WebAssembly assembler of expressions: each function returns the bytes of one instruction with
 * those of its operands before it. Enough of the instruction set for numeric kernels.
 * Opcodes: https://webassembly.github.io/spec/core/appendix/index-instructions.html
 */
export type Code = readonly number[];

export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, v128: 0x7b } as const;
export type ValueType = keyof typeof valueTypes;

export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** LEB128, unsigned. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
}

/** LEB128, signed. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    if ((value === 0 && (low & 0x40) === 0) || (value === -1 && (low & 0x40) !== 0)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

type Binary = (a: Code, b: Code) => Code;

function binary(...opcode: number[]): Binary {
  return (a, b) => [...a, ...b, ...opcode];
}

function unary(...opcode: number[]): (a: Code) => Code {
  return (a) => [...a, ...opcode];
}

/** Alignment is only a hint; 4 bytes hold for all float32 data. */
function load(...opcode: number[]): (address: Code, offset?: number) => Code {
  return (address, offset = 0) => [...address, ...opcode, 2, ...unsigned(offset)];
}

function store(...opcode: number[]): (address: Code, value: Code, offset?: number) => Code {
  return (address, value, offset = 0) => [...address, ...value, ...opcode, 2, ...unsigned(offset)];
}

/** One byte of memory, zero-extended, or the low byte of a number. */
const byteAccess = (opcode: number) => ({
  load: (address: Code, offset = 0): Code => [...address, opcode, 0, ...unsigned(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    opcode,
    0,
    ...unsigned(offset),
  ],
});

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: load(0x28),
  load8: byteAccess(0x2d).load,
  store: store(0x36),
  store8: byteAccess(0x3a).store,
  /** The low half. */
  of: unary(0xa7),
  eqz: unary(0x45),
  eq: binary(0x46),
  lt: binary(0x48),
  /** a < b of addresses: unsigned, for memory beyond 2 GiB. */
  isBelow: binary(0x49),
  gt: binary(0x4a),
  le: binary(0x4c),
  ge: binary(0x4e),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  div: binary(0x6d),
  /** Of unsigned numbers. */
  divUnsigned: binary(0x6e),
  rem: binary(0x6f),
  and: binary(0x71),
  shl: (a: Code, bits: number): Code => [...a, ...i32.const(bits), 0x74],
  /** Zeros come in from the left. */
  shr: (a: Code, bits: number): Code => [...a, ...i32.const(bits), 0x76],
  /** a < b ? a : b */
  min: (a: Code, b: Code): Code => [...a, ...b, ...i32.lt(a, b), 0x1b],
};

export const i64 = {
  load: load(0x29),
  store: store(0x37),
  /** Of an unsigned i32. */
  of: unary(0xad),
  eqz: unary(0x50),
  add: binary(0x7c),
  sub: binary(0x7d),
  shl: binary(0x86),
  /** Zeros come in from the left. */
  shr: binary(0x88),
  rotl: binary(0x89),
};

export const f32 = {
  const: (value: number): Code => [0x43, ...new Uint8Array(new Float32Array([value]).buffer)],
  load: load(0x2a),
  store: store(0x38),
  gt: binary(0x5e),
  sqrt: unary(0x91),
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  div: binary(0x95),
};

export const v128 = {
  load: load(...simd(0)),
  /** One float32 into all four lanes. */
  loadSplat: load(...simd(9)),
  store: store(...simd(11)),
  storeLane: (address: Code, value: Code, lane: number, offset = 0): Code => [
    ...address,
    ...value,
    ...simd(90),
    2,
    ...unsigned(offset),
    lane,
  ],
  zero: [...simd(12), ...new Array<number>(16).fill(0)] as Code,
  splat: unary(...simd(19)),
  /** Whether any bit is set, as an i32. */
  any: unary(...simd(83)),
  or: binary(...simd(80)),
  and: binary(...simd(78)),
  andNot: binary(...simd(79)),
  eq: binary(...simd(65)),
  gt: binary(...simd(68)),
  add: binary(...simd(228)),
  sub: binary(...simd(229)),
  mul: binary(...simd(230)),
  div: binary(...simd(231)),
  sqrt: unary(...simd(227)),
  max: binary(...simd(233)),
  /** a < b ? b : a in one instruction of x86; for NaN or -0 it differs from `max`. */
  pmax: binary(...simd(235)),
  /** a * b + c in one rounding or two, whichever the machine has. */
  relaxedMadd: (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, ...simd(0x105)],
};

/** Sixteen bytes. */
export const i8x16 = {
  /** The first one, as an i32. */
  first: (a: Code): Code => [...a, ...simd(22), 0],
  splat: unary(...simd(15)),
  /** Sixteen of the thirty-two bytes of a and b, by number. */
  shuffle: (a: Code, b: Code, lanes: readonly number[]): Code => [
    ...a,
    ...b,
    ...simd(13),
    ...lanes,
  ],
  add: binary(...simd(110)),
  /** The lesser of two unsigned bytes. */
  min: binary(...simd(119)),
  shr: (a: Code, bits: number): Code => [...a, ...i32.const(bits), ...simd(109)],
  /** All bits of a byte where a, signed, is greater. */
  greater: binary(...simd(39)),
};

/** Eight numbers of 16 bits, of the first or last eight of sixteen unsigned bytes. */
export const i16x8 = { ofLow: unary(...simd(137)), ofHigh: unary(...simd(138)) };

export const i32x4 = {
  splat: unary(...simd(17)),
  /** Of eight signed numbers of 16 bits each: products of equals in place, added up two by two. */
  dot: binary(...simd(186)),
  add: binary(...simd(174)),
};

export const get = (local: Local): Code => [0x20, ...unsigned(local.index)];
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local.index)];
export const increase = (local: Local, by: Code): Code => set(local, i32.add(get(local), by));

/** Sum of integers. */
export const sum = (first: Code, ...rest: readonly Code[]): Code =>
  rest.reduce((total, term) => i32.add(total, term), first);

export const seq = (...codes: readonly Code[]): Code => codes.flat();

export const when = (condition: Code, then: Code, otherwise?: Code): Code => [
  ...condition,
  0x04,
  0x40,
  ...then,
  ...(otherwise ? [0x05, ...otherwise] : []),
  0x0b,
];

/** Ends the function. */
export const leave: Code = [0x0f];

/** do body while (condition) */
export const repeat = (body: Code, condition: Code): Code => [
  0x03,
  0x40,
  ...body,
  ...condition,
  0x0d,
  0,
  0x0b,
];

/** while (condition) body */
export const loop = (condition: Code, body: Code): Code => when(condition, repeat(body, condition));

/** for (i = from; i < to; i += step) body */
export const range = (i: Local, from: Code, to: Code, body: Code, step = i32.const(1)): Code =>
  seq(set(i, from), loop(i32.lt(get(i), to), seq(body, increase(i, step))));

export const memory = {
  copy: (to: Code, from: Code, bytes: Code): Code => [...to, ...from, ...bytes, 0xfc, 10, 0, 0],
  fill: (to: Code, value: Code, bytes: Code): Code => [...to, ...value, ...bytes, 0xfc, 11, 0],
};
