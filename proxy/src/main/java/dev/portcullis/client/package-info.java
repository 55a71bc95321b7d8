/**
 * For people on the command line: signs them in at the issuer that a door names, keeps what they
 * got, refreshes it. Runs on their machine, never in the sidecar.
 */
@NullMarked
package dev.portcullis.client;

import org.jspecify.annotations.NullMarked;
