import type { Status } from './api.js';
import type { Live } from './live.js';

/** What the program is doing, in one line. */
export function StatusLine(props: {
  readonly status: Status | null;
  readonly live: Live;
  readonly problem: string;
}) {
  const { status, live } = props;
  const problem = props.problem || (live.isLost ? 'the program does not answer' : '');
  if (problem !== '') {
    return (
      <p class="status lost" role="alert">
        {problem}; trying again
      </p>
    );
  }
  if (status === null) return <p class="status">connecting</p>;
  const { counts, model, program } = status;
  const parts = [
    program.running ? live.says || 'watching' : 'the program is not running: only to look at',
    `${counts.predicted} of ${counts.test} predicted`,
    `${counts.train} labelled`,
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    model === null ? 'no model yet' : `model ${model.recipe}${diceText(model.dice)}`,
  ];
  return <p class="status">{parts.join(' · ')}</p>;
}

function diceText(dice: number | null): string {
  return dice === null ? '' : `, Dice ${dice.toFixed(3)}`;
}
