/** The part of Ink's key description that this table needs. */
export interface KeyPress {
  readonly upArrow?: boolean;
  readonly downArrow?: boolean;
  readonly leftArrow?: boolean;
  readonly rightArrow?: boolean;
  readonly return?: boolean;
  readonly escape?: boolean;
  readonly ctrl?: boolean;
  readonly shift?: boolean;
  readonly tab?: boolean;
  readonly backspace?: boolean;
  readonly delete?: boolean;
  readonly meta?: boolean;
}

/** Names of the keys in one input: two keys struck quickly may arrive together. */
export function keyNames(input: string, key: KeyPress): string[] {
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab'];
  if (key.return) return ['enter'];
  if (key.escape) return ['esc'];
  if (key.upArrow) return ['up'];
  if (key.downArrow) return ['down'];
  if (key.leftArrow) return ['left'];
  if (key.rightArrow) return ['right'];
  // Terminals send for backspace what Ink takes for delete.
  if (key.backspace || key.delete) return ['backspace'];
  if (key.ctrl) return [`ctrl-${input}`];
  if (key.meta) return [];
  return [...input].map(nameOfCharacter);
}

function nameOfCharacter(character: string): string {
  switch (character) {
    case ' ':
      return 'space';
    case '\u0003':
      return 'ctrl-c';
    case '\u001a':
      return 'ctrl-z';
    case '\r':
      return 'enter';
    default:
      return character;
  }
}
