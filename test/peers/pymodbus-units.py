"""A pymodbus server on a free port of 127.0.0.1, which it prints: units 1 and 3, holding registers 0..299 holding their address."""

import asyncio
import os
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server.async_io import ModbusTcpServer


def unit():
    def block(values):
        return ModbusSequentialDataBlock(0, values)

    return ModbusSlaveContext(di=block([1] * 20), co=block([0] * 20), ir=block([7] * 20), hr=block(list(range(300))), zero_mode=True)


async def main():
    identity = ModbusDeviceIdentification(info_name={"VendorName": "Acme", "ProductCode": "EM24", "MajorMinorRevision": "1.2"})
    context = ModbusServerContext(slaves={1: unit(), 3: unit()}, single=False)
    server = ModbusTcpServer(context, identity=identity, address=("127.0.0.1", 0), ignore_missing_slaves=True)
    # whoever started us has gone when there is no more to read
    asyncio.get_running_loop().add_reader(sys.stdin, lambda: sys.stdin.readline() or os._exit(0))
    serving = asyncio.create_task(server.serve_forever())
    await server.serving
    print(server.server.sockets[0].getsockname()[1], flush=True)
    await serving


asyncio.run(main())
