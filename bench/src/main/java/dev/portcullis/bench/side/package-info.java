/** Portcullis beside nginx and HAProxy in one run. Run with {@code bench/side-by-side}. */
@NullMarked
package dev.portcullis.bench.side;

import org.jspecify.annotations.NullMarked;
