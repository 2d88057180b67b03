import { type Controls, carryOut } from '../controls.js';
import { type Choices, typeKey } from '../keyboard/choices.js';
import { actionOf } from '../keyboard/key-bindings.js';
import { type Command, press, type Situation } from '../keyboard/press-key.js';

export interface KeyInputOptions {
  readonly choices: Choices;
  readonly commands: Controls;
  readonly situation: () => Situation;
  readonly redraw: () => void;
  readonly suspend: () => void;
  readonly onChange: (choices: Choices, before: Choices) => void;
}

/** Turns keys into what is chosen on the screen, and into what the program is asked to do. */
export class KeyInput {
  private chosen: Choices;

  constructor(private readonly options: KeyInputOptions) {
    this.chosen = options.choices;
  }

  get choices(): Choices {
    return this.chosen;
  }

  /** `name`: as `keyNames` gives it. */
  press(name: string): void {
    if (this.chosen.isTyping && name !== 'ctrl-c' && name !== 'ctrl-z') {
      this.choose(typeKey(this.chosen, name));
      return;
    }
    const action = actionOf(name);
    if (action === undefined) return;
    const { choices, command } = press(this.chosen, action, this.options.situation());
    this.choose(choices);
    if (command !== undefined) this.run(command);
  }

  private choose(choices: Choices): void {
    const before = this.chosen;
    this.chosen = choices;
    this.options.onChange(choices, before);
  }

  private run(command: Command): void {
    const { commands, redraw, suspend } = this.options;
    if (command.type === 'quit') commands.quit();
    else if (command.type === 'redraw') redraw();
    else if (command.type === 'suspend') suspend();
    else carryOut(command, commands);
  }
}
