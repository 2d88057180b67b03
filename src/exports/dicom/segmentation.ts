import type { PixelSpacing } from '../../formats/frames.js';
import { sha256 } from '../../operators/fingerprint.js';
import { version } from '../../version.js';
import type { SourceHeader } from './source-header.js';
import { uidOf } from './uid.js';

/** A mask of one frame of the source. */
export interface SegmentedFrame {
  /** From 1. */
  readonly number: number;
  readonly rle: string;
}

export interface SegmentationOf {
  readonly source: SourceHeader;
  readonly frames: readonly SegmentedFrame[];
  /** 1 bit a pixel, `packBits` of all frames. */
  readonly pixels: Uint8Array;
  readonly spacing: PixelSpacing | undefined;
  readonly label: string;
  readonly modelIds: readonly string[];
  /** When the masks were predicted. */
  readonly at: Date;
}

export const segmentationStorage = '1.2.840.10008.5.1.4.1.1.66.4';
const explicitLittleEndian = '1.2.840.10008.1.2.1';
/** Of nerveflow, as DICOM wants writers named. */
const implementation = uidOf('nerveflow');

/**
 * A Segmentation object (DICOM PS3.3 A.51), binary, of one segment, by keywords: each frame refers to the
 * frame of the source that it is of. Patient and study are not in it, they are taken over as they stand.
 */
export function segmentationOf(of: SegmentationOf): { meta: object; dataSet: object } {
  const { source, frames, pixels, spacing, modelIds, at } = of;
  // A backslash would part it in two.
  const label = of.label.replaceAll('\\', '/').slice(0, 40);
  const { date, time } = dicomTime(at);
  const { sopInstanceUid, seriesInstanceUid } = source;
  const SOPInstanceUID = uidOf(sopInstanceUid, frames, label, modelIds, date, time, version);
  const organization = uidOf('dimensions', SOPInstanceUID);
  const instance = {
    ReferencedSOPClassUID: source.sopClassUid,
    ReferencedSOPInstanceUID: sopInstanceUid,
  };
  const dataSet = {
    SpecificCharacterSet: 'ISO_IR 192',
    SOPClassUID: segmentationStorage,
    SOPInstanceUID,
    Modality: 'SEG',
    SeriesInstanceUID: uidOf('series', seriesInstanceUid),
    SeriesNumber: '1000',
    SeriesDescription: 'nerveflow segmentation',
    InstanceNumber: '1',
    PatientOrientation: '',
    ContentDate: date,
    ContentTime: time,
    Manufacturer: 'nerveflow',
    ManufacturerModelName: 'nerveflow',
    DeviceSerialNumber: '1',
    SoftwareVersions: version,
    ImageType: ['DERIVED', 'PRIMARY'],
    ContentLabel: 'SEGMENTATION',
    ContentDescription: `${label}, found by nerveflow`,
    ContentCreatorName: '',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: String(frames.length),
    Rows: source.height,
    Columns: source.width,
    ...{ BitsAllocated: 1, BitsStored: 1, HighBit: 0, PixelRepresentation: 0 },
    LossyImageCompression: '00',
    SegmentationType: 'BINARY',
    SegmentsOverlap: 'NO',
    SegmentSequence: [segmentOf(label, modelIds)],
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: organization }],
    DimensionIndexSequence: [
      dimension(organization, 0x0062000b, 0x0062000a, 'Segment'),
      dimension(organization, 0x00209128, 0x00209111, 'Frame'),
    ],
    ReferencedSeriesSequence: [
      { SeriesInstanceUID: seriesInstanceUid, ReferencedInstanceSequence: [instance] },
    ],
    SharedFunctionalGroupsSequence: [
      {
        ...(spacing && { PixelMeasuresSequence: [measuresOf(spacing)] }),
        SegmentIdentificationSequence: [{ ReferencedSegmentNumber: 1 }],
      },
    ],
    PerFrameFunctionalGroupsSequence: frames.map(({ number }, nth) => ({
      FrameContentSequence: [
        { DimensionIndexValues: [1, nth + 1], TemporalPositionIndex: nth + 1 },
      ],
      DerivationImageSequence: [derivationOf(instance, source.frames > 1 ? number : null)],
    })),
    _vrMap: { PixelData: 'OB' },
    PixelData: pixels.buffer.slice(pixels.byteOffset, pixels.byteOffset + pixels.byteLength),
  };
  const meta = {
    FileMetaInformationVersion: Uint8Array.of(0, 1).buffer,
    MediaStorageSOPClassUID: segmentationStorage,
    MediaStorageSOPInstanceUID: SOPInstanceUID,
    TransferSyntaxUID: explicitLittleEndian,
    ImplementationClassUID: implementation,
    ImplementationVersionName: 'NERVEFLOW',
  };
  return { meta, dataSet };
}

/** SNOMED CT's code for a nerve; a label of one's own has a code of one's own. */
function segmentOf(label: string, modelIds: readonly string[]): object {
  const type =
    label === 'nerve'
      ? code('3057000', 'SCT', 'Nerve')
      : code(sha256(label).slice(0, 16), '99NERVEFLOW', label);
  return {
    SegmentNumber: 1,
    SegmentLabel: label,
    SegmentDescription: `model ${modelIds.join(', ')}`.slice(0, 1024),
    SegmentAlgorithmType: 'AUTOMATIC',
    SegmentAlgorithmName: `nerveflow ${version}`,
    SegmentedPropertyCategoryCodeSequence: [code('123037004', 'SCT', 'Anatomical Structure')],
    SegmentedPropertyTypeCodeSequence: [type],
  };
}

function derivationOf(instance: object, frame: number | null): object {
  return {
    DerivationCodeSequence: [code('113076', 'DCM', 'Segmentation')],
    SourceImageSequence: [
      {
        ...instance,
        ...(frame !== null && { ReferencedFrameNumber: String(frame) }),
        SpatialLocationsPreserved: 'YES',
        PurposeOfReferenceCodeSequence: [
          code('121322', 'DCM', 'Source image for image processing operation'),
        ],
      },
    ],
  };
}

function measuresOf({ rowMm, columnMm }: PixelSpacing): object {
  return { PixelSpacing: [rowMm, columnMm].map((mm) => String(Number(mm.toPrecision(10)))) };
}

function dimension(
  DimensionOrganizationUID: string,
  DimensionIndexPointer: number,
  FunctionalGroupPointer: number,
  DimensionDescriptionLabel: string,
): object {
  return {
    DimensionOrganizationUID,
    DimensionIndexPointer,
    FunctionalGroupPointer,
    DimensionDescriptionLabel,
  };
}

function code(CodeValue: string, CodingSchemeDesignator: string, CodeMeaning: string): object {
  return { CodeValue, CodingSchemeDesignator, CodeMeaning };
}

/** In local time, as DICOM has it where no zone is named. */
function dicomTime(at: Date): { date: string; time: string } {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return { date, time: [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('') };
}

/** Masks of 0 and 1 as bits, the first pixel lowest, frames without a gap between them; of even length. */
export class BitPacker {
  readonly bytes: Uint8Array;
  private at = 0;

  constructor(pixels: number) {
    this.bytes = new Uint8Array(2 * Math.ceil(pixels / 16));
  }

  add(mask: Uint8Array): void {
    for (let at = mask.indexOf(1); at !== -1; at = mask.indexOf(1, at + 1)) {
      const bit = this.at + at;
      this.bytes[bit >> 3]! |= 1 << (bit & 7);
    }
    this.at += mask.length;
  }
}
