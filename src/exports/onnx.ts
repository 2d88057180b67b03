import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ok } from '../operators/result.js';
import { modelFormat } from './exported-model.js';
import { onnxModel } from './onnx/onnx-model.js';

/** `model.onnx`: image in, mask out. */
export const onnx = modelFormat('onnx', async ({ card, members }, folder) => {
  const made = await onnxModel(card, members);
  if (!made.ok) return made;
  const file = await open(join(folder, 'model.onnx'), 'w');
  try {
    for (const piece of made.value.pieces) await file.writeFile(piece);
  } finally {
    await file.close();
  }
  return ok(made.value.leftOut);
});
