/** What is used of dcmjs, which has no types of its own. */
declare module 'dcmjs' {
  /** DICOM's JSON: by tag, without comma. */
  export type Elements = Record<string, { vr: string; Value?: unknown[] }>;

  interface DicomFile {
    dict: Elements;
    write(options?: object): ArrayBuffer;
  }

  const dcmjs: {
    readonly log: { getLogger(name: string): { setLevel(level: 'silent'): void } };
    readonly data: {
      readonly DicomDict: new (meta: Elements) => DicomFile;
      readonly DicomMessage: { readFile(bytes: ArrayBuffer, options?: object): DicomFile };
      readonly DicomMetaDictionary: { denaturalizeDataset(dataset: object): Elements };
    };
  };
  export default dcmjs;
}
