import { type ImageName, parseImageName } from '../../operators/image-name.js';

type KnownName = Exclude<ImageName, { kind: 'foreign' }>;

/**
 * Which paths may stand for an item: `7.tif`, `7.png` and `007.tif` are all image 7. Nothing is
 * kept of a path that can be told from its item; which of them exist is for the caller to look up.
 */
export class DuplicatePaths {
  /** Endings that have been met, as in `7.tif`. */
  private readonly endings = new Set<string>();
  /** All others, by their item: zero-padded, or partly in capitals. */
  private readonly unusual = new Map<string, Set<string>>();

  /** Whether a second path for one item has been possible so far. */
  get arePossible(): boolean {
    return this.endings.size > 1 || this.unusual.size > 0;
  }

  add(path: string, name: KnownName): void {
    const stem = usualStem(name);
    const ending = path.slice(stem.length);
    if (path.startsWith(stem) && /^\.[a-z]+$/.test(ending)) {
      this.endings.add(ending);
      return;
    }
    const others = this.unusual.get(stem);
    if (others) others.add(path);
    else this.unusual.set(stem, new Set([path]));
  }

  /** One that is not there any more. */
  delete(path: string, name: KnownName): void {
    const stem = usualStem(name);
    const others = this.unusual.get(stem);
    if (others?.delete(path) && others.size === 0) this.unusual.delete(stem);
  }

  /** Paths that may stand for the same as `name`, in no order. */
  of(name: KnownName): string[] {
    const stem = usualStem(name);
    return [
      ...Array.from(this.endings, (ending) => stem + ending),
      ...(this.unusual.get(stem) ?? []),
    ];
  }
}

/** As most files are called, without the ending. */
function usualStem({ kind, id }: KnownName): string {
  switch (kind) {
    case 'test-image':
      return `test/${id}`;
    case 'train-image':
      return `train/${id}`;
    case 'train-mask':
      return `train/${id}_mask`;
  }
}

/** The names of a sample's files. */
export function namesOf(
  split: 'train' | 'test',
  id: string,
): { image: KnownName; mask: KnownName | null } {
  const nameOf = (path: string) => parseImageName(path) as KnownName;
  if (split === 'test') return { image: nameOf(`test/${id}.tif`), mask: null };
  return { image: nameOf(`train/${id}.tif`), mask: nameOf(`train/${id}_mask.tif`) };
}
