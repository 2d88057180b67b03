import {
  type Code,
  f32,
  get,
  i32,
  increase,
  type Local,
  loop,
  range,
  seq,
  set,
  v128,
} from '../../../assembly/code.js';
import type { FunctionBuilder, ModuleBuilder } from '../../../assembly/module.js';
import { define, eachOwn, setShare } from './share.js';

const vector = i32.const(16);
const float = i32.const(4);

/** Passes over `bytes` bytes (a multiple of 4), four float32 at a time while that many are left. */
function eachVector(i: Local, bytes: Code, four: (i: Code) => Code, one: (i: Code) => Code): Code {
  return seq(
    range(i, i32.const(0), i32.and(bytes, i32.const(-16)), four(get(i)), vector),
    loop(i32.lt(get(i), bytes), seq(one(get(i)), increase(i, float))),
  );
}

function eachRow(
  f: FunctionBuilder,
  p: Readonly<Record<'rows' | 'part' | 'parts', Code>>,
  body: (row: Code) => Code,
): Code {
  const row = f.local();
  return eachOwn(row, p.rows, p, body(get(row)));
}

/** Copies `bytes` of each row; concatenating and splitting are this. Threads share rows. */
export const copyRowsSignature = {
  name: 'copyRows',
  parameters: ['from', 'fromRow', 'to', 'toRow', 'bytes', 'rows'],
} as const;

function copyRows(m: ModuleBuilder): void {
  define(m, copyRowsSignature, (p, f) => {
    const [i, from, to] = f.localsOf('i32', 3);
    return eachRow(f, p, (row) =>
      seq(
        set(from, i32.add(p.from, i32.mul(row, p.fromRow))),
        set(to, i32.add(p.to, i32.mul(row, p.toRow))),
        eachVector(
          i,
          p.bytes,
          (at) => v128.store(i32.add(get(to), at), v128.load(i32.add(get(from), at))),
          (at) => f32.store(i32.add(get(to), at), f32.load(i32.add(get(from), at))),
        ),
      ),
    );
  });
}

/** to[row][k] = from[row][k] + bias[k]. Threads share rows. */
export const addBiasSignature = {
  name: 'addBias',
  parameters: ['from', 'bias', 'to', 'bytes', 'rows'],
} as const;

function addBias(m: ModuleBuilder): void {
  define(m, addBiasSignature, (p, f) => {
    const [i, from, to] = f.localsOf('i32', 3);
    return eachRow(f, p, (row) =>
      seq(
        set(from, i32.add(p.from, i32.mul(row, p.bytes))),
        set(to, i32.add(p.to, i32.mul(row, p.bytes))),
        eachVector(
          i,
          p.bytes,
          (at) =>
            v128.store(
              i32.add(get(to), at),
              v128.add(v128.load(i32.add(get(from), at)), v128.load(i32.add(p.bias, at))),
            ),
          (at) =>
            f32.store(
              i32.add(get(to), at),
              f32.add(f32.load(i32.add(get(from), at)), f32.load(i32.add(p.bias, at))),
            ),
        ),
      ),
    );
  });
}

/**
 * to[chunk][k] = sum of the rows of a chunk, `chunks` of them one after the other. The chunks do
 * not depend on the number of threads, so neither does the result; threads share chunks.
 */
export const sumRowsSignature = {
  name: 'sumRows',
  parameters: ['from', 'to', 'bytes', 'rows', 'chunks'],
} as const;

function sumRows(m: ModuleBuilder): void {
  define(m, sumRowsSignature, (p, f) => {
    const [i, chunk, row, last, from, to] = f.localsOf('i32', 6);
    const total = f.local('v128');
    const single = f.local('f32');
    const next = seq(increase(from, p.bytes), increase(row, i32.const(1)));
    const restart = (at: Code): Code =>
      seq(
        setShare(row, last, p.rows, { part: get(chunk), parts: p.chunks }),
        set(from, i32.add(i32.add(p.from, at), i32.mul(get(row), p.bytes))),
      );
    const down = (add: Code): Code => loop(i32.lt(get(row), get(last)), seq(add, next));
    return eachOwn(
      chunk,
      p.chunks,
      p,
      seq(
        set(to, i32.add(p.to, i32.mul(get(chunk), p.bytes))),
        eachVector(
          i,
          p.bytes,
          (at) =>
            seq(
              restart(at),
              set(total, v128.zero),
              down(set(total, v128.add(get(total), v128.load(get(from))))),
              v128.store(i32.add(get(to), at), get(total)),
            ),
          (at) =>
            seq(
              restart(at),
              set(single, f32.const(0)),
              down(set(single, f32.add(get(single), f32.load(get(from))))),
              f32.store(i32.add(get(to), at), get(single)),
            ),
        ),
      ),
    );
  });
}

/** Passes over rows of float32: what is not a convolution but touches every activation. */
export function rows(m: ModuleBuilder): void {
  copyRows(m);
  addBias(m);
  sumRows(m);
}
