import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';

/** The plain JS backend: slow, but always there and simple. Tiny networks only. */
export async function useCpuBackend(): Promise<void> {
  await setBackend('cpu');
  await ready();
}
