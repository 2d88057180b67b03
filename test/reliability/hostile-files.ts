import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { sharp } from '../../src/operators/configured-sharp.js';
import { tiffFile } from '../support/tiff-file.js';
import type { SeededChoice } from './seeded-choice.js';

/** Something that stands in raw/ under an image's name and may be anything. */
export interface HostileFile {
  /** Relative to raw/. */
  readonly path: string;
  readonly kind: string;
  /** `may` where damage can leave a readable image; `never` where there is nothing to read at all. */
  readonly fails: 'must' | 'may' | 'never';
  place(absolute: string): void;
}

type Content = Omit<HostileFile, 'path'>;

const size = { height: 60, width: 80 };

/** At least `count` of them, the same ones for the same choice. */
export async function hostileFiles(choice: SeededChoice, count: number): Promise<HostileFile[]> {
  const good = await goodFiles(choice);
  const contents: Content[] = [...(await bombs()), ...brokenTiffs(), ...noFiles(), ...noImages()];
  while (contents.length < count) {
    const from = choice.one(good);
    contents.push(choice.happens(0.45) ? truncated(from, choice) : flipped(from, choice));
  }
  return contents.map((content, nth) => ({ ...content, path: `test/${nth + 1}.tif` }));
}

/** Names that are none of ours, or try to be more than a name; all of them files. */
export const hostileNames: readonly string[] = [
  'test/1\n.tif',
  'test/\n2.tif',
  'test/\u001b[31m3.tif',
  'test/..tif',
  'test/...tif',
  'test/..\\..\\4.tif',
  'test\\5.tif',
  'test/6.tif ',
  'test/ 7.tif',
  'test/-8.tif',
  'test/１２.tif',
  'test/٣.tif',
  'test/1e3.tif',
  'test/0x10.tif',
  'test/9.tif.exe',
  'test/9.tif:stream',
  'test/%2e%2e%2f10.tif',
  'test/$(touch pwned).tif',
  'test/`id`.tif',
  'test/__proto__.tif',
  'test/1234567890123456.tif',
  `test/${'1'.repeat(250)}.tif`,
  'test/e\u0301.tif',
  'test/\u202e11.tif',
  'train/1_1_mask_mask.tif',
  'train/1_1_1.tif',
  'train/_1.tif',
  'train/1_.tif',
  'train/constructor.tif',
  'toString',
];

interface GoodFile {
  readonly kind: string;
  readonly bytes: Buffer;
}

async function goodFiles(choice: SeededChoice): Promise<GoodFile[]> {
  const { height, width } = size;
  const noise = Buffer.from(Array.from({ length: height * width }, () => choice.below(256)));
  const image = () => sharp(noise, { raw: { height, width, channels: 1 } }).toColourspace('b-w');
  const tiff = { resolutionUnit: 'inch' } as const;
  return [
    {
      kind: 'TIFF',
      bytes: await image()
        .tiff({ ...tiff, compression: 'none' })
        .toBuffer(),
    },
    {
      kind: 'LZW TIFF',
      bytes: await image()
        .tiff({ ...tiff, compression: 'lzw' })
        .toBuffer(),
    },
    {
      kind: 'deflated TIFF',
      bytes: await image()
        .tiff({ ...tiff, compression: 'deflate' })
        .toBuffer(),
    },
    {
      kind: 'JPEG TIFF',
      bytes: await image()
        .tiff({ ...tiff, compression: 'jpeg' })
        .toBuffer(),
    },
    {
      kind: 'tiled TIFF',
      bytes: await image()
        .tiff({ ...tiff, compression: 'lzw', tile: true, tileWidth: 16, tileHeight: 16 })
        .toBuffer(),
    },
    { kind: 'big-endian TIFF', bytes: Buffer.from(tiffFile(size, noise, { bigEndian: true })) },
    { kind: 'PNG', bytes: await image().png().toBuffer() },
    { kind: 'palette PNG', bytes: await image().png({ palette: true }).toBuffer() },
    { kind: 'JPEG', bytes: await image().jpeg().toBuffer() },
    { kind: 'progressive JPEG', bytes: await image().jpeg({ progressive: true }).toBuffer() },
  ];
}

function truncated({ kind, bytes }: GoodFile, choice: SeededChoice): Content {
  const length = choice.below(bytes.length);
  return file(`${kind}, truncated`, 'may', bytes.subarray(0, length));
}

function flipped({ kind, bytes }: GoodFile, choice: SeededChoice): Content {
  const copy = Buffer.from(bytes);
  // Directories and headers are where a flipped bit does most.
  const reach = choice.happens(0.5) ? Math.min(200, copy.length) : copy.length;
  const isAtEnd = choice.happens(0.5);
  for (let left = 1 + choice.below(12); left > 0; left--) {
    const at = choice.below(reach);
    const index = isAtEnd ? copy.length - 1 - at : at;
    copy[index] = copy[index]! ^ (1 << choice.below(8));
  }
  return file(`${kind}, bits flipped`, 'may', copy);
}

/** Small files of very many pixels. */
async function bombs(): Promise<Content[]> {
  const black = (height: number, width: number) =>
    sharp({ create: { height, width, channels: 3, background: '#000' } }).toColourspace('b-w');
  const wide = await black(10_000, 12_000).tiff({ compression: 'deflate' }).toBuffer();
  return [
    file('bomb, TIFF', 'must', wide),
    file('bomb, PNG', 'must', png(50_000, 50_000, deflateSync(Buffer.alloc(50_001 * 400)))),
    file('bomb, PNG of one row', 'must', png(1, 2 ** 31 - 1, deflateSync(Buffer.alloc(1000)))),
    file('huge, PNG', 'must', png(2 ** 31 - 1, 2 ** 31 - 1, deflateSync(Buffer.alloc(10)))),
    file('huge, PNG of no width', 'must', png(10, 0, deflateSync(Buffer.alloc(10)))),
    file('bomb, PNG text', 'may', pngWithText(deflateSync(Buffer.alloc(64 * 2 ** 20)))),
  ];
}

/** TIFFs whose directories ask for too much. */
function brokenTiffs(): Content[] {
  const samples = new Uint8Array(size.height * size.width);
  const broken = (kind: string, change: (view: DataView) => void): Content => {
    const bytes = tiffFile(size, samples);
    change(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return file(`TIFF, ${kind}`, 'may', Buffer.from(bytes));
  };
  const entryOf = (view: DataView, tag: number): number => {
    for (let at = 10; ; at += 12) if (view.getUint16(at, true) === tag) return at;
  };
  const [width, height, strips, counts] = [256, 257, 273, 279];
  const values = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
  const contents: Content[] = [];
  for (const tag of [width, height, 258, 259, 262, strips, 277, 278, counts]) {
    for (const value of values) {
      contents.push(
        broken(`tag ${tag} is ${value}`, (view) => {
          view.setUint32(entryOf(view, tag) + 8, value, true);
        }),
      );
    }
  }
  for (const count of [0, 1000, 0x0800_0000, 0x7fff_ffff, 0xffff_ffff]) {
    for (const type of [0, 1, 4, 14, 16, 99]) {
      for (const tag of [strips, counts]) {
        contents.push(
          broken(`tag ${tag} has ${count} of type ${type}`, (view) => {
            view.setUint16(entryOf(view, tag) + 2, type, true);
            view.setUint32(entryOf(view, tag) + 4, count, true);
          }),
        );
      }
    }
  }
  contents.push(
    broken('a directory that is its own next', (view) => {
      view.setUint32(10 + view.getUint16(8, true) * 12, 8, true);
    }),
    broken('65535 entries', (view) => view.setUint16(8, 0xffff, true)),
    broken('its directory is its header', (view) => view.setUint32(4, 0, true)),
    broken('its directory is beyond its end', (view) => view.setUint32(4, 0xffff_fff0, true)),
    broken('claims to be a BigTIFF', (view) => view.setUint16(2, 43, true)),
  );
  return contents;
}

/** Names of images on what is no file. */
function noFiles(): Content[] {
  const content = (
    kind: string,
    fails: HostileFile['fails'],
    place: (absolute: string) => void,
  ): Content => ({ kind, fails, place });
  const link = (target: string) => (absolute: string) => symlinkSync(target, absolute);
  return [
    content('a folder', 'must', (absolute) => mkdirSync(absolute)),
    content('a folder with images', 'must', (absolute) => {
      mkdirSync(absolute);
      writeFileSync(join(absolute, '1.tif'), tiffFile(size, []));
    }),
    content('a FIFO', 'must', (absolute) => void execFileSync('mkfifo', [absolute])),
    content('a socket', 'must', (absolute) => {
      // Bound by a process that is gone at once; the name stays.
      const script = `require('net').createServer().listen(${JSON.stringify(absolute)}, () => process.kill(process.pid, 9))`;
      try {
        execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' });
      } catch {
        // As meant.
      }
    }),
    content('a link to itself', 'must', (absolute) => symlinkSync(absolute, absolute)),
    content('a link to a link to it', 'must', (absolute) => {
      symlinkSync(absolute, `${absolute}.loop`);
      symlinkSync(`${absolute}.loop`, absolute);
    }),
    content('a link to nothing', 'never', link('/nowhere/at-all.tif')),
    content('a link to its own folder', 'must', link('.')),
    content('a link to /', 'must', link('/')),
    content('a link to a file outside', 'must', link('/etc/passwd')),
    content('a link to /dev/zero', 'must', link('/dev/zero')),
    content('a link to /dev/random', 'must', link('/dev/random')),
    content('a link to a secret of the kernel', 'must', link('/proc/self/mem')),
  ];
}

function noImages(): Content[] {
  const starts: Record<string, Buffer> = {
    'nothing at all': Buffer.alloc(0),
    'one byte': Buffer.from([0x49]),
    zeros: Buffer.alloc(4096),
    ones: Buffer.alloc(4096, 255),
    text: Buffer.from('this is no image\n'.repeat(20)),
    GIF: Buffer.from('GIF89a\x01\x00\x01\x00\x80\x00\x00'),
    WebP: Buffer.from('RIFF\x24\x00\x00\x00WEBPVP8 '),
    SVG: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>'),
    PDF: Buffer.from('%PDF-1.7\n'),
    ZIP: Buffer.from('PK\x03\x04'),
    BMP: Buffer.from('BM\x00\x00\x00\x00'),
    DICOM: Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]),
    HTML: Buffer.from('<!doctype html><script>alert(1)</script>'),
    'only the magic of a TIFF': Buffer.from([0x49, 0x49, 42, 0]),
    'only the magic of a PNG': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    'only the magic of a JPEG': Buffer.from([0xff, 0xd8, 0xff]),
    'magic and zeros': Buffer.concat([Buffer.from([0x4d, 0x4d, 0, 42]), Buffer.alloc(500)]),
  };
  return Object.entries(starts).map(([kind, bytes]) => file(kind, 'must', bytes));
}

function file(kind: string, fails: HostileFile['fails'], bytes: Buffer): Content {
  return { kind, fails, place: (absolute) => writeFileSync(absolute, bytes) };
}

function png(height: number, width: number, data: Buffer): Buffer {
  return pngOf(height, width, [chunk('IDAT', data)]);
}

/** A compressed comment that is very long when unpacked. */
function pngWithText(text: Buffer): Buffer {
  const rows = Array.from({ length: 4 }, () => Buffer.from([0, 1, 2, 3, 4]));
  const comment = Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), text]);
  return pngOf(4, 4, [chunk('zTXt', comment), chunk('IDAT', deflateSync(Buffer.concat(rows)))]);
}

function pngOf(height: number, width: number, chunks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk('IHDR', header), ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
