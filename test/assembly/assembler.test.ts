import { describe, expect, it } from 'vitest';
import { f32, get, i32, range, seq, signed, unsigned } from '../../src/assembly/code.js';
import { ModuleBuilder } from '../../src/assembly/module.js';
import { webAssembly } from '../../src/assembly/web-assembly.js';

describe('the assembler', () => {
  it('encodes LEB128 as the examples of the DWARF standard do', () => {
    expect(unsigned(2)).toEqual([2]);
    expect(unsigned(127)).toEqual([127]);
    expect(unsigned(128)).toEqual([0x80, 1]);
    expect(unsigned(12857)).toEqual([57 + 0x80, 100]);
    expect(signed(2)).toEqual([2]);
    expect(signed(-2)).toEqual([0x7e]);
    expect(signed(127)).toEqual([127 + 0x80, 0]);
    expect(signed(-127)).toEqual([1 + 0x80, 0x7f]);
    expect(signed(-129)).toEqual([0x7f + 0x80, 0x7e]);
  });

  it('makes a module that runs', () => {
    const m = new ModuleBuilder();
    m.function('doubled', ['at', 'count'] as const, (p, f) => {
      const i = f.local();
      const address = i32.add(p.at, i32.shl(get(i), 2));
      const value = f32.load(address);
      return range(i, i32.const(0), p.count, seq(f32.store(address, f32.add(value, value))));
    });
    const memory = new webAssembly.Memory({ initial: 1 });
    const { exports } = new webAssembly.Instance(new webAssembly.Module(m.encoded(false)), {
      env: { memory },
    });
    const values = new Float32Array(memory.buffer, 64, 4);
    values.set([1, 2.5, -3, 4]);
    exports.doubled!(64, 3);
    expect([...values]).toEqual([2, 5, -6, 4]);
  });
});
