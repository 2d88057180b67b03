import { join } from 'node:path';
import { ok } from '../operators/result.js';
import type { WriteModel } from './exported-model.js';
import { onnxModel } from './onnx/onnx-model.js';
import { writeWholeFile } from './write-whole-file.js';

/** `model.onnx`: image in, mask out. */
export const writeOnnx: WriteModel = async ({ card, members }, folder) => {
  const made = await onnxModel(card, members);
  if (!made.ok) return made;
  const path = join(folder, 'model.onnx');
  await writeWholeFile(path, made.value.pieces);
  const leftOut = made.value.leftOut.map(
    (step) => `the graph ends before this is done to the mask: ${step}`,
  );
  return ok({ paths: [path], leftOut });
};
