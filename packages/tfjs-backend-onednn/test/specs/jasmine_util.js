// Stands in for tfjs-core's dist/jasmine_util.js, on vitest: its published specs run against the
// backend named by SPEC_BACKEND.
import { ENGINE } from '@tensorflow/tfjs-core/dist/engine.js';
import { env } from '@tensorflow/tfjs-core/dist/environment.js';
import '@tensorflow/tfjs-backend-cpu';
import '../../src/index.ts';
import { expect, vi } from 'vitest';

const backendName = process.env.SPEC_BACKEND ?? 'onednn';
const testEnv = { name: backendName, backendName, isDataSync: true };

globalThis.spyOn = (object, method) => {
  const spy = vi.spyOn(object, method);
  spy.and = {
    callThrough: () => spy,
    callFake: (f) => spy.mockImplementation(f),
    returnValue: (v) => spy.mockReturnValue(v),
  };
  spy.calls = {
    count: () => spy.mock.calls.length,
    reset: () => spy.mockClear(),
    first: () => ({ args: spy.mock.calls[0] }),
    mostRecent: () => ({ args: spy.mock.calls.at(-1) }),
    argsFor: (i) => spy.mock.calls[i],
    allArgs: () => spy.mock.calls,
  };
  return spy;
};
// What jasmine calls to say that a spec without expectations is meant.
expect.extend({ nothing: () => ({ pass: true, message: () => '' }) });
globalThis.fail = (message) => {
  throw new Error(String(message));
};

export const NODE_ENVS = { predicate: () => true };
export const CHROME_ENVS = { predicate: () => false };
export const BROWSER_ENVS = { predicate: () => false };
export const SYNC_BACKEND_ENVS = { predicate: () => true };
export const HAS_WORKER = { predicate: () => false };
export const HAS_NODE_WORKER = { predicate: () => true };
export const ALL_ENVS = {};
export const TEST_ENVS = [testEnv];

export function envSatisfiesConstraints(environment, _testEnv, constraints) {
  const flags = Object.entries(constraints?.flags ?? {});
  if (flags.some(([name, value]) => environment.get(name) !== value)) return false;
  return constraints?.predicate?.(testEnv) ?? true;
}

export function describeWithFlags(name, constraints, tests) {
  if (!envSatisfiesConstraints(env(), testEnv, constraints)) return;
  describe(name, () => {
    beforeAll(async () => {
      ENGINE.reset();
      env().set('IS_TEST', true);
      await ENGINE.setBackend(backendName);
    });
    beforeEach(() => ENGINE.startScope());
    afterEach(() => {
      ENGINE.endScope();
      ENGINE.disposeVariables();
      vi.restoreAllMocks();
    });
    afterAll(() => ENGINE.reset());
    tests(testEnv);
  });
}
