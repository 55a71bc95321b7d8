/** Work that must not run on an event loop. A leaf: uses nothing of ours. */
@NullMarked
package dev.portcullis.runtime;

import org.jspecify.annotations.NullMarked;
