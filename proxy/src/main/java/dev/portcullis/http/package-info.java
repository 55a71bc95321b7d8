/**
 * HTTP knowledge as pure functions and values: heads, targets, framing, header rules. Knows no
 * channel.
 */
@NullMarked
package dev.portcullis.http;

import org.jspecify.annotations.NullMarked;
