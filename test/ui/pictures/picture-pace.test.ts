import { describe, expect, it } from 'vitest';
import { PicturePace } from '../../../src/ui/pictures/picture-pace.js';
import { noPreviews, rememberPreview } from '../../../src/ui/state/previews.js';
import { preview, ready } from '../../support/events.js';
import { openDashboard, pressed } from '../../support/terminal.js';

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

  it('stays longer where pictures are costly, but not for ever', () => {
    const one = rememberPreview(noPreviews, preview('1'));
    const two = rememberPreview(one, preview('2'));
    const pace = new PicturePace();
    pace.at(one, 0);
    pace.learnCost(60);
    expect(pace.at(two, 5_000)).toBe(one);
    expect(pace.at(two, 6_000)).toBe(two);
    pace.learnCost(10_000);
    expect(pace.at(one, 17_000)).toBe(two);
    expect(pace.at(one, 18_000)).toBe(one);
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
