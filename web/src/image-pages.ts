import { getImages, type Image } from './api.js';

const pageLength = 200;

/** A list of images, fetched page by page as they are looked at. */
export class ImagePages {
  total: number | null = null;
  private readonly pages = new Map<number, readonly Image[] | Promise<void>>();
  private readonly stop = new AbortController();

  constructor(
    private readonly query: URLSearchParams,
    /** Something of it has come. */
    private readonly changed: () => void,
    private readonly failed: (error: Error) => void,
  ) {
    this.fetch(0);
  }

  /** The image at a place; undefined until it has come, which `changed` tells. */
  at(index: number): Image | undefined {
    const page = this.pages.get(Math.floor(index / pageLength));
    if (page === undefined) this.fetch(Math.floor(index / pageLength));
    return Array.isArray(page) ? page[index % pageLength] : undefined;
  }

  /** What has come is asked for again; it stays until the answer is there. */
  refresh(): void {
    for (const [number, page] of this.pages) {
      if (Array.isArray(page)) void this.load(number);
    }
  }

  close(): void {
    this.stop.abort();
  }

  private fetch(number: number): void {
    this.pages.set(number, this.load(number));
  }

  private async load(number: number): Promise<void> {
    const query = new URLSearchParams(this.query);
    query.set('offset', String(number * pageLength));
    query.set('limit', String(pageLength));
    try {
      const { total, images } = await getImages(query, this.stop.signal);
      this.total = total;
      this.pages.set(number, images);
      this.changed();
    } catch (error) {
      if (this.stop.signal.aborted) return;
      if (!Array.isArray(this.pages.get(number))) this.pages.delete(number);
      this.failed(error as Error);
    }
  }
}
