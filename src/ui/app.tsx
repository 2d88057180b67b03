import { useInput } from 'ink';
import { useCallback, useLayoutEffect } from 'react';
import { keyNames } from './keys.js';

export interface AppProps {
  readonly keyboard: boolean;
  readonly onKey: (name: string) => void;
  /** Ink took the tree down, maybe because a signal ends the process. */
  readonly onGone: () => void;
}

/** The keyboard, and the news that the terminal has to be given back. It draws nothing. */
export function App({ keyboard, onKey, onGone }: AppProps) {
  useInput(
    useCallback(
      (input, key) => {
        for (const name of keyNames(input, key)) onKey(name);
      },
      [onKey],
    ),
    { isActive: keyboard },
  );
  useLayoutEffect(() => onGone, [onGone]);
  return null;
}
