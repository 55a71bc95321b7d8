/**
 * The built product against the real Gateway, Keycloak and Chromium, and against a stand-in that
 * records every byte. Nothing here reaches into the product: it runs as a child process.
 */
@NullMarked
package dev.portcullis.e2e;

import org.jspecify.annotations.NullMarked;
