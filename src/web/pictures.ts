import { sharp } from '../operators/configured-sharp.js';
import type { GreyImage } from '../operators/image.js';
import { ok, type Result } from '../operators/result.js';
import { Limit } from './limit.js';
import type { Thumbnails } from './thumbnails.js';
import type { Picture } from './web-source.js';

const thumbnailPixels = 160;
/** The program's own work comes first. */
const madeAtOnce = 2;

type Read = () => Promise<Result<GreyImage>>;

/** Makes pictures for browsers, a few at a time. */
export class Pictures {
  private readonly limit = new Limit(madeAtOnce);

  constructor(private readonly thumbnails: Thumbnails) {}

  /** The pixels as they were taken in, with nothing lost. */
  async full(read: Read): Promise<Result<Picture>> {
    return await this.limit.run(async () => {
      const image = await read();
      if (!image.ok) return image;
      const bytes = await asSharp(image.value).png({ compressionLevel: 3 }).toBuffer();
      return ok({ type: 'image/png', bytes: Uint8Array.from(bytes) });
    });
  }

  /**
   * At most 160 pixels wide and high, made once for a content; of what the store has kept, where the
   * original cannot be read.
   */
  async thumbnail(content: string, original: Read, kept: Read): Promise<Result<Picture>> {
    const known = await this.thumbnails.read(content);
    if (known !== null) return ok({ type: 'image/webp', bytes: known });
    return await this.limit.run(async () => {
      const image = await original();
      const bytes = await smallWebp(image.ok ? image : await kept());
      if (!bytes.ok) return bytes;
      // What was kept is at the network's size: the original may come back.
      if (image.ok) await this.thumbnails.write(content, bytes.value);
      return ok({ type: 'image/webp', bytes: bytes.value });
    });
  }
}

async function smallWebp(image: Result<GreyImage>): Promise<Result<Uint8Array<ArrayBuffer>>> {
  if (!image.ok) return image;
  const bytes = await asSharp(image.value)
    .resize(thumbnailPixels, thumbnailPixels, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer();
  return ok(Uint8Array.from(bytes));
}

function asSharp({ data, height, width }: GreyImage) {
  return sharp(data, { raw: { height, width, channels: 1 } }).toColourspace('b-w');
}
