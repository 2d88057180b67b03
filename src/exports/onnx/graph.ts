import { floatField, messageField, type Pieces, textField, wholeNumberField } from './protobuf.js';

/** Types of a tensor's elements, by their numbers in onnx.proto. */
export const elementTypes = { float: 1, uint8: 2, int64: 7, double: 11 } as const;

/** Values by whose kind the tensor's type is known. */
export type TensorValues = Float32Array | Float64Array | BigInt64Array;

type Attribute = number | string | readonly number[] | { readonly float: number };

/** A tensor that comes into or out of the graph; a text as extent is any length of that name. */
export interface Port {
  readonly name: string;
  readonly type: keyof typeof elementTypes;
  readonly shape: readonly (number | string)[];
}

/**
 * A graph of ONNX while it is built. Tensors are told by their names; `add` gives that of the node's
 * (first) output. Field numbers are those of the published onnx.proto.
 */
export class GraphBuilder {
  private readonly nodes: Pieces[] = [];
  private readonly initializers: Pieces[] = [];
  private count = 0;

  /** @param name of its output, where that is to have a certain one */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name = this.nextName(operator),
  ): string {
    const node = [
      ...inputs.flatMap((input) => textField(1, input)),
      ...textField(2, name),
      ...textField(3, name),
      ...textField(4, operator),
      ...Object.entries(attributes).flatMap(([key, value]) =>
        messageField(5, attributeMessage(key, value)),
      ),
    ];
    // Small, and there are many: as one piece each.
    this.nodes.push([Buffer.concat(node)]);
    return name;
  }

  /** A constant tensor. Its values are not copied: they have to stay as they are. */
  constant(
    values: TensorValues,
    shape: readonly number[],
    name = this.nextName('constant'),
  ): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.initializers.push([
      ...shape.flatMap((extent) => wholeNumberField(1, extent)),
      ...wholeNumberField(2, elementTypes[typeOf(values)]),
      ...textField(8, name),
      ...messageField(9, [bytes]),
    ]);
    return name;
  }

  /** A constant without dimensions, of double precision. */
  scalar(value: number): string {
    return this.constant(Float64Array.of(value), []);
  }

  /** Constants for shapes, axes and indices. */
  wholeNumbers(...values: readonly number[]): string {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  /** GraphProto. */
  message(name: string, inputs: readonly Port[], outputs: readonly Port[]): Pieces {
    return [
      ...this.nodes.flatMap((node) => messageField(1, node)),
      ...textField(2, name),
      ...this.initializers.flatMap((tensor) => messageField(5, tensor)),
      ...inputs.flatMap((port) => messageField(11, portMessage(port))),
      ...outputs.flatMap((port) => messageField(12, portMessage(port))),
    ];
  }

  private nextName(what: string): string {
    return `${what}-${++this.count}`;
  }
}

function typeOf(values: TensorValues): keyof typeof elementTypes {
  if (values instanceof Float32Array) return 'float';
  return values instanceof Float64Array ? 'double' : 'int64';
}

function attributeMessage(name: string, value: Attribute): Pieces {
  const kind = (number: number) => wholeNumberField(20, number);
  const named = textField(1, name);
  if (typeof value === 'number') return [...named, ...wholeNumberField(3, value), ...kind(2)];
  if (typeof value === 'string') return [...named, ...textField(4, value), ...kind(3)];
  if ('float' in value) return [...named, ...floatField(2, value.float), ...kind(1)];
  return [...named, ...value.flatMap((each) => wholeNumberField(8, each)), ...kind(7)];
}

function portMessage({ name, type, shape }: Port): Pieces {
  const dimensions = shape.flatMap((extent) =>
    messageField(
      1,
      typeof extent === 'number' ? wholeNumberField(1, extent) : textField(2, extent),
    ),
  );
  const tensor = [...wholeNumberField(1, elementTypes[type]), ...messageField(2, dimensions)];
  return [...textField(1, name), ...messageField(2, messageField(1, tensor))];
}
