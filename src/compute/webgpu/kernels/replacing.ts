import { replacingOn } from '../../kernels/replacing-kernel.js';

export const replacing = replacingOn('webgpu');
