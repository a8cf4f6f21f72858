/** Most coils or discrete inputs one FC 01 or FC 02 request may ask for (Application Protocol V1.1b3, 6.1, 6.2). */
export const MAX_READ_BITS = 2000;

/** Most registers one FC 03 or FC 04 request may ask for (Application Protocol V1.1b3, 6.3, 6.4). */
export const MAX_READ_REGISTERS = 125;

/** Most coils one FC 15 request may write (Application Protocol V1.1b3, 6.11). */
export const MAX_WRITE_BITS = 1968;

/** Most registers one FC 16 request may write (Application Protocol V1.1b3, 6.12). */
export const MAX_WRITE_REGISTERS = 123;

/** Most registers the write part of one FC 23 request may carry (Application Protocol V1.1b3, 6.17). */
export const MAX_READ_WRITE_REGISTERS = 121;

/** Largest protocol data unit: function code and data (Application Protocol V1.1b3, 4.1). */
export const MAX_PDU_LENGTH = 253;

/** Addresses run from 0 to 65535 in each of the four tables (Application Protocol V1.1b3, 4.4). */
export const ADDRESS_COUNT = 65_536;
