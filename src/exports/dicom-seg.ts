import { writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { isSameSize } from '../operators/image.js';
import { fail, ok, type Result } from '../operators/result.js';
import { loadDcmjs } from './dicom/load-dcmjs.js';
import { BitPacker, segmentationOf } from './dicom/segmentation.js';
import { readSourceHeader, type SourceHeader } from './dicom/source-header.js';
import type { ExportFormat } from './export-format.js';
import { fileFor } from './file-names.js';
import { fileOfMask, inFiles, type MaskOfFile } from './frames-of-files.js';
import { LeftOutList } from './left-out.js';

/**
 * A DICOM Segmentation for each test image that came as DICOM, `<id>.dcm`; of a loop one for all its frames.
 * Whose it is stands in the source file: it is read there, and written only here.
 */
export const dicomSeg: ExportFormat = {
  name: 'dicom-seg',
  of: 'images',
  async write(source, folder) {
    const leftOut = new LeftOutList();
    let images = 0;
    for await (const masks of inFiles(source.predicted())) {
      const [first] = masks as [MaskOfFile, ...MaskOfFile[]];
      const bytes = await first.image.readFile();
      const header = bytes.ok ? await readSourceHeader(bytes.value) : bytes;
      const made = header.ok ? await fileOf(header.value, masks, source.label) : header;
      if (!made.ok) {
        for (const { id } of masks) leftOut.add(id, made.failure);
        continue;
      }
      const { name } = fileOfMask(first);
      await writeFile(await fileFor(folder, `${name}.dcm`), made.value);
      images += masks.length;
    }
    return ok({ images, leftOut: leftOut.all });
  },
};

async function fileOf(
  source: SourceHeader,
  masks: readonly MaskOfFile[],
  label: string,
): Promise<Result<Uint8Array>> {
  const { height, width } = source;
  if (masks.some(({ size }) => !isSameSize(size, source))) {
    return fail('OTHER_SIZE', 'masks of a part of the picture, which a segmentation must cover');
  }
  const packer = new BitPacker(masks.length * height * width);
  for (const { image } of masks) {
    packer.add(image.mask());
    await setImmediate();
  }
  const rows = masks.map(({ image }) => image.row);
  const { meta, dataSet } = segmentationOf({
    ...{ source, label, pixels: packer.bytes, spacing: masks[0]!.spacing },
    frames: masks.map(({ frame, rle }) => ({ number: frame + 1, rle })),
    modelIds: [...new Set(rows.map(({ modelId }) => modelId))],
    at: new Date(Math.max(...rows.map(({ predictedAt }) => predictedAt ?? 0))),
  });
  const { DicomDict, DicomMetaDictionary } = (await loadDcmjs()).data;
  const file = new DicomDict(DicomMetaDictionary.denaturalizeDataset(meta));
  file.dict = { ...DicomMetaDictionary.denaturalizeDataset(dataSet), ...source.elements };
  return ok(new Uint8Array(file.write({ allowInvalidVRLength: true })));
}
