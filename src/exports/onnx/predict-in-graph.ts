import type { GridSize } from '../../operators/image.js';
import type { GraphBuilder } from './graph.js';
import type { NetworkInGraph } from './network-in-graph.js';

/** Tensors of what a model makes of images: [n, 1, height, width], and [n, 1] where it tells presence. */
export interface PredictionInGraph {
  readonly probability: string;
  readonly presence: string | null;
}

/** One network's prediction; with the mirror image, in one batch of twice the length, where it predicts so. */
export function predictInGraph(
  graph: GraphBuilder,
  network: NetworkInGraph,
  input: string,
  { height, width }: GridSize,
  isMirrored: boolean,
): PredictionInGraph {
  if (!isMirrored) {
    const [probability, presence = null] = network(input);
    return { probability: probability!, presence };
  }
  const both = graph.add('Concat', [input, mirrored(graph, input, width)], { axis: 0 });
  const [ofBoth, presenceOfBoth = null] = network(both);
  const asTwo = (tensor: string, ...shape: readonly number[]) =>
    graph.add('Reshape', [tensor, graph.wholeNumbers(2, -1, ...shape)]);
  const nth = (tensor: string, index: number) =>
    graph.add('Gather', [tensor, graph.constant(BigInt64Array.of(BigInt(index)), [])], { axis: 0 });
  const maps = asTwo(ofBoth!, 1, height, width);
  const turnedBack = mirrored(graph, nth(maps, 1), width);
  const probability = graph.add('Mean', [nth(maps, 0), turnedBack]);
  if (presenceOfBoth === null) return { probability, presence: null };
  const presences = asTwo(presenceOfBoth, 1);
  return { probability, presence: graph.add('Mean', [nth(presences, 0), nth(presences, 1)]) };
}

/** The mean of an ensemble's members; presence where all of them tell. */
export function meanInGraph(
  graph: GraphBuilder,
  members: readonly PredictionInGraph[],
): PredictionInGraph {
  const mean = (tensors: readonly string[]) =>
    tensors.length === 1 ? tensors[0]! : graph.add('Mean', tensors);
  const presences = members.map(({ presence }) => presence).filter((presence) => presence !== null);
  return {
    probability: mean(members.map(({ probability }) => probability)),
    presence: presences.length === members.length ? mean(presences) : null,
  };
}

/** Columns in reverse order. */
function mirrored(graph: GraphBuilder, images: string, width: number): string {
  const [start, end, axis, step] = [-1, -width - 1, 3, -1].map((value) =>
    graph.wholeNumbers(value),
  );
  return graph.add('Slice', [images, start!, end!, axis!, step!]);
}
