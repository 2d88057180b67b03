// Preloaded into the program: for how long its main thread has computed without a pause, as JSON into $HOLDS
// at the end. Time in which the machine did something else does not count.
import { openSync, readSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const leastMs = 10;

if (isMainThread && process.send === undefined && process.env.HOLDS) {
  const statistics = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const text = Buffer.alloc(64);
  const ranMs = () =>
    Number.parseInt(text.toString('latin1', 0, readSync(statistics, text, 0, 64, 0)), 10) / 1e6;
  const holds = [];
  let before = ranMs();
  const look = () => {
    const now = ranMs();
    if (now - before >= leastMs) holds.push({ at: Date.now(), ms: now - before });
    before = now;
  };
  setInterval(look, 1).unref();
  process.on('exit', () => writeFileSync(process.env.HOLDS, JSON.stringify(holds)));
}
