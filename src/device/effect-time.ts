import { type Ms, ms } from "../kit/time.ts";
import type { WriteRule } from "./tag.ts";

/** How long a write may take from when it is sent until its effect is seen at the latest, its ramp included. */
export function effectTime({ verify, ramp, range }: WriteRule): Ms {
  const moving = ramp && range ? ((range.max - range.min) / ramp) * 1000 : 0;
  return ms(moving + ("within" in verify ? verify.within : 1000));
}
