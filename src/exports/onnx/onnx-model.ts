import { type ModelCard, postProcessingOfCard } from '../../model/card.js';
import { networkOf } from '../../model/network-layers.js';
import type { PostProcessing } from '../../operators/post-processing.js';
import { ok, type Result } from '../../operators/result.js';
import type { EnsembleMember } from '../../store/ensemble-folder.js';
import { version } from '../../version.js';
import { GraphBuilder, type Port } from './graph.js';
import { enlargeInGraph, hasGate, maskInGraph } from './mask-in-graph.js';
import { networkInGraph } from './network-in-graph.js';
import { normaliseInGraph } from './normalise-in-graph.js';
import { meanInGraph, type PredictionInGraph, predictInGraph } from './predict-in-graph.js';
import { messageField, type Pieces, textField, wholeNumberField } from './protobuf.js';
import { resizeInGraph } from './resize-in-graph.js';

/** Of 2021: every runtime of today knows it. */
const operatorSet = 17;
const formatVersion = 8;

/** A model as one ONNX file. */
export interface OnnxModel {
  /** The file, in its order. */
  readonly pieces: Pieces;
  /** What is done to a mask here and not in the graph, in words; empty where the graph does all. */
  readonly leftOut: readonly string[];
}

/**
 * A model, or an ensemble's members, with all that leads from an image to its mask: `image`, uint8
 * [n, 1, any height, any width], becomes `mask` (uint8, 0 and 1) and `probability` (float32) of the same
 * shape, and `presence` (float32 [n, 1]) where the model tells that. Weights are not copied. Fails with
 * `UNKNOWN_NETWORK`.
 *
 * @param postProcessing where that is to differ from the card's
 */
export async function onnxModel(
  card: ModelCard,
  members: readonly EnsembleMember[],
  postProcessing: PostProcessing = postProcessingOfCard(card),
): Promise<Result<OnnxModel, 'UNKNOWN_NETWORK'>> {
  const graph = new GraphBuilder();
  const shape = graph.add('Shape', ['image']);
  const pixels = resizeInGraph(graph, 'image', shape, card.size);
  const predictions: PredictionInGraph[] = [];
  for (const [index, member] of members.entries()) {
    const network = networkOf(member.files);
    if (!network.ok) return network;
    const { normalisation, size, trainedWith } = member.card;
    const kind = trainedWith?.imageNormalisation ?? 'data-set';
    const input = normaliseInGraph(graph, pixels, { ...normalisation, kind }, size);
    const prefix = members.length === 1 ? '' : `member-${index + 1}/`;
    const applied = await networkInGraph(graph, network.value, prefix);
    const isMirrored = trainedWith?.mirroredPrediction ?? false;
    predictions.push(predictInGraph(graph, applied, input, size, isMirrored));
  }
  const mean = meanInGraph(graph, predictions);
  const probability = enlargeInGraph(graph, mean.probability, shape, 'probability');
  maskInGraph(graph, mean, probability, postProcessing, 'mask');
  if (mean.presence !== null) graph.add('Identity', [mean.presence], {}, 'presence');
  const leftOut = leftOutOf(postProcessing);
  const facts = factsOf(card, members.length, postProcessing, hasGate(mean, postProcessing));
  const told = { ...facts, leftOut: leftOut.join('; ') || 'nothing' };
  return ok({ pieces: modelFile(graph, [imagePort], portsOf(mean), told), leftOut });
}

/** ModelProto: a graph as a file, with facts for people in its metadata. */
export function modelFile(
  graph: GraphBuilder,
  inputs: readonly Port[],
  outputs: readonly Port[],
  facts: Readonly<Record<string, string | number | boolean>>,
): Pieces {
  return [
    ...wholeNumberField(1, formatVersion),
    ...textField(2, 'nerveflow'),
    ...textField(3, version),
    ...messageField(7, graph.message('nerveflow', inputs, outputs)),
    ...messageField(8, [...textField(1, ''), ...wholeNumberField(2, operatorSet)]),
    ...Object.entries(facts).flatMap(([key, value]) =>
      messageField(14, [...textField(1, key), ...textField(2, `${value}`)]),
    ),
  ];
}

const pictures = ['n', 1, 'height', 'width'] as const;
const imagePort: Port = { name: 'image', type: 'uint8', shape: pictures };

function portsOf({ presence }: PredictionInGraph): Port[] {
  return [
    { name: 'mask', type: 'uint8', shape: pictures },
    { name: 'probability', type: 'float', shape: pictures },
    ...(presence === null ? [] : [{ name: 'presence', type: 'float', shape: ['n', 1] } as const]),
  ];
}

/** What no graph of ONNX' operators holds: it has to do with which pixels hang together. */
function leftOutOf({ fillHoles, largestComponents, leastArea }: PostProcessing): string[] {
  return [
    ...(fillHoles ? ['holes are filled (fillHoles)'] : []),
    ...(largestComponents === null
      ? []
      : [`all but the largest components go (largestComponents ${largestComponents})`]),
    ...(leastArea > 0 ? [`components below a share of the image go (leastArea ${leastArea})`] : []),
  ];
}

/** metadata_props. */
function factsOf(
  card: ModelCard,
  members: number,
  { threshold, presenceThreshold, fillHoles, largestComponents, leastArea }: PostProcessing,
  isGated: boolean,
): Readonly<Record<string, string | number | boolean>> {
  return {
    modelId: card.modelId,
    recipe: card.recipe,
    createdAt: card.createdAt,
    size: `${card.size.height}x${card.size.width}`,
    dice: card.metrics.validationDice ?? 'none',
    imageDice: card.metrics.validationImageDice ?? 'none',
    members,
    mirroredPrediction: card.trainedWith?.mirroredPrediction ?? false,
    temperature: card.temperature ?? 1,
    threshold,
    presenceThreshold: isGated ? (presenceThreshold ?? 'off') : 'off',
    fillHoles,
    largestComponents: largestComponents ?? 'all',
    leastArea,
  };
}
