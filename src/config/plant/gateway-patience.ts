import { type Ms, ms } from "../../kit/time.ts";
import type { Request } from "../../modbus/request.ts";
import { wireTime } from "../../modbus/wire-time.ts";
import type { Gateway } from "./plant.ts";

/** What the gateway and the network may need beside the wire. */
const GATEWAY_MARGIN = ms(100);

/** We wait longer than the gateway: its 0B then says which unit is silent, and no answer comes late. */
export function gatewayPatience(gateway: Gateway, request: Request): Ms {
  return ms(gateway.timeout + wireTime(request, gateway) + GATEWAY_MARGIN);
}
