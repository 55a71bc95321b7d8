/** The stores behind the interfaces of other packages: memory now; rate-limit buckets. */
@NullMarked
package dev.portcullis.state;

import org.jspecify.annotations.NullMarked;
