import {
  type Code,
  get,
  i32,
  increase,
  type Local,
  loop,
  memory,
  range,
  seq,
  set,
  sum,
} from '../../../assembly/code.js';
import type { FunctionBuilder } from '../../../assembly/module.js';
import { type PaddedInput, padImages } from './pad.js';
import { outputs, positions, tileIn } from './winograd-tile.js';

/**
 * Transforms the inputs of `lines` rows of tiles, counted on through all images of a block, from
 * `first` on: planes of [lines * tileColumns, channels] from `to` on.
 */
function linesIn(
  f: FunctionBuilder,
  p: Readonly<Record<'pixel' | 'paddedRow' | 'paddedImage' | 'tileRows' | 'tileColumns', Code>>,
  padded: Code,
  first: Code,
  lines: Code,
  v: Code,
  plane: Code,
): Code {
  const [i, x, c, from, to] = f.localsOf('i32', 5);
  const line = i32.add(first, get(i));
  return seq(
    set(to, v),
    range(
      i,
      i32.const(0),
      lines,
      seq(
        set(
          from,
          sum(
            padded,
            i32.mul(i32.div(line, p.tileRows), p.paddedImage),
            i32.mul(i32.rem(line, p.tileRows), i32.mul(p.paddedRow, i32.const(outputs))),
          ),
        ),
        range(
          x,
          i32.const(0),
          p.tileColumns,
          seq(
            range(
              c,
              i32.const(0),
              p.pixel,
              tileIn(f, p, i32.add(get(from), get(c)), i32.add(get(to), get(c)), plane),
              i32.const(16),
            ),
            increase(from, i32.mul(p.pixel, i32.const(outputs))),
            increase(to, p.pixel),
          ),
        ),
      ),
    ),
  );
}

/** Parameters that cut images into blocks and strips of tiles. */
type Tiling = PaddedInput &
  Readonly<
    Record<
      | 'pixel'
      | 'tileRows'
      | 'tileColumns'
      | 'strip'
      | 'scratch'
      | 'scratchBytes'
      | 'block'
      | 'thread',
      Code
    >
  >;

/** Locals of a function that works through its images in blocks, and through these in strips. */
export class Strips {
  /** The next image and the end of all. */
  readonly image: Local;
  readonly last: Local;
  /** First of the strip's rows of tiles, counted on through the block, and how many they are. */
  readonly first: Local;
  readonly lines: Local;
  /** Transformed inputs: 16 planes of `vPlane` bytes. */
  readonly v: Local;
  readonly vPlane: Local;
  /** Images of the block, and where they lie padded. */
  readonly count: Local;
  readonly padded: Local;

  constructor(
    readonly f: FunctionBuilder,
    private readonly p: Tiling,
  ) {
    this.image = f.local();
    this.last = f.local();
    this.first = f.local();
    this.lines = f.local();
    this.v = f.local();
    this.vPlane = f.local();
    this.count = f.local();
    this.padded = f.local();
  }

  /** Tiles of a strip. */
  get tiles(): Code {
    return i32.mul(get(this.lines), this.p.tileColumns);
  }

  /** What lies behind the transformed inputs in scratch memory. */
  get behind(): Code {
    return i32.add(get(this.v), i32.mul(get(this.vPlane), i32.const(positions)));
  }

  /** To be run once, before any strip. The zeros around the images stay from block to block. */
  start(): Code {
    const { p, padded, v } = this;
    const blockBytes = i32.mul(p.block, p.paddedImage);
    return seq(
      set(padded, i32.add(p.scratch, i32.mul(p.thread, p.scratchBytes))),
      set(v, i32.add(get(padded), blockBytes)),
      memory.fill(get(padded), i32.const(0), blockBytes),
    );
  }

  /** From `image` to `last`: pads a block, transforms a strip of it and leaves the rest to `body`. */
  each(pad: FunctionBuilder, body: Code): Code {
    const { f, p, image, last, first, lines, v, vPlane, count, padded } = this;
    const allLines = i32.mul(get(count), p.tileRows);
    const strip = seq(
      set(lines, i32.min(p.strip, i32.sub(allLines, get(first)))),
      set(vPlane, i32.mul(this.tiles, p.pixel)),
      linesIn(f, p, get(padded), get(first), get(lines), get(v), get(vPlane)),
      body,
    );
    return loop(
      i32.lt(get(image), get(last)),
      seq(
        set(count, i32.min(p.block, i32.sub(get(last), get(image)))),
        padImages(pad, p, get(image), get(count), get(padded)),
        range(first, i32.const(0), allLines, strip, p.strip),
        increase(image, get(count)),
      ),
    );
  }
}
