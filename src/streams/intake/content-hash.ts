import { isSameRange } from '../../formats/grey-values.js';
import { sha256 } from '../../operators/fingerprint.js';
import type { FileTable } from '../../store/file-table.js';
import { partOf } from '../../store/part-path.js';
import type { FileRecord, SubjectRange } from '../../store/records.js';

/** Of an image whose pixels follow from its bytes, whose hash this is, and from the range of its subject. */
export function hashInRange(bytes: string, { own, taken }: SubjectRange): string {
  if (isSameRange(own, taken)) return bytes;
  return sha256(`${bytes} from ${taken.least} to ${taken.most}`);
}

/** Of a frame. */
export function hashOfPart(whole: string, part: number | string): string {
  return sha256(`${whole}//${part}`);
}

/** Whether an image, or a frame, was read from a file whose bytes have this hash. */
export function isReadFrom(
  { path, sha256: read, range }: Pick<FileRecord, 'path' | 'sha256' | 'range'>,
  bytes: string,
): boolean {
  const whole = range === undefined ? bytes : hashInRange(bytes, range);
  const { part } = partOf(path);
  return read === (part === null ? whole : hashOfPart(whole, part));
}

/** Whether a mask is the very file, or the very frame, that its image is, by whatever range that was read. */
export function isSameFile(
  image: FileRecord,
  mask: FileRecord | null,
  files: Pick<FileTable, 'get'>,
): boolean {
  if (mask === null) return false;
  const { file, part } = partOf(mask.path);
  const bytes = part === null ? mask.sha256 : files.get(file)?.sha256;
  return image.sha256 === mask.sha256 || (bytes !== undefined && isReadFrom(image, bytes));
}
