/** The terminal, as far as it has to be given back while the program is stopped. */
export interface HeldTerminal {
  /** Leaves it to the shell, as it was before. Safe to call twice. */
  release(): void;
  take(): void;
}

/** A program that nobody stopped for this long goes on: no shell is there to resume it. */
const stopMs = 200;

/**
 * Stopping and resuming as a shell does it: on ctrl-z, which raw mode makes a key like any other,
 * and on SIGTSTP the terminal is given back, and then the process group stops. (Whoever started the
 * program waits for all of it.) On SIGCONT it is taken again, also after a SIGSTOP that nobody heard
 * of: then the shell has changed its mode all the same.
 */
export class JobControl {
  private goesOn: NodeJS.Timeout | undefined;

  constructor(private readonly terminal: HeldTerminal) {
    process.on('SIGTSTP', this.suspend);
    process.on('SIGCONT', this.resume);
  }

  suspend = (): void => {
    if (process.platform === 'win32' || this.goesOn !== undefined) return;
    this.terminal.release();
    // Without a listener the signal stops; where no shell could resume the group, the system drops it.
    process.off('SIGTSTP', this.suspend);
    this.goesOn = setTimeout(this.resume, stopMs);
    process.kill(0, 'SIGTSTP');
  };

  end(): void {
    clearTimeout(this.goesOn);
    process.off('SIGTSTP', this.suspend);
    process.off('SIGCONT', this.resume);
  }

  private resume = (): void => {
    if (this.goesOn !== undefined) {
      clearTimeout(this.goesOn);
      this.goesOn = undefined;
      process.on('SIGTSTP', this.suspend);
    }
    // What is held already is taken by nobody.
    this.terminal.release();
    this.terminal.take();
  };
}
