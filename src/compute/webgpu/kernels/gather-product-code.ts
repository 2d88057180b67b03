import type { Components } from './shader.js';
import { type Finish, finishCode } from './sum-splits.js';
import { depth, type Tile, threadsOf } from './tiles.js';

/** Four vec4 of a row and one that is not used, so that rows start at different memory banks. */
const rowStride = depth / 4 + 1;

/** A convolution, or its gradient by its input. */
export type ProductKind = 'convolution' | 'input gradient';

/** The shader of one product of matrices that is gathered tap by tap. */
export function productCode(
  kind: ProductKind,
  tile: Tile,
  sourceComponents: Components,
  columnComponents: Components,
  finish: Finish,
): string {
  const { height, width, rows } = tile;
  const threads = threadsOf(tile);
  const isForward = kind === 'convolution';
  const sign = isForward ? '+' : '-';
  const quads = width / 4;
  /** What one thread loads of each tile. Loops of few rounds are for the driver to unroll. */
  const loads = (height * 4) / threads;
  const filterLoads = (depth * quads) / threads;
  return `
    var<workgroup> sourceTile: array<vec4<f32>, ${height * rowStride}>;
    var<workgroup> filterTile: array<vec4<f32>, ${depth * quads}>;

    // origin: row, column and image that tap 0 meets.
    fn sourceAt(origin: vec3<i32>, tap: vec2<i32>, channel: i32) -> ${sourceComponents === 4 ? 'vec4<f32>' : 'f32'} {
      let at = origin.xy ${sign} tap;
      if (any(at < vec2<i32>(0)) || at.x >= uniforms.sourceHeight || at.y >= uniforms.sourceWidth) {
        return ${sourceComponents === 4 ? 'vec4<f32>(0.0)' : '0.0'};
      }
      let index = ((origin.z * uniforms.sourceHeight + at.x) * uniforms.sourceWidth + at.y) * uniforms.channels + channel;
      return source[${sourceComponents === 4 ? 'index / 4' : 'index'}];
    }

    fn main() {
      let thread = i32(localIndex);
      let split = i32(workgroupId.z) / uniforms.classes;
      ${classCode(isForward)}
      let area = pixelRows * pixelColumns;
      let rowCount = uniforms.batch * area;
      let summed = tapRows * tapColumns * uniforms.channels;
      let firstRow = i32(workgroupId.x) * ${height};
      let firstColumn = i32(workgroupId.y) * ${width};
      let firstStep = split * uniforms.steps;

      // This thread loads the same four values of the summed dimension for several rows.
      var origins: array<vec3<i32>, ${loads}>;
      for (var i = 0; i < ${loads}; i++) {
        let row = firstRow + thread / 4 + i * ${threads / 4};
        let pixel = vec2<i32>(row % area / pixelColumns, row % area % pixelColumns);
        origins[i] = vec3<i32>(${originOf(isForward)}, row / area);
        // A row too many lies where nothing is.
        if (row >= rowCount) { origins[i].x = -1000000; }
      }
      var k = firstStep * ${depth} + thread % 4 * 4;
      var channel = k % uniforms.channels;
      let firstTapIndex = k / uniforms.channels;
      var tap = vec2<i32>(firstTapIndex / max(tapColumns, 1), firstTapIndex % max(tapColumns, 1));

      var sums: array<vec4<f32>, ${rows}>;
      let across = thread % ${quads};
      let down = thread / ${quads};

      for (var step = 0; step < uniforms.steps; step++) {
        for (var i = 0; i < ${loads}; i++) {
          var four = vec4<f32>(0.0);
          ${sourceLoadCode(sourceComponents)}
          sourceTile[(thread / 4 + i * ${threads / 4}) * ${rowStride} + thread % 4] = four;
        }
        for (var i = 0; i < ${filterLoads}; i++) {
          let slot = thread + i * ${threads};
          ${isForward || sourceComponents === 1 ? weightsByColumns(quads, isForward, columnComponents) : weightsByChannels(quads)}
        }
        workgroupBarrier();
        for (var q = 0; q < 4; q++) {
          let b0 = filterTile[(q * 4) * ${quads} + across];
          let b1 = filterTile[(q * 4 + 1) * ${quads} + across];
          let b2 = filterTile[(q * 4 + 2) * ${quads} + across];
          let b3 = filterTile[(q * 4 + 3) * ${quads} + across];
          for (var i = 0; i < ${rows}; i++) {
            let a = sourceTile[(down + i * ${height / rows}) * ${rowStride} + q];
            sums[i] = a.w * b3 + (a.z * b2 + (a.y * b1 + (a.x * b0 + sums[i])));
          }
        }
        workgroupBarrier();
        k += ${depth};
        channel += ${depth};
        while (channel >= uniforms.channels) {
          channel -= uniforms.channels;
          tap.y++;
          if (tap.y >= tapColumns) { tap.y = 0; tap.x++; }
        }
      }

      let column = firstColumn + across * 4;
      if (column >= uniforms.columns) { return; }
      let splitStart = split * uniforms.batch * uniforms.resultHeight * uniforms.resultWidth * uniforms.columns;
      for (var i = 0; i < ${rows}; i++) {
        let row = firstRow + down + i * ${height / rows};
        if (row >= rowCount) { return; }
        let value = sums[i];
        let at = splitStart + ${isForward ? 'row' : 'pixelOf(row, pixelRows, pixelColumns, class2)'} * uniforms.columns + column;
        ${storeCode(columnComponents, finish)}
      }
    }
    ${isForward ? '' : pixelOf}
  `;
}

/** Which pixels and taps are this workgroup's. */
function classCode(isForward: boolean): string {
  if (isForward) {
    return `
      let pixelRows = uniforms.resultHeight;
      let pixelColumns = uniforms.resultWidth;
      let tapRows = uniforms.filterHeight;
      let tapColumns = uniforms.filterWidth;`;
  }
  return `
      let class1 = i32(workgroupId.z) % uniforms.classes;
      let class2 = vec2<i32>(class1 / uniforms.stride, class1 % uniforms.stride);
      let pixelRows = (uniforms.resultHeight - class2.x + uniforms.stride - 1) / uniforms.stride;
      let pixelColumns = (uniforms.resultWidth - class2.y + uniforms.stride - 1) / uniforms.stride;
      let firstTap = (class2 + vec2<i32>(uniforms.padTop, uniforms.padLeft)) % uniforms.stride;
      let tapRows = (uniforms.filterHeight - firstTap.x + uniforms.stride - 1) / uniforms.stride;
      let tapColumns = (uniforms.filterWidth - firstTap.y + uniforms.stride - 1) / uniforms.stride;`;
}

/** Row and column of the source that tap 0 of a pixel meets. */
function originOf(isForward: boolean): string {
  const padding = 'vec2<i32>(uniforms.padTop, uniforms.padLeft)';
  return isForward
    ? `pixel * uniforms.stride - ${padding}`
    : `(pixel * uniforms.stride + class2 + ${padding} - firstTap) / uniforms.stride`;
}

function sourceLoadCode(components: Components): string {
  if (components === 4) return 'if (k < summed) { four = sourceAt(origins[i], tap, channel); }';
  return `var at = tap;
          var c = channel;
          for (var part = 0; part < 4; part++) {
            if (k + part < summed) { four[part] = sourceAt(origins[i], at, c); }
            c++;
            if (c >= uniforms.channels) { c = 0; at.y++; if (at.y >= tapColumns) { at.y = 0; at.x++; } }
          }`;
}

/** Four columns of a row; back, the filter's [h, w, column, row] is transposed while it is loaded. */
function weightsByColumns(quads: number, isForward: boolean, components: Components): string {
  return `let row = (firstStep + step) * ${depth} + slot / ${quads};
          let column = firstColumn + slot % ${quads} * 4;
          var four = vec4<f32>(0.0);
          if (row < summed && column < uniforms.columns) {
            ${isForward ? forwardWeights(components) : backwardWeights}
          }
          filterTile[slot] = four;`;
}

function forwardWeights(components: Components): string {
  if (components === 4) return 'four = weights[(row * uniforms.columns + column) / 4];';
  return `for (var part = 0; part < 4 && column + part < uniforms.columns; part++) {
              four[part] = weights[row * uniforms.columns + column + part];
            }`;
}

/** Where the filter's values for a row of the product begin. */
const filterStart = `
            let tapIndex = row / uniforms.channels;
            let filterRow = firstTap.x + tapIndex / tapColumns * uniforms.stride;
            let filterColumn = firstTap.y + tapIndex % tapColumns * uniforms.stride;
            let start = (filterRow * uniforms.filterWidth + filterColumn) * uniforms.columns;`;

const backwardWeights = `${filterStart}
            for (var part = 0; part < 4 && column + part < uniforms.columns; part++) {
              four[part] = weights[(start + column + part) * uniforms.channels + row % uniforms.channels];
            }`;

/** Back: four rows of a column, which lie side by side in the filter and are one tap's. */
function weightsByChannels(quads: number): string {
  return `let inTile = slot % ${depth / 4} * 4;
          let row = (firstStep + step) * ${depth} + inTile;
          let inRow = slot / ${depth / 4};
          let column = firstColumn + inRow;
          var four = vec4<f32>(0.0);
          if (row < summed && column < uniforms.columns) {
            ${filterStart}
            four = weights[((start + column) * uniforms.channels + row % uniforms.channels) / 4];
          }
          for (var part = 0; part < 4; part++) {
            filterTile[(inTile + part) * ${quads} + inRow / 4][inRow % 4] = four[part];
          }`;
}

const pixelOf = `
    fn pixelOf(row: i32, pixelRows: i32, pixelColumns: i32, class2: vec2<i32>) -> i32 {
      let image = row / (pixelRows * pixelColumns);
      let inImage = row % (pixelRows * pixelColumns);
      let y = inImage / pixelColumns * uniforms.stride + class2.x;
      let x = inImage % pixelColumns * uniforms.stride + class2.y;
      return (image * uniforms.resultHeight + y) * uniforms.resultWidth + x;
    }`;

function storeCode(components: Components, finish: Finish): string {
  if (components === 4) return `result[at / 4] = ${finishCode(finish, 'value', 'column')};`;
  return `for (var part = 0; part < 4 && column + part < uniforms.columns; part++) {
            result[at + part] = ${finishCode(finish, 'value[part]', 'column + part', 1)};
          }`;
}
