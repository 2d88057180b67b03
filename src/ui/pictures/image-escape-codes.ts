import ansiEscapes from 'ansi-escapes';
import { sharp } from '../../operators/configured-sharp.js';
import type { CellSize } from './fit-picture.js';
import type { Raster } from './outlined-raster.js';
import type { ImageProtocol } from './picture-protocol.js';

/** Longest payload of one of Kitty's sequences. */
const kittyChunk = 4096;

/**
 * The escape sequence that shows a raster over so many cells from the cursor on. `id` names it
 * where the terminal keeps pictures by number: one of the same number takes its place. `dots`: of the
 * terminal that a pixel is wide and high, where it doesn't scale (Sixel).
 */
export async function imageSequence(
  protocol: ImageProtocol,
  raster: Raster,
  { columns, rows }: CellSize,
  id: number,
  dots = 1,
): Promise<string> {
  switch (protocol) {
    case 'kitty': {
      const data = (await pngOf(raster)).toString('base64');
      const control = `a=T,f=100,i=${id},p=1,c=${columns},r=${rows},C=1,q=2`;
      return kittySequences(control, data);
    }
    case 'iterm2':
      return ansiEscapes.image(await pngOf(raster), {
        width: columns,
        height: rows,
        preserveAspectRatio: false,
      });
    case 'sixel':
      return sixelOf(raster, dots);
  }
}

/** What takes it away again; text over it does where this is empty. */
export function removalSequence(protocol: ImageProtocol, id: number): string {
  return protocol === 'kitty' ? `\u001b_Ga=d,d=I,i=${id},q=2\u001b\\` : '';
}

function kittySequences(control: string, data: string): string {
  let sequences = '';
  for (let from = 0; from < data.length; from += kittyChunk) {
    const more = from + kittyChunk < data.length ? 1 : 0;
    const keys = `${from === 0 ? `${control},` : 'q=2,'}m=${more}`;
    sequences += `\u001b_G${keys};${data.slice(from, from + kittyChunk)}\u001b\\`;
  }
  return sequences;
}

function pngOf({ width, height, pixels, palette }: Raster): Promise<Buffer> {
  const rgb = new Uint8Array(pixels.length * 3);
  for (let at = 0; at < pixels.length; at++) {
    const colour = palette[pixels[at]!]!;
    rgb[3 * at] = colour >> 16;
    rgb[3 * at + 1] = (colour >> 8) & 255;
    rgb[3 * at + 2] = colour & 255;
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** Each pixel is so many dots wide and high; runs of one colour cost next to nothing. */
async function sixelOf({ width, height, pixels, palette }: Raster, dots: number): Promise<string> {
  // Loaded only where it is spoken.
  const { FINALIZER, introducer, sixelEncode, toRGBA8888 } = await import('sixel');
  const colours = palette.map((colour) =>
    toRGBA8888(colour >> 16, (colour >> 8) & 255, colour & 255),
  );
  const wide = width * dots;
  const rgba = new Uint32Array(wide * height * dots);
  for (let y = 0; y < height; y++) {
    const row = y * dots * wide;
    for (let x = 0; x < width; x++) {
      const from = row + x * dots;
      rgba.fill(colours[pixels[y * width + x]!]!, from, from + dots);
    }
    for (let copy = 1; copy < dots; copy++) rgba.copyWithin(row + copy * wide, row, row + wide);
  }
  const bytes = new Uint8Array(rgba.buffer);
  return introducer(1) + sixelEncode(bytes, wide, height * dots, colours) + FINALIZER;
}
