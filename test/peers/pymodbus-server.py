"""
A pymodbus slave on 127.0.0.1:<port>; speaks like libmodbus-server.c: says "ready", "read <function> <address>" and "wrote <function> <address>",
takes "<coil|discrete|input|holding> <address> <value>..." on its standard input and answers "set".
"""

import asyncio
import os
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusTcpServer

STORES = {"coil": "c", "discrete": "d", "input": "i", "holding": "h"}


class Slave(ModbusSlaveContext):
    def getValues(self, fc_as_hex, address, count=1):
        print("read", fc_as_hex, address, flush=True)
        return super().getValues(fc_as_hex, address, count)

    def setValues(self, fc_as_hex, address, values):
        print("wrote", fc_as_hex, address, flush=True)
        super().setValues(fc_as_hex, address, values)


def block():
    return ModbusSequentialDataBlock(0, [0] * 200)


def set_values(slave, line):
    if not line:  # whoever started us has gone
        os._exit(0)
    table, address, *values = line.split()
    slave.store[STORES[table]].setValues(int(address), [int(value) for value in values])
    print("set", flush=True)


async def main():
    slave = Slave(di=block(), co=block(), hr=block(), ir=block(), zero_mode=True)
    server = ModbusTcpServer(
        ModbusServerContext(slaves=slave, single=True),
        address=("127.0.0.1", int(sys.argv[1])),
        allow_reuse_address=True,
    )
    asyncio.get_running_loop().add_reader(sys.stdin, lambda: set_values(slave, sys.stdin.readline()))
    serving = asyncio.create_task(server.serve_forever())
    await server.serving
    print("ready", flush=True)
    await serving


asyncio.run(main())
