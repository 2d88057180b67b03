import { type FileHandle, open } from 'node:fs/promises';

/** A header that is long enough for any shape, so that it can be written last. */
const headerBytes = 128;
const magic = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0]);

/**
 * An array in NumPy's format 1.0, C order, written row by row: how many rows there are is known at the
 * end. Open it in a folder that appears whole.
 */
export class NpyFile {
  private rows = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly type: string,
    private readonly rowShape: readonly number[],
  ) {}

  /**
   * @param type NumPy's `dtype.str`: `|u1`, `<i4`, `<f4`, `<U12`
   * @param rowShape of one row; [] for a vector
   */
  static async create(
    path: string,
    type: string,
    rowShape: readonly number[] = [],
  ): Promise<NpyFile> {
    const file = await open(path, 'w');
    await file.writeFile(Buffer.alloc(headerBytes));
    return new NpyFile(file, type, rowShape);
  }

  /** A row's values as they lie in memory; of a little-endian machine. */
  async write(row: Uint8Array | Int32Array | Float32Array): Promise<void> {
    await this.file.writeFile(new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
    this.rows++;
  }

  async close(): Promise<void> {
    try {
      const shape = [this.rows, ...this.rowShape];
      const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
      const text = `{'descr': '${this.type}', 'fortran_order': False, 'shape': (${tuple}), }`;
      const header = Buffer.alloc(headerBytes, ' ');
      magic.copy(header);
      header.writeUInt16LE(headerBytes - magic.length - 2, magic.length);
      header.write(text, magic.length + 2, 'latin1');
      header[headerBytes - 1] = 0x0a;
      await this.file.write(header, 0, headerBytes, 0);
    } finally {
      await this.file.close();
    }
  }
}
