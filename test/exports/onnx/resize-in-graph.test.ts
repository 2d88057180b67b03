import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { GraphBuilder, type Port } from '../../../src/exports/onnx/graph.js';
import { modelFile } from '../../../src/exports/onnx/onnx-model.js';
import { resizeInGraph } from '../../../src/exports/onnx/resize-in-graph.js';
import type { GreyImage, GridSize } from '../../../src/operators/image.js';
import { resizeImage } from '../../../src/operators/resize.js';

const port = (name: string, type: Port['type']): Port => ({
  name,
  type,
  shape: ['n', 1, 'height', 'width'],
});

async function resizer(size: GridSize): Promise<InferenceSession> {
  const graph = new GraphBuilder();
  const shape = graph.add('Shape', ['image']);
  graph.add('Identity', [resizeInGraph(graph, 'image', shape, size)], {}, 'resized');
  const pieces = modelFile(graph, [port('image', 'uint8')], [port('resized', 'double')], {});
  return await InferenceSession.create(Buffer.concat(pieces));
}

const images: fc.Arbitrary<GreyImage> = fc
  .record({ height: fc.integer({ min: 1, max: 90 }), width: fc.integer({ min: 1, max: 90 }) })
  .chain(({ height, width }) => {
    const length = height * width;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((data) => ({ height, width, data }));
  });

it('resizes as we do, to the grey level, larger or smaller either way', async () => {
  const size = { height: 32, width: 48 };
  const session = await resizer(size);
  await fc.assert(
    fc.asyncProperty(images, async (image) => {
      const { height, width, data } = image;
      const tensor = new Tensor('uint8', data, [1, 1, height, width]);
      const { resized } = await session.run({ image: tensor });
      expect(Array.from(resized!.data as Float64Array)).toEqual(
        Array.from((await resizeImage(image, size)).data),
      );
    }),
    { numRuns: 60 },
  );
});
