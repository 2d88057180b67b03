import { Box, Transform, useInput } from 'ink';
import { useCallback, useLayoutEffect, useMemo } from 'react';
import { keyNames } from '../keyboard/key-names.js';
import type { Block, Frame } from '../layout/compose-frame.js';

export interface AppProps {
  readonly frame: Frame;
  readonly keyboard: boolean;
  readonly onKey: (name: string) => void;
  /** Ink took the tree down, maybe because a signal ends the process. */
  readonly onGone: () => void;
}

/** The screen in Ink: each panel's lines at their place. */
export function App({ frame, keyboard, onKey, onGone }: AppProps) {
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
  return (
    <Box width={frame.width} height={frame.height}>
      {frame.blocks.map((block) => (
        <Lines key={block.id} block={block} />
      ))}
    </Box>
  );
}

/**
 * Ink keeps every text that it ever measured (vadimdemedes/ink issue 986): over weeks of changing
 * numbers that is a leak. So the text it measures is blank and always the same, and the lines
 * take its place when it is drawn. It also spares measuring: the layout has done that.
 */
function Lines({ block }: { readonly block: Block }) {
  const { x, y, width, height } = block.rect;
  const blank = useMemo(
    () => Array.from({ length: height }, () => ' '.repeat(width)).join('\n'),
    [width, height],
  );
  return (
    <Box position="absolute" marginLeft={x} marginTop={y} width={width} height={height}>
      <Transform transform={(_blank, row) => block.lines[row] ?? ''}>{blank}</Transform>
    </Box>
  );
}
