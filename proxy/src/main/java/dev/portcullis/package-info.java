/** Entry point and composition root of the sidecar: the only place that wires things together. */
@NullMarked
package dev.portcullis;

import org.jspecify.annotations.NullMarked;
