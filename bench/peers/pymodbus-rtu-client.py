"""pymodbus's client: reads <quantity> registers of unit 1 on the terminal <path>, <baud> 8N1, until it is ended."""

import sys

from pymodbus.client import ModbusSerialClient

path, baud, quantity = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
client = ModbusSerialClient(path, baudrate=baud, parity="N", stopbits=1, bytesize=8, timeout=1)
assert client.connect()
while True:
    assert client.read_holding_registers(0, quantity, slave=1).registers[-1] == quantity - 1
