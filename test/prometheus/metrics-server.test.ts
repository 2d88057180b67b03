import { createServer } from 'node:net';
import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MetricsServer } from '../../src/prometheus/metrics-server.js';

let registry: Registry;
let server: MetricsServer;
let address: string;

beforeEach(async () => {
  registry = new Registry();
  new Gauge({ name: 'answer', help: 'to everything', registers: [registry] }).set(42);
  server = new MetricsServer(registry);
  const { host, port } = await server.listen({ host: '127.0.0.1', port: 0 });
  address = `http://${host}:${port}`;
});

afterEach(() => server.close());

describe('what is answered', () => {
  test('the numbers, in the form that Prometheus takes', async () => {
    const answer = await fetch(`${address}/metrics`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await answer.text()).toBe(
      '# HELP answer to everything\n# TYPE answer gauge\nanswer 42\n',
    );
  });

  test('elsewhere, where they are; nothing but GET', async () => {
    expect(await (await fetch(`${address}/`)).text()).toContain('/metrics');
    expect((await fetch(`${address}/favicon.ico`)).status).toBe(404);
    expect((await fetch(`${address}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  test('a number that cannot be had is an error of that look alone', async () => {
    let isBroken = true;
    new Gauge({
      name: 'moody',
      help: 'now and then',
      registers: [registry],
      collect() {
        if (isBroken) throw new Error('not now');
        this.set(1);
      },
    });
    const refused = await fetch(`${address}/metrics`);
    expect(refused.status).toBe(500);
    expect(await refused.text()).toContain('not now');
    isBroken = false;
    expect((await fetch(`${address}/metrics`)).status).toBe(200);
  });
});

test('a port that is taken is the system error', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const late = new MetricsServer(registry);
  await expect(late.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  await late.close();
  other.close();
});

test('closes at once, whoever keeps a connection open', async () => {
  await fetch(`${address}/metrics`, { headers: { connection: 'keep-alive' } });
  await server.close();
  await expect(fetch(`${address}/metrics`)).rejects.toThrow();
});
