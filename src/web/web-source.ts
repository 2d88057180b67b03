import type { Observable } from 'rxjs';
import type { PipelineEvent } from '../events.js';
import type { Result } from '../operators/result.js';
import type {
  Image,
  ImageDetails,
  ImageList,
  ListQuery,
  Mask,
  MaskOf,
  PictureSize,
  Status,
} from './api.js';

/** A picture as a browser shows it. */
export interface Picture {
  readonly type: 'image/webp' | 'image/png';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** All that the page can ask about. What is not there is a failure that says so, never an exception. */
export interface WebSource {
  /** As `--json` tells them, and what only eyes are for. */
  readonly events$: Observable<PipelineEvent>;
  status(): Promise<Status>;
  list(query: ListQuery): Promise<ImageList>;
  /** Null of a key that is not there. */
  image(key: string): Promise<Image | null>;
  details(image: Image): Promise<ImageDetails>;
  picture(image: Image, size: PictureSize): Promise<Result<Picture>>;
  mask(image: Image, of: MaskOf): Promise<Result<Mask>>;
}
