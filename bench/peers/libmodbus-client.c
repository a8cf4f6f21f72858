/* libmodbus's client: reads 125 registers from 127.0.0.1:<port> for <seconds>, after a fifth of that to warm up; prints requests per second. */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static long read_for(modbus_t *context, double seconds) {
  uint16_t registers[125];
  double end = now() + seconds;
  long count = 0;
  for (; now() < end; count++) {
    if (modbus_read_registers(context, 0, 125, registers) != 125 || registers[124] != 124) return -1;
  }
  return count;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  double seconds = atof(argv[2]);
  modbus_t *context = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  modbus_set_slave(context, 1);
  if (modbus_connect(context) < 0 || read_for(context, seconds / 5) < 0) return 1;
  double start = now();
  long count = read_for(context, seconds);
  if (count < 0) return 1;
  printf("%f\n", count / (now() - start));
  modbus_close(context);
  return 0;
}
