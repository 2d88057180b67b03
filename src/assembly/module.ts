import { type Code, get, type Local, unsigned, type ValueType, valueTypes } from './code.js';

/** So many of them, where the number is known to the compiler. */
type Locals<N extends number, L extends Local[] = []> = number extends N
  ? Local[]
  : L['length'] extends N
    ? L
    : Locals<N, [...L, Local]>;

/** One function under construction: parameters first, then locals in the order they are asked for. */
export class FunctionBuilder {
  private readonly locals: ValueType[] = [];
  private body: Code = [];

  constructor(
    readonly name: string,
    readonly index: number,
    private readonly parameters: readonly ValueType[],
  ) {}

  parameter(index: number): Local {
    const type = this.parameters[index];
    if (type === undefined) throw new RangeError(`${this.name} has no parameter ${index}`);
    return { index, type };
  }

  local(type: ValueType = 'i32'): Local {
    this.locals.push(type);
    return { index: this.parameters.length + this.locals.length - 1, type };
  }

  localsOf<N extends number>(type: ValueType, count: N): Locals<N> {
    return Array.from({ length: count }, () => this.local(type)) as Locals<N>;
  }

  code(body: Code): void {
    this.body = body;
  }

  /** Arguments in the order of the parameters. */
  call(...args: readonly Code[]): Code {
    if (args.length !== this.parameters.length) {
      throw new RangeError(`${this.name} takes ${this.parameters.length}, not ${args.length}`);
    }
    return [...args.flat(), 0x10, ...unsigned(this.index)];
  }

  type(): number[] {
    return [0x60, ...vector(this.parameters.map((t) => [valueTypes[t]])), 0];
  }

  encoded(): number[] {
    const locals = vector(this.locals.map((t) => [1, valueTypes[t]]));
    const content = [...locals, ...this.body, 0x0b];
    return [...unsigned(content.length), ...content];
  }
}

/** A module of functions over one imported memory, `env.memory`. */
export class ModuleBuilder {
  private readonly functions: FunctionBuilder[] = [];

  /**
   * Adds a function whose parameters are named; `define` gets one local for each name and the
   * builder for more. All parameters are i32 but those whose names end in `F32`.
   */
  function<Name extends string>(
    name: string,
    parameters: readonly Name[],
    define: (p: Record<Name, Code>, f: FunctionBuilder, locals: Record<Name, Local>) => Code,
  ): FunctionBuilder {
    const types = parameters.map((p): ValueType => (p.endsWith('F32') ? 'f32' : 'i32'));
    const f = new FunctionBuilder(name, this.functions.length, types);
    this.functions.push(f);
    const locals = Object.fromEntries(parameters.map((p, i) => [p, f.parameter(i)]));
    const codes = Object.fromEntries(parameters.map((p, i) => [p, get(f.parameter(i))]));
    f.code(define(codes as Record<Name, Code>, f, locals as Record<Name, Local>));
    return f;
  }

  encoded(sharedMemory: boolean): Uint8Array<ArrayBuffer> {
    // At most 65536 pages (4 GiB); the memory that is imported has its own, smaller, limit.
    const limits = sharedMemory ? [3, 0, ...unsigned(65536)] : [0, 0];
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, vector(this.functions.map((f) => f.type()))),
      ...section(2, vector([[...text('env'), ...text('memory'), 2, ...limits]])),
      ...section(3, vector(this.functions.map((f) => unsigned(f.index)))),
      ...section(7, vector(this.functions.map((f) => [...text(f.name), 0, ...unsigned(f.index)]))),
      ...section(10, vector(this.functions.map((f) => f.encoded()))),
    ]);
  }
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, content: readonly number[]): number[] {
  // Not spread: a call's arguments are limited, and the code section is long.
  return [id].concat(unsigned(content.length), content);
}
