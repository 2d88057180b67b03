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

const buffersOfOne = 4;

/** Of so many variables in one dispatch: `y` of the workgroup says whose it is. */
function codeFor(count: number): string {
  const indices = Array.from({ length: count }, (_, index) => index);
  const bindings = indices.flatMap((index) =>
    ['value', 'm', 'v', 'gradient'].map((name, place) => {
      const access = name === 'gradient' ? 'read' : 'read_write';
      return `@group(0) @binding(${index * buffersOfOne + place}) var<storage, ${access}> ${name}${index}: array<f32>;`;
    }),
  );
  const move = (index: number) => `
    case ${index}u: {
      for (var i = id.x; i < arrayLength(&value${index}); i += groups.x * ${threads}u) {
        let g = gradient${index}[i];
        let first = step.beta1 * m${index}[i] + step.rest1 * g;
        let second = step.beta2 * v${index}[i] + step.rest2 * g * g;
        m${index}[i] = first;
        v${index}[i] = second;
        value${index}[i] -= step.rate * first / (sqrt(second) + step.epsilon);
      }
    }`;
  return `
  struct Step { beta1: f32, rest1: f32, beta2: f32, rest2: f32, rate: f32, epsilon: f32 };
  ${bindings.join('\n  ')}
  @group(0) @binding(${count * buffersOfOne}) var<uniform> step: Step;

  @compute @workgroup_size(${threads})
  fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    switch id.y {${indices.map(move).join('')}
      default: {}
    }
  }`;
}

interface Kernel {
  /** For so many variables a dispatch, as they are needed. */
  readonly pipelines: Map<number, GPUComputePipeline>;
  readonly step: GPUBuffer;
}

const kernels = new WeakMap<WebGPUBackend, Kernel>();

/** What the backend keeps to itself: the commands under way, and which data they read. */
interface Internals {
  readonly commandEncoder: GPUCommandEncoder;
  readonly commandQueueOwnedIds: WeakSet<object>;
}

/**
 * Adam in place, all variables in one pass, as many a dispatch as the device binds buffers for: a
 * variable's value, moments and gradient are read once and written once. A variable whose values something else shares (a clone) is moved by ops that
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
  const kernel = kernelOf(webgpu);
  webgpu.queue.writeBuffer(kernel.step, 0, constantsOf(adamStep));
  for (const variable of variables) {
    for (const tensor of tensorsOf(variable)) webgpu.uploadToGPU(tensor.dataId);
  }
  webgpu.ensureCommandEncoderReady();
  webgpu.endComputePassEncoder();
  const { commandEncoder, commandQueueOwnedIds } = webgpu as unknown as Internals;
  const pass = commandEncoder.beginComputePass();
  for (const pack of packsOf(webgpu.device, variables)) {
    const pipeline = pipelineFor(webgpu.device, kernel, pack.length);
    const buffers = pack
      .flatMap(tensorsOf)
      .map((tensor) => webgpu.tensorMap.get(tensor.dataId).resource as GPUBuffer);
    const bindGroup = webgpu.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [...buffers, kernel.step].map((buffer, binding) => ({
        binding,
        resource: { buffer },
      })),
    });
    const largest = Math.max(...pack.map(({ value }) => value.size));
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(Math.min(mostWorkgroups, Math.ceil(largest / threads)), pack.length);
  }
  pass.end();
  for (const variable of variables) {
    for (const { dataId } of tensorsOf(variable)) commandQueueOwnedIds.add(dataId);
    for (const tensor of changedBy(variable)) forgetReadValues(webgpu, tensor);
  }
}

/** Those of about one size together, so that few workgroups have nothing to do. */
function packsOf(device: GPUDevice, variables: readonly AdamVariable[]): AdamVariable[][] {
  const most = Math.floor(device.limits.maxStorageBuffersPerShaderStage / buffersOfOne);
  const bySize = variables.toSorted((a, b) => b.value.size - a.value.size);
  const count = Math.ceil(bySize.length / most);
  return Array.from({ length: count }, (_, pack) => bySize.slice(pack * most, (pack + 1) * most));
}

/** The backend keeps what it has read back once; that is the past now. */
function forgetReadValues(webgpu: WebGPUBackend, tensor: Tensor): void {
  (webgpu.tensorMap.get(tensor.dataId) as { values: unknown }).values = null;
}

function kernelOf(webgpu: WebGPUBackend): Kernel {
  let kernel = kernels.get(webgpu);
  if (!kernel) {
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    kernel = { pipelines: new Map(), step: webgpu.device.createBuffer({ size: 24, usage }) };
    kernels.set(webgpu, kernel);
  }
  return kernel;
}

function pipelineFor(device: GPUDevice, { pipelines }: Kernel, count: number): GPUComputePipeline {
  let pipeline = pipelines.get(count);
  if (!pipeline) {
    const module = device.createShaderModule({ code: codeFor(count) });
    pipeline = device.createComputePipeline({
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    pipelines.set(count, pipeline);
  }
  return pipeline;
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
