"""Reads and writes every table of the simulated demo plant with pymodbus and prints what it saw as JSON.

usage: exercise-simulators.py HOST PORT
"""

import json
import sys

from pymodbus.client import ModbusTcpClient
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.other_message import ReportSlaveIdRequest
from pymodbus.register_read_message import ReadWriteMultipleRegistersRequest
from pymodbus.register_write_message import MaskWriteRegisterRequest

INFEED = 1
PICKER = 11


def shown(answer):
    """Bits or registers of an answer, the code of an exception, or "written"."""
    if answer.isError():
        return {"exception": getattr(answer, "exception_code", str(answer))}
    for field in ("registers", "bits"):
        if getattr(answer, field, None):
            return [int(value) for value in getattr(answer, field)]
    return "written"


def infeed(request):
    """Sends a request whose constructor takes no unit."""
    request.unit_id = INFEED
    return client.execute(request)


client = ModbusTcpClient(sys.argv[1], port=int(sys.argv[2]), timeout=3)
if not client.connect():
    sys.exit("no connection")

seen = {
    "coils": shown(client.read_coils(0, 4, slave=INFEED))[:4],
    "discrete": shown(client.read_discrete_inputs(0, 6, slave=INFEED))[:6],
    "input": shown(client.read_input_registers(0, 2, slave=INFEED)),
    "holding": shown(client.read_holding_registers(0, 5, slave=INFEED)),
    "writeCoil": shown(client.write_coil(0, False, slave=INFEED)),
    "writeRegister": shown(client.write_register(0, 700, slave=INFEED)),
    "writeCoils": shown(client.write_coils(0, [True, False, False, False], slave=INFEED)),
    "writeRegisters": shown(client.write_registers(0, [900, 7, 3000], slave=INFEED)),
    "mask": shown(infeed(MaskWriteRegisterRequest(0, and_mask=0xFF00, or_mask=0x0012))),
    "holdingAfter": shown(client.read_holding_registers(0, 3, slave=INFEED)),
    "coilsAfter": shown(client.read_coils(0, 4, slave=INFEED))[:4],
    "readWrite": shown(
        infeed(
            ReadWriteMultipleRegistersRequest(
                read_address=0, read_count=3, write_address=1, write_registers=[8, 4000]
            )
        )
    ),
    "noAddress": shown(client.read_holding_registers(1000, 1, slave=INFEED)),
    "readOnly": shown(client.write_register(4, 1, slave=INFEED)),
    "joints": shown(client.read_input_registers(16, 12, slave=PICKER)),
}

seen["serverId"] = infeed(ReportSlaveIdRequest()).identifier.decode("latin1")
identity = infeed(ReadDeviceInformationRequest(read_code=3, object_id=0))
seen["identity"] = {str(key): value.decode("latin1") for key, value in identity.information.items()}

client.close()
print(json.dumps(seen))
