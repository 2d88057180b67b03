import { isDicom } from '../../formats/dicom.js';
import type { GridSize } from '../../operators/image.js';
import { fail, ok, type Result } from '../../operators/result.js';
import { type Elements, loadDcmjs } from './load-dcmjs.js';

/** What a segmentation takes over from the file it is of. */
export interface SourceHeader extends GridSize {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly frames: number;
  /** Whose it is and which study, as it stands there; DICOM's JSON. */
  readonly elements: Elements;
}

const notDicom = { code: 'NOT_DICOM', message: 'images that did not come as DICOM' } as const;

/** Patient and study, type 2: there, if only empty. */
const identity: Readonly<Record<string, string>> = {
  '00080020': 'DA',
  '00080030': 'TM',
  '00080050': 'SH',
  '00080090': 'PN',
  '00100010': 'PN',
  '00100020': 'LO',
  '00100030': 'DA',
  '00100040': 'CS',
  '0020000D': 'UI',
  '00200010': 'SH',
};
/** Taken over where they are: the study's description, the patient's age, how lossy the pixels were. */
const whereThere = [
  '00081030',
  '00101010',
  '00101020',
  '00101030',
  '00282110',
  '00282112',
  '00282114',
];

/** No message holds a word of the header. */
export async function readSourceHeader(bytes: Buffer): Promise<Result<SourceHeader>> {
  if (!isDicom(bytes)) return fail(notDicom.code, notDicom.message);
  const { DicomMessage } = (await loadDcmjs()).data;
  let source: Elements;
  try {
    const { buffer, byteOffset, length } = bytes;
    // A large file has a buffer of its own, and is not copied.
    const isWhole = byteOffset === 0 && length === buffer.byteLength;
    const whole = isWhole ? (buffer as ArrayBuffer) : new Uint8Array(bytes).buffer;
    source = DicomMessage.readFile(whole, {
      ...{ ignoreErrors: true, untilTag: '7FE00010', includeUntilTagValue: false },
    }).dict;
  } catch {
    return fail('SOURCE_HEADER', 'files whose DICOM header cannot be taken over');
  }
  const text = (tag: string) => String(source[tag]?.Value?.[0] ?? '');
  const uids = {
    sopClassUid: text('00080016'),
    sopInstanceUid: text('00080018'),
    seriesInstanceUid: text('0020000E'),
    studyInstanceUid: text('0020000D'),
  };
  if (Object.values(uids).some((uid) => uid === '')) {
    return fail('NO_UID', 'files without the UIDs of their study, series and image');
  }
  const elements: Elements = {};
  for (const [tag, vr] of Object.entries(identity))
    elements[tag] = source[tag] ?? { vr, Value: [] };
  for (const tag of whereThere) if (source[tag] !== undefined) elements[tag] = source[tag];
  return ok({
    ...uids,
    elements,
    frames: Number(text('00280008')) || 1,
    height: Number(text('00280010')),
    width: Number(text('00280011')),
  });
}
