/** The client side: listeners, TLS, the pipeline, the guards, and the gate. */
@NullMarked
package dev.portcullis.edge;

import org.jspecify.annotations.NullMarked;
