import { option } from '../option-spec.js';
import { someText } from '../option-values.js';

const weightsOption = (flag: string, describe: string) =>
  option<string | null>({
    flag,
    argument: '<weights.hdf5>',
    describe,
    takes: "a file of Keras' weights",
    schema: someText,
    fallback: null,
  });

/** Weights that another program has trained. */
export const importOptions = {
  startFrom: weightsOption(
    '--start-from',
    "train on from Keras' weights (HDF5), e.g. those of the tutorial, in place of the best model",
  ),
  model: weightsOption(
    '--model',
    "predict with Keras' weights (HDF5), which become the current model of the store",
  ),
} as const;
