"use strict";

/*
 * Threads of libuv's pool, which carries the reads, writes and drains of serial lines on the driver serialport, and every
 * access to a file: Node's own four, and two for each of thirty lines. Sixty more threads that sleep cost half a megabyte
 * and about 2 ms at the start. The pool reads this once, when it is used first, which loading an ES module already does:
 * so it is set here, in CommonJS, before anything else is loaded.
 */
process.env.UV_THREADPOOL_SIZE ??= "64";
