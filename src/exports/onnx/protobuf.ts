import { PbfWriter } from 'pbf';

/** A message of protocol buffers as pieces in their order: a network's weights are never copied into it. */
export type Pieces = readonly Uint8Array[];

export function lengthOf(pieces: Pieces): number {
  return pieces.reduce((total, { byteLength }) => total + byteLength, 0);
}

/** A field that holds a message, or bytes. */
export function messageField(field: number, pieces: Pieces): Pieces {
  const head = written((writer) => {
    writer.writeTag(field, lengthDelimited);
    writer.writeVarint(lengthOf(pieces));
  });
  return [head, ...pieces];
}

export function textField(field: number, text: string): Pieces {
  return [written((writer) => writer.writeStringField(field, text))];
}

export function wholeNumberField(field: number, value: number): Pieces {
  return [written((writer) => writer.writeVarintField(field, value))];
}

export function floatField(field: number, value: number): Pieces {
  return [written((writer) => writer.writeFloatField(field, value))];
}

const lengthDelimited = 2;

function written(write: (writer: PbfWriter) => void): Uint8Array {
  const writer = new PbfWriter();
  write(writer);
  return writer.finish();
}
