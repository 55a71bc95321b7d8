package dev.portcullis.edge;

import java.time.Instant;

/**
 * A checked answer of the certificate's responder, to go along in handshakes (RFC 6066 §8).
 *
 * @param bytes as they came; not changed by anybody
 * @param until when it stops being true
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record OcspStaple(byte[] bytes, Instant until) {}
