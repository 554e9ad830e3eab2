/** Headers of the PROXY protocol as a proxy writes them. */
import { isIPv4 } from 'node:net';

export type Told = { readonly address: string; readonly port: number };

/** Version 1. */
export function proxyLine({ address, port }: Told): Buffer {
  const [protocol, own] = isIPv4(address) ? ['TCP4', '198.51.100.1'] : ['TCP6', '2001:db8::1'];
  return Buffer.from(`PROXY ${protocol} ${address} ${own} ${port} 443\r\n`);
}

/** Version 2; `protocol` as in its 14th byte, `block` the addresses and what follows them. */
export function proxyBlock(protocol: number, block: Uint8Array, command = 0x21): Buffer {
  const fixed = Buffer.from('\r\n\r\n\0\r\nQUIT\n\0\0\0\0', 'latin1');
  fixed.writeUInt8(command, 12);
  fixed.writeUInt8(protocol, 13);
  fixed.writeUInt16BE(block.length, 14);
  return Buffer.concat([fixed, block]);
}

/** Version 2 for a client over TCP, given as its 4 or 16 bytes; `notes` are TLVs. */
export function proxyBinary(source: Uint8Array, port: number, notes: Uint8Array = Buffer.alloc(0)): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(port, 0);
  ports.writeUInt16BE(443, 2);
  const block = Buffer.concat([source, Buffer.alloc(source.length, 1), ports, notes]);
  return proxyBlock(source.length === 4 ? 0x11 : 0x21, block);
}
