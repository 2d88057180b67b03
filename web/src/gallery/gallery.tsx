import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useHelp } from '../help.js';
import type { ImagePages } from '../image-pages.js';
import { type KeyBinding, press } from '../keys.js';
import { gridOf, placeOf, scrollTo, seen } from './grid.js';
import { Tile } from './tile.js';

interface GalleryProps {
  readonly pages: ImagePages;
  /** Changes with each page that has come. */
  readonly revision: number;
  readonly selected: number;
  readonly select: (index: number) => void;
  readonly open: (index: number) => void;
}

/** All images of the list; only the tiles that are seen are there. */
export function Gallery({ pages, selected, select, open }: GalleryProps) {
  const view = useRef<HTMLDivElement>(null);
  const [{ width, height }, setSize] = useState({ width: 0, height: 0 });
  const [scrollTop, setScrollTop] = useState(0);
  const total = pages.total ?? 0;
  const grid = gridOf(width, total);

  useLayoutEffect(() => {
    const box = view.current!;
    const measure = () => setSize({ width: box.clientWidth - 24, height: box.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    box.focus();
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another selection or size scrolls
  useLayoutEffect(() => {
    const box = view.current!;
    if (width > 0) box.scrollTop = scrollTo(grid, selected, box.scrollTop, height - 24);
  }, [selected, width, height]);

  const move = (to: number) => select(Math.max(0, Math.min(total - 1, to)));
  const rowsSeen = Math.max(1, Math.floor(height / grid.tileHeight));
  const own: readonly KeyBinding[] = [
    { keys: ['ArrowRight', 'j'], says: 'next', run: () => move(selected + 1) },
    { keys: ['ArrowLeft', 'k'], says: 'previous', run: () => move(selected - 1) },
    { keys: ['ArrowDown'], says: 'a row down', run: () => move(selected + grid.columns) },
    { keys: ['ArrowUp'], says: 'a row up', run: () => move(selected - grid.columns) },
    {
      keys: ['PageDown'],
      says: 'a page down',
      run: () => move(selected + rowsSeen * grid.columns),
    },
    { keys: ['PageUp'], says: 'a page up', run: () => move(selected - rowsSeen * grid.columns) },
    { keys: ['Home'], says: 'the first', run: () => move(0) },
    { keys: ['End'], says: 'the last', run: () => move(total - 1) },
    { keys: ['Enter'], says: 'open', run: () => open(selected) },
  ];
  const { bindings, help, open: openHelp } = useHelp(own);
  const { first, end } = seen(grid, total, scrollTop, height);
  const indices = Array.from({ length: end - first }, (_, nth) => first + nth);
  const size = { width: grid.tileWidth, height: grid.tileHeight };
  return (
    <>
      <div
        class="gallery"
        ref={view}
        role="listbox"
        aria-label="Images"
        tabIndex={0}
        {...(total > 0 && { 'aria-activedescendant': `tile-${selected}` })}
        onScroll={({ currentTarget }) => setScrollTop(currentTarget.scrollTop)}
        onKeyDown={(event) => press(bindings, event) && event.stopPropagation()}
      >
        <div class="rows" role="presentation" style={{ height: `${grid.height}px` }}>
          {indices.map((index) => (
            <Tile
              key={index}
              image={pages.at(index)}
              index={index}
              total={total}
              isSelected={index === selected}
              place={placeOf(grid, index)}
              size={size}
              open={() => open(index)}
            />
          ))}
        </div>
      </div>
      <footer>
        <button type="button" onClick={openHelp}>
          Keys <kbd>?</kbd>
        </button>
      </footer>
      {help}
    </>
  );
}
