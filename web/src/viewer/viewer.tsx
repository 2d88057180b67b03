import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { getDetails, type Image, type ImageDetails } from '../api.js';
import { useHelp } from '../help.js';
import { type KeyBinding, press } from '../keys.js';
import { maskShape } from '../mask/mask-shapes.js';
import type { Look } from './look.js';
import type { Painted } from './paint.js';
import { PictureView } from './picture-view.js';
import { fullPicture } from './pictures.js';
import { SidePanel } from './side-panel.js';
import { fitted, type Zoom, zoomed } from './zoom.js';

interface ViewerProps {
  readonly image: Image;
  readonly index: number;
  readonly total: number | null;
  /** Those beside it in the list. */
  readonly neighbours: readonly (Image | undefined)[];
  readonly look: Look;
  readonly setLook: (part: Partial<Look>) => void;
  readonly go: (by: 1 | -1) => void;
  /** To another frame of the same file. */
  readonly goTo: (key: string) => void;
  readonly close: () => void;
}

const framesASecond = 12;

/** One image, as large as the window. */
export function Viewer(props: ViewerProps) {
  const { image, index, total, neighbours, look, setLook, go, goTo, close } = props;
  const box = useRef<HTMLElement>(null);
  const [shown, setShown] = useState<{ key: string; painted: Painted } | null>(null);
  const [details, setDetails] = useState<ImageDetails | null>(null);
  const [zoom, setOwnZoom] = useState<Zoom | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [problem, setProblem] = useState('');
  const frames = details?.key === image.key ? details.frames : null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says when any of it changes
  useEffect(() => {
    const stop = new AbortController();
    setProblem('');
    load(image).then(
      (painted) => !stop.signal.aborted && setShown({ key: image.key, painted }),
      (error: Error) => !stop.signal.aborted && setProblem(error.message),
    );
    getDetails(image.key, stop.signal).then(setDetails, () => {});
    for (const neighbour of neighbours) if (neighbour) load(neighbour).catch(() => {});
    return () => stop.abort();
  }, [image.key, image.version]);
  useEffect(() => box.current?.focus(), []);
  useEffect(() => {
    if (!isPlaying || frames === null) return undefined;
    const timer = setTimeout(() => {
      goTo(frames.keys[(frames.index + 1) % frames.keys.length]!);
    }, 1000 / framesASecond);
    return () => clearTimeout(timer);
  }, [isPlaying, frames, goTo]);

  const size = shown?.painted.size;
  const setZoom = useCallback(
    (change: (zoom: Zoom, fit: Zoom) => Zoom) => {
      const board = box.current?.querySelector('canvas');
      if (!size || !board) return;
      const fit = fitted(size, { width: board.clientWidth, height: board.clientHeight });
      setOwnZoom((old) => change(old ?? fit, fit));
    },
    [size],
  );
  const closer = (factor: number) =>
    setZoom((old, fit) => {
      const board = box.current!.querySelector('canvas')!;
      const middle = { x: board.clientWidth / 2, y: board.clientHeight / 2 };
      return zoomed(old, factor, middle, fit.scale);
    });
  const step = (by: number) => {
    if (frames === null) return;
    const { keys, index: at } = frames;
    goTo(keys[(at + by + keys.length) % keys.length]!);
  };
  const overlays = ['outline', 'fill', 'off'] as const;
  const own: readonly KeyBinding[] = [
    { keys: ['j', 'ArrowRight'], says: 'next image', run: () => go(1) },
    { keys: ['k', 'ArrowLeft'], says: 'previous image', run: () => go(-1) },
    { keys: ['+', '='], says: 'closer', run: () => closer(1.25) },
    { keys: ['-'], says: 'further', run: () => closer(0.8) },
    { keys: ['0'], says: 'all of it', run: () => setOwnZoom(null) },
    {
      keys: ['o'],
      says: 'outline, fill, no mask',
      run: () => setLook({ overlay: overlays[(overlays.indexOf(look.overlay) + 1) % 3]! }),
    },
    { keys: ['t'], says: 'true mask', run: () => setLook({ showsTruth: !look.showsTruth }) },
    { keys: ['['], says: 'darker', run: () => setLook({ brightness: less(look.brightness) }) },
    { keys: [']'], says: 'brighter', run: () => setLook({ brightness: more(look.brightness) }) },
    { keys: ['{'], says: 'less contrast', run: () => setLook({ contrast: less(look.contrast) }) },
    { keys: ['}'], says: 'more contrast', run: () => setLook({ contrast: more(look.contrast) }) },
    { keys: ['.'], says: 'next frame of a loop', run: () => step(1) },
    { keys: [','], says: 'previous frame of a loop', run: () => step(-1) },
    { keys: [' '], says: 'play a loop, stop', run: () => setPlaying(!isPlaying) },
    { keys: ['Escape'], says: 'back to all images', run: close },
  ];
  const { bindings, help, open: openHelp } = useHelp(own);
  return (
    <main
      class="viewer"
      ref={box}
      tabIndex={-1}
      onKeyDown={(event) => press(bindings, event) && event.stopPropagation()}
    >
      <header>
        <button type="button" onClick={close}>
          ← All images
        </button>
        <h1>{image.id}</h1>
        <span class="place">
          {index + 1} of {total ?? '…'}
          {frames && `, frame ${frames.index + 1} of ${frames.keys.length}`}
        </span>
        {frames && (
          <button type="button" aria-pressed={isPlaying} onClick={() => setPlaying(!isPlaying)}>
            {isPlaying ? 'Stop' : 'Play'}
          </button>
        )}
        <button type="button" disabled={index === 0} onClick={() => go(-1)}>
          Previous
        </button>
        <button type="button" disabled={index + 1 === total} onClick={() => go(1)}>
          Next
        </button>
        <button type="button" onClick={openHelp}>
          Keys <kbd>?</kbd>
        </button>
      </header>
      <div class="board" data-shown={shown?.key}>
        {shown && (
          <PictureView
            painted={shown.painted}
            look={look}
            label={`Picture of ${image.id}`}
            zoom={zoom}
            setZoom={setZoom}
          />
        )}
        {problem !== '' && <p role="alert">This picture cannot be shown: {problem}</p>}
      </div>
      <SidePanel
        image={image}
        details={details?.key === image.key ? details : null}
        look={look}
        setLook={setLook}
      />
      {help}
    </main>
  );
}

async function load(image: Image): Promise<Painted> {
  const [picture, prediction, truth] = await Promise.all([
    fullPicture(image),
    image.prediction ? maskShape(image, 'prediction') : null,
    image.hasTruth ? maskShape(image, 'truth') : null,
  ]);
  const known = image.height > 0;
  const size = known
    ? { height: image.height, width: image.width }
    : { height: picture.naturalHeight, width: picture.naturalWidth };
  return { picture, size, prediction, truth };
}

const more = (value: number) => Math.min(3, value + 0.1);
const less = (value: number) => Math.max(0, value - 0.1);
