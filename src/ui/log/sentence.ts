/** A sentence and how much it matters; the plain log and the dashboard's log tell the same ones. */
export interface Sentence {
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  /** The same where there is little room, beside panels that show the rest. */
  readonly brief?: string;
}

export const info = (text: string, brief = text): Sentence => ({ level: 'info', text, brief });
export const warning = (text: string, brief = text): Sentence => ({
  level: 'warning',
  text,
  brief,
});
export const error = (text: string): Sentence => ({ level: 'error', text });
