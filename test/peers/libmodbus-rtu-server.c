/* A libmodbus RTU slave, unit <unit>, on the terminal <path>, 19200 8N1: says "ready" and serves until it is ended. */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE 200

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  modbus_t *context = modbus_new_rtu(argv[1], 19200, 'N', 8, 1);
  modbus_mapping_t *mapping = modbus_mapping_new(SIZE, SIZE, SIZE, SIZE);
  if (!context || !mapping) return 1;
  for (int at = 0; at < SIZE; at++) mapping->tab_input_registers[at] = 1000 + at;
  modbus_set_slave(context, atoi(argv[2]));
  if (modbus_connect(context) < 0) return 1;
  puts("ready");
  for (;;) {
    uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];
    int length = modbus_receive(context, query);
    if (length > 0) modbus_reply(context, query, length, mapping);
  }
}
