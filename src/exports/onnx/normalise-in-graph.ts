import type { InputNormalisation } from '../../model/normalise.js';
import type { GridSize } from '../../operators/image.js';
import { leastStd as leastContrast, windowRadius } from '../../operators/local-contrast.js';
import { leastStd } from '../../operators/pixel-statistics.js';
import { elementTypes, type GraphBuilder } from './graph.js';

/** Grey values 0..255 [n, 1, height, width] in double precision as the network's input, as `normalisedTensor` makes it. */
export function normaliseInGraph(
  graph: GraphBuilder,
  pixels: string,
  normalisation: InputNormalisation,
  size: GridSize,
): string {
  return graph.add('Cast', [normalised(graph, pixels, normalisation, size)], {
    to: elementTypes.float,
  });
}

function normalised(
  graph: GraphBuilder,
  pixels: string,
  { kind, mean, std }: InputNormalisation,
  size: GridSize,
): string {
  const scaled = () => graph.add('Div', [pixels, graph.scalar(255)]);
  switch (kind) {
    case 'data-set': {
      const centred = graph.add('Sub', [scaled(), graph.scalar(mean)]);
      return graph.add('Div', [centred, graph.scalar(std > 0 ? std : 1)]);
    }
    case 'per-image': {
      const own = statistics(graph, pixels, size.height * size.width);
      return graph.add('Div', [graph.add('Sub', [scaled(), own.mean]), own.std]);
    }
    case 'local-contrast':
      return localContrast(graph, pixels, size);
  }
}

/** Whole numbers of 64 bits throughout, as `normalisationOf` has them exact. */
function statistics(graph: GraphBuilder, pixels: string, count: number) {
  const axes = graph.wholeNumbers(1, 2, 3);
  const wholes = graph.add('Cast', [pixels], { to: elementTypes.int64 });
  const sum = graph.add('ReduceSum', [wholes, axes]);
  const squares = graph.add('ReduceSum', [graph.add('Mul', [wholes, wholes]), axes]);
  const scaledSquares = graph.add('Mul', [squares, graph.wholeNumbers(count)]);
  const spread = graph.add('Sub', [scaledSquares, graph.add('Mul', [sum, sum])]);
  const asDouble = (of: string) => graph.add('Cast', [of], { to: elementTypes.double });
  const asShare = (of: string) =>
    graph.add('Div', [graph.add('Div', [of, graph.scalar(count)]), graph.scalar(255)]);
  const std = asShare(graph.add('Sqrt', [asDouble(spread)]));
  return {
    mean: asShare(asDouble(sum)),
    std: graph.add('Max', [std, graph.scalar(leastStd)]),
  };
}

/** Windows are summed by two products with matrices of 0 and 1. */
function localContrast(graph: GraphBuilder, pixels: string, { height, width }: GridSize): string {
  const radius = windowRadius(height);
  const down = graph.constant(band(height, radius), [height, height]);
  const across = graph.constant(band(width, radius), [width, width]);
  const count = graph.constant(windowAreas(height, width, radius), [height, width]);
  const meanOf = (values: string) => {
    const sums = graph.add('MatMul', [graph.add('MatMul', [down, values]), across]);
    return graph.add('Div', [sums, count]);
  };
  const mean = meanOf(pixels);
  const meanSquare = meanOf(graph.add('Mul', [pixels, pixels]));
  const variance = graph.add('Sub', [meanSquare, graph.add('Mul', [mean, mean])]);
  const std = graph.add('Sqrt', [graph.add('Max', [variance, graph.scalar(0)])]);
  const divisor = graph.add('Max', [std, graph.scalar(leastContrast)]);
  return graph.add('Div', [graph.add('Sub', [pixels, mean]), divisor]);
}

/** 1 where two of so many places are at most `radius` apart. */
function band(extent: number, radius: number): Float64Array {
  return Float64Array.from({ length: extent * extent }, (_, at) =>
    Math.abs(Math.floor(at / extent) - (at % extent)) <= radius ? 1 : 0,
  );
}

function windowAreas(height: number, width: number, radius: number): Float64Array {
  const reach = (at: number, extent: number) =>
    Math.min(extent, at + radius + 1) - Math.max(0, at - radius);
  return Float64Array.from(
    { length: height * width },
    (_, at) => reach(Math.floor(at / width), height) * reach(at % width, width),
  );
}
