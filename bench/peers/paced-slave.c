/*
 * The slave and the wire of serial.ts: a pseudo terminal at whose other end unit 1 answers at the pace of a line of <baud>
 * with characters of ten bits. Prints the terminal's path, masters may then ask for holding registers; after <seconds> of
 * measuring, the first second left out, it prints a line for every transaction, in nanoseconds:
 *
 *   <from this request's begin to the next> <silence before it> <how late the last byte was handed over>
 *
 * A terminal without a wire carries a request at once. So its first byte begins the request, its last byte leaves a
 * character later for each of its bytes, the answer begins the turnaround (t3.5) after that, and its end is the moment at
 * which the last byte was in the master's reach. What comes before that end and t3.5 more is a violation.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define REQUEST 8
#define MOST_TRANSACTIONS 100000
/* What comes in less than this is handed over in one piece, as by a receiver with a buffer of some bytes. */
#define PIECE 700000LL
/* The last of the waiting is spent looking at the clock: to wake up takes its time. */
#define SPUN 100000LL
#define MOST_WAITING 20000

struct transaction {
  int64_t begin, silence, late;
};

static struct transaction transactions[MOST_TRANSACTIONS];

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

static void sleep_until(int64_t due) {
  struct timespec time = {due / SECOND, due % SECOND};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0) continue;
}

static void wait_until(int64_t due) {
  if (due - SPUN > now()) sleep_until(due - SPUN);
  while (now() < due) continue;
}

static uint16_t crc16(const uint8_t *bytes, int length) {
  uint16_t crc = 0xffff;
  for (int at = 0; at < length; at++) {
    crc ^= bytes[at];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/* When the first byte of the next request came; 0 where there is no more to come. */
static int64_t receive(int wire, uint8_t *request) {
  struct pollfd readable = {wire, POLLIN, 0};
  int64_t begin = 0;
  for (int held = 0; held < REQUEST;) {
    if (poll(&readable, 1, MOST_WAITING) <= 0) return 0;
    int64_t at = now();
    int count = read(wire, request + held, REQUEST - held);
    if (count <= 0) return 0;
    if (held == 0) begin = at;
    held += count;
  }
  return begin;
}

/* Each register holds its address. */
static int answer(const uint8_t *request, uint8_t *response) {
  int address = request[2] << 8 | request[3];
  int quantity = request[4] << 8 | request[5];
  if (request[0] != 1 || request[1] != 3 || quantity < 1 || quantity > 125) return 0;
  if (crc16(request, 6) != (request[6] | request[7] << 8)) return 0;
  int length = 3 + 2 * quantity;
  response[0] = 1;
  response[1] = 3;
  response[2] = 2 * quantity;
  for (int at = 0; at < quantity; at++) {
    response[3 + 2 * at] = (address + at) >> 8;
    response[4 + 2 * at] = address + at;
  }
  uint16_t crc = crc16(response, length);
  response[length] = crc;
  response[length + 1] = crc >> 8;
  return length + 2;
}

/* Hands over the bytes when their time on the wire has passed; returns when the last of them was in reach. */
static int64_t send_paced(int wire, const uint8_t *bytes, int length, int64_t start, int64_t character) {
  int piece = character < PIECE ? PIECE / character : 1;
  for (int sent = 0; sent < length;) {
    int next = sent + piece < length ? sent + piece : length;
    int64_t due = start + next * character;
    if (next == length) wait_until(due);
    else sleep_until(due);
    if (write(wire, bytes + sent, next - sent) != next - sent) exit(1);
    sent = next;
  }
  return now();
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int baud = atoi(argv[1]);
  int64_t measured = atof(argv[2]) * SECOND;
  int64_t character = 10 * SECOND / baud;
  int64_t t35 = baud > 19200 ? 1750000 : 7 * 11 * SECOND / 2 / baud;

  int wire, terminal;
  char path[256];
  struct termios raw;
  memset(&raw, 0, sizeof raw);
  cfmakeraw(&raw);
  raw.c_cflag |= CREAD | CLOCAL;
  if (openpty(&wire, &terminal, path, &raw, NULL) < 0) return 1;
  prctl(PR_SET_TIMERSLACK, 1);
  struct sched_param priority = {.sched_priority = 10};
  sched_setscheduler(0, SCHED_FIFO, &priority); /* where it is allowed */
  printf("%s\n", path);
  fflush(stdout);

  uint8_t request[REQUEST], response[300];
  int count = 0;
  int64_t first = 0, last_end = 0;
  while (count < MOST_TRANSACTIONS) {
    int64_t begin = receive(wire, request);
    if (begin == 0) return 1;
    if (first == 0) first = begin;
    struct transaction *each = &transactions[count];
    each->begin = begin;
    each->silence = begin - last_end;
    if (begin > first + SECOND) count++;
    if (begin > first + SECOND + measured) break;
    int length = answer(request, response);
    if (length == 0) continue;
    int64_t start = begin + REQUEST * character + t35;
    last_end = send_paced(wire, response, length, start, character);
    each->late = last_end - (start + length * character);
  }
  for (int at = 0; at + 1 < count; at++) {
    struct transaction *each = &transactions[at];
    printf("%lld %lld %lld\n", (long long)(transactions[at + 1].begin - each->begin), (long long)each->silence, (long long)each->late);
  }
  return 0;
}
