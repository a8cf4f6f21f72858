/*
 * libmodbus's client: reads <quantity> registers of unit 1 on the terminal <path>, <baud> 8N1, again and again until it is
 * ended. With a <gap> it waits that many nanoseconds after every answer; libmodbus by itself knows no silence before a frame.
 */
#include <modbus.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#define SECOND 1000000000L

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int quantity = atoi(argv[3]);
  long gap = atol(argv[4]);
  modbus_t *context = modbus_new_rtu(argv[1], atoi(argv[2]), 'N', 8, 1);
  uint16_t registers[125];
  prctl(PR_SET_TIMERSLACK, 1);
  modbus_set_slave(context, 1);
  if (modbus_connect(context) < 0) return 1;
  for (;;) {
    if (modbus_read_registers(context, 0, quantity, registers) != quantity) return 1;
    if (registers[quantity - 1] != quantity - 1) return 1;
    struct timespec rest = {gap / SECOND, gap % SECOND};
    if (gap > 0) clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, NULL);
  }
}
