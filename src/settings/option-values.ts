import { z } from 'zod';
import { parseListenAddress } from './listen-address.js';

/** Numbers come as text from flags and variables, as numbers from the config file. */
const numeric = z.union([z.number(), z.string().trim().min(1).transform(Number)]);

export const wholeNumber = (min: number, max: number) =>
  numeric.pipe(z.number().int().min(min).max(max));
export const anyNumber = (min: number, max: number) => numeric.pipe(z.number().min(min).max(max));

export const someText = z.string().min(1);

/** Variables and config files write a switch as text; flags give a real boolean. */
export const onOff = z.union([
  z.boolean(),
  z.enum(['1', 'true', 'yes', 'on']).transform(() => true),
  z.enum(['0', 'false', 'no', 'off']).transform(() => false),
]);

function heightAndWidth(text: string): { height: number; width: number } {
  const [height, width] = text.split('x').map(Number) as [number, number];
  return { height, width };
}

export const networkSize = z
  .string()
  .regex(/^\d+x\d+$/)
  .transform(heightAndWidth)
  .refine((s) => [s.height, s.width].every((n) => n >= 16 && n <= 1024 && n % 16 === 0));

export const imageSize = z
  .string()
  .regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/)
  .transform(heightAndWidth);

/** Different ones, with commas between them. */
export const differentSeeds = z
  .union([
    z.array(z.number()),
    z
      .string()
      .regex(/^\d+(,\d+)*$/)
      .transform((text) => text.split(',').map(Number)),
  ])
  .pipe(z.array(z.number().int().min(0).max(4_294_967_295)).min(1))
  .refine((seeds) => new Set(seeds).size === seeds.length);

export const listenAddress = z
  .union([z.string(), z.number().transform(String)])
  .transform((text) => parseListenAddress(text.trim()))
  .refine((address) => address !== null);
