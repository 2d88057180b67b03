import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Look } from './look.js';
import { type Painted, paint } from './paint.js';
import { fitted, moved, type Zoom, zoomed } from './zoom.js';

interface PictureViewProps {
  readonly painted: Painted;
  readonly look: Look;
  readonly label: string;
  /** Null: all of it. */
  readonly zoom: Zoom | null;
  readonly setZoom: (change: (zoom: Zoom, fit: Zoom) => Zoom) => void;
}

/** The picture on a canvas, to be moved and zoomed by wheel, pen, fingers or mouse. */
export function PictureView({ painted, look, label, zoom, setZoom }: PictureViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [screen, setScreen] = useState({ width: 0, height: 0 });
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const fit = fitted(painted.size, screen);
  const now = zoom ?? fit;

  useLayoutEffect(() => {
    const box = canvas.current!.parentElement!;
    const measure = () => setScreen({ width: box.clientWidth, height: box.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const board = canvas.current!;
    board.width = Math.round(screen.width * devicePixelRatio);
    board.height = Math.round(screen.height * devicePixelRatio);
  }, [screen]);
  useLayoutEffect(() => {
    const context = canvas.current!.getContext('2d');
    if (!context || screen.width === 0) return;
    const style = getComputedStyle(canvas.current!);
    const colours = {
      prediction: style.getPropertyValue('--prediction'),
      truth: style.getPropertyValue('--truth'),
    };
    paint(context, painted, now, look, colours);
  });
  useEffect(() => {
    const board = canvas.current!;
    // Preact's own would be passive: the page would scroll or zoom, too.
    const turned = (event: WheelEvent) => {
      event.preventDefault();
      const at = { x: event.offsetX, y: event.offsetY };
      setZoom((old, whole) => zoomed(old, Math.exp(-event.deltaY / 400), at, whole.scale));
    };
    board.addEventListener('wheel', turned, { passive: false });
    return () => board.removeEventListener('wheel', turned);
  }, [setZoom]);

  function pulled(event: PointerEvent): void {
    const before = pointers.current.get(event.pointerId);
    if (before === undefined) return;
    const after = { x: event.offsetX, y: event.offsetY };
    pointers.current.set(event.pointerId, after);
    const [other] = [...pointers.current].filter(([id]) => id !== event.pointerId);
    if (other === undefined) {
      setZoom((old) => moved(old, { x: after.x - before.x, y: after.y - before.y }));
      return;
    }
    const distance = ({ x, y }: { x: number; y: number }) =>
      Math.hypot(x - other[1].x, y - other[1].y);
    const factor = distance(after) / Math.max(1, distance(before));
    setZoom((old, whole) => zoomed(old, factor, other[1], whole.scale));
  }

  return (
    <canvas
      ref={canvas}
      class="picture"
      role="img"
      aria-label={label}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        pointers.current.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      }}
      onPointerMove={pulled}
      onPointerUp={({ pointerId }) => pointers.current.delete(pointerId)}
      onPointerCancel={({ pointerId }) => pointers.current.delete(pointerId)}
    />
  );
}
