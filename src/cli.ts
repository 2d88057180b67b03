#!/usr/bin/env node
import { handleShortage, isHandleShortage } from './file-handles.js';

/** Nothing else is imported here: loading the rest takes more handles than a low limit leaves. */
const shortage = handleShortage();
if (shortage !== null) {
  refuse(shortage);
} else {
  try {
    await import('./main.js');
  } catch (error) {
    if (!isHandleShortage(error)) throw error;
    refuse('there are no file handles left (ulimit -n for this process, fs.file-max for all)');
  }
}

function refuse(why: string): void {
  console.error(`nerveflow: ${why}`);
  process.exitCode = 1;
}
