import type { PostProcessing } from '../../operators/post-processing.js';
import { elementTypes, type GraphBuilder } from './graph.js';
import type { PredictionInGraph } from './predict-in-graph.js';

/** Probabilities on the images' own grid, bilinear between pixel centres, as `resizeProbabilities` has it. */
export function enlargeInGraph(
  graph: GraphBuilder,
  probability: string,
  shape: string,
  name: string,
): string {
  const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
  return graph.add('Resize', [probability, '', '', shape], attributes, name);
}

/** Whether a prediction can be said to be empty by the presence gate. */
export function hasGate(
  { presence }: PredictionInGraph,
  { presenceThreshold }: Pick<PostProcessing, 'presenceThreshold'>,
): boolean {
  return presence !== null && presenceThreshold !== null;
}

/**
 * The mask, 0 and 1 of uint8: thresholded on the images' own grid, and empty where the presence gate
 * shuts, as `isAbsent` has it.
 *
 * @param enlarged probabilities on the images' own grid
 */
export function maskInGraph(
  graph: GraphBuilder,
  prediction: PredictionInGraph,
  enlarged: string,
  settings: Pick<PostProcessing, 'threshold' | 'presenceThreshold'>,
  name: string,
): string {
  const threshold = graph.scalar(settings.threshold);
  const above = graph.add('GreaterOrEqual', [asDouble(graph, enlarged), threshold]);
  const { presence } = prediction;
  const { presenceThreshold } = settings;
  if (presence === null || presenceThreshold === null) {
    return graph.add('Cast', [above], { to: elementTypes.uint8 }, name);
  }
  const evidence = evidenceInGraph(graph, prediction.probability, presence, threshold);
  const isOpen = graph.add('GreaterOrEqual', [evidence, graph.scalar(presenceThreshold)]);
  const gated = graph.add('And', [above, isOpen]);
  return graph.add('Cast', [gated], { to: elementTypes.uint8 }, name);
}

/** [n, 1, 1, 1]: the mean of the presence and of how sure the network is of the pixels it would draw. */
function evidenceInGraph(
  graph: GraphBuilder,
  probability: string,
  presence: string,
  threshold: string,
): string {
  const axes = graph.wholeNumbers(1, 2, 3);
  const map = asDouble(graph, probability);
  const drawn = asDouble(graph, graph.add('GreaterOrEqual', [map, threshold]));
  const sum = graph.add('ReduceSum', [graph.add('Mul', [map, drawn]), axes]);
  const pixels = graph.add('ReduceSum', [drawn, axes]);
  const sureness = graph.add('Div', [sum, graph.add('Max', [pixels, graph.scalar(1)])]);
  const told = graph.add('Reshape', [presence, graph.wholeNumbers(-1, 1, 1, 1)]);
  return graph.add('Div', [graph.add('Add', [asDouble(graph, told), sureness]), graph.scalar(2)]);
}

function asDouble(graph: GraphBuilder, tensor: string): string {
  return graph.add('Cast', [tensor], { to: elementTypes.double });
}
