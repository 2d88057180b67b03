import { wantedPanels } from '../keyboard/choices.js';
import { panels } from '../panels/all-panels.js';
import { footer } from '../panels/footer.js';
import { header } from '../panels/header.js';
import { help } from '../panels/help.js';
import type { View } from '../panels/panel.js';
import type { WantedImage } from '../pictures/image-encoder.js';
import { paint } from '../terminal/paint.js';
import { isWide, layout, leastSize } from './panel-layout.js';
import type { Rect } from './rect.js';
import { displayWidth } from './text-width.js';
import { cutLine, dim, isPictured, type Line, lineWidth, span, trimLine } from './toned-line.js';

/** A whole screen: blocks of painted lines, none wider than its rectangle. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly blocks: readonly Block[];
  /** Pictures: too many escape codes for Ink, so they are laid over what it drew. */
  readonly overlays: readonly Block[];
  /** Pictures that the terminal draws itself, each over blank cells. */
  readonly images: readonly WantedImage[];
}

export interface Block {
  readonly id: string;
  readonly rect: Rect;
  readonly lines: readonly string[];
}

/** One row less than the terminal, so that no terminal ever scrolls. Pure. */
export function composeFrame(view: View, columns: number, rows: number): Frame {
  const height = Math.max(1, rows - 1);
  const wanted = new Set(wantedPanels(view.choices));
  // Where it takes room from others, it has to have something to show.
  const isBlank = view.state.previews.length === 0 && !isWide(columns, rows);
  if (isBlank && wanted.size > 1) wanted.delete('picture');
  const place = layout(columns, rows, wanted);
  if (place.kind === 'too-small') {
    const rect: Rect = { x: 0, y: 0, width: columns, height: 1 };
    return {
      width: columns,
      height,
      blocks: [block('too-small', rect, [tooSmall(view, columns, rows)], view)],
      overlays: [],
      images: [],
    };
  }
  const { header: top, footer: bottom } = place;
  const drawn = view.choices.help
    ? []
    : place.panels.map(({ id, rect }) => ({
        id,
        rect,
        lines: panels[id](view, rect.width, rect.height),
      }));
  const between: readonly Block[] = view.choices.help
    ? [helpBlock(view, top, bottom)]
    : drawn.map(({ id, rect, lines }) => block(id, rect, lines.map(withoutPicture), view));
  return {
    overlays: drawn.flatMap(({ id, rect, lines }) =>
      lines.some(isPainted) ? [block(id, rect, lines.map(paintedOnly), view)] : [],
    ),
    images: drawn.flatMap(({ rect, lines }) => imagesIn(rect, lines)),
    width: columns,
    height,
    blocks: [
      block('header', top, header(view, top.width, top.height), view),
      ...between,
      block('footer', bottom, footer(view, bottom.width, bottom.height), view),
    ],
  };
}

const withoutPicture = (line: Line): Line => (isPictured(line) ? [] : line);
const isPainted = (line: Line): boolean => line.some(({ colours }) => colours !== undefined);
const paintedOnly = (line: Line): Line => (isPainted(line) ? line : []);

function imagesIn(rect: Rect, lines: readonly Line[]): WantedImage[] {
  return lines.flatMap((line, row) => {
    const images: WantedImage[] = [];
    let x = rect.x;
    for (const { text, image } of line) {
      const width = displayWidth(text);
      if (image !== undefined) {
        const { picture, outlines, rows } = image;
        images.push({ rect: { x, y: rect.y + row, width, height: rows }, picture, outlines });
      }
      x += width;
    }
    return images;
  });
}

/** The help stands in the middle, where the panels were. */
function helpBlock(view: View, top: Rect, bottom: Rect): Block {
  const room = bottom.y - top.height;
  const lines = help(view, top.width, room);
  const width = Math.max(...lines.map(lineWidth));
  const rect: Rect = {
    x: top.x + Math.floor((top.width - width) / 2),
    y: top.height + Math.floor((room - lines.length) / 2),
    width,
    height: lines.length,
  };
  return block('help', rect, lines, view);
}

function block(id: string, rect: Rect, lines: readonly Line[], view: View): Block {
  return {
    id,
    rect,
    lines: Array.from({ length: rect.height }, (_, row) =>
      paint(trimLine(cutLine(lines[row] ?? [], rect.width)), view.theme),
    ),
  };
}

/** Says what matters even there: what it is doing, and what it would take to see more. */
function tooSmall(view: View, columns: number, rows: number): Line {
  return [
    span(`${view.theme.glyphs.activity[view.activity]} ${view.activity} `, 'blue-strong'),
    dim(`${columns}x${rows} is small; ${leastSize.columns}x${leastSize.rows} shows all`),
  ];
}
