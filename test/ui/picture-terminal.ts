import { createRequire } from 'node:module';
import sharp from 'sharp';
import type { Rect } from '../../src/ui/layout/rect.js';
import type { ImageProtocol } from '../../src/ui/pictures/picture-protocol.js';
import { Terminal } from '../support/terminal.js';

// The library's decoder is not among the names that its types give to an ES module.
const { decode } = createRequire(import.meta.url)('sixel') as typeof import('sixel');

export const cell = { width: 8, height: 16 } as const;

/** A picture on the screen, as the terminal decoded it. */
export interface ShownPicture {
  readonly rect: Rect;
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel. */
  readonly rgb: Uint8Array;
}

interface Held {
  readonly id: string;
  readonly rect: Rect;
  readonly decoded: Promise<Omit<ShownPicture, 'rect'>>;
}

/**
 * A terminal with one of the picture protocols. Pictures of Kitty's lie over the text until they
 * are deleted; those of the others are in the cells, and go with them.
 */
export class PictureTerminal extends Terminal {
  private readonly protocol: ImageProtocol;
  private held: Held[] = [];
  private kittyKeys = '';
  private kittyData = '';
  /** Bytes of all pictures that were sent. */
  sent = 0;
  /** Pictures that were sent. */
  count = 0;

  constructor(protocol: ImageProtocol, columns: number, rows: number) {
    super(columns, rows);
    this.protocol = protocol;
    // It answers no question about its window by itself.
    this.emulator.options.windowOptions = { getCellSizePixels: true };
    const { parser, buffer } = this.emulator;
    parser.registerCsiHandler({ prefix: '>', final: 'q' }, () => {
      this.onAnswer(`\u001bP>|${protocol === 'iterm2' ? 'iTerm2 3.5.0' : 'xterm(388)'}\u001b\\`);
      return true;
    });
    parser.registerCsiHandler({ final: 't' }, ([what]) => {
      if (what === 16) this.onAnswer(`\u001b[6;${cell.height};${cell.width}t`);
      return true;
    });
    parser.registerCsiHandler({ final: 'c' }, () => {
      this.onAnswer(protocol === 'sixel' ? '\u001b[?62;4;22c' : '\u001b[?62;22c');
      return true;
    });
    parser.registerCsiHandler({ final: 'K' }, ([part]) => {
      const { cursorX: x, cursorY: y } = buffer.active;
      this.erase({ x: part === 2 ? 0 : x, y, width: this.columns, height: 1 });
      return false;
    });
    parser.registerCsiHandler({ final: 'X' }, ([cells]) => {
      const { cursorX: x, cursorY: y } = buffer.active;
      this.erase({ x, y, width: Number(cells) || 1, height: 1 });
      return false;
    });
    parser.registerCsiHandler({ final: 'J' }, () => {
      this.held = [];
      return false;
    });
    parser.registerOscHandler(1337, (data) => this.iterm2(data));
    parser.registerDcsHandler({ final: 'q' }, (data) => this.sixel(data));
    // Its parser drops what Kitty sends; so that comes as an OSC that nobody else uses.
    parser.registerOscHandler(kittyOsc, (data) => this.kitty(data));
  }

  override write(text: string): boolean {
    this.writes.push(text);
    this.emulator.write(text.replace(kittySequence, `\u001b]${kittyOsc};$1\u0007`));
    return true;
  }

  async pictures(): Promise<ShownPicture[]> {
    await this.settled();
    const shown = await Promise.all(
      this.held.map(async ({ rect, decoded }) => ({ rect, ...(await decoded) })),
    );
    for (const { rect } of shown) this.expectNoTextIn(rect);
    return shown;
  }

  private kitty(data: string): boolean {
    if (this.protocol !== 'kitty') return true;
    const [keys = '', payload = ''] = data.split(';');
    const key = (name: string) => new RegExp(`(?:^|,)${name}=(\\w+)`).exec(keys)?.[1];
    if (key('a') === 'q') this.onAnswer(`\u001b_Gi=${key('i')};OK\u001b\\`);
    else if (key('a') === 'd') this.held = this.held.filter(({ id }) => id !== key('i'));
    else {
      if (key('a') === 'T') [this.kittyKeys, this.kittyData] = [keys, ''];
      this.kittyData += payload;
      if (payload.length > 4096) throw new Error('a chunk is too long');
      if (key('m') !== '1') {
        const whole = (name: string) =>
          new RegExp(`(?:^|,)${name}=(\\w+)`).exec(this.kittyKeys)?.[1];
        this.hold(
          whole('i') ?? '',
          { width: Number(whole('c')), height: Number(whole('r')) },
          pngPixels(this.kittyData),
          this.kittyData.length,
        );
      }
    }
    return true;
  }

  private iterm2(data: string): boolean {
    if (this.protocol !== 'iterm2') return true;
    const [head = '', payload = ''] = data.split(':');
    const number = (name: string) => Number(new RegExp(`;${name}=(\\d+)`).exec(head)?.[1]);
    const size = { width: number('width'), height: number('height') };
    this.hold('', size, pngPixels(payload), payload.length);
    return true;
  }

  private sixel(data: string): boolean {
    if (this.protocol !== 'sixel') return true;
    const { width, height, data32 } = decode(data);
    const rgb = new Uint8Array(width * height * 3);
    for (const [at, colour] of data32.entries()) {
      rgb.set([colour & 255, (colour >> 8) & 255, (colour >> 16) & 255], 3 * at);
    }
    const size = { width: Math.ceil(width / cell.width), height: Math.ceil(height / cell.height) };
    this.hold('', size, Promise.resolve({ width, height, rgb }), data.length);
    return true;
  }

  private hold(
    id: string,
    size: Pick<Rect, 'width' | 'height'>,
    decoded: Held['decoded'],
    bytes: number,
  ): void {
    this.sent += bytes;
    this.count++;
    const { cursorX: x, cursorY: y } = this.emulator.buffer.active;
    const rect = { x, y, ...size };
    if (y + rect.height >= this.rows) throw new Error('the picture would scroll the screen');
    const stays =
      id === '' ? ({ rect: other }: Held) => !overlap(rect, other) : (held: Held) => held.id !== id;
    this.held = [...this.held.filter(stays), { id, rect, decoded }];
  }

  private erase(area: Rect): void {
    if (this.protocol === 'kitty') return;
    this.held = this.held.filter(({ rect }) => !overlap(area, rect));
  }

  private expectNoTextIn({ x, y, width, height }: Rect): void {
    const { active } = this.emulator.buffer;
    for (let row = y; row < y + height; row++) {
      const text = active.getLine(active.baseY + row)?.translateToString(true, x, x + width);
      if (text) throw new Error(`text in a picture: ${text}`);
    }
  }
}

const kittyOsc = 7777;
const esc = '\u001b';
const kittySequence = new RegExp(`${esc}_G([^${esc}]*)${esc}\\\\`, 'g');

async function pngPixels(base64: string): Promise<Omit<ShownPicture, 'rect'>> {
  const { data, info } = await sharp(Buffer.from(base64, 'base64'))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
