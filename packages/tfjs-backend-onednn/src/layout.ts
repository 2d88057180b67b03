import { type Activation, type Extent, Layout } from './addon.js';
import type { OnednnBackend } from './backend.js';
import type { Entry, Shape4D } from './entry.js';

const laneCount = 16;

export function isBlocked(layout: Layout): boolean {
  return layout === Layout.blockedF32 || layout === Layout.blockedBf16;
}

/** The four numbers by which the native kernels walk either layout. */
export function extentOf(layout: Layout, [n, h, w, c]: Shape4D): Extent {
  return isBlocked(layout) ? [n, c / laneCount, h * w, laneCount] : [n, 1, h * w, c];
}

/** The batch and lanes of kernels that work within one image plane. */
export function planesOf(layout: Layout, [n, , , c]: Shape4D): [batch: number, lanes: number] {
  return isBlocked(layout) ? [n * (c / laneCount), laneCount] : [n, c];
}

export function shape4D(shape: readonly number[]): Shape4D | undefined {
  return shape.length === 4 ? (shape as Shape4D) : undefined;
}

export function allocate(backend: OnednnBackend, layout: Layout, length: number): Activation {
  const half = layout === Layout.blockedBf16 || layout === Layout.nhwcBf16;
  return half ? backend.pool.halves(length) : backend.pool.floats(length);
}

/** The layout to work in without moving data: what the entry has, else row-major. */
export function nativeLayout(entry: Entry, shape: Shape4D): Layout {
  return entry.layoutFor(shape) ?? Layout.nhwcF32;
}
