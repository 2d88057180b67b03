import { packSignature } from '../assembly/pack.js';
import type { Runtime } from '../runtime.js';

/** Columns of a panel of packed filters. */
export const panelColumns = 8;

/** A filter as a matrix of taps by output channels, wherever its values lie; strides in float32. */
export interface FilterView {
  readonly address: number;
  readonly outer: number;
  readonly outerStride: number;
  readonly inner: number;
  readonly innerStride: number;
  readonly columns: number;
  readonly columnStride: number;
}

/** Where results go; strides in float32. */
export interface Destination {
  readonly address: number;
  readonly pixel: number;
  readonly row: number;
  readonly image: number;
}

export interface Epilogue {
  /** Address of one value per output channel. */
  readonly bias?: number | undefined;
  readonly relu?: boolean;
}

function rowView(address: number, columns: number): FilterView {
  return {
    address,
    outer: 1,
    outerStride: 0,
    inner: 1,
    innerStride: 0,
    columns,
    columnStride: 1,
  };
}

/** Into panels of 8 columns, zeros where the last has fewer. */
export function packFilter(runtime: Runtime, filter: FilterView, to: number): void {
  runtime.run(
    packSignature,
    {
      from: filter.address,
      outer: filter.outer,
      outerStride: filter.outerStride * 4,
      inner: filter.inner,
      innerStride: filter.innerStride * 4,
      columns: filter.columns,
      columnStride: filter.columnStride * 4,
      to,
    },
    filter.outer * filter.inner * filter.columns,
  );
}

/** One value per column into panels; zeros where there is no bias. */
export function packBias(
  runtime: Runtime,
  bias: number | undefined,
  columns: number,
  to: number,
): void {
  if (bias === undefined) runtime.clear(to, Math.ceil(columns / panelColumns) * panelColumns * 4);
  else packFilter(runtime, rowView(bias, columns), to);
}
