import type { io } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';

/** A network as the TensorFlow.js layers format keeps it. */
export interface ModelFiles {
  readonly topology: object;
  readonly weightSpecs: readonly io.WeightsManifestEntry[];
  /** All weights one after the other, as `weightSpecs` orders them. */
  readonly weights: Uint8Array;
}

/** The network's structure and its weights, read back without blocking. */
export async function toModelFiles(unet: LayersModel): Promise<ModelFiles> {
  let files: ModelFiles | undefined;
  // A plain handler object: tfjs-node claims `file://` URLs for its own.
  await unet.save({
    save: async ({ modelTopology, weightSpecs, weightData }) => {
      files = {
        topology: modelTopology as object,
        weightSpecs: weightSpecs!,
        weights: joined(weightData!),
      };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  return files!;
}

/** Rejects with TensorFlow.js' own error where topology and weights are not a network. */
export async function fromModelFiles(files: ModelFiles): Promise<LayersModel> {
  const { buffer, byteOffset, byteLength } = files.weights;
  return loadLayersModel({
    load: async () => ({
      // Millions of random numbers would be drawn first, only to be overwritten.
      modelTopology: withoutInitializers(files.topology) as object,
      weightSpecs: [...files.weightSpecs],
      weightData: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
    }),
  });
}

function joined(data: io.WeightData): Uint8Array {
  if (!Array.isArray(data)) return new Uint8Array(data);
  return Buffer.concat(data.map((part) => new Uint8Array(part)));
}

function withoutInitializers(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutInitializers);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === 'kernel_initializer'
        ? { class_name: 'Zeros', config: {} }
        : withoutInitializers(value),
    ]),
  );
}
