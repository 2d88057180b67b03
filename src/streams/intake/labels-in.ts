import type { Cut } from '../../formats/frames.js';
import type { Label } from '../../labels/label.js';
import { parseLabels } from '../../labels/parse-labels.js';
import { labelText } from '../../labels/rasterise.js';
import type { Layout } from '../../layout/file-role.js';
import { idOfLabel } from '../../layout/id-of-label.js';
import { sha256 } from '../../operators/fingerprint.js';
import type { GridSize } from '../../operators/image.js';
import { ok, type Result } from '../../operators/result.js';
import type { ImageFile } from '../../operators/source-image.js';
import { partPath } from '../../store/part-path.js';
import type { FileRecord } from '../../store/records.js';
import type { AwaitedSizes } from './awaited-sizes.js';
import type { FileInHand } from './file-in-hand.js';
import type { Content, FileParts } from './file-parts.js';

/** For what is hashed: another cut makes other pixels. */
export function cutText(cut: Cut | null): string {
  return cut === null ? '' : ` cut to ${JSON.stringify(cut)}`;
}

export interface LabelsContext {
  readonly layout: Layout;
  readonly reading: { readonly label?: string | null };
  /** Of the image with an id, where that is known. */
  readonly sizeOf: (id: string) => Pick<FileRecord, 'height' | 'width' | 'cut'> | null;
  readonly awaited: AwaitedSizes;
}

/**
 * The labels of many images, each a part by its image's id. One is as it was while its own shapes
 * are, whatever else has changed in the file. Where a file does not tell how large an image is, its
 * label waits for it.
 */
export function labelsIn(file: FileInHand<ImageFile>, context: LabelsContext): Result<FileParts> {
  const text = new TextDecoder().decode(file.content.bytes);
  const parsed = parseLabels(text, context.reading.label ?? null);
  if (!parsed.ok) return parsed;
  const sized: { id: string; label: Label; size: GridSize; cut: Cut | null }[] = [];
  const waiting: string[] = [];
  for (const label of parsed.value.labels) {
    const id = idOfLabel(context.layout, file.path, label.image);
    const image = context.sizeOf(id);
    const cut = image?.cut ?? null;
    const size = label.size ?? cut?.of ?? image;
    if (size === null) waiting.push(id);
    else sized.push({ id, label, size, cut });
  }
  context.awaited.set(file.path, waiting);
  const parts = sized.map(({ id, label, size, cut }): FileInHand<Content> => {
    const content: Content = { is: 'label', kind: 'mask', label, size, cut };
    const says = `${labelText(label)} on ${size.height}x${size.width}${cutText(cut)}`;
    const notes = cut === null ? {} : { cut };
    return { ...file, path: partPath(file.path, id), sha256: sha256(says), notes, content };
  });
  const { leftOut } = parsed.value;
  return ok({ are: 'many', count: parts.length, parts, leftOut, isWhole: waiting.length === 0 });
}
