import { useEffect, useRef, useState } from 'preact/hooks';
import { type Image, pictureUrl } from '../api.js';
import { areaText } from '../figures.js';
import { type MaskShape, maskShape } from '../mask/mask-shapes.js';

interface TileProps {
  readonly image: Image | undefined;
  readonly index: number;
  readonly total: number;
  readonly isSelected: boolean;
  readonly place: { readonly left: number; readonly top: number };
  readonly size: { readonly width: number; readonly height: number };
  readonly open: () => void;
}

/** One image of the list, with the outline of its mask. */
export function Tile({ image, index, total, isSelected, place, size, open }: TileProps) {
  const name = image === undefined ? 'not loaded yet' : nameOf(image);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list that it is in has the keys
    <div
      id={`tile-${index}`}
      class={isSelected ? 'tile selected' : 'tile'}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      aria-posinset={index + 1}
      aria-setsize={total}
      aria-label={name}
      style={{
        ...{ left: `${place.left}px`, top: `${place.top}px` },
        ...{ width: `${size.width}px`, height: `${size.height}px` },
      }}
      onClick={open}
    >
      {image && <Thumb image={image} />}
      {image && <Caption image={image} />}
    </div>
  );
}

function nameOf(image: Image): string {
  const { id, split, prediction } = image;
  const what =
    prediction === null ? (split === 'test' ? 'not predicted yet' : 'labelled') : areaText(image);
  const doubt = prediction?.uncertainty ?? null;
  return `${id}, ${what}${doubt === null ? '' : `, uncertainty ${doubt.toFixed(2)}`}`;
}

/** Of a name that is too long its end is seen, which tells frames apart. */
const endLength = 6;

function Caption({ image }: { readonly image: Image }) {
  const { id, split, prediction } = image;
  const uncertainty = prediction?.uncertainty ?? null;
  return (
    <div class="caption">
      <span class="id" title={id}>
        <span class="begin">{id.slice(0, -endLength)}</span>
        {id.slice(-endLength)}
      </span>
      <span class="area">
        {prediction === null ? (split === 'train' ? 'labelled' : '…') : areaText(image)}
      </span>
      {uncertainty !== null && (
        <span class="doubt" title="uncertainty, 0 to 1">
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${100 * uncertainty}%` }} />
          </span>
          {uncertainty.toFixed(2)}
        </span>
      )}
    </div>
  );
}

function Thumb({ image }: { readonly image: Image }) {
  const picture = useRef<HTMLImageElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isThere, setThere] = useState(false);
  const of = image.split === 'train' ? 'truth' : 'prediction';
  const hasMask = of === 'truth' ? image.hasTruth : (image.prediction?.pixels ?? 0) > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says when any of it changes
  useEffect(() => {
    let isWanted = isThere && hasMask;
    if (isWanted) {
      maskShape(image, of).then(
        (shape) => isWanted && draw(canvas.current, picture.current, shape, of),
        () => {},
      );
    } else draw(canvas.current, picture.current, null, of);
    return () => {
      isWanted = false;
    };
  }, [image.key, image.version, isThere, hasMask]);
  return (
    <div class="thumb">
      <img
        ref={picture}
        src={pictureUrl(image, 'thumb')}
        alt=""
        decoding="async"
        onLoad={() => setThere(true)}
      />
      <canvas ref={canvas} />
    </div>
  );
}

/** The outline over the picture, at the screen's own resolution. */
function draw(
  canvas: HTMLCanvasElement | null,
  picture: HTMLImageElement | null,
  shape: MaskShape | null,
  of: 'truth' | 'prediction',
): void {
  const context = canvas?.getContext('2d');
  if (!canvas || !context || !picture) return;
  const { offsetWidth: width, offsetHeight: height, offsetLeft, offsetTop } = picture;
  const ratio = devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  Object.assign(canvas.style, {
    ...{ left: `${offsetLeft}px`, top: `${offsetTop}px` },
    ...{ width: `${width}px`, height: `${height}px` },
  });
  if (shape === null) return;
  const scale = canvas.width / shape.width;
  context.scale(scale, canvas.height / shape.height);
  context.lineWidth = (1.5 * ratio) / scale;
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue(`--${of}`);
  context.stroke(shape.outline);
}
