/// <reference types="@webgpu/types" />
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Tensor } from '@tensorflow/tfjs-core';

/** An update of tensors value by value, in place, which TensorFlow.js' own programs cannot do. */
export interface InPlaceUpdate<Written extends string, Read extends string> {
  /** Tensors of one size. */
  readonly written: readonly Written[];
  readonly read: readonly Read[];
  /** float32 numbers that all of them share: `constants.name` in `code`. */
  readonly constants: readonly string[];
  /** WGSL that changes the written arrays at `i`; `name` gives what an array is called. */
  readonly code: (name: (of: Written | Read) => string) => string;
}

const threads = 256;
const mostWorkgroups = 65_535;

/** What the backend keeps to itself. */
interface Internals {
  /** The commands under way. */
  readonly commandEncoder: GPUCommandEncoder;
  /** Which data they use. */
  readonly commandQueueOwnedIds: WeakSet<object>;
  /** A buffer that is nobody else's until the commands under way are done. */
  makeUniforms(
    uniforms: readonly { readonly type: 'float32'; readonly data: readonly number[] }[],
  ): GPUBufferBinding;
}

const pipelines = new WeakMap<GPUDevice, Map<object, GPUComputePipeline[]>>();

/**
 * Runs the update on each of `items`, as many of them a dispatch as the device binds buffers for. All
 * tensors are float32, of this backend, and nobody but the item holds the written ones' values
 * (`isAlone`).
 */
export function updateInPlace<Written extends string, Read extends string>(
  webgpu: WebGPUBackend,
  update: InPlaceUpdate<Written, Read>,
  items: readonly Readonly<Record<Written | Read, Tensor>>[],
  constants: readonly number[],
): void {
  const names = [...update.written, ...update.read];
  const tensors = items.flatMap((item) => names.map((name) => item[name]));
  for (const { dataId } of tensors) webgpu.uploadToGPU(dataId);
  webgpu.ensureCommandEncoderReady();
  webgpu.endComputePassEncoder();
  const { commandEncoder, commandQueueOwnedIds } = webgpu as unknown as Internals;
  const uniforms = (webgpu as unknown as Internals).makeUniforms(
    constants.map((constant) => ({ type: 'float32', data: [constant] })),
  );
  const pass = commandEncoder.beginComputePass();
  const first = names[0]!;
  const sizeOf = (item: (typeof items)[number]) => item[first].size;
  const perDispatch = Math.floor(
    webgpu.device.limits.maxStorageBuffersPerShaderStage / names.length,
  );
  // Those of about one size together, so that few workgroups have nothing to do.
  const bySize = items.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  for (let start = 0; start < bySize.length; start += perDispatch) {
    const pack = bySize.slice(start, start + perDispatch);
    const pipeline = pipelineFor(webgpu.device, update, pack.length);
    const buffers = pack.flatMap((item) =>
      names.map((name) => ({ buffer: bufferOf(webgpu, item[name]) })),
    );
    const bindGroup = webgpu.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [...buffers, uniforms].map((resource, binding) => ({ binding, resource })),
    });
    const workgroups = Math.ceil(sizeOf(pack[0]!) / threads);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(Math.min(mostWorkgroups, workgroups), pack.length);
  }
  pass.end();
  for (const { dataId } of tensors) commandQueueOwnedIds.add(dataId);
  for (const item of items) for (const name of update.written) forgetReadValues(webgpu, item[name]);
}

/** All are of this backend, and nobody else holds what is about to change. */
export function isAlone(
  webgpu: WebGPUBackend,
  written: readonly Tensor[],
  read: readonly Tensor[],
): boolean {
  return (
    read.every(({ dataId }) => webgpu.refCount(dataId) > 0) &&
    written.every(({ dataId }) => webgpu.refCount(dataId) === 1)
  );
}

function bufferOf(webgpu: WebGPUBackend, { dataId }: Tensor): GPUBuffer {
  return webgpu.tensorMap.get(dataId).resource as GPUBuffer;
}

/** The backend keeps what it has read back once; that is the past now. */
function forgetReadValues(webgpu: WebGPUBackend, { dataId }: Tensor): void {
  (webgpu.tensorMap.get(dataId) as { values: unknown }).values = null;
}

/** @param count of items in the dispatch */
function pipelineFor<Written extends string, Read extends string>(
  device: GPUDevice,
  update: InPlaceUpdate<Written, Read>,
  count: number,
): GPUComputePipeline {
  const ofDevice = pipelines.get(device) ?? new Map<object, GPUComputePipeline[]>();
  pipelines.set(device, ofDevice);
  const byCount = ofDevice.get(update) ?? [];
  ofDevice.set(update, byCount);
  byCount[count] ??= device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: codeFor(update, count) }) },
  });
  return byCount[count];
}

/** `y` of the workgroup says whose item it is. */
function codeFor<Written extends string, Read extends string>(
  { written, read, constants, code }: InPlaceUpdate<Written, Read>,
  count: number,
): string {
  const names = [...written, ...read];
  const items = Array.from({ length: count }, (_, item) => item);
  const bindings = items.flatMap((item) =>
    names.map((name, place) => {
      const access = place < written.length ? 'read_write' : 'read';
      return `@group(0) @binding(${item * names.length + place}) var<storage, ${access}> ${name}${item}: array<f32>;`;
    }),
  );
  const cases = items.map(
    (item) => `case ${item}u: {
        for (var i = id.x; i < arrayLength(&${names[0]}${item}); i += groups.x * ${threads}u) {
          ${code((name) => `${name}${item}`)}
        }
      }`,
  );
  return `
    struct Constants { ${constants.map((name) => `${name}: f32`).join(', ')} };
    ${bindings.join('\n')}
    @group(0) @binding(${count * names.length}) var<uniform> constants: Constants;

    @compute @workgroup_size(${threads})
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      switch id.y {
        ${cases.join('\n')}
        default: {}
      }
    }`;
}
