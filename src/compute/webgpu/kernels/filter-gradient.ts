import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { type Components, componentsOf, runShader } from './shader.js';
import { sumSplits } from './sum-splits.js';
import { chooseSplit, chooseTile, depth, type Tile, threadsOf } from './tiles.js';

/**
 * The gradient of a convolution by its filter: dW[tap, c, k] = sum over the pixels p of y of
 * x[p at tap, c] dy[p, k]. A product with few results and a very long sum, which is split over
 * workgroups and added up in a second pass.
 */
export function filterGradient(
  backend: WebGPUBackend,
  x: TensorInfo,
  dy: TensorInfo,
  geometry: backend_util.Conv2DInfo,
  wantedTile?: Tile,
): TensorInfo {
  const g = geometry;
  const rows = g.filterHeight * g.filterWidth * g.inChannels;
  const columns = g.outChannels;
  const summed = g.batchSize * g.outHeight * g.outWidth;
  const tile = wantedTile ?? chooseTile(backend, rows, columns);
  const rowTiles = Math.ceil(rows / tile.height);
  const columnTiles = Math.ceil(columns / tile.width);
  const { splits, steps } = chooseSplit(rowTiles * columnTiles, summed);
  const xComponents = componentsOf(g.inChannels);
  const components = componentsOf(columns);
  const partial = runShader(
    backend,
    {
      key: `filter gradient ${tile.height} ${tile.width} ${tile.rows} ${xComponents} ${components}`,
      inputs: [
        { name: 'x', components: xComponents },
        { name: 'dy', components },
      ],
      outputShape: splits === 1 ? g.filterShape : [splits, ...g.filterShape],
      outputComponents: components,
      workgroupSize: threadsOf(tile),
      grid: 'blocks',
      workgroups: [rowTiles, columnTiles, splits],
      uniforms: {
        batch: g.batchSize,
        rows,
        columns,
        summed,
        steps,
        inHeight: g.inHeight,
        inWidth: g.inWidth,
        channels: g.inChannels,
        filterWidth: g.filterWidth,
        outHeight: g.outHeight,
        outWidth: g.outWidth,
        stride: g.strideHeight,
        padTop: g.padInfo.top,
        padLeft: g.padInfo.left,
      },
      code: gradientCode(tile, xComponents, components),
    },
    [x, dy],
  );
  if (splits === 1) return partial;
  const whole = sumSplits(backend, partial, g.filterShape, { activation: 'linear', bias: null });
  backend.disposeData(partial.dataId);
  return whole;
}

function gradientCode(tile: Tile, xComponents: Components, components: Components): string {
  const { height, width, rows } = tile;
  const threads = threadsOf(tile);
  const quads = width / 4;
  const rowQuads = height / 4;
  /** What one thread loads of each tile. Loops of few rounds are for the driver to unroll. */
  const xLoads = (depth * rowQuads) / threads;
  const dyLoads = (depth * quads) / threads;
  return `
    var<workgroup> xTile: array<vec4<f32>, ${depth * rowQuads}>;
    var<workgroup> dyTile: array<vec4<f32>, ${depth * quads}>;

    // What a row of the result reads of x: its tap's offset, and its channel.
    fn tapOf(row: i32) -> vec3<i32> {
      let tap = row / uniforms.channels;
      return vec3<i32>(tap / uniforms.filterWidth - uniforms.padTop, tap % uniforms.filterWidth - uniforms.padLeft, row % uniforms.channels);
    }

    // pixel: row, column and image of dy.
    fn xAt(pixel: vec3<i32>, tap: vec3<i32>) -> ${xComponents === 4 ? 'vec4<f32>' : 'f32'} {
      let at = pixel.xy * uniforms.stride + tap.xy;
      if (pixel.z >= uniforms.batch || any(at < vec2<i32>(0)) || at.x >= uniforms.inHeight || at.y >= uniforms.inWidth) {
        return ${xComponents === 4 ? 'vec4<f32>(0.0)' : '0.0'};
      }
      let index = ((pixel.z * uniforms.inHeight + at.x) * uniforms.inWidth + at.y) * uniforms.channels + tap.z;
      return x[${xComponents === 4 ? 'index / 4' : 'index'}];
    }

    fn main() {
      let thread = i32(localIndex);
      let firstRow = i32(workgroupId.x) * ${height};
      let firstColumn = i32(workgroupId.y) * ${width};
      let firstPixel = i32(workgroupId.z) * uniforms.steps * ${depth};
      let across = thread % ${quads};
      let down = thread / ${quads};
      let area = uniforms.outHeight * uniforms.outWidth;

      // The rows of the result whose x this thread loads stay the same; the pixels move on.
      let row = firstRow + thread % ${rowQuads} * 4;
      ${xComponents === 4 ? 'let tap = tapOf(row);' : 'var taps = array<vec3<i32>, 4>(tapOf(row), tapOf(row + 1), tapOf(row + 2), tapOf(row + 3));'}
      var pixels: array<vec3<i32>, ${xLoads}>;
      for (var i = 0; i < ${xLoads}; i++) {
        let first = firstPixel + (thread + i * ${threads}) / ${rowQuads};
        pixels[i] = vec3<i32>(first % area / uniforms.outWidth, first % area % uniforms.outWidth, first / area);
      }
      var sums: array<vec4<f32>, ${rows}>;

      for (var step = 0; step < uniforms.steps; step++) {
        for (var i = 0; i < ${xLoads}; i++) {
          var pixel = pixels[i];
          var four = vec4<f32>(0.0);
          ${xLoadCode(xComponents)}
          xTile[thread + i * ${threads}] = four;
          pixel.y += ${depth};
          while (pixel.y >= uniforms.outWidth) {
            pixel.y -= uniforms.outWidth;
            pixel.x++;
            if (pixel.x >= uniforms.outHeight) { pixel.x = 0; pixel.z++; }
          }
          pixels[i] = pixel;
        }
        for (var i = 0; i < ${dyLoads}; i++) {
          let slot = thread + i * ${threads};
          let at = firstPixel + step * ${depth} + slot / ${quads};
          let column = firstColumn + slot % ${quads} * 4;
          var four = vec4<f32>(0.0);
          if (at < uniforms.summed && column < uniforms.columns) {
            ${dyLoadCode(components)}
          }
          dyTile[slot] = four;
        }
        workgroupBarrier();
        for (var k = 0; k < ${depth}; k++) {
          let b = dyTile[k * ${quads} + across];
          for (var i = 0; i < ${rows / 4}; i++) {
            let a = xTile[k * ${rowQuads} + down * ${rows / 4} + i];
            sums[i * 4] += a.x * b;
            sums[i * 4 + 1] += a.y * b;
            sums[i * 4 + 2] += a.z * b;
            sums[i * 4 + 3] += a.w * b;
          }
        }
        workgroupBarrier();
      }

      let column = firstColumn + across * 4;
      if (column >= uniforms.columns) { return; }
      let splitStart = i32(workgroupId.z) * uniforms.rows * uniforms.columns;
      for (var i = 0; i < ${rows}; i++) {
        let row = firstRow + down * ${rows} + i;
        if (row >= uniforms.rows) { return; }
        let value = sums[i];
        let at = splitStart + row * uniforms.columns + column;
        ${storeCode(components)}
      }
    }
  `;
}

function xLoadCode(components: Components): string {
  if (components === 4) return 'if (row < uniforms.rows) { four = xAt(pixel, tap); }';
  return `for (var part = 0; part < 4 && row + part < uniforms.rows; part++) {
            four[part] = xAt(pixel, taps[part]);
          }`;
}

function dyLoadCode(components: Components): string {
  if (components === 4) return 'four = dy[(at * uniforms.columns + column) / 4];';
  return `for (var part = 0; part < 4 && column + part < uniforms.columns; part++) {
              four[part] = dy[at * uniforms.columns + column + part];
            }`;
}

function storeCode(components: Components): string {
  if (components === 4) return 'result[at / 4] = value;';
  return `for (var part = 0; part < 4 && column + part < uniforms.columns; part++) {
          result[at + part] = value[part];
        }`;
}
