/*
 * A libmodbus slave on 127.0.0.1:<port> for any number of clients. Says "ready", then a line for every request:
 * "read <function> <address>" or "wrote <function> <address>". Lines on its standard input set what a master cannot write:
 * "<coil|discrete|input|holding> <address> <value>...", and it answers "set".
 */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#define SIZE 200

static void set(modbus_mapping_t *mapping, char *line) {
  char *table = strtok(line, " ");
  int at = atoi(strtok(NULL, " "));
  for (char *value = strtok(NULL, " "); value && at < SIZE; value = strtok(NULL, " "), at++) {
    int number = atoi(value);
    if (!strcmp(table, "coil")) mapping->tab_bits[at] = number;
    else if (!strcmp(table, "discrete")) mapping->tab_input_bits[at] = number;
    else if (!strcmp(table, "input")) mapping->tab_input_registers[at] = number;
    else mapping->tab_registers[at] = number;
  }
  puts("set");
}

static int is_write(int function) {
  return function == 5 || function == 6 || function == 15 || function == 16 || function == 22 || function == 23;
}

/* Serves one request; 0 when the client has gone. */
static int serve(modbus_t *context, int client, modbus_mapping_t *mapping) {
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  modbus_set_socket(context, client);
  int length = modbus_receive(context, query);
  if (length < 0) return 0;
  if (length > 0) printf("%s %d %d\n", is_write(query[7]) ? "wrote" : "read", query[7], query[8] << 8 | query[9]);
  return length == 0 || modbus_reply(context, query, length, mapping) >= 0;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  setvbuf(stdin, NULL, _IONBF, 0);
  modbus_t *context = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  modbus_mapping_t *mapping = modbus_mapping_new(SIZE, SIZE, SIZE, SIZE);
  int listener = modbus_tcp_listen(context, 8);
  if (!mapping || listener < 0) return 1;
  fd_set sockets;
  FD_ZERO(&sockets);
  FD_SET(listener, &sockets);
  FD_SET(STDIN_FILENO, &sockets);
  puts("ready");
  for (;;) {
    fd_set due = sockets;
    if (select(FD_SETSIZE, &due, NULL, NULL, NULL) < 0) return 1;
    for (int at = 0; at < FD_SETSIZE; at++) {
      if (!FD_ISSET(at, &due)) continue;
      if (at == STDIN_FILENO) {
        char line[1024];
        if (!fgets(line, sizeof line, stdin)) return 0;
        set(mapping, line);
      } else if (at == listener) {
        int client = modbus_tcp_accept(context, &listener);
        if (client >= 0) FD_SET(client, &sockets);
      } else if (!serve(context, at, mapping)) {
        close(at);
        FD_CLR(at, &sockets);
      }
    }
  }
}
