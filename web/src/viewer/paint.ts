import type { MaskShape } from '../mask/mask-shapes.js';
import type { Look } from './look.js';
import type { Zoom } from './zoom.js';

export interface Painted {
  readonly picture: CanvasImageSource;
  readonly size: { readonly height: number; readonly width: number };
  readonly prediction: MaskShape | null;
  readonly truth: MaskShape | null;
}

/** Colours of the style sheet, so that both schemes have theirs. */
export interface Colours {
  readonly prediction: string;
  readonly truth: string;
}

/** Draws a picture and its masks; lines stay as thin at any scale. */
export function paint(
  context: CanvasRenderingContext2D,
  { picture, size, prediction, truth }: Painted,
  zoom: Zoom,
  look: Look,
  colours: Colours,
): void {
  const ratio = devicePixelRatio;
  const { canvas } = context;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const scale = zoom.scale * ratio;
  context.setTransform(scale, 0, 0, scale, zoom.x * ratio, zoom.y * ratio);
  context.imageSmoothingEnabled = zoom.scale < 2;
  context.filter = `brightness(${look.brightness}) contrast(${look.contrast})`;
  context.drawImage(picture, 0, 0, size.width, size.height);
  context.filter = 'none';
  if (look.overlay === 'off') return;
  const shapes = [
    { shape: prediction, colour: colours.prediction, dash: [] as number[] },
    // Dashed, so that the two are told apart without their colours.
    { shape: look.showsTruth ? truth : null, colour: colours.truth, dash: [6, 4] },
  ];
  for (const { shape, colour, dash } of shapes) {
    if (shape === null) continue;
    if (look.overlay === 'fill') fill(context, shape, colour, look.opacity);
    context.lineWidth = (2 * ratio) / scale;
    context.setLineDash(dash.map((length) => (length * ratio) / scale));
    context.strokeStyle = colour;
    context.stroke(shape.outline);
  }
}

function fill(
  context: CanvasRenderingContext2D,
  { height, width, pixels }: MaskShape,
  colour: string,
  opacity: number,
): void {
  const layer = new OffscreenCanvas(width, height);
  const own = layer.getContext('2d')!;
  const image = own.createImageData(width, height);
  for (let at = 0; at < pixels.length; at++) image.data[4 * at + 3] = 255 * pixels[at]!;
  own.putImageData(image, 0, 0);
  own.globalCompositeOperation = 'source-in';
  own.fillStyle = colour;
  own.fillRect(0, 0, width, height);
  context.globalAlpha = opacity;
  context.drawImage(layer, 0, 0);
  context.globalAlpha = 1;
}
