interface CodedImage {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned?: boolean;
}

interface FrameEncoder {
  getDecodedBuffer(image: CodedImage): Uint8Array;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

declare module '@cornerstonejs/codec-openjpeg/wasmjs' {
  export default function load(output: CodecOutput): Promise<{
    J2KEncoder: new () => FrameEncoder & {
      setDecompositions(count: number): void;
      setQuality(isReversible: boolean, quality: number): void;
    };
  }>;
}

declare module '@cornerstonejs/codec-charls/wasmjs' {
  export default function load(output: CodecOutput): Promise<{
    JpegLSEncoder: new () => FrameEncoder & {
      setNearLossless(most: number): void;
      setInterleaveMode(mode: 0 | 1 | 2): void;
    };
  }>;
}
