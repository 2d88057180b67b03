/// <reference types="@webgpu/types" />
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { backend, type Tensor } from '@tensorflow/tfjs-core';
import {
  type AdamStep,
  type AdamUpdate,
  type AdamVariable,
  composedUpdate,
} from '../../../model/adam.js';

const threads = 256;
const mostWorkgroups = 65_535;

const code = `
  struct Step { beta1: f32, rest1: f32, beta2: f32, rest2: f32, rate: f32, epsilon: f32 };
  @group(0) @binding(0) var<storage, read_write> value: array<f32>;
  @group(0) @binding(1) var<storage, read_write> m: array<f32>;
  @group(0) @binding(2) var<storage, read_write> v: array<f32>;
  @group(0) @binding(3) var<storage, read> gradient: array<f32>;
  @group(0) @binding(4) var<uniform> step: Step;

  @compute @workgroup_size(${threads})
  fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var i = id.x; i < arrayLength(&value); i += groups.x * ${threads}u) {
      let g = gradient[i];
      let first = step.beta1 * m[i] + step.rest1 * g;
      let second = step.beta2 * v[i] + step.rest2 * g * g;
      m[i] = first;
      v[i] = second;
      value[i] -= step.rate * first / (sqrt(second) + step.epsilon);
    }
  }`;

interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly step: GPUBuffer;
}

const kernels = new WeakMap<WebGPUBackend, Kernel>();

/** What the backend keeps to itself: the commands under way, and which data they read. */
interface Internals {
  readonly commandEncoder: GPUCommandEncoder;
  readonly commandQueueOwnedIds: WeakSet<object>;
}

/**
 * Adam in place, all variables in one pass: a variable's value, moments and gradient are read once
 * and written once. A variable whose values something else shares (a clone) is moved by ops that
 * make new tensors, so that the other keeps what it had.
 */
export const adamUpdate: AdamUpdate = (variables, step) => {
  const webgpu = backend() as WebGPUBackend;
  const alone = variables.filter((variable) => isAlone(webgpu, variable));
  const shared = variables.filter((variable) => !alone.includes(variable));
  if (shared.length > 0) composedUpdate(shared, step);
  if (alone.length > 0) moveInPlace(webgpu, alone, step);
};

function moveInPlace(
  webgpu: WebGPUBackend,
  variables: readonly AdamVariable[],
  adamStep: AdamStep,
): void {
  const { pipeline, step } = kernelOf(webgpu);
  webgpu.queue.writeBuffer(step, 0, constantsOf(adamStep));
  for (const variable of variables) {
    for (const tensor of tensorsOf(variable)) webgpu.uploadToGPU(tensor.dataId);
  }
  webgpu.ensureCommandEncoderReady();
  webgpu.endComputePassEncoder();
  const { commandEncoder, commandQueueOwnedIds } = webgpu as unknown as Internals;
  const pass = commandEncoder.beginComputePass();
  pass.setPipeline(pipeline);
  for (const variable of variables) {
    const tensors = tensorsOf(variable);
    const buffers = tensors.map(
      (tensor) => webgpu.tensorMap.get(tensor.dataId).resource as GPUBuffer,
    );
    const bindGroup = webgpu.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [...buffers, step].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(Math.min(mostWorkgroups, Math.ceil(variable.value.size / threads)));
    for (const tensor of tensors) commandQueueOwnedIds.add(tensor.dataId);
    for (const tensor of changedBy(variable)) forgetReadValues(webgpu, tensor);
  }
  pass.end();
}

/** The backend keeps what it has read back once; that is the past now. */
function forgetReadValues(webgpu: WebGPUBackend, tensor: Tensor): void {
  (webgpu.tensorMap.get(tensor.dataId) as { values: unknown }).values = null;
}

function kernelOf(webgpu: WebGPUBackend): Kernel {
  let kernel = kernels.get(webgpu);
  if (!kernel) {
    const { device } = webgpu;
    kernel = {
      pipeline: device.createComputePipeline({
        layout: 'auto',
        compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
      }),
      step: device.createBuffer({
        size: 24,
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      }),
    };
    kernels.set(webgpu, kernel);
  }
  return kernel;
}

/**
 * Differences are taken before rounding to float32. The two corrections go into rate and epsilon, as Kingma and Ba say at the end of their section 2.
 */
function constantsOf({ learningRate, beta1, beta2, epsilon, correction1, correction2 }: AdamStep) {
  const root = Math.sqrt(correction2);
  const rate = (learningRate * root) / correction1;
  return Float32Array.of(beta1, 1 - beta1, beta2, 1 - beta2, rate, epsilon * root);
}

function changedBy({ value, firstMoment, secondMoment }: AdamVariable): readonly Tensor[] {
  return [value, firstMoment, secondMoment];
}

function tensorsOf(variable: AdamVariable): readonly Tensor[] {
  return [...changedBy(variable), variable.gradient];
}

/** All are of this backend, and nobody else holds what is about to change. */
function isAlone(webgpu: WebGPUBackend, variable: AdamVariable): boolean {
  return (
    webgpu.refCount(variable.gradient.dataId) > 0 &&
    changedBy(variable).every((tensor) => webgpu.refCount(tensor.dataId) === 1)
  );
}
