import { type FileHandle, open } from 'node:fs/promises';

const partCharacters = 256 * 1024;

/** A text that is written as it comes. Open it in a folder that appears whole. */
export class TextFile implements AsyncDisposable {
  private waiting = '';

  private constructor(private readonly file: FileHandle) {}

  static async create(path: string): Promise<TextFile> {
    return new TextFile(await open(path, 'w'));
  }

  async write(text: string): Promise<void> {
    this.waiting += text;
    if (this.waiting.length >= partCharacters) await this.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.file.close();
    }
  }

  private async flush(): Promise<void> {
    const text = this.waiting;
    this.waiting = '';
    await this.file.writeFile(text);
  }
}
