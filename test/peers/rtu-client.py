"""Reads and writes the simulated units on a serial port with pymodbus; prints what it saw as JSON."""
import json
import struct
import sys

from pymodbus.client import ModbusSerialClient

port, baudrate = sys.argv[1], int(sys.argv[2])
# A pseudo terminal carries no parity, and glibc refuses to set one there.
client = ModbusSerialClient(port, baudrate=baudrate, parity="N", stopbits=1, bytesize=8, timeout=1)
assert client.connect()


def floats(registers):
    return [struct.unpack(">f", struct.pack(">HH", *registers[i : i + 2]))[0] for i in range(0, len(registers), 2)]


def outcome(answer):
    return {"exception": answer.exception_code} if answer.isError() else "written"


seen = {
    "command": client.read_holding_registers(49999, 1, slave=1).registers,
    "meter": floats(client.read_input_registers(0, 18, slave=2).registers),
    "writeOne": outcome(client.write_register(50009, 8192, slave=1)),
    "reference": client.read_holding_registers(50009, 1, slave=1).registers,
    "writeMany": outcome(client.write_registers(49999, [1084], slave=1)),
    "commandAfter": client.read_holding_registers(49999, 1, slave=1).registers,
    "tooMany": outcome(client.read_input_registers(0, 82, slave=2)),
    "noFunction": outcome(client.read_holding_registers(0, 1, slave=2)),
}
client.close()
print(json.dumps(seen))
