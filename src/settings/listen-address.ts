/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const loopbackHost = '127.0.0.1';

/** `9464`, `0.0.0.0:9464`, `[::1]:9464`; a bare port is on loopback. Null for anything else. */
export function parseListenAddress(text: string): ListenAddress | null {
  const [, bracketed, plain, digits] =
    /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return null;
  return { host: bracketed ?? plain ?? loopbackHost, port };
}

/** As people write it in an address. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
