import {
  type Attribute,
  getKernel,
  type KernelConfig,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { backendName, type OnednnBackend } from '../backend.js';
import { size } from '../entry.js';

export interface KernelCall {
  inputs: NamedTensorInfoMap;
  attrs: NamedAttrMap;
  backend: OnednnBackend;
}

/** A kernel, or undefined for a case it leaves to the JavaScript cpu kernel. */
export type NativeKernel = (call: KernelCall) => TensorInfo | TensorInfo[] | undefined;

/** Registers a native kernel with the cpu kernel of the same name behind it. */
export function nativeKernel(kernelName: string, kernel: NativeKernel): KernelConfig {
  const fallback = getKernel(kernelName, 'cpu');
  return {
    kernelName,
    backendName: backendName,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const call = { inputs, attrs: attrs ?? {}, backend: backend as OnednnBackend };
      const result = kernel(call);
      if (result) return result;
      if (!fallback) throw new Error(`tfjs-backend-onednn: ${kernelName} has no such form`);
      // Attributes pass through untouched.
      return fallback.kernelFunc({ inputs, backend, attrs: attrs as NamedAttrMap });
    },
  };
}

export function input(call: KernelCall, name: string): TensorInfo {
  const tensor = call.inputs[name];
  if (!tensor) throw new Error(`tfjs-backend-onednn: input ${name} is missing`);
  return tensor;
}

/** An attribute whose type TensorFlow.js' op has checked. */
export function attribute<T extends Attribute | undefined>(call: KernelCall, name: string): T {
  return call.attrs[name] as T;
}

export function isFloat(...tensors: TensorInfo[]): boolean {
  return tensors.every((t) => t.dtype === 'float32');
}

export function isEmpty(...tensors: TensorInfo[]): boolean {
  return tensors.some((t) => size(t.shape) === 0);
}

/** Another name for the same values. */
export function share(call: KernelCall, x: TensorInfo, shape = x.shape): TensorInfo {
  call.backend.incRef(x.dataId);
  return { dataId: x.dataId, shape, dtype: x.dtype };
}
