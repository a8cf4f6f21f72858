"""Listens where a service manager would (argument: path of the socket), printing what it is told, a line each."""

import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    # recv closes the file descriptor that comes with BARRIER=1, which is what the sender waits for
    print(listener.recv(4096).decode(), flush=True)
