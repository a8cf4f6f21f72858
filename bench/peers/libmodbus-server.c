/* A libmodbus server on a free port of the loopback, printed on its first line; serves one connection after the other. */
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
  modbus_mapping_t *mapping = modbus_mapping_new(0, 0, 1000, 0);
  if (!context || !mapping) return 1;
  for (int at = 0; at < 1000; at++) mapping->tab_registers[at] = at;
  int listener = modbus_tcp_listen(context, 4);
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  if (listener < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0) return 1;
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  while (modbus_tcp_accept(context, &listener) >= 0) {
    int on = 1;
    setsockopt(modbus_get_socket(context), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
      int received = modbus_receive(context, query);
      if (received < 0) break;
      if (received > 0 && modbus_reply(context, query, received, mapping) < 0) break;
    }
    modbus_close(context);
  }
  return 0;
}
