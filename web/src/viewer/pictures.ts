import { type Image, pictureUrl } from '../api.js';

const mostKept = 12;
const kept = new Map<string, Promise<HTMLImageElement>>();

/** A picture of full size, decoded; the last ones are kept. */
export function fullPicture(image: Pick<Image, 'key' | 'version'>): Promise<HTMLImageElement> {
  const url = pictureUrl(image, 'full');
  const found = kept.get(url) ?? decoded(url);
  kept.delete(url);
  kept.set(url, found);
  const [oldest] = kept.keys();
  if (kept.size > mostKept) kept.delete(oldest!);
  found.catch(() => kept.delete(url));
  return found;
}

async function decoded(url: string): Promise<HTMLImageElement> {
  const picture = new globalThis.Image();
  picture.src = url;
  await picture.decode();
  return picture;
}
