package dev.portcullis.edge;

/**
 * A user event for every client connection: the process stops. Idle connections close, answers
 * under way are the last, sockets are told to go.
 *
 * @param socketDelayMillis when, so that not all clients come back in the same instant
 */
record Drain(long socketDelayMillis) {}
