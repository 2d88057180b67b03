import type {
  Image,
  ImageDetails,
  ImageList,
  Mask,
  MaskOf,
  PictureSize,
  Problem,
  Status,
} from '../../src/web/api.js';

export type { Image, ImageDetails, ImageList, Mask, MaskOf, Status };

/** What the server did not give, with its code; `UNREACHABLE` where there is no server. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const root = '/api/v1';

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(root + path, signal ? { signal } : {}).catch((error: Error) => {
    if (error.name === 'AbortError') throw error;
    throw new Refused('UNREACHABLE', 'the program does not answer');
  });
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => null)) as Problem | null;
  throw new Refused(problem?.code ?? `${response.status}`, problem?.message ?? response.statusText);
}

export const getStatus = (signal?: AbortSignal) => get<Status>('/status', signal);

/** @param query as `listQuerySchema` of the server has it */
export const getImages = (query: URLSearchParams, signal?: AbortSignal) =>
  get<ImageList>(`/images?${query}`, signal);

export const getDetails = (key: string, signal?: AbortSignal) =>
  get<ImageDetails>(`/images/${encodeURIComponent(key)}`, signal);

/** Null where there is none. */
export async function getMask(
  { key, version }: Pick<Image, 'key' | 'version'>,
  of: MaskOf,
  signal?: AbortSignal,
): Promise<Mask | null> {
  const query = new URLSearchParams({ of, v: version });
  try {
    return await get<Mask>(`/masks/${encodeURIComponent(key)}?${query}`, signal);
  } catch (error) {
    if (error instanceof Refused && error.code !== 'UNREACHABLE') return null;
    throw error;
  }
}

export function pictureUrl({ key, version }: Pick<Image, 'key' | 'version'>, size: PictureSize) {
  return `${root}/pictures/${encodeURIComponent(key)}?${new URLSearchParams({ size, v: version })}`;
}

export const eventsUrl = `${root}/events`;
