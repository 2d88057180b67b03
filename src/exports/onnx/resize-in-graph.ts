import type { GridSize } from '../../operators/image.js';
import { elementTypes, type GraphBuilder } from './graph.js';

/**
 * uint8 images [n, 1, any height, any width] on the network's grid, as `resizeImage` makes them, in
 * double precision: ONNX' own Resize cannot average areas as we do. Rows and columns are summed by two
 * matrix products whose weights the graph works out from the image's size, as `axisWeights` does. The
 * sums are whole numbers, so they are exact.
 *
 * @param shape of the images, as a tensor
 */
export function resizeInGraph(
  graph: GraphBuilder,
  images: string,
  shape: string,
  { height, width }: GridSize,
): string {
  const pixels = graph.add('Cast', [images], { to: elementTypes.double });
  const down = axisInGraph(graph, extentOf(graph, shape, 2), height);
  const across = axisInGraph(graph, extentOf(graph, shape, 3), width);
  const rows = graph.add('MatMul', [down.weights, pixels]);
  const columns = graph.add('Transpose', [across.weights], { perm: [1, 0] });
  const sums = graph.add('MatMul', [rows, columns]);
  const total = graph.add('Mul', [down.total, across.total]);
  const half = graph.add('Div', [total, graph.scalar(2)]);
  return graph.add('Floor', [graph.add('Div', [graph.add('Add', [sums, half]), total])]);
}

function extentOf(graph: GraphBuilder, shape: string, axis: number): string {
  const index = graph.constant(BigInt64Array.of(BigInt(axis)), []);
  const extent = graph.add('Gather', [shape, index], { axis: 0 });
  return graph.add('Cast', [extent], { to: elementTypes.double });
}

/** Weights [to, from] and what each row of them adds up to. */
function axisInGraph(
  graph: GraphBuilder,
  from: string,
  to: number,
): { readonly weights: string; readonly total: string } {
  const target = graph.constant(
    Float64Array.from({ length: to }, (_, index) => index),
    [to, 1],
  );
  const zero = graph.scalar(0);
  const one = graph.scalar(1);
  const extent = graph.scalar(to);
  const source = graph.add('Range', [zero, from, one]);
  const shrinks = graph.add('LessOrEqual', [extent, from]);

  // Shrinking: the overlap of source pixel i, [i*to, i*to+to), and target j, [j*from, j*from+from).
  const low = graph.add('Mul', [target, from]);
  const high = graph.add('Add', [low, from]);
  const sourceLow = graph.add('Mul', [source, extent]);
  const sourceHigh = graph.add('Add', [sourceLow, extent]);
  const end = graph.add('Min', [high, sourceHigh]);
  const overlap = graph.add('Sub', [end, graph.add('Max', [low, sourceLow])]);

  // Enlarging: in units of 1/2to of a source pixel, 2to less the distance between the centres.
  const twice = graph.scalar(2 * to);
  const odd = graph.add('Add', [graph.add('Mul', [target, graph.scalar(2)]), one]);
  const centre = graph.add('Sub', [graph.add('Mul', [odd, from]), extent]);
  const last = graph.add('Mul', [graph.add('Sub', [from, one]), twice]);
  const within = graph.add('Min', [graph.add('Max', [centre, zero]), last]);
  const distance = graph.add('Sub', [within, graph.add('Mul', [source, twice])]);
  const nearness = graph.add('Sub', [twice, graph.add('Abs', [distance])]);

  const chosen = graph.add('Where', [shrinks, overlap, nearness]);
  return {
    weights: graph.add('Max', [chosen, zero]),
    total: graph.add('Where', [shrinks, from, twice]),
  };
}
