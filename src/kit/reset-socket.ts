/** The parts of a socket that its end is a matter of. */
export interface Resettable {
  readonly connecting: boolean;
  readonly writableEnded: boolean;
  destroy(): unknown;
  resetAndDestroy(): unknown;
}

/**
 * Ends a TCP connection with a reset, so that nothing the kernel has not sent yet is delivered later. A socket whose
 * writing side is ending already (its peer has closed) cannot be reset: libuv refuses it, and node then forgets the handle
 * without closing it. Such a one is closed.
 */
export function resetSocket(socket: Resettable): void {
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
