// The compiled compute process, with a GPU that is lost when the parent says { type: 'lose-device' }.
import { globals } from 'webgpu';

const { requestDevice } = globals.GPUAdapter.prototype;

globals.GPUAdapter.prototype.requestDevice = async function (...args) {
  const device = await requestDevice.apply(this, args);
  process.on('message', ({ type }) => {
    if (type === 'lose-device') device.destroy();
  });
  return device;
};

await import('../../../dist/compute/child/main.js');
