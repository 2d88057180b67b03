import {
  type Code,
  get,
  i32,
  increase,
  type Local,
  memory,
  range,
  seq,
  set,
  sum,
  when,
} from '../../../assembly/code.js';
import type { FunctionBuilder, ModuleBuilder } from '../../../assembly/module.js';

/** First parameters of a function that reads images with zeros around them; bytes unless said otherwise. */
export const paddedInput = [
  'x', // [batch, height, ...]
  'xImage',
  'xRow',
  'height', // rows of x
  'top', // rows of zeros above
  'left', // bytes of zeros before each row
  'paddedRow', // a row with its zeros
  'paddedImage', // an image with its zeros; equal to xImage where there are none
] as const;

export type PaddedInput = Readonly<Record<(typeof paddedInput)[number], Code>>;

/** Address of an image without zeros. */
function imageAt({ x, xImage }: PaddedInput, image: Code): Code {
  return i32.add(x, i32.mul(image, xImage));
}

/** Pads `count` images from `image` on into memory at `to`, zeros already there. */
export function padImages(
  pad: FunctionBuilder,
  p: PaddedInput,
  image: Code,
  count: Code,
  to: Code,
): Code {
  const { height, xRow, top, left, paddedRow, paddedImage } = p;
  return pad.call(imageAt(p, image), to, count, height, xRow, top, left, paddedRow, paddedImage);
}

/** Locals of a function that works through its images in blocks. */
export interface Block {
  /** The block's first image. */
  readonly image: Local;
  /** Its images. */
  readonly count: Local;
  /** Where they lie: padded in scratch memory, or as they are where there are no zeros. */
  readonly base: Local;
  /** The thread's scratch memory, zeros already around the images. */
  readonly mine: Local;
}

/** Makes the next block of at most `p.block` images ready; `end` of all images. */
export function readyBlock(
  pad: FunctionBuilder,
  p: PaddedInput & Readonly<Record<'block', Code>>,
  { image, count, base, mine }: Block,
  end: Code,
): Code {
  return seq(
    set(count, i32.min(p.block, i32.sub(end, get(image)))),
    set(base, imageAt(p, get(image))),
    when(
      i32.sub(p.paddedImage, p.xImage),
      seq(set(base, get(mine)), padImages(pad, p, get(image), get(count), get(mine))),
    ),
  );
}

/** Copies images into the middle of larger ones whose zeros are already there. All in bytes. */
export function pad(m: ModuleBuilder): FunctionBuilder {
  return m.function(
    'pad',
    ['from', 'to', 'images', 'height', 'row', 'top', 'left', 'paddedRow', 'paddedImage'] as const,
    (p, f, locals) => {
      const [image, y, to] = f.localsOf('i32', 3);
      return range(
        image,
        i32.const(0),
        p.images,
        seq(
          set(
            to,
            sum(p.to, i32.mul(get(image), p.paddedImage), i32.mul(p.top, p.paddedRow), p.left),
          ),
          range(
            y,
            i32.const(0),
            p.height,
            seq(
              memory.copy(get(to), p.from, p.row),
              increase(to, p.paddedRow),
              increase(locals.from, p.row),
            ),
          ),
        ),
      );
    },
  );
}
