/** What two codecs of CornerstoneJS and a decoder of lossless JPEG bring along no types for. */
interface CodedFrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
}

interface FrameDecoder {
  /** A place in the codec's memory to write the coded bytes to. */
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): CodedFrameInfo;
  /** A view of the codec's memory, gone with the decoder. */
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

interface CodecOutput {
  print(line: string): void;
  printErr(line: string): void;
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  export default function load(
    output: CodecOutput,
  ): Promise<{ J2KDecoder: new () => FrameDecoder }>;
}

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  export default function load(
    output: CodecOutput,
  ): Promise<{ JpegLSDecoder: new () => FrameDecoder & { getInterleaveMode(): 0 | 1 | 2 } }>;
}

declare module 'jpeg-lossless-decoder-js' {
  export class Decoder {
    decode(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array | Uint16Array;
  }
}
