import type { Image, ImageList, ListQuery } from './api.js';

/** One page of the images that a query asks for, of images in its order. */
export function* listImages(
  inOrder: readonly Image[],
  query: ListQuery,
): Generator<void, ImageList> {
  const { offset, limit } = query;
  const text = query.text?.toLowerCase();
  const images: Image[] = [];
  let total = 0;
  let seen = 0;
  for (const image of inOrder) {
    if (++seen % 1000 === 0) yield;
    if (!isAskedFor(image, query, text)) continue;
    if (total >= offset && images.length < limit) images.push(image);
    total++;
  }
  return { total, images };
}

function isAskedFor(
  { key, split, subject, prediction }: Image,
  query: ListQuery,
  text: string | undefined,
): boolean {
  if (query.split !== 'all' && query.split !== split) return false;
  if (query.subject !== undefined && query.subject !== '' && query.subject !== subject)
    return false;
  if (query.empty !== undefined) {
    if (prediction === null || (prediction.pixels === 0) !== (query.empty === 'yes')) return false;
  }
  return text === undefined || key.toLowerCase().includes(text);
}
