"""A pymodbus RTU slave, unit <unit>, on the terminal <path>, 19200 8N1: says "ready" and serves until it is ended."""

import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusSerialServer
from pymodbus.transaction import ModbusRtuFramer


def block(first):
    return ModbusSequentialDataBlock(0, [first + at if first else 0 for at in range(200)])


async def main():
    slave = ModbusSlaveContext(di=block(0), co=block(0), hr=block(0), ir=block(1000), zero_mode=True)
    context = ModbusServerContext(slaves={int(sys.argv[2]): slave}, single=False)
    server = ModbusSerialServer(
        context, framer=ModbusRtuFramer, port=sys.argv[1], baudrate=19200, bytesize=8, parity="N", stopbits=1
    )
    await server.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
