import { describe, expect, it } from 'vitest';
import { preview, ready } from './events.js';
import { openDashboard, pressed } from './terminal.js';

describe('the newest picture', () => {
  it('stays for a few seconds, however many come meanwhile', async () => {
    const { terminal, events, send, pass, dashboard } = openDashboard();
    send([ready(), preview('1')]);
    pass(4_000);
    events.next(preview('2'));
    pass(500);
    expect(await terminal.text()).toContain('test image 2');
    events.next(preview('3'));
    pass(1_000);
    events.next(preview('4'));
    pass(1_000);
    expect(await terminal.text()).toContain('test image 2');
    pass(2_500);
    expect(await terminal.text()).toContain('test image 4');
    dashboard.unmount();
  });

  it('a key that asks for another has it at once', async () => {
    const { terminal, events, send, press, dashboard } = openDashboard();
    send([ready(), preview('1')]);
    events.next(preview('2'));
    await press(pressed.right);
    expect(await terminal.text()).toContain('test image 1: nerve outlined');
    expect(await terminal.text()).toContain('2 of 2');
    dashboard.unmount();
  });
});
