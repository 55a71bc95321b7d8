/** Good clients while hostile ones try. Run with {@code bench/hostile}. */
@NullMarked
package dev.portcullis.bench.hostile;

import org.jspecify.annotations.NullMarked;
