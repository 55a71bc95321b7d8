/** Measures the pieces that every request passes. Run with {@code bench/run}. */
@NullMarked
package dev.portcullis.bench;

import org.jspecify.annotations.NullMarked;
