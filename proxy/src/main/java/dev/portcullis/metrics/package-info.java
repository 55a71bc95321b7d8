/** The meters, by name. A leaf: uses nothing of ours. */
@NullMarked
package dev.portcullis.metrics;

import org.jspecify.annotations.NullMarked;
