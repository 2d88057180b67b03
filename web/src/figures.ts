import type { Image } from './api.js';

/** `12.4 mm²` where the pixel size is known, else `1203 px`; of an empty mask `empty`. */
export function areaText({ prediction }: Pick<Image, 'prediction'>): string {
  if (prediction === null) return '';
  if (prediction.pixels === 0) return 'empty';
  const { areaMm2 } = prediction;
  return areaMm2 === null ? `${prediction.pixels} px` : `${digits(areaMm2)} mm²`;
}

/** Three digits that count; whole numbers are whole. */
export function digits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}

const units: readonly (readonly [ending: string, unit: string])[] = [
  ['_mm2', ' mm²'],
  ['_mm', ' mm'],
  ['_px', ' px'],
  ['_deg', '°'],
];

/** A column of measurements.csv and its value, for people. */
export function measureText(column: string, value: number): { name: string; value: string } {
  const [ending, unit] = units.find(([end]) => column.endsWith(end)) ?? ['', ''];
  const name = column.slice(0, column.length - ending.length).replaceAll('_', ' ');
  return { name, value: `${digits(value)}${unit}` };
}
