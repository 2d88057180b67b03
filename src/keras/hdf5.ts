import type { File, Group } from 'h5wasm/node';
import { fail, ok, type Result } from '../operators/result.js';

/** Loaded when it is needed: 4 MB of WebAssembly. */
async function library(): Promise<typeof import('h5wasm/node')> {
  const hdf5 = await import('h5wasm/node');
  const { activate_throwing_error_handler } = await hdf5.ready;
  // Otherwise failures are printed, and what comes back makes no sense.
  activate_throwing_error_handler();
  return hdf5;
}

/**
 * Does something with an HDF5 file, which is closed afterwards. What the library reports becomes
 * `HDF5_UNUSABLE`, with its innermost reason.
 */
export async function withHdf5<T>(
  path: string,
  mode: 'r' | 'w',
  use: (file: File, hdf5: typeof import('h5wasm/node')) => Promise<T>,
): Promise<Result<T, 'HDF5_UNUSABLE'>> {
  const hdf5 = await library();
  let file: File | undefined;
  try {
    file = new hdf5.File(path, mode);
    return ok(await use(file, hdf5));
  } catch (error) {
    const { message } = error as Error;
    if (!message.startsWith('HDF5-DIAG')) throw error;
    return fail('HDF5_UNUSABLE', `${path}: ${innermostReason(message)}`);
  } finally {
    file?.close();
  }
}

/** Texts of an attribute; an empty list where it is not there. Keras splits lists that are too long for one. */
export function textsOf(group: Group, name: string): string[] {
  const { attrs } = group;
  if (attrs[name] !== undefined) return asTexts(attrs[name].value);
  const parts: string[] = [];
  for (let part = 0; attrs[`${name}${part}`] !== undefined; part++) {
    parts.push(...asTexts(attrs[`${name}${part}`]!.value));
  }
  return parts;
}

/** Texts of fixed length, as Python's bytes are kept; an empty list as numpy keeps one. */
export function writeTexts(group: Group, name: string, texts: readonly string[]): void {
  if (texts.length === 0) {
    group.create_attribute(name, new Float64Array(0), [0]);
    return;
  }
  const longest = Math.max(1, ...texts.map((text) => Buffer.byteLength(text)));
  group.create_attribute(name, [...texts], [texts.length], `S${longest}`);
}

function asTexts(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((each): each is string => typeof each === 'string');
}

function innermostReason(report: string): string {
  const lines = report.split('\n').filter((line) => /^\s*#\d+:/.test(line));
  return lines.at(-1)?.replace(/^.*\(\): /, '') ?? 'cannot be used';
}
