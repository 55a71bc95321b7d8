/**
 * Signed-in browsers: session and sign-in state records, the store interface, and the index of live
 * connections.
 */
@NullMarked
package dev.portcullis.session;

import org.jspecify.annotations.NullMarked;
