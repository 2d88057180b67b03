/** Stable codes of what looks wrong with a mask that was nevertheless taken. */
export type DoubtCode =
  | 'MASK_COVERS_MOST'
  | 'MASK_ALL_FOREGROUND'
  | 'MASK_ON_BORDER'
  | 'MASK_LOOKS_LIKE_PHOTOGRAPH'
  | 'MASK_IS_ITS_IMAGE'
  | 'MASK_STACK_STARTS_EMPTY'
  | 'MASKS_ALL_EMPTY'
  /** Of a file of labels: something in it that encloses nothing, or is of no image. */
  | 'LABEL_LEFT_OUT'
  /** White is zero by its tag, so that the file's zeros were taken. */
  | 'MASK_POLARITY_UNSURE'
  /** A JPEG with nothing as bright as half: taken as empty. */
  | 'MASK_TOO_FAINT'
  /** Small and large values in one mask, such as 1 and 255, all taken as labels. */
  | 'MASK_MIXED_LABELS'
  /** A small value that lies in thin traces only was taken as the soft edge of something else. */
  | 'MASK_SOFT_EDGE';

/** Something to be told about a mask, with its file's name. It was taken as it is. */
export interface Doubt {
  readonly code: DoubtCode;
  /** One line for people, without the file's name. */
  readonly message: string;
}
