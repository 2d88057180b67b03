import '@tensorflow/tfjs-backend-wasm';
import { replacingOn } from '../../kernels/replacing-kernel.js';

export const replacing = replacingOn('wasm');
