export type { Elements } from 'dcmjs';

/** Loaded when it is asked for; what it has to say of a header goes nowhere. */
export async function loadDcmjs() {
  const { default: dcmjs } = await import('dcmjs');
  dcmjs.log.getLogger('validation.dcmjs').setLevel('silent');
  return dcmjs;
}
