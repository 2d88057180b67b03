/** A key of a view: what it does, as the help says it. */
export interface KeyBinding {
  /** As `KeyboardEvent.key` has them. */
  readonly keys: readonly string[];
  readonly says: string;
  run(): void;
}

const names: Readonly<Record<string, string>> = {
  ' ': 'space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

export function keyName(key: string): string {
  return names[key] ?? key;
}

/** Whether a key was meant for one of them; it has been carried out then. */
export function press(bindings: readonly KeyBinding[], event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target as HTMLElement | null;
  // Whoever writes, chooses, moves a slider or reads the help means that.
  if (target?.closest('input, select, textarea, dialog')) return false;
  const isOfButton = event.key === ' ' || event.key === 'Enter';
  if (isOfButton && target?.closest('button, a')) return false;
  const binding = bindings.find(({ keys }) => keys.includes(event.key));
  if (binding === undefined) return false;
  event.preventDefault();
  binding.run();
  return true;
}
