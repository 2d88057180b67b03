/** How the viewer shows pictures; stays from one to the next. */
export interface Look {
  readonly overlay: 'outline' | 'fill' | 'off';
  readonly showsTruth: boolean;
  /** Of a filled mask, 0 to 1. */
  readonly opacity: number;
  /** 1 is as it is. */
  readonly brightness: number;
  readonly contrast: number;
}

export const usualLook: Look = {
  ...{ overlay: 'outline', showsTruth: true, opacity: 0.4, brightness: 1, contrast: 1 },
};
