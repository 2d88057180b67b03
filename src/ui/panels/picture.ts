import type { Picture } from '../../events.js';
import { formatMetric, printable } from '../format.js';
import {
  besideLines,
  dim,
  type Line,
  lineWidth,
  type Outlines,
  span,
} from '../layout/toned-line.js';
import { type CellSize, fitPicture, halfBlocks } from '../pictures/fit-picture.js';
import { drawPicture } from '../pictures/half-block-picture.js';
import { inOrder, type Preview, placeOf } from '../state/previews.js';
import type { Theme } from '../terminal/theme.js';
import type { Panel, View } from './panel.js';
import { panelTitle } from './panel-title.js';

const gap = 2;
const roomyTitle = 35;
/** Two pictures stand side by side where each is at least this wide. */
const leastBeside = 28;

/** What the model sees: an image, the outline of the mask it was given, and of the true one. */
export const picture: Panel = (view, width, height) => {
  const { order, chosen } = view.choices.picture;
  const ordered = inOrder(view.state.previews, order);
  const place = placeOf(ordered, chosen);
  const shown = ordered[place];
  if (shown === undefined) {
    const none = order === 'worst' ? 'none validated' : 'nothing yet';
    return [
      panelTitle(view, 'picture', [dim(none)]),
      ...(order === 'worst' ? [] : [[dim('images, as they are predicted')]]),
    ].slice(0, height);
  }
  const which = place === 0 ? order : order === 'worst' ? `worst ${place + 1}` : `${place + 1}`;
  const whole = `${which} of ${ordered.length}`;
  const beside = width >= roomyTitle ? whole : `${place + 1}/${ordered.length}`;
  const title = panelTitle(view, 'picture', [dim(beside)]);
  const caption = captionOf(shown, width);
  const legend = legendOf(shown, view, width);
  const text = legend === null ? [caption] : [caption, legend];
  const room = { columns: width, rows: height - 1 - text.length };
  if (room.rows < 3) return [title, ...text].slice(0, height);
  return [title, ...drawn(shown.picture, room, view), ...text];
};

function drawn(shown: Picture, { columns, rows }: CellSize, view: View): readonly Line[] {
  const { pictures } = view;
  const cell = pictures.kind === 'images' ? pictures.cell : halfBlocks;
  const half = { columns: Math.floor((columns - gap) / 2), rows };
  const whole = fitPicture(shown, { columns, rows }, cell);
  const side = fitPicture(shown, half, cell);
  // In a wide room a single one would leave much of it empty.
  const isBeside =
    shown.truth !== undefined &&
    side.columns >= leastBeside &&
    2 * side.columns >= 1.2 * whole.columns;
  if (!isBeside) return one(shown, whole, { model: true, truth: true }, view);
  const block = (outlines: Outlines) => ({
    lines: one(shown, side, outlines, view),
    width: side.columns,
  });
  return besideLines(
    [block({ model: true, truth: false }), block({ model: false, truth: true })],
    gap,
    side.rows,
  );
}

function one(shown: Picture, size: CellSize, outlines: Outlines, view: View): readonly Line[] {
  if (view.pictures.kind !== 'images') return remembered(shown, size, outlines, view.theme);
  const blank = ' '.repeat(size.columns);
  return Array.from(
    { length: size.rows },
    (_, row): Line => [
      {
        text: blank,
        tone: 'plain',
        ...(row === 0 && { image: { picture: shown, outlines, rows: size.rows } }),
      },
    ],
  );
}

/** Drawn once, not with every frame. */
const drawings = new WeakMap<Picture, { readonly key: string; readonly lines: Line[] }[]>();
const drawingsKept = 2;

function remembered(shown: Picture, size: CellSize, outlines: Outlines, theme: Theme): Line[] {
  const key = `${size.columns}x${size.rows} ${outlines.model} ${outlines.truth} ${theme.colours} ${theme.glyphs.ascii}`;
  const known = drawings.get(shown) ?? [];
  const found = known.find((drawing) => drawing.key === key);
  if (found !== undefined) return found.lines;
  const lines = drawPicture(shown, size, outlines, theme);
  drawings.set(shown, [...known.slice(1 - drawingsKept), { key, lines }]);
  return lines;
}

function captionOf(
  { id, split, imageDice, epoch, picture: { mask } }: Preview,
  width: number,
): Line {
  const name = span(printable(id));
  const found: Line = isEmpty(mask)
    ? [dim(': no nerve found')]
    : [dim(': '), span('nerve outlined', 'orange')];
  if (imageDice === undefined) {
    const line: Line = [dim('test image '), name, ...found];
    return lineWidth(line) <= width ? line : [dim('test '), name, ...found];
  }
  const dice: Line = [dim('image Dice '), span(formatMetric(imageDice), 'strong')];
  const whole: Line = [
    dim(split === 'test' ? 'test image ' : 'held-out '),
    name,
    dim('  '),
    ...dice,
    dim(epoch === undefined ? '' : `  epoch ${epoch}`),
  ];
  const which = whole.slice(0, 2);
  const wordings: readonly Line[] = [
    whole,
    [...which, dim('  '), ...dice],
    [name, dim('  '), ...dice],
  ];
  return wordings.find((line) => lineWidth(line) <= width) ?? [name, dim('  '), ...dice];
}

/** Where no colour tells the outlines apart, their signs do. */
function legendOf(
  { picture: { mask, truth } }: Preview,
  { theme, pictures }: View,
  width: number,
): Line | null {
  const isColoured = pictures.kind === 'images' || (theme.colours >= 2 && !theme.glyphs.ascii);
  const signs = isColoured ? null : { model: 'oo', truth: 'xx' };
  const model = signs?.model ?? theme.glyphs.solid;
  if (truth === undefined) return null;
  const said = (name: string, bits: string): string => (isEmpty(bits) ? `${name}: empty` : name);
  const apart: Line = [
    span(model, 'orange'),
    dim(` ${said('model', mask)}  `),
    span(signs?.truth ?? theme.glyphs.solid, 'blue'),
    dim(` ${said('truth', truth)}`),
  ];
  const both: Line =
    isEmpty(mask) || isEmpty(truth) ? [] : [dim(signs === null ? '  dashed: both' : '  88 both')];
  const wordings = [[...apart, ...both], apart];
  return wordings.find((line) => lineWidth(line) <= width) ?? null;
}

/** Base64 of nothing but zeros is nothing but As. */
function isEmpty(bits: string): boolean {
  return /^A*=*$/.test(bits);
}
