import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { architectureJson, kerasLayersOf, kerasVersion } from '../keras/architecture.js';
import { writeKerasWeights } from '../keras/weights-file.js';
import { type ModelCard, postProcessingOfCard } from '../model/card.js';
import { networkOf } from '../model/network-layers.js';
import { ok } from '../operators/result.js';
import { cardJson } from '../store/model-folder.js';
import { memberPaths, modelFormat } from './exported-model.js';

/** `architecture.json` for `model_from_json`, and `weights.hdf5` for `load_weights`; of an ensemble, a file a member. */
export const keras = modelFormat('keras', async ({ card, members }, folder) => {
  const paths = memberPaths(folder, 'weights', 'hdf5', members);
  for (const [index, member] of members.entries()) {
    const network = networkOf(member.files);
    if (!network.ok) return network;
    // All members have the same layers.
    if (index === 0) {
      await writeFile(join(folder, 'architecture.json'), architectureJson(network.value));
    }
    const layers = kerasLayersOf(network.value);
    const memberCard = cardJson(member.card);
    const written = await writeKerasWeights(paths[index]!, layers, kerasVersion, memberCard);
    if (!written.ok) return written;
  }
  return ok(aroundTheNetwork(card, members.length));
});

/** What is done before and after a network, which no layer says. */
export function aroundTheNetwork(card: ModelCard, members: number): string[] {
  const { mean, std } = card.normalisation;
  const { height, width } = card.size;
  const { threshold, presenceThreshold, leastArea, fillHoles, largestComponents } =
    postProcessingOfCard(card);
  const input = {
    'data-set': `as (image / 255 - ${mean}) / ${std}`,
    'per-image': "by each image's own mean and deviation",
    'local-contrast': "by mean and deviation of each pixel's surroundings",
  }[card.trainedWith?.imageNormalisation ?? 'data-set'];
  const cleaning = [
    ...(fillHoles ? ['holes filled'] : []),
    ...(largestComponents === null ? [] : [`the ${largestComponents} largest components`]),
    ...(leastArea > 0 ? [`components from ${leastArea} of the image on`] : []),
  ];
  return [
    `the network takes images of ${height}x${width} (areas averaged) normalised ${input}`,
    ...(card.trainedWith?.mirroredPrediction
      ? ['predictions are the mean of those of the image and of its mirror image']
      : []),
    ...(members > 1 ? [`predictions are the mean of the ${members} networks'`] : []),
    `probabilities are resized to the image and a pixel is foreground from ${threshold} on`,
    ...(presenceThreshold === null
      ? []
      : [`the mask is empty where the evidence of a nerve is below ${presenceThreshold}`]),
    ...(cleaning.length === 0 ? [] : [`the mask is cleaned: ${cleaning.join(' and ')}`]),
  ];
}
