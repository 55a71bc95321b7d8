/** How fast sockets close when an identity ends, and that a reload loses none. */
@NullMarked
package dev.portcullis.bench.endings;

import org.jspecify.annotations.NullMarked;
