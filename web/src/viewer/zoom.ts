/** Where a picture lies on the screen: pixel p of it at `offset + scale * p`. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

const mostScale = 40;

/** All of it seen, as large as that goes. */
export function fitted(picture: Size, screen: Size): Zoom {
  const scale = Math.min(screen.width / picture.width, screen.height / picture.height) * 0.98;
  return {
    scale,
    x: (screen.width - scale * picture.width) / 2,
    y: (screen.height - scale * picture.height) / 2,
  };
}

/** Closer or further; what lies at a point of the screen stays there. */
export function zoomed(
  zoom: Zoom,
  factor: number,
  at: { x: number; y: number },
  least: number,
): Zoom {
  const scale = Math.min(mostScale, Math.max(least / 2, zoom.scale * factor));
  const by = scale / zoom.scale;
  return { scale, x: at.x - (at.x - zoom.x) * by, y: at.y - (at.y - zoom.y) * by };
}

export function moved(zoom: Zoom, by: { x: number; y: number }): Zoom {
  return { ...zoom, x: zoom.x + by.x, y: zoom.y + by.y };
}
