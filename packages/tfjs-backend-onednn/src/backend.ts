import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  type backend_util,
  DataStorage,
  type DataType,
  engine,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { addon } from './addon.js';
import { BufferPool } from './buffer_pool.js';
import { Entry } from './entry.js';
import { Plans } from './plans.js';

export type Precision = 'float32' | 'bf16';

export const backendName = 'onednn';

/**
 * Built on the JavaScript cpu backend, so that its kernels run here unchanged for whatever has no
 * native kernel: they find the row-major values they expect under `data.get(id).values`.
 */
export class OnednnBackend extends MathBackendCPU {
  readonly pool = new BufferPool();
  readonly plans = new Plans();
  precision: Precision = 'float32';
  private readonly entries = new DataStorage<Entry>(this, engine());

  constructor() {
    super();
    // The cpu backend types its storage by a class that Entry stands in for.
    this.data = this.entries as unknown as typeof this.data;
  }

  entry(tensor: TensorInfo): Entry {
    const entry = this.entries.get(tensor.dataId);
    if (!entry) throw new Error('tfjs-backend-onednn: the tensor has been disposed');
    return entry;
  }

  /** A tensor around an entry that a kernel filled. */
  wrap(entry: Entry, shape: number[]): TensorInfo {
    const dataId = {};
    this.entries.set(dataId, entry);
    return { dataId, shape, dtype: entry.dtype };
  }

  newEntry(dtype: DataType = 'float32'): Entry {
    return new Entry(this.pool, dtype);
  }

  /** A float32 tensor of row-major values. */
  output(values: Float32Array, shape: number[]): TensorInfo {
    return this.wrap(this.newEntry().setPlain(values), shape);
  }

  override write(values: backend_util.BackendValues, _shape: number[], dtype: DataType): object {
    const dataId = {};
    this.move(dataId, values, _shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: object,
    values: backend_util.BackendValues,
    _shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const entry = this.newEntry(dtype);
    entry.refCount = refCount;
    // JavaScript kernels may hand on (a part of) an input's array: that one will be reused.
    const shared = ArrayBuffer.isView(values) && this.pool.owns(values.buffer);
    if (values) entry.setPlain(shared ? (values as Float32Array).slice() : values);
    this.entries.set(dataId, entry);
  }

  override readSync(dataId: object): backend_util.BackendValues {
    const values = super.readSync(dataId);
    const shared = ArrayBuffer.isView(values) && this.pool.owns(values.buffer);
    return shared ? (values as Float32Array).slice() : values;
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.entries.has(dataId)) return true;
    const entry = this.entries.get(dataId);
    const released = super.disposeData(dataId, force);
    if (released) entry.dispose();
    return released;
  }

  override memory() {
    return { unreliable: false, reasons: [] as string[], numBytesInPool: this.pool.usedBytes };
  }

  override dispose(): void {
    this.pool.clear();
  }

  setThreads(n: number): void {
    addon().setThreads(n);
    // oneDNN divides the work when it makes a primitive.
    this.plans.clear();
  }
}
